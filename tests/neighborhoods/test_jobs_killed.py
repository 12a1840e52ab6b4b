"""A worker is killed over a job, really: another one takes it up within ten seconds, and nothing is there twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from backend.beats import WORKER_KEY
from backend.lib.clock import now
from neighborhoods import codesheets, jobfiles
from neighborhoods.models import AccessCode, HeldCode, Household, Job
from tests.cast import Cast
from tests.neighborhoods.conftest import actor
from tests.pace import PATIENCE_S
from tests.pdfs import pages_text
from tests.servers import Valkey
from tests.webserver import database_url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
PICKED_UP_WITHIN_S = 10.0
HOUSEHOLDS = 12


@pytest.fixture
def started(valkey: Valkey) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts modules of ours as processes on the test's database."""
    running: list[subprocess.Popen[bytes]] = []
    env = {**os.environ, "DATABASE_URL": database_url(), "DATA_DIR": str(settings.CONFIG.data_dir),
           "REDIS_URL": settings.CONFIG.REDIS_URL, "DJANGO_SETTINGS_MODULE": "backend.settings"}  # fmt: skip

    def start(*module: str) -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([sys.executable, "-m", *module], env=env, cwd=ROOT))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait(5)


def until(holds: Callable[[], bool], *, within_s: float) -> None:
    """Waits until ``holds``; fails where that takes too long."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, "that took too long"
        time.sleep(0.05)


def test_a_worker_killed_over_the_sheets_leaves_one_code_and_one_sheet_for_each_household(
    live_cast: Cast, started: Callable[..., "subprocess.Popen[bytes]"]
) -> None:
    here = Household.objects.bulk_create(
        Household(neighborhood=live_cast.place, number=20 + n, name=f"Hộ {n}", address=f"Số {20 + n}")
        for n in range(HOUSEHOLDS)
    )
    leader = actor(live_cast.binh)
    job = codesheets.codes_print(
        actor=leader, neighborhood_id=live_cast.place.id, household_ids=None, join_url="http://x/join", now=now()
    )
    dying = started("tests.neighborhoods.job_worker", str(job.id), "2")
    mine = AccessCode.objects.filter(household__in=here)
    until(lambda: mine.count() >= 1, within_s=PATIENCE_S)
    started("backend.worker")
    signs = redis.Redis.from_url(settings.CONFIG.redis_url)
    until(lambda: bool(signs.exists(WORKER_KEY)), within_s=PATIENCE_S)
    dying.kill()
    assert 1 <= mine.count() < HOUSEHOLDS
    until(lambda: Job.objects.filter(id=job.id, attempts=2).exists(), within_s=PICKED_UP_WITHIN_S)
    until(lambda: Job.objects.filter(id=job.id, state=Job.State.DONE).exists(), within_s=PATIENCE_S)
    assert sorted(mine.values_list("household_id", flat=True)) == sorted(one.id for one in here)
    job.refresh_from_db()
    words = "\n".join(pages_text(jobfiles.file_fetch(actor=leader, job=job, now=now()).data))
    assert [words.count(f"H{one.number:03d}") for one in here] == [1] * HOUSEHOLDS
    assert (job.attempts, HeldCode.objects.count()) == (2, 0)
