"""A street of real cameras, and recorders on this test's database and store."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings

from backend.lib.config import ROOT
from cameras.demo.rtsp_server import CameraServer
from cameras.demo.testcard import card
from tests.cameras.ingest.recorders import PASSWORD, database_url


@pytest.fixture
def street():
    server = CameraServer(user="cam", password=PASSWORD)
    for number in range(3):
        server.add(f"c{number}", card(gop=15), offset=number * 5)
    with server.running():
        yield server


@pytest.fixture
def start(street, tmp_path):
    """Starts recorders on this test's database and store; ends them afterwards."""
    running = []

    def begin(*, data_dir=None, **more):
        log = (tmp_path / f"recorder-{len(running)}.log").open("w")
        env = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "backend.settings", "DATABASE_URL": database_url(),
            "DATA_DIR": str(settings.CONFIG.data_dir), "CAMERA_ALLOW": f"127.0.0.1:{street.port}", **more,
        }  # fmt: skip
        command = [sys.executable, "manage.py", "recorder", "--slice-seconds", "4"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=log, start_new_session=True)
        running.append(process)
        return process

    yield begin
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
