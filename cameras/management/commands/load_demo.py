"""``manage.py load_demo``: the demonstration neighborhood and its eight street cameras, made once.

A second call changes nothing: what people have done with the demonstration stays. Sign-ins are written to
``demo-signins.json`` (mode 0600) before the neighborhood is committed, so that no crash can lose the only copy.
"""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from backend.lib import clock, privatefile
from cameras import registration
from cameras.demo.street import PASSWORD, STREET, USER
from cameras.models import Camera
from neighborhoods import demonstration
from neighborhoods.models import Neighborhood


class Command(BaseCommand):
    help = "Load the demonstration neighborhood; does nothing where it is there already."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, help="loopback port of the demonstration's cameras; none without it")

    def handle(self, *args: Any, **options: Any) -> None:
        place = _neighborhood()
        if options["port"]:
            _cameras(place, options["port"])


def _neighborhood() -> Neighborhood:
    path = settings.CONFIG.signins_file
    now = clock.now()
    with transaction.atomic():
        place = demonstration.find()
        if place is not None and path.is_file():
            return place
        if place is None:
            place, signins = demonstration.demonstration_create(now=now)
        else:
            signins = demonstration.demonstration_renew(place, now=now)
        staff = [
            {"role": person.role, "name": person.name, "username": person.username, "password": person.password}
            for person in signins.staff
        ]
        kept = {"household_code": signins.household_code, "household": signins.household, "staff": staff}
        privatefile.write(path, json.dumps(kept, ensure_ascii=False, indent=1))
    return place


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
