"""Shakhtinsk (Kazakhstan): one operations centre, 311 city cameras, the cameras of 12 schools and 13 kindergartens,
watched round the clock; over 80 offences found.

Schools and kindergartens are places of their own: their cameras stand outside every household's code.
"""

from datetime import timedelta
from pathlib import Path

from backend.scenarios import cast, street
from backend.scenarios.replay import Replay
from cameras import cases
from cameras.models import Camera
from cameras.playback.sessions import Viewer
from cameras.registration import View
from neighborhoods.access import Role

PROVINCE = ("99", "Karaganda (Kazakhstan)")
"""No province of Việt Nam has this code."""
SHIFT = 240
"""Minutes after which the wall goes on to the next camera: no view session lives longer than four hours."""


def play(replay: Replay, folder: Path) -> None:
    ward = cast.wards(replay, ["Thành phố Shakhtinsk"], province=PROVINCE)[0]
    schools = replay.count("households.neighborhoods") - 1
    city = cast.neighborhood(ward, "Trung tâm điều hành", now=replay.at(0))
    inside = [cast.neighborhood(ward, f"Trường {n + 1}", now=replay.at(0)) for n in range(schools)]
    owners = ["public"] * replay.count("cameras.ownership.public") + ["school"] * replay.count(
        "cameras.ownership.school"
    )

    def add(index: int, owner: str) -> Camera:
        place = city if owner == "public" else inside[index % len(inside)]
        now = replay.during(0, 0.05, index, len(owners))
        return street.camera(place, index + 1, view=View(ownership=owner), now=now)

    cameras = replay.each("cameras", owners, add)
    now = replay.ends_at - timedelta(seconds=20)
    street.listen(replay, [camera.id for camera in cameras], len(cameras), now=now)
    minutes = replay.count("watching.minutes")
    watches = [
        street.Watch(
            viewer=Viewer(None, None, "wall", ""),
            camera_id=cameras[start // SHIFT % len(cameras)].id,
            starts_at=replay.at(0.1) + timedelta(minutes=start),
            minutes=min(SHIFT, minutes - start),
        )
        for start in range(0, minutes, SHIFT)
    ]
    street.watch(replay, folder, watches)
    officer = cast.staff(Role.OFFICER, "Trung tâm điều hành", ward=ward, now=replay.at(0))
    of = replay.count("cases.offences")

    def find(index: int, _each: int) -> None:
        now = replay.during(0.1, 0.95, index, of)
        case = cases.case_open(
            actor=officer, ward_id=ward.id, case_number=f"2024-{index + 1}", kind="public_order", now=now
        )
        cases.case_resolve(
            actor=officer, case_id=case.id, outcome="clarified", offence_found=True, now=now + timedelta(hours=5)
        )

    replay.each("offences", range(of), find)
