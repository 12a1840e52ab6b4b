"""For tests of the whole recorder: cameras in the database, what recorders do there, and patience."""

import subprocess
import time
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from cameras import credentials
from cameras.models import Camera, Rendition
from cameras.store.catalog import node_here
from tests.pace import PATIENCE_S

PASSWORD = "hunter2-of-the-street"


def database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}@{quote(str(found['HOST']), safe='')}/{found['NAME']}"


def camera_make(street, neighborhood, path="c0", **facts):
    camera = Camera.objects.create(neighborhood=neighborhood, node=node_here(), name=path, state="active", **facts)
    sealed = credentials.seal("cam", PASSWORD)
    Rendition.objects.create(camera=camera, source_url=street.url(path), credentials=sealed)
    return camera


def wait_for(what, seconds=PATIENCE_S):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, f"waited {seconds} s in vain"
        time.sleep(0.05)
    return found


def store_of(camera):
    return settings.CONFIG.store_dir, str(camera.pk)


def workers_of(process):
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]
