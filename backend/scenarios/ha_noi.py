"""Hà Nội: 40,200 cameras planned, 20,400 of them deployed, 19,400 working, of 33 makes."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from backend.scenarios import cast, street
from backend.scenarios.replay import Replay
from cameras.registration import View

PROVINCE = "01"
MAKES = (
    "Hikvision", "Dahua", "Hanwha", "Axis", "Bosch", "Uniview", "Tiandy", "Vivotek", "Reolink", "KBVision", "Imou",
    "Ezviz", "HiLook", "TP-Link", "Viettel", "VNPT", "FPT", "Vantech", "Questek", "Panasonic", "Sony", "Avigilon",
    "Pelco", "Honeywell", "Mobotix", "Milesight", "Sunell", "TVT", "Kedacom", "Geovision", "ACTi", "Arecont", "Samsung",
)  # fmt: skip
"""The article says how many, and names none."""


def play(replay: Replay, _folder: Path) -> None:
    wards = cast.official_wards(replay, PROVINCE)
    places = cast.neighborhoods(replay, wards, replay.count("households.neighborhoods"))
    planned, deployed = replay.count("cameras.planned"), replay.count("cameras.deployed")
    kinds, purposes = (replay.words(f"cameras.{facet}", "cameras.planned") for facet in ("kind", "purpose"))
    makes = replay.dealt(deployed, dict.fromkeys(MAKES, 1))

    def add(index: int, kind: str) -> UUID:
        place, now = places[index % len(places)], replay.during(0, 0.95, index, planned)
        view = View(kind=kind, purpose=purposes[index], make=makes[index] if index < deployed else "")
        if index < deployed:
            return street.camera(place, index + 1, view=view, now=now).id
        return street.planned(place, index + 1, view=view, now=now).id

    cameras = replay.each("cameras", kinds, add)
    now = replay.ends_at - timedelta(seconds=20)
    street.listen(replay, cameras[:deployed], replay.count("cameras.working"), now=now)
