"""``manage.py load_demo``: the demonstration neighborhood and its eight street cameras, made once.

A second call changes nothing: what people have done with the demonstration stays. Only a household code that no longer
works (taken back, reissued, used up, ended) is followed by a new one, since whoever starts the product is shown it.
Sign-ins are written to ``demo-signins.json`` (mode 0600) before the neighborhood is committed, so that no crash can
lose the only copy.
"""

import json
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from backend.lib import clock, privatefile
from cameras import registration
from cameras.demo.street import PASSWORD, STREET, USER
from cameras.models import Camera
from neighborhoods import codeforms, demonstration
from neighborhoods.fund.demonstration import fund_create
from neighborhoods.models import Neighborhood

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Load the demonstration neighborhood; does nothing where it is there already."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, help="loopback port of the demonstration's cameras; none without it")

    def handle(self, *args: Any, **options: Any) -> None:
        place = _neighborhood()
        if options["port"]:
            _cameras(place, options["port"])
        _fund(place)


def _neighborhood() -> Neighborhood:
    path, now = settings.CONFIG.signins_file, clock.now()
    with transaction.atomic():
        place = demonstration.find()
        if place is not None and place.legal_record_id is None:  # loaded by an earlier version
            demonstration.demonstration_sign(place, now=now)
        if place is not None and path.is_file():
            _keep(place, json.loads(path.read_text()), now)
            return place
        if place is None:
            place, signins = demonstration.demonstration_create(now=now)
        else:
            signins = demonstration.demonstration_renew(place, now=now)
        staff = [
            {"role": one.role, "name": one.name, "username": one.username, "password": one.password, "totp": one.totp}
            for one in signins.staff
        ]
        _write({**_code_facts(signins.code), "staff": staff})
    return place


def _keep(place: Neighborhood, kept: dict[str, Any], now: datetime) -> None:
    """Write the file anew where its code no longer works, or where an earlier version left something out."""
    facts = _code_facts(demonstration.HouseholdCode(kept["household"], kept["household_code"]))
    if not demonstration.code_works(kept["household_code"], now=now):
        code = demonstration.demonstration_code(place, now=now)
        facts = _code_facts(code)
        log.info("the household code that was printed works no more: there is %s", "a new one" if code else "no other")
    staff = [
        one if "totp" in one else one | {"totp": demonstration.second_factor_complete(one["username"], now=now)}
        for one in kept["staff"]
    ]
    if kept | facts | {"staff": staff} != kept:
        _write(kept | facts | {"staff": staff})


def _code_facts(code: demonstration.HouseholdCode | None) -> dict[str, str]:
    """All empty where no household lives there any more. By its HMAC the supervisor knows the code's row."""
    if code is None:
        return {"household": "", "household_code": "", "typed_hmac": ""}
    row = codeforms.read(code.typed).digest.hex()
    return {"household": code.household, "household_code": code.typed, "typed_hmac": row}


def _write(kept: dict[str, Any]) -> None:
    privatefile.write(settings.CONFIG.signins_file, json.dumps(kept, ensure_ascii=False, indent=1))


def _cameras(place: Neighborhood, port: int) -> None:
    there = set(Camera.objects.filter(neighborhood=place).values_list("name", flat=True))
    for camera in STREET:
        if camera.name in there:
            continue
        registration.camera_add(
            actor=demonstration.leader(place),
            neighborhood_id=place.id,
            name=camera.name,
            url=f"rtsp://127.0.0.1:{port}/{camera.path}",
            user=USER,
            password=PASSWORD,
            view=registration.View(
                latitude=camera.latitude, longitude=camera.longitude, bearing_deg=camera.bearing_deg
            ),
            now=clock.now(),
        )


def _fund(place: Neighborhood) -> None:
    """The campaign that bought the street's cameras, in the order in which they hang."""
    ids = dict(Camera.objects.filter(neighborhood=place).values_list("name", "id"))
    fund_create(place, {one.name: ids[one.name] for one in STREET if one.name in ids}, now=clock.now())
