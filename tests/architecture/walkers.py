"""Who walks the routes: somebody of every role, and what each holds towards An's household in tổ 7.

The things of the walk are An's: a phone, a code, a member, a camera above the gate, a view, a kept moment, a fire they
told of, whose clip is released. And a system of tổ 7's that may raise alerts.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from cameras.models import Camera, Case, Extraction, MediaNode, Rendition, Slice, Snapshot, ViewSession
from neighborhoods import heldcodes, jobfiles
from neighborhoods.access import Role
from neighborhoods.models import AccessCode, AuditHead, Device, Invitation, Job, RoleGrant, Ward
from notifications.models import Alert, AlertClip, AlertEndpoint
from tests.architecture.bank_world import make_bank
from tests.architecture.footage_world import make_footage
from tests.architecture.fund_world import make_fund
from tests.architecture.own_world import make_own, make_wall
from tests.architecture.place_world import make_places
from tests.cast import Cast, Person, make_cast, make_lan, make_resident, make_staff, token_pair

CAMERA_NAME = "Cổng nhà ông An"


@dataclass(frozen=True, slots=True)
class Walker:
    """``roles``: what they hold anywhere. ``here``: what of it reaches An's household."""

    roles: frozenset[str]
    here: frozenset[str]


def _one(*roles: str, here: tuple[str, ...] | None = None) -> Walker:
    return Walker(frozenset(roles), frozenset(roles if here is None else here))


WALKERS = {
    "resident": _one("resident", "owner"),
    "neighbour": _one("resident", "owner", here=("resident",)),
    "guest": _one("resident"),
    "leader": _one("leader"),
    "deputy": _one("deputy"),
    "treasurer": _one("treasurer"),
    "officer": _one("officer"),
    "supervisor": _one("supervisor"),
    "operator": _one("operator"),
    "wall": _one("wall"),
    "school": _one("school", here=()),
    "street worker": _one("street_worker"),
    "auditor": _one("auditor"),
    "agent": _one("device"),
    "administrator": _one("administrator"),
    "resident elsewhere": _one("resident", "owner", here=()),
    "leader elsewhere": _one("leader", here=()),
    "operator elsewhere": _one("operator", here=()),
}


def committed_table() -> dict[str, frozenset[str]]:
    """Action → roles, as the committed file says it."""
    lines = (Path(__file__).parent / "access_table.txt").read_text().splitlines()
    return {action: frozenset(roles) - {"-"} for action, *roles in (line.split() for line in lines)}


@dataclass
class World:
    people: dict[str, Person]
    ids: dict[str, uuid.UUID]


def make_world() -> World:
    cast = make_cast()
    chief = make_staff("truong-ca", "Trưởng ca", Role.SUPERVISOR, cast.ward)
    ids = _things(cast)
    ids |= make_footage(cast, chief, ids["camera_id"], ids["case_id"])
    ward = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    staff = {
        "deputy": make_staff("pho", "Phó", Role.DEPUTY, cast.place),
        "operator": make_staff("ky-thuat", "Kỹ thuật", Role.OPERATOR, cast.ward),
        "wall": make_wall(cast),
        "school": make_staff("truong-hoc", "Cô giáo", Role.SCHOOL, cast.cuc.household),  # of another address
        "street worker": make_lan(cast),
        "auditor": make_staff("kiem-tra", "Kiểm tra", Role.AUDITOR, cast.ward),
        "agent": make_staff("hop", "Hộp nhà", Role.DEVICE, cast.place),
        "administrator": make_staff("quan-tri", "Quản trị", Role.ADMINISTRATOR, cast.ward),
        "leader elsewhere": make_staff("to-8", "Tổ trưởng tổ 8", Role.LEADER, cast.other_place),
        "operator elsewhere": make_staff("ky-thuat-2", "Kỹ thuật khác", Role.OPERATOR, ward),
    }
    RoleGrant.objects.filter(role=Role.ADMINISTRATOR).update(ward=None)  # of the platform
    people = {
        "resident": cast.an, "neighbour": make_resident(cast.place, 13, "Hộ ông Em", "Vũ Văn Em"),
        "guest": _guest(cast), "leader": cast.binh, "treasurer": cast.hoa, "officer": cast.dung,
        "supervisor": chief, "resident elsewhere": cast.cuc, **staff,
    }  # fmt: skip
    assert people.keys() == WALKERS.keys()
    return World(people, ids)


def _guest(cast: Cast) -> Person:
    """A visitor of An's, by a code of their household."""
    later = timezone.now() + timedelta(days=7)
    code = AccessCode.objects.create(
        neighborhood=cast.place, household=cast.an.household, kind=AccessCode.Kind.GUEST,
        typed_hmac=b"g" * 32, qr_hmac=b"q" * 32, expires_at=later,
    )  # fmt: skip
    token, stored = token_pair()
    device = Device.objects.create(
        kind=Device.Kind.PHONE, name="Máy khách", token_hash=stored, household=cast.an.household, code=code,
        expires_at=later,
    )  # fmt: skip
    return Person(device, token, household=cast.an.household)


