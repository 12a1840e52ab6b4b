"""Thanh Hoá city (2024): 34 models in 34 wards, 287 extension points, over 1,900 cameras; over 1,000 extractions in one
year, 152 cases clarified; 32 alerts by street cleaners, of which 12 were put to use."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from backend.scenarios import cast, street
from backend.scenarios.replay import Replay
from cameras import cases
from cameras.models import Camera, Case
from cameras.registration import View
from neighborhoods.access import Actor, Role
from neighborhoods.models import Neighborhood, Ward
from notifications import alerts

PROVINCE = ("38", "Thanh Hoá")
WARDS = (
    "Phường Hàm Rồng", "Phường Đông Thọ", "Phường Nam Ngạn", "Phường Trường Thi", "Phường Điện Biên", "Phường Phú Sơn",
    "Phường Lam Sơn", "Phường Ba Đình", "Phường Ngọc Trạo", "Phường Đông Vệ", "Phường Đông Sơn", "Phường Tân Sơn",
    "Phường Đông Cương", "Phường Đông Hương", "Phường Đông Hải", "Phường Quảng Hưng", "Phường Quảng Thắng",
    "Phường Quảng Thành", "Xã Thiệu Vân", "Phường Thiệu Khánh", "Phường Thiệu Dương", "Phường Tào Xuyên",
    "Phường Long Anh", "Xã Hoằng Quang", "Xã Hoằng Đại", "Phường Đông Lĩnh", "Xã Đông Vinh", "Phường Đông Tân",
    "Phường An Hưng", "Phường Quảng Thịnh", "Phường Quảng Đông", "Phường Quảng Cát", "Xã Quảng Phú",
    "Phường Quảng Tâm",
)  # fmt: skip
HELPED = (["vehicle", "place", "time"], ["vehicle", "time"], ["vehicle", "place"], ["time", "person"])
"""What helps most is recognising a vehicle, a place and a time."""
TOLD = ("accident", "theft", "disorder")


def play(replay: Replay, _folder: Path) -> None:
    wards = cast.wards(replay, WARDS, province=PROVINCE)
    places = cast.neighborhoods(replay, wards, replay.count("households.neighborhoods"), "Điểm camera")
    of = replay.count("cameras.planned")

    def add(index: int, _each: int) -> Camera:
        return street.camera(places[index % len(places)], index + 1, view=View(), now=replay.during(0, 0.04, index, of))

    cameras = replay.each("cameras", range(of), add)
    now = replay.ends_at - timedelta(seconds=20)
    street.listen(replay, [camera.id for camera in cameras], replay.count("cameras.working"), now=now)
    officers = {
        ward.id: cast.staff(Role.OFFICER, f"Công an {ward.name}", ward=ward, now=replay.at(0))
        for ward in wards
        if any(camera.neighborhood.ward_id == ward.id for camera in cameras)
    }
    _extractions(replay, officers, _open_cases(replay, officers, cameras))
    _cleaners(replay, wards, places, officers)


def _open_cases(replay: Replay, officers: dict[UUID, Actor], cameras: list[Camera]) -> list[tuple[Case, list[Camera]]]:
    """Every case with the cameras of its ward, open."""
    of, wards = replay.count("cases.opened"), list(officers)

    def begin(index: int, _each: int) -> tuple[Case, list[Camera]]:
        ward_id, now = wards[index % len(wards)], replay.during(0.05, 0.5, index, of)
        case = cases.case_open(
            actor=officers[ward_id], ward_id=ward_id, case_number=f"2024/{index + 1:04d}",
            kind="traffic" if index % 2 else "theft", now=now,
        )  # fmt: skip
        return case, [camera for camera in cameras if camera.neighborhood.ward_id == ward_id]

    return replay.each("cases", range(of), begin)


def _extractions(replay: Replay, officers: dict[UUID, Actor], opened: list[tuple[Case, list[Camera]]]) -> None:
    of = replay.count("cases.extractions")
    outcomes = replay.dealt(of, {"used": replay.count("cases.used"), "not_used": replay.count("cases.not_used")})
    clear = replay.count("cases.clarified")

    def look(index: int, outcome: str) -> None:
        case, there = opened[index % len(opened)]
        now, officer = replay.during(0.55, 0.9, index, of), officers[case.ward_id]
        taken = street.extraction(officer, case, there[index % len(there)].id, reason="vehicle", now=now)
        helped = HELPED[index % len(HELPED)] if outcome == "used" else ()
        cases.extraction_outcome(
            actor=officer, extraction_id=taken.id, outcome=outcome, what_helped=helped, now=now + timedelta(hours=2)
        )

    def close(index: int, each: tuple[Case, list[Camera]]) -> None:
        outcome = "clarified" if index < clear else "not_clarified"
        now = replay.during(0.92, 0.99, index, len(opened))
        cases.case_resolve(actor=officers[each[0].ward_id], case_id=each[0].id, outcome=outcome, now=now)

    replay.each("extractions", outcomes, look)
    replay.each("outcomes", opened, close)


def _cleaners(replay: Replay, wards: list[Ward], places: list[Neighborhood], officers: dict[UUID, Actor]) -> None:
    """Street cleaners tell of what they see at dawn; the officer says afterwards whether it was of use."""
    prefix = "alerts.sources.street_worker.verdicts"
    verdicts = replay.words(prefix, "alerts.sources.street_worker.raised")
    told = [ward for ward in wards if ward.id in officers]
    sweepers = {
        ward.id: cast.staff(Role.STREET_WORKER, "Công nhân vệ sinh", ward=ward, now=replay.at(0))
        for ward in told[: len(verdicts)]
    }

    def tell(index: int, verdict: str) -> None:
        place = next(each for each in places[index:] + places if each.ward_id in sweepers)
        now = replay.during(0.1, 0.9, index, len(verdicts))
        raised = alerts.alert_raise(
            actor=sweepers[place.ward_id], category=TOLD[index % 3], neighborhood_id=place.id, now=now
        )
        officer, soon = officers[place.ward_id], now + timedelta(minutes=4 + index % 5)
        alerts.alert_acknowledge(actor=officer, alert_id=raised.alert.id, now=soon)
        alerts.alert_resolve(actor=officer, alert_id=raised.alert.id, verdict=verdict, now=soon + timedelta(hours=1))

    replay.each("alerts", verdicts, tell)
