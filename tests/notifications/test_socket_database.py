"""A database that pauses: sockets stay and are silent, nobody joins, and everything goes on when it answers."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings
from websockets.sync.client import ClientConnection

from backend.lib.config import ROOT
from tests.notifications.sockets import close_code, open_socket
from tests.servers import Postgres, Valkey
from tests.webserver import WebServer


@pytest.mark.slow
def test_sockets_are_silent_while_the_database_is_and_go_on_with_it(valkey: Valkey) -> None:
    with tempfile.TemporaryDirectory(prefix="mp-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        postgres = Postgres(Path(folder) / "db")
        env = {"DATABASE_URL": postgres.url, "DATA_DIR": folder}
        run = {**os.environ, **env, "DJANGO_SETTINGS_MODULE": "backend.settings",
               "REDIS_URL": settings.CONFIG.REDIS_URL}  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=run, check=True)
        scene = subprocess.Popen(
            [sys.executable, "-m", "tests.notifications.scene"], cwd=ROOT, env=run, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        token = json.loads(scene.stdout.readline())["token"]
        server = WebServer(**env)
        try:
            _pause_and_resume(server, postgres, token, scene)
        finally:
            scene.kill()
            scene.wait(5)
            server.stop()
            postgres.resume()
            postgres.stop()


def _pause_and_resume(server: WebServer, postgres: Postgres, token: str, scene: subprocess.Popen) -> None:
    with open_socket(server) as phone:
        phone.send(json.dumps({"token": token}))
        assert json.loads(phone.recv(timeout=10))["kind"] == "hello"
        postgres.pause()
        time.sleep(1.8)  # the confirmation grows old: that is what is tested
        with open_socket(server) as late:
            late.send(json.dumps({"token": token}))
            assert close_code(late) == 1013
        scene.stdin.write("\n")
        scene.stdin.flush()
        assert set(_kinds(phone, 0.5)) <= {"heartbeat"}  # of the second and a half in which the last answer still held
        postgres.resume()
        assert "alert.raised" in _kinds(phone, 3)
        with open_socket(server) as again:
            again.send(json.dumps({"token": token}))
            assert json.loads(again.recv(timeout=10))["kind"] == "hello"


def _kinds(phone: ClientConnection, seconds: float) -> list[str]:
    """What comes in that time; an alert is not waited past."""
    kinds: list[str] = []
    until = time.monotonic() + seconds
    while "alert.raised" not in kinds:
        try:
            kinds.append(json.loads(phone.recv(timeout=until - time.monotonic()))["kind"])
        except TimeoutError:
            break
    return kinds