def _things(cast: Cast) -> dict[str, uuid.UUID]:
    """An's: everything a path or a body of the walk can name, by its name there."""
    moment = timezone.now()
    later, hour_ago = moment + timedelta(hours=1), moment - timedelta(hours=1)
    node = MediaNode.objects.create(name="default")
    camera = Camera.objects.create(
        neighborhood=cast.place, node=node, name=CAMERA_NAME, state=Camera.State.ACTIVE, approved_at=moment,
        owner_household=cast.an.household, ownership=Camera.Ownership.HOUSEHOLD,
    )  # fmt: skip
    Rendition.objects.create(
        camera=camera, source_url="rtsp://192.168.1.20/live", private_allowed=True, keyframe_ms=2000
    )
    Slice.objects.create(
        id=uuid.uuid4(), camera=camera, node=node, rendition="main", generation=1, path="x", init_hash="0" * 64,
        media_sequence=0, discontinuity_sequence=0, state=Slice.State.CLOSED, starts_at=hour_ago, ends_at=moment,
    )  # fmt: skip
    session = ViewSession.objects.create(
        device=cast.an.device, camera=camera, mode="live", ends_at=later, created_at=moment, last_used_at=moment
    )
    snapshot = Snapshot.objects.create(
        camera=camera, device=cast.an.device, at=later, starts_at=later, ends_at=later + timedelta(seconds=5)
    )
    assert cast.an.household and cast.an.member and cast.an.device.code
    job = _job(cast.an.device)
    guest_code = AccessCode.objects.create(
        neighborhood=cast.place, household=cast.an.household, kind=AccessCode.Kind.GUEST, expires_at=later,
        typed_hmac=b"a" * 32, qr_hmac=b"b" * 32, camera_scope=[str(camera.id)], replay=False,
    )  # fmt: skip
    case = Case.objects.create(ward=cast.ward, case_number="2026/01", kind=Case.Kind.THEFT, opened_at=hour_ago)
    extraction = Extraction.objects.create(
        case=case, camera=camera, starts_at=hour_ago, ends_at=moment, reason=Extraction.Reason.VEHICLE
    )
    heldcodes.hold(cast.an.device.code, heldcodes.Secrets("HG7-BCDF-GHJK", "mpq_x"), now=moment)
    alert, endpoint = _alert(cast, camera), AlertEndpoint.objects.create(neighborhood=cast.place, name="Tủ báo cháy")
    return {
        "alert_id": alert.id, "endpoint_id": endpoint.id, "job_id": job.id, "guest_code_id": guest_code.id,
        "case_id": case.id, "extraction_id": extraction.id,
        "camera_id": camera.id, "session_id": session.id, "snapshot_id": snapshot.id,
        "device_id": cast.an.device.id, "code_id": cast.an.device.code.id, "household_id": cast.an.household.id,
        "member_id": cast.an.member.id, "neighborhood_id": cast.place.id, "ward_id": cast.ward.id,
        **make_fund(cast, camera.id), **make_bank(cast), **_roles(cast), **make_own(cast), **make_places(cast),
        "head_id": _head(cast),
    }  # fmt: skip


def _roles(cast: Cast) -> dict[str, uuid.UUID]:
    """Hoa keeps the fund of An's neighborhood, and Bình has invited a deputy."""
    invitation = Invitation.objects.create(
        token_hash=b"i" * 32, role=Role.DEPUTY, neighborhood=cast.place, name="Vũ Thị Mai",
        invited_by=cast.binh.account, expires_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip
    grant = RoleGrant.objects.get(account=cast.hoa.account)
    return {"grant_id": grant.id, "invitation_id": invitation.id}


def _head(cast: Cast) -> uuid.UUID:
    """Of the ward's audit, yesterday's."""
    moment = timezone.now()
    day = (moment - timedelta(days=1)).date()
    head = AuditHead.objects.create(
        chain=f"ward:{cast.ward.id}", day=day, seq=1, hash="0" * 64, at=moment, key="00" * 32, signature="00" * 64
    )
    return head.id


def _job(device: Device) -> Job:
    """Something An asked for, finished, with its file."""
    moment = timezone.now()
    job = Job.objects.create(kind="walk", device=device, language="vi", state=Job.State.DONE, finished_at=moment)
    kept = jobfiles.file_write(job.id, "walk", b"x", name="x.txt", media_type="text/plain", secret=False)
    Job.objects.filter(id=job.id).update(**jobfiles.columns(kept, now=moment))
    return job


def _alert(cast: Cast, camera: Camera) -> Alert:
    """A fire, of which everybody and the ward's duty is told; a leader has let its clip out."""
    moment = timezone.now()
    alert = Alert.objects.create(
        ward=cast.ward, neighborhood=cast.place, category="fire", source=Alert.Source.RESIDENT,
        device=cast.an.device, household=cast.an.household, occurred_at=moment, raised_at=moment,
        expires_at=moment + timedelta(hours=6), clip_released_at=moment,
    )  # fmt: skip
    snapshot = Snapshot.objects.create(
        camera=camera, at=moment, starts_at=moment, ends_at=moment, purpose="alert", status=Snapshot.Status.DONE
    )
    AlertClip.objects.create(alert=alert, camera=camera, snapshot=snapshot)
    return alert
