"""What happens to viewers when something around the server stops: the database, the server itself."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from backend.lib.config import ROOT
from cameras.models import Camera, ViewMinute
from tests import web
from tests.cameras.playback.conftest import live_url, segments_of
from tests.cameras.playback.footage import Recorder, ago
from tests.cameras.playback.test_revoked import SlowReader
from tests.cast import Cast
from tests.pace import PATIENCE_S, allowed
from tests.servers import Postgres, Valkey
from tests.webserver import WebServer


@dataclass
class Frozen:
    """A server on a PostgreSQL of its own, which a test may freeze or stop and starts again, and a replay's address."""

    server: WebServer
    postgres: Postgres
    url: str


@pytest.fixture(scope="module")
def apart(valkey_server: Valkey) -> Iterator[Frozen]:
    with tempfile.TemporaryDirectory(prefix="mp-", dir="/tmp") as folder:
        data = Path(folder)
        data.chmod(0o755)
        postgres = Postgres(data / "db")
        env = {"DATABASE_URL": postgres.url, "DATA_DIR": folder}
        run = {
            **os.environ,
            **env,
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "REDIS_URL": settings.CONFIG.REDIS_URL,
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=run, check=True)
        made = subprocess.run(
            [sys.executable, "-m", "tests.cameras.playback.scene", "1"],
            cwd=ROOT,
            env=run,
            check=True,
            capture_output=True,
        )
        server = WebServer(**env)
        yield Frozen(server, postgres, server.url + json.loads(made.stdout.splitlines()[-1])["replays"][0])
        server.stop()
        postgres.stop()


@pytest.fixture
def frozen(apart: Frozen, valkey: Valkey) -> Frozen:
    """Both are running, and the server knows it."""
    until = time.monotonic() + PATIENCE_S
    while web.get(apart.url).status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    return apart


@pytest.mark.slow
def test_a_frozen_database_stops_all_media_and_lets_it_go_on(frozen: Frozen) -> None:
    address = segments_of(frozen.url)[0]
    reader = SlowReader(address).start()
    while reader.got < 50_000:
        time.sleep(0.02)
    frozen.postgres.pause()
    paused = time.monotonic()
    assert web.get(frozen.url).status_code == 200
    while web.get(frozen.url).status_code == 200:
        time.sleep(0.05)
    assert 0.9 <= time.monotonic() - paused <= allowed(2.1)
    answer = web.get(address)
    assert (answer.status_code, answer.json()["code"]) == (503, "stale")
    assert answer.headers["retry-after"] == "1"
    assert reader.done.wait(PATIENCE_S)
    assert reader.ended == "reset"
    assert reader.last_byte_at - paused <= allowed(2.0)
    assert web.get(f"{frozen.server.url}/hls/x/alive").status_code == 503
    frozen.postgres.resume()
    resumed = time.monotonic()
    while web.get(address).status_code == 503:
        assert time.monotonic() - resumed < PATIENCE_S
        time.sleep(0.05)
    assert web.get(address).status_code == 200


@pytest.mark.slow
def test_a_restarted_database_is_found_again(frozen: Frozen) -> None:
    address = segments_of(frozen.url)[0]
    frozen.postgres.stop()
    time.sleep(2)
    assert web.get(address).status_code == 503
    frozen.postgres.start()
    until = time.monotonic() + PATIENCE_S
    while web.get(address).status_code == 503 and time.monotonic() < until:
        time.sleep(0.1)
    assert web.get(address).status_code == 200


def wait_for_minutes(count: int, seconds: float) -> list[ViewMinute]:
    until = time.monotonic() + seconds
    while ViewMinute.objects.count() < count and time.monotonic() < until:
        time.sleep(0.1)
    return list(ViewMinute.objects.order_by("minute"))


def test_minutes_are_in_the_database_within_ten_seconds(
    live_cast: Cast, camera: Camera, recorder: Recorder, own_server: WebServer
) -> None:
    for _ in range(2):
        assert web.get(segments_of(live_url(own_server, live_cast.an, camera))[-1]).status_code == 200
    rows = wait_for_minutes(2, allowed(10))
    assert len(rows) >= 2
    assert {row.household_id for row in rows} == {live_cast.an.device.household_id}
    assert {(row.mode, row.role) for row in rows} == {("live", "resident")}
    assert all(row.minute.second == 0 for row in rows)


def test_a_killed_server_loses_no_minute(
    live_cast: Cast, camera: Camera, recorder: Recorder, own_server: WebServer
) -> None:
    time.sleep(0.5)
    url = live_url(own_server, live_cast.an, camera)
    assert web.get(segments_of(url)[-1]).status_code == 200
    own_server.kill()
    assert ViewMinute.objects.count() == 0
    assert len(list(settings.CONFIG.view_journal_dir.glob(f"*.{own_server.process.pid}.*.log"))) == 1
    own_server.start()
    assert wait_for_minutes(1, allowed(10))
    assert web.get(url).status_code == 200, "the session outlives the process"


def test_it_stops_within_three_seconds_whoever_is_connected(
    live_cast: Cast, camera: Camera, own_server: WebServer
) -> None:
    heavy = Recorder(camera, pad=100_000)
    heavy.past(ago(20), 20)
    heavy.close()
    url = live_url(own_server, live_cast.an, camera)
    reader = SlowReader(segments_of(url)[-1]).start()
    alive = SlowReader(url.replace("live.m3u8", "alive")).start()
    time.sleep(0.5)
    assert not reader.done.is_set() and not alive.done.is_set()
    assert own_server.stop() <= 3.0
    assert own_server.process.returncode in (0, -15)
