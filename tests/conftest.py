"""What every test may use. ``--db=sqlite|postgres`` picks the database of the run (see ``tests/settings.py``)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

from neighborhoods import triggers
from tests.cast import Cast, make_cast
from tests.servers import Postgres, Valkey

HERE = Path(__file__).parent
LONGEST = [
    "e2e/test_long_play.py", "cameras/ingest/test_recorder_takeover.py", "e2e/test_watching.py",
    "e2e/test_leader_pages.py", "cameras/store/test_players.py", "backend/test_run.py", "faults/test_kill.py",
    "cameras/ingest/test_recorder.py", "cameras/demo/test_rtsp_server.py", "cameras/test_probe.py",
    "cameras/ingest/test_worker.py", "cameras/test_snapshots_killed.py", "cameras/playback/test_faults.py",
    "cameras/playback/test_live.py", "e2e/test_first_setup.py", "cameras/demo/test_street.py",
    "bench/test_livewatch.py", "cameras/playback/test_hidden.py", "faults/test_replay.py",
    "e2e/test_no_secret_in_a_log.py", "e2e/test_purpose.py",
]  # fmt: skip
"""Files of fifteen seconds and more, the longest first."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgres"], default=os.environ.get("TEST_DB", "sqlite"))


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--db')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: parallel runs hand files out in this order (``--no-loadscope-reorder``), and a minute's
    file that one worker begins when the others are done costs everybody that minute."""
    rank = {HERE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(LONGEST)))


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.CONFIG.data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start the run's PostgreSQL before pytest-django makes its test database there."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield
        return
    server = Postgres(settings.CONFIG.data_dir)
    yield
    server.stop()


MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_between_tests() -> Iterator[None]:
    """Between tests that commit, every table is emptied: the one place where the audit chain's triggers are lifted.

    Django's own way truncates, for which PostgreSQL makes new files of every table, and makes content types and
    permissions anew: five times as long. Foreign keys are looked at when all is gone, in whatever order it goes.
    """

    def emptied(self: TransactionTestCase) -> None:
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        with triggers.lifted(), transaction.atomic(), connection.cursor() as cursor:
            for table in sorted(tables - MADE_BY_MIGRATIONS):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    server = Valkey(Path(settings.CONFIG.REDIS_URL.removeprefix("unix://")))
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: Valkey) -> Valkey:
    """A real server at the address the settings name, running at the start of the test."""
    if valkey_server.process.poll() is not None:
        valkey_server.start()
    return valkey_server


@pytest.fixture
def cast(db: None) -> Cast:
    """An, Bình, Cúc, Dũng and Hoa, in the test's transaction."""
    return make_cast()


@pytest.fixture
def live_cast(transactional_db: None) -> Cast:
    """The same, committed: for tests with threads, child processes or ``on_commit``."""
    return make_cast()
