"""Two roles on a PostgreSQL of its own: the application does all its work, and cannot change what is append-only."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from backend.lib.config import ROOT, Config
from backend.supervise import parts
from neighborhoods import grants, triggers
from tests.servers import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first waits for a database, its tables and a street
NAMES = {"database": "street", "owner": "street_owner", "app": "street_app"}
W001 = "neighborhoods.W001"


@dataclass
class Two:
    """A database with both roles, migrated by one."""

    server: Postgres
    folder: Path

    def url(self, role: str) -> str:
        return f"postgres://{role}@{str(self.server.folder).replace('/', '%2F')}/{NAMES['database']}"

    def connect(self, role: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.server.folder), user=role, dbname=NAMES["database"], autocommit=True)

    def python(self, *command: str, role: str = NAMES["app"], owner: bool = False) -> tuple[int, str]:
        """One of our programs as ``role``; with ``owner``, told of the other one too."""
        kept = {name: value for name, value in os.environ.items() if name not in Config.__dataclass_fields__}
        env = kept | {
            "DATA_DIR": str(self.folder), "DATABASE_URL": self.url(role), "DJANGO_SETTINGS_MODULE": "backend.settings",
            "CAMERA_ALLOW": "127.0.0.1:8554", "DEMO": "0",
        }  # fmt: skip
        if owner:
            env["MIGRATE_DATABASE_URL"] = self.url(NAMES["owner"])
        done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def lay(self) -> None:
        """What the operator runs, as the superuser."""
        options = [part for name, value in NAMES.items() for part in ("-v", f"{name}={value}")]
        subprocess.run(
            ["psql", "-q", "-h", str(self.server.folder), "-U", "matpho", "-d", "postgres", *options,
             "-f", "deploy/postgres.sql"],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip

    def migrate(self) -> None:
        status, said = self.python("manage.py", "migrate", "-v", "0", owner=True)
        assert status == 0, said


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    with tempfile.TemporaryDirectory(prefix="mp-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)  # the server may run as another user
        server = Postgres(Path(folder) / "db")
        made = Two(server, Path(folder) / "data")
        try:
            made.lay()
            made.migrate()
            yield made
        finally:
            server.stop()


@pytest.fixture(scope="module")
def lived(two: Two) -> Two:
    status, said = two.python("-m", "tests.neighborhoods.auditing.as_application")
    assert status == 0, said
    entries, booked, signed = map(int, said.split()[-3:])
    assert (entries > 200, booked > 60, signed > 0) == (True, True, True)
    return two


def test_the_products_verbs_run_as_the_restricted_role(lived: Two) -> None:
    """And more than once: what they wrote is there for the owner too."""
    with lived.connect(NAMES["owner"]) as connection:
        for table in triggers.GUARDED:
            assert connection.execute(f"SELECT count(*) > 0 FROM {table}").fetchone() == (True,)


@pytest.mark.parametrize("table", triggers.GUARDED)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {t} SET id = id",
        "DELETE FROM {t}",
        "TRUNCATE {t}",
        "TRUNCATE {t} CASCADE",
        "DROP TRIGGER {trigger} ON {t}",
        "ALTER TABLE {t} DISABLE TRIGGER ALL",
        "ALTER TABLE {t} DISABLE TRIGGER {trigger}",
        "ALTER TABLE {t} OWNER TO CURRENT_USER",
        "ALTER TABLE {t} ADD COLUMN x int",
        "ALTER TABLE {t} RENAME TO x",
        "DROP TABLE {t}",
        "CREATE RULE nothing AS ON INSERT TO {t} DO INSTEAD NOTHING",
        "CREATE TRIGGER mine BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION {function}()",
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP FUNCTION {function}() CASCADE",
        "INSERT INTO {t} SELECT * FROM {t} ON CONFLICT (id) DO UPDATE SET id = excluded.id",
        "SELECT * FROM {t} FOR UPDATE",
        "SET session_replication_role = replica",
        "SET ROLE {owner}",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMP TABLE {t} (x int)",
    ],
)
def test_the_restricted_role_is_refused(lived: Two, table: str, sql: str) -> None:
    trigger = next(name for name, one in triggers.POSTGRES.items() if one.table == table)
    asked = sql.format(t=table, trigger=trigger, function=triggers.POSTGRES[trigger].function, owner=NAMES["owner"])
    with lived.connect(NAMES["app"]) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(asked)


def test_the_owner_itself_is_refused_by_the_triggers(lived: Two) -> None:
    with lived.connect(NAMES["owner"]) as connection:
        for table in triggers.GUARDED:
            for sql in ("UPDATE {t} SET id = id", "DELETE FROM {t}", "TRUNCATE {t} CASCADE"):
                with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                    connection.execute(sql.format(t=table))


class TestCheck:
    def test_it_is_silent_where_the_application_cannot(self, two: Two) -> None:
        status, said = two.python("manage.py", "check", "--database", "default", "--fail-level", "WARNING")
        assert (status, W001 in said) == (0, False), said

    def test_it_warns_where_the_owner_serves(self, two: Two) -> None:
        status, said = two.python("manage.py", "check", "--database", "default", role=NAMES["owner"])
        assert (status, W001 in said, triggers.LEDGER in said) == (0, True, True)

    GRANTS = (
        "UPDATE ON {t} TO {app}", "UPDATE (hash) ON {t} TO {app}", "TRUNCATE ON {t} TO {app}",
        "DELETE ON {t} TO PUBLIC", "TRIGGER ON {t} TO {app}",
    )  # fmt: skip

    def changeable(self, two: Two) -> list[object]:
        with two.connect(NAMES["app"]) as connection:
            return [name for (name,) in connection.execute(grants.CHANGEABLE, [list(triggers.GUARDED)])]

    @pytest.mark.parametrize("grant", GRANTS)
    def test_it_sees_every_way(self, two: Two, grant: str) -> None:
        right = grant.format(t=triggers.TABLE, app=NAMES["app"])
        with two.connect(NAMES["owner"]) as connection:
            connection.execute(f"GRANT {right}")
            assert self.changeable(two) == [triggers.TABLE]
            connection.execute(f"REVOKE {right.replace(' TO ', ' FROM ')}")
        assert self.changeable(two) == []

    def test_the_next_migrate_takes_away_what_was_given(self, two: Two) -> None:
        with two.connect(NAMES["owner"]) as connection:
            for grant in self.GRANTS:
                connection.execute(f"GRANT {grant.format(t=triggers.TABLE, app=NAMES['app'])}")
        assert W001 in two.python("manage.py", "check", "--database", "default")[1]
        two.migrate()
        assert self.changeable(two) == []


class TestOperating:
    def test_laying_the_roles_again_changes_nothing(self, lived: Two) -> None:
        lived.lay()
        assert lived.python("-m", "tests.neighborhoods.auditing.as_application")[0] == 0

    def test_a_start_with_both_addresses_migrates_as_the_owner(self, two: Two) -> None:
        status, said = two.python("-m", "backend.prepare", owner=True)
        assert status == 0, said

    def test_only_the_part_that_migrates_is_told_the_owners_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(parts.OWNER, "postgres://owner@/x")
        config = Config.from_env()
        assert parts.OWNER not in parts.environment(config, demo_port=None)
        told = {spec.name for spec in parts.specs(config, prepare=True, demo_port=1) if parts.OWNER in spec.told}
        assert told == {"prepare"}
