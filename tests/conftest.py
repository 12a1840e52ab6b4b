"""What every test may use. ``--db=sqlite|postgres`` picks the database of the run (see ``tests/settings.py``)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as examples
from xdist.remote import Producer
from xdist.scheduler.loadfile import LoadFileScheduling

from neighborhoods import triggers
from tests import migrated
from tests.cast import Cast, make_cast
from tests.servers import Postgres, Valkey
from tests.webserver import WebServer

HERE = Path(__file__).parent
ONE_PRODUCT = [
    f"tests/e2e/{name}.py"
    for name in (
        "test_leader_pages",
        "test_staff",
        "test_fund",
        "test_fund_bank",
        "test_reading",
        "test_purpose",
        "test_alerts",
        "test_alerts_offline",
        "test_alert_rules",
        "test_push",
        "test_taken_back",
        "test_footage",
        "test_footage_area",
        "test_audit",
        "test_room",
        "test_wall",
        "test_watching",
        "test_long_play",
        "test_school_form",
        "test_no_secret_in_a_log",
    )
]
"""Browser tests that share one running product, a leader and a browser: one worker takes them all, in this order, so
that those which look back find a past."""
LONGEST = [
    *ONE_PRODUCT, "tests/cameras/ingest/test_recorder_takeover.py",
    "tests/backend/test_run.py", "tests/faults/test_kill.py", "tests/cameras/ingest/test_recorder.py",
    "tests/cameras/test_snapshots_killed.py", "tests/cameras/store/test_players.py",
    "tests/cameras/playback/test_faults.py", "tests/cameras/ingest/test_worker.py",
    "tests/cameras/demo/test_rtsp_server.py", "tests/cameras/playback/test_live.py",
    "tests/e2e/test_first_setup.py", "tests/cameras/demo/test_street.py", "tests/cameras/test_probe.py",
    "tests/neighborhoods/auditing/test_roles.py", "tests/cameras/footage/test_packages_killed.py",
    "tests/architecture/test_permissions.py", "tests/architecture/test_openapi.py",
    "tests/faults/test_replay.py", "tests/cameras/playback/test_hidden.py", "tests/cameras/evidence/test_page.py",
    "tests/cameras/footage/test_packages.py", "tests/cameras/footage/test_links.py",
]  # fmt: skip
"""Files of fifteen seconds and more, the longest first."""

# How long one example takes says how busy the machine is, and nothing of the code.
examples.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgres"], default=os.environ.get("TEST_DB", "sqlite"))


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--db')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: parallel runs hand files out in this order (``--no-loadscope-reorder``), and a minute's
    file that one worker begins when the others are done costs everybody that minute."""
    rank = {HERE.parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(LONGEST)))


class WholeFiles(LoadFileScheduling):
    """A worker takes a file, or the files of ``ONE_PRODUCT``."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "one product" if file in ONE_PRODUCT else file


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles:
    return WholeFiles(config, log)


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.CONFIG.data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """SQLite's is laid ready, with every table in it."""
    return on_sqlite()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Lay SQLite's database ready, or start the run's PostgreSQL, before pytest-django looks for a test database."""
    if on_sqlite():
        migrated.lay(Path(settings.DATABASES["default"]["TEST"]["NAME"]))
        yield
        return
    server = Postgres(settings.CONFIG.data_dir)
    yield
    server.stop()


def on_sqlite() -> bool:
    return str(settings.DATABASES["default"]["ENGINE"]).endswith("sqlite3")


MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_between_tests() -> Iterator[None]:
    """Between tests that commit, every table is emptied: the one place where the audit chain's triggers are lifted.

    Django's own way truncates, for which PostgreSQL makes new files of every table, and makes content types and
    permissions anew: five times as long. Foreign keys are looked at when all is gone, in whatever order it goes.
    """
    wipes: list[str] = []

    def emptied(self: TransactionTestCase) -> None:
        if not wipes:
            tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
            wipes.extend(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables - MADE_BY_MIGRATIONS)
        if connection.vendor == "postgresql":  # in one go, and a replica fires no triggers: no DDL each time
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *wipes]))
            return
        with triggers.lifted(), transaction.atomic(), connection.cursor() as cursor:
            for wipe in wipes:
                cursor.execute(wipe)

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


@pytest.fixture(scope="session")
def shared_server(django_db_setup: None, django_db_blocker: Any, valkey_server: Valkey) -> Iterator[WebServer]:
    """One for all files of a run: each costs three seconds of a core, and something while it only waits."""
    with django_db_blocker.unblock():
        started = WebServer()
    yield started
    started.stop()


@pytest.fixture
def server(live_cast: Cast, valkey: Valkey, shared_server: WebServer) -> WebServer:
    """A server that runs through many tests; whoever stops or kills it takes ``own_server``."""
    return shared_server


@pytest.fixture
def own_server(live_cast: Cast, valkey: Valkey) -> Iterator[WebServer]:
    started = WebServer()
    yield started
    started.stop()
