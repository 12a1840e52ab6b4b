"""A street for footage requests: An's camera above the gate, one of the fund at the corner, and what they recorded."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cameras import cases
from cameras.footage.area import Area
from cameras.footage.requests import Wanted
from cameras.models import Camera, Case, MediaNode, Slice
from neighborhoods.access import Actor, Role
from neighborhoods.devices import actor_for
from tests.cast import Cast, Person, make_staff

HOUR = timedelta(hours=1)
AROUND = ((22.82, 104.98), (22.82, 104.984), (22.824, 104.984), (22.824, 104.98))
"""Some 400 m of a street."""


@dataclass
class Street:
    cast: Cast
    moment: datetime
    gate: Camera
    corner: Camera
    case: Case
    dung: Actor
    chief: Actor
    an: Actor
    binh: Actor
    boss: Person
    """Whose the chief's session is."""

    def wanted(self, **changes) -> Wanted:
        facts = {
            "kind": "voluntary", "document_number": "45/CV-CAP", "basis": "criminal", "reason": "vehicle",
            "words": "Xe máy Wave màu xanh bị lấy trước số 12", "area": Area(polygon=AROUND),
            "starts_at": self.moment - 3 * HOUR, "ends_at": self.moment - 2 * HOUR,
        }  # fmt: skip
        return Wanted(**(facts | changes))


def noon() -> datetime:
    """Of the last day, local: within the hours of duty, whenever the suite runs."""
    found = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0)
    return found if found <= datetime.now(UTC) else found - timedelta(days=1)


def make_street(cast: Cast, moment: datetime) -> Street:
    """At ``moment``, noon of a working day there, so that nothing is asked at night."""
    node = MediaNode.objects.create(name="default")
    gate = _camera(cast, node, moment, "Cổng nhà ông An", owner_household=cast.an.household, ownership="household")
    corner = _camera(cast, node, moment, "Góc chợ")
    record(gate, moment - 6 * HOUR, moment)
    record(corner, moment - 6 * HOUR, moment)
    chief = make_staff("truong-ca", "Lê Trưởng", Role.SUPERVISOR, cast.ward)
    actors = [actor_for(person.device, now=moment) for person in (cast.dung, chief, cast.an, cast.binh)]
    case = cases.case_open(actor=actors[0], ward_id=cast.ward.id, case_number="2026/17", kind="theft", now=moment)
    return Street(cast, moment, gate, corner, case, *actors, boss=chief)


def _camera(cast: Cast, node: MediaNode, moment: datetime, name: str, **facts) -> Camera:
    return Camera.objects.create(
        neighborhood=cast.place, node=node, name=name, state=Camera.State.ACTIVE, approved_at=moment - 48 * HOUR,
        latitude=22.8221, longitude=104.9822, **facts,
    )  # fmt: skip


def record(camera: Camera, starts_at: datetime, ends_at: datetime, *, size: int = 540_000_000) -> Slice:
    """A closed slice, as its row says it."""
    return Slice.objects.create(
        id=uuid.uuid4(), camera=camera, rendition="main", node=camera.node, generation=1, path=f"{uuid.uuid4()}.mp4",
        init_hash="0" * 64, media_sequence=0, discontinuity_sequence=0, state=Slice.State.CLOSED, starts_at=starts_at,
        ends_at=ends_at, bytes=size, root="0" * 64,
    )  # fmt: skip
