"""Dispatchers killed at each step, paused and stopped, and what is around them too: every piece of news once."""

import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from backend.lib.clock import now
from backend.lib.config import ROOT
from neighborhoods.models import OutboxRow
from notifications.dispatching import dispatch_once
from notifications.models import Event
from tests.cast import Cast
from tests.notifications.pipeline import assert_whole, make_alert, tell_later, tell_of
from tests.pace import PATIENCE_S, allowed
from tests.servers import Valkey
from tests.webserver import database_url

pytestmark = [pytest.mark.both_databases, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
THEFT = {"neighborhood", "stewards", "duty"}


class Child:
    """A Python process on this test's database and Valkey."""

    def __init__(self, *command: str, **pipes: Any) -> None:
        self.log = settings.CONFIG.data_dir / f"dispatcher.{time.monotonic_ns()}.log"
        env = {**os.environ, "DATABASE_URL": database_url(), "DATA_DIR": str(settings.CONFIG.data_dir),
               "REDIS_URL": settings.CONFIG.REDIS_URL, "DJANGO_SETTINGS_MODULE": "backend.settings"}  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command], env=env, cwd=ROOT, stderr=log, **{"stdout": log, **pipes}
            )

    def stop(self) -> float:
        """Ask it to end; gives how long it took."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait(5)
        return time.monotonic() - begun


def until(ready: Callable[[], Any], seconds: float, child: Child, spacing_s: float = 0.002) -> float:
    """Wait; gives how long it took."""
    begun = time.monotonic()
    while not ready():
        assert time.monotonic() - begun < seconds, child.log.read_text()[-3000:]
        time.sleep(spacing_s)
    return time.monotonic() - begun


@pytest.fixture
def dying(live_cast: Cast) -> Iterator[Callable[[str], int]]:
    """Run a dispatcher that dies as told; gives its exit code."""
    child = Child(
        "-m", "tests.notifications.dying_dispatchers", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def run(how: str) -> int:
        child.process.stdin.write(how + "\n")
        child.process.stdin.flush()
        said = child.process.stdout.readline()
        assert said, child.log.read_text()[-3000:]
        return int(said)

    yield run
    child.process.stdin.close()
    child.stop()


def test_killed_at_any_step_all_or_nothing_is_there_and_the_next_one_goes_on(live_cast: Cast, dying) -> None:
    rows: list[OutboxRow] = []
    for step, written in (("before", 0), ("claimed", 0), ("written", 0), ("committed", 3)):
        before = Event.objects.count()
        rows.append(tell_of(make_alert(live_cast)))
        assert dying(step) == -signal.SIGKILL
        assert (step, Event.objects.count() - before) == (step, written)
        assert OutboxRow.objects.filter(done_at=None).count() == (0 if written else 1)
        dispatch_once(now=now())
        assert_whole(rows, THEFT)


def test_killed_amid_their_work_nothing_is_lost_doubled_or_skipped(live_cast: Cast, dying) -> None:
    """Each is killed at a moment of its own; the span is fitted so that most die with some news told and some not."""
    chance, alert, rows = random.Random(7), make_alert(live_cast), []
    span_ms, amid, rounds = 40.0, 0, 0
    while amid < 5 and rounds < 40:
        rounds += 1
        with transaction.atomic():
            rows += [tell_of(alert, "alert.joined") for _ in range(chance.randint(3, 6))]
        before = Event.objects.count()
        assert dying(f"after {chance.uniform(0.3, 1) * span_ms:.1f}") == -signal.SIGKILL
        told, left = Event.objects.count() - before, OutboxRow.objects.filter(done_at=None).count()
        assert told % len(THEFT) == 0
        amid += bool(told and left)
        span_ms *= 0.8 if not left else 1.25 if not told else 1
        if chance.random() < 0.3:
            dispatch_once(now=now())
    dispatch_once(now=now())
    assert_whole(rows, THEFT)
    print(f"{amid} of {rounds} died amid their work")
    assert amid >= 1


@contextlib.contextmanager
def database_away() -> Iterator[None]:
    """PostgreSQL and all it forked are frozen; of SQLite somebody holds the one writer lock."""
    if connection.vendor == "sqlite":
        with transaction.atomic():
            yield
        return
    server = int((settings.CONFIG.data_dir / "pg" / "postmaster.pid").read_text().split()[0])
    family = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def test_a_process_of_its_own_tells_in_milliseconds_and_outlives_what_stops_around_it(
    live_cast: Cast, valkey: Valkey
) -> None:
    child, rows, alert = Child("manage.py", "dispatcher"), [], make_alert(live_cast)

    def latency(within_s: float = 5.0) -> float:
        rows.append(tell_of(alert, "alert.joined"))
        return until(Event.objects.filter(outbox_id=rows[-1].id).exists, within_s, child)

    def beat() -> bool:
        with redis.Redis.from_url(settings.CONFIG.redis_url, socket_timeout=1) as client:
            return bool(client.get("matpho:dispatcher"))

    try:
        latency(30)
        until(beat, PATIENCE_S, child)
        nudged = []
        for _ in range(7):
            time.sleep(0.3)  # its next look by itself is most of a second away
            nudged.append(latency())
        print(f"commit to event: median {statistics.median(nudged) * 1000:.1f} ms, worst {max(nudged) * 1000:.1f} ms")
        assert statistics.median(nudged) < 0.3, nudged

        os.kill(valkey.process.pid, signal.SIGSTOP)  # frozen: it takes connections and never answers
        frozen = [latency() for _ in range(2)]
        os.kill(valkey.process.pid, signal.SIGCONT)
        assert max(frozen) < 3, frozen
        valkey.kill()
        assert latency() < allowed(3)
        valkey.start()

        with database_away():
            time.sleep(1.5)  # a turn and more, in which nothing can be told
            assert child.process.poll() is None
        assert latency() < allowed(3)
        assert_whole(rows, THEFT)
        assert child.stop() < allowed(3) and child.process.returncode == 0, child.log.read_text()
    finally:
        child.stop()


def test_asked_to_end_while_the_database_hangs_it_ends_and_leaves_nothing_half(live_cast: Cast, valkey: Valkey) -> None:
    child = Child("manage.py", "dispatcher")
    try:
        rows = [tell_of(make_alert(live_cast))]
        until(lambda: Event.objects.count() == 3, PATIENCE_S, child)
        rows.append(tell_later(make_alert(live_cast), 0.6))
        with database_away():
            time.sleep(1.2)  # its look at what is due now hangs
            assert child.stop() < allowed(3)
        assert Event.objects.count() == 3
        dispatch_once(now=now())
        assert_whole(rows, THEFT)
    finally:
        child.stop()
