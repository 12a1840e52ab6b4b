"""Hà Tĩnh city (since 2018): 500 public cameras in 15 of 15 wards, and 800 of households, businesses, agencies and
schools, newly fitted or re-aimed at the street. Over 200 cases helped."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from backend.scenarios import cast, street
from backend.scenarios.replay import Replay
from cameras import cases, registration
from cameras.models import Camera
from cameras.registration import View
from neighborhoods.access import Role
from neighborhoods.models import Neighborhood, Ward

PROVINCE = ("42", "Hà Tĩnh")
WARDS = (
    "Phường Trần Phú", "Phường Nam Hà", "Phường Bắc Hà", "Phường Nguyễn Du", "Phường Tân Giang", "Phường Đại Nài",
    "Phường Hà Huy Tập", "Xã Thạch Trung", "Phường Thạch Quý", "Phường Thạch Linh", "Phường Văn Yên", "Xã Thạch Hạ",
    "Xã Đồng Môn", "Xã Thạch Hưng", "Xã Thạch Bình",
)  # fmt: skip
REAIMED = 4
"""Every so many of the private ones stood there before, and was turned to the street."""


def play(replay: Replay, _folder: Path) -> None:
    wards = cast.wards(replay, WARDS, province=PROVINCE)
    places = cast.neighborhoods(replay, wards, replay.count("households.neighborhoods"))
    cameras = _cameras(replay, places)
    now = replay.ends_at - timedelta(seconds=20)
    street.listen(replay, [camera.id for camera in cameras], replay.count("cameras.working"), now=now)
    _cases(replay, wards, cameras)


def _cameras(replay: Replay, places: list[Neighborhood]) -> list[Camera]:
    owners = replay.words("cameras.ownership", "cameras.planned")
    purposes = replay.words("cameras.purpose", "cameras.planned")
    theirs = [n for n, owner in enumerate(owners) if owner == Camera.Ownership.HOUSEHOLD]
    homes = cast.homes(replay, [places[n % len(places)] for n in theirs], begins=0, ends=0.1)
    owned = {n: home.household.id for n, home in zip(theirs, homes, strict=True)}

    def add(index: int, owner: str) -> Camera:
        now, place = replay.during(0.11, 0.2, index, len(owners)), places[index % len(places)]
        reaimed = owner != Camera.Ownership.PUBLIC and not index % REAIMED
        view = View(ownership=owner, purpose=purposes[index], bearing_deg=90 if reaimed else None)
        made = street.camera(place, index + 1, view=view, household_id=owned.get(index), now=now)
        if reaimed:
            registration.camera_edit(
                actor=cast.leader(place), camera_id=made.id, changes={"bearing_deg": 180}, now=now + timedelta(days=1)
            )
        return made

    return replay.each("cameras", owners, add)


def _cases(replay: Replay, wards: list[Ward], cameras: list[Camera]) -> None:
    """Each case is helped by one extraction. An officer's term is five years, so there are two in each ward."""
    half = [
        {ward.id: cast.staff(Role.OFFICER, f"Công an {ward.name}", ward=ward, now=replay.at(part)) for ward in wards}
        for part in (0.0, 0.6)
    ]
    by_ward: dict[UUID, list[Camera]] = {ward.id: [] for ward in wards}
    for camera in cameras:
        by_ward[camera.neighborhood.ward_id].append(camera)
    asked = [ward for ward in wards if by_ward[ward.id]]
    of, kinds = replay.count("cases.opened"), ("theft", "traffic", "assault", "public_order")

    def help_one(index: int, _each: int) -> None:
        ward, now = asked[index % len(asked)], replay.during(0.22, 0.98, index, of)
        officer = half[now >= replay.at(0.6)][ward.id]
        case = cases.case_open(
            actor=officer, ward_id=ward.id, case_number=f"{now.year}/{index + 1:03d}", kind=kinds[index % 4], now=now
        )
        there = by_ward[ward.id]
        taken = street.extraction(officer, case, there[index % len(there)].id, reason="vehicle", now=now)
        cases.extraction_outcome(
            actor=officer, extraction_id=taken.id, outcome="used", what_helped=["vehicle", "time"], now=now
        )
        cases.case_resolve(actor=officer, case_id=case.id, outcome="clarified", offence_found=index % 3 == 0, now=now)

    replay.each("cases", range(of), help_one)
