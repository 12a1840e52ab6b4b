"""The audit chain: one act, one entry, one outbox row; no way to change it; every change is found."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from backend.celery import TICKS
from neighborhoods import access, audit, audit_chain, triggers
from neighborhoods.models import AuditEntry, OutboxRow, Ward
from tests.neighborhoods.conftest import NOW, at_once

pytestmark = pytest.mark.both_databases
CLERK = access.system("test")


def write(ward: object = None, count: int = 1, **data: object) -> None:
    for number in range(count):
        with transaction.atomic():
            audit.record(
                actor=CLERK, action="test.done", subject=("thing", uuid4()), ward_id=ward, neighborhood_id=None,
                data={"n": number, **data}, now=NOW,
            )  # fmt: skip


@pytest.mark.django_db
class TestRecord:
    def test_it_writes_the_entry_and_the_news_together(self) -> None:
        place = uuid4()
        entry = audit.record(
            actor=CLERK, action="code.revoked", subject=("code", 7), ward_id=None, neighborhood_id=place,
            data={"when": NOW, "who": place, "list": [1, None, True]}, now=NOW,
        )  # fmt: skip
        news = OutboxRow.objects.get()
        assert (news.topic, news.neighborhood_id) == ("code.revoked", place)
        assert news.payload == {
            "audit": str(entry.id),
            "actor": "system:test",
            "subject": "code:7",
            "data": {"when": NOW.isoformat(timespec="microseconds"), "who": str(place), "list": [1, None, True]},
        }

    def test_each_ward_has_a_chain_and_the_platform_one(self) -> None:
        ward, other = uuid4(), uuid4()
        write(ward, 2)
        write(other, 1)
        write(None, 3)
        assert audit_chain.verify().heads.keys() == {f"ward:{ward}", f"ward:{other}", "platform"}
        assert [e.seq for e in AuditEntry.objects.filter(chain="platform")] == [1, 2, 3]

    def test_what_the_database_gives_back_still_has_the_same_hash(self) -> None:
        write(text='Tổ "7" \\ \u2028 ờ', big=2**60, nested={"b": [1], "a": {}})
        entry = AuditEntry.objects.get()
        assert audit.entry_hash(entry) == entry.hash

    @pytest.mark.parametrize("value", [1.5, datetime(2026, 1, 1), {1, 2}, b"x", object()])  # noqa: DTZ001
    def test_it_refuses_what_has_no_one_spelling(self, value: object) -> None:
        with pytest.raises(TypeError):
            write(value=value)
        assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestOutsideATransaction:
    def test_it_refuses(self) -> None:
        with pytest.raises(RuntimeError, match="needs a transaction"):
            audit.record(
                actor=CLERK, action="a", subject=("b", 1), ward_id=None, neighborhood_id=None, now=NOW,
            )  # fmt: skip

    def test_an_act_that_fails_leaves_neither_entry_nor_news(self) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            write()
            raise ZeroDivisionError
        assert not AuditEntry.objects.exists()
        assert not OutboxRow.objects.exists()

    def test_twenty_writers_keep_one_chain(self) -> None:
        ward = uuid4()
        results = at_once(lambda _n: write(ward, 5), 20)
        assert results == [None] * 20
        report = audit_chain.verify()
        assert report.faults == []
        assert report.heads[f"ward:{ward}"][0] == 100

    def test_writers_of_several_wards_in_any_order_do_not_wait_for_each_other_in_a_circle(self) -> None:
        wards = [uuid4(), uuid4(), uuid4()]

        def act(number: int) -> None:
            order = wards if number % 2 else wards[::-1]
            acts = [audit.Act(action="a.b", subject=("c", number), ward_id=ward) for ward in order]
            for _turn in range(4):
                with transaction.atomic():
                    audit.record_all(actor=CLERK, acts=acts, now=NOW)

        assert at_once(act, 8) == [None] * 8
        report = audit_chain.verify()
        assert (report.faults, report.entries) == ([], 96)


@pytest.mark.django_db(transaction=True)
class TestTriggers:
    TABLE = triggers.TABLE

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE {t} SET action = 'x'",
            "UPDATE {t} SET data = '{{}}' WHERE seq = 1",
            "DELETE FROM {t}",
            "DELETE FROM {t} WHERE seq = 2",
        ],
    )
    def test_the_database_refuses(self, sql: str) -> None:
        write(count=2)
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(sql.format(t=self.TABLE))
        assert audit_chain.verify().entries == 2

    def test_it_refuses_the_ways_of_one_database(self) -> None:
        write()
        if connection.vendor == "postgresql":
            sql = f"TRUNCATE {self.TABLE}"
        else:
            columns = "id, chain, seq, at, ward_id, neighborhood_id, actor, subject, data, previous_hash, hash, action"
            sql = (
                f"INSERT OR REPLACE INTO {self.TABLE} ({columns}) SELECT id, chain, seq, at, ward_id,"
                f" neighborhood_id, actor, subject, data, previous_hash, hash, 'other' FROM {self.TABLE}"
            )
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(sql)
        assert AuditEntry.objects.get().action == "test.done"

    def test_the_orm_is_refused_too(self) -> None:
        write()
        with pytest.raises(DatabaseError, match="append-only"):
            AuditEntry.objects.update(action="x")
        with pytest.raises(DatabaseError, match="append-only"):
            AuditEntry.objects.all().delete()

    def test_the_check_fails_while_one_is_missing(self) -> None:
        """On PostgreSQL there is a warning besides: the tests' own role owns the tables."""
        besides = {"neighborhoods.W001"} if connection.vendor == "postgresql" else set()
        assert {m.id for m in run_checks(databases=["default"])} == besides
        triggers.remove(connection)
        try:
            found = {m.id: m.msg for m in run_checks(databases=["default"])}
            assert found.keys() == {"neighborhoods.E001"} | besides
            assert all(name in found["neighborhoods.E001"] for name in triggers.wanted(connection))
        finally:
            triggers.install(connection)

    def test_a_migrate_puts_them_back(self) -> None:
        triggers.remove(connection)
        assert triggers.missing(connection)
        call_command("migrate", verbosity=0, skip_checks=True)
        assert triggers.missing(connection) == []

    def test_a_table_rebuild_drops_them_on_sqlite_and_migrate_puts_them_back(self) -> None:
        field = AuditEntry._meta.get_field("action")
        wider = type(field)(max_length=61)
        wider.set_attributes_from_name("action")
        wider.model = AuditEntry
        with connection.schema_editor() as editor:
            editor.alter_field(AuditEntry, field, wider)
        with connection.schema_editor() as editor:
            editor.alter_field(AuditEntry, wider, field)
        assert bool(triggers.missing(connection)) == (connection.vendor == "sqlite")
        call_command("migrate", verbosity=0, skip_checks=True)
        assert triggers.missing(connection) == []

    def test_a_disabled_trigger_counts_as_missing(self) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {self.TABLE} DISABLE TRIGGER audit_no_change")
            assert triggers.missing(connection) == ["audit_no_change"]
        else:
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER audit_no_replace")
            assert triggers.missing(connection) == ["audit_no_replace"]
        triggers.install(connection)
        assert triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
class TestVerify:
    FORGERIES = (
        ("changed action", "UPDATE {t} SET action = 'tesu.done' WHERE seq = 3", "#3: was changed"),
        ("changed actor", "UPDATE {t} SET actor = 'system:tesu' WHERE seq = 3", "#3: was changed"),
        ("changed data", """UPDATE {t} SET data = '{{"n": 9}}' WHERE seq = 3""", "#3: was changed"),
        ("changed hash", "UPDATE {t} SET hash = '{x}' WHERE seq = 3", "#4: does not follow"),
        ("first missing", "DELETE FROM {t} WHERE seq = 1", "missing before it: 1"),
        ("one missing", "DELETE FROM {t} WHERE seq = 3", "missing before it: 3"),
        ("two missing", "DELETE FROM {t} WHERE seq IN (2, 3)", "missing before it: 2 to 3"),
        ("tail missing", "DELETE FROM {t} WHERE seq > 3", "entries 4 to 5 are missing at the end"),
        ("all missing", "DELETE FROM {t}", "the whole chain is missing"),
    )

    @pytest.mark.parametrize(("name", "sql", "expected"), FORGERIES, ids=[name for name, _sql, _e in FORGERIES])
    def test_it_finds(self, name: str, sql: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
        write(Ward(id=uuid4()).id, 5)
        call_command("audit_verify")
        assert "5 entries in 1 chains: whole." in capsys.readouterr().out
        with triggers.lifted(), connection.cursor() as cursor:
            cursor.execute(sql.format(t=triggers.TABLE, x="0" * 64))
        with pytest.raises(CommandError):
            call_command("audit_verify")
        assert expected in capsys.readouterr().err

    def test_it_finds_a_chain_written_anew_with_right_hashes(self) -> None:
        write(count=3)
        call_command("audit_verify")
        with triggers.lifted():
            AuditEntry.objects.all().delete()
        write(count=4)
        with pytest.raises(CommandError):
            call_command("audit_verify")

    def test_it_goes_on_from_the_signed_head(self) -> None:
        write(count=2)
        call_command("audit_verify")
        write(count=2)
        call_command("audit_verify")

    def test_every_day_the_heads_are_signed_and_damage_is_news(self, tmp_path: Path) -> None:
        path, key, later = tmp_path / "head.json", bytes(range(32)), NOW + timedelta(days=1)
        write(count=3)
        assert audit_chain.audit_check(path, key=key, now=NOW) == []
        signed = path.read_text()
        with triggers.lifted():
            AuditEntry.objects.filter(seq=2).update(action="tesu.done")
        (fault,) = audit_chain.audit_check(path, key=key, now=later)
        assert fault == "platform #2: was changed"
        assert path.read_text() == signed  # it goes on showing what was
        assert AuditEntry.objects.filter(chain="platform", action="audit.damaged", data={"faults": 1}).exists()
        assert OutboxRow.objects.filter(topic="audit.damaged").exists()

    @pytest.mark.parametrize("task", [task for task in TICKS if task.startswith("neighborhoods.")])
    def test_what_the_schedule_names_runs(self, task: str) -> None:
        write(count=1)
        module, _dot, name = task.rpartition(".")
        getattr(import_module(module), name)()

    @pytest.fixture(autouse=True)
    def no_head_from_before(self, settings: object) -> None:
        Path(settings.CONFIG.data_dir / "audit-head.json").unlink(missing_ok=True)  # type: ignore[attr-defined]


class TestHeads:
    KEY, OTHER = bytes(range(32)), bytes(32)
    HEADS = {"platform": (3, "ab" * 32)}

    def test_they_come_back_as_they_were_signed(self, tmp_path: Path) -> None:
        path = tmp_path / "audit-head.json"
        audit_chain.heads_write(path, self.HEADS, key=self.KEY, now=datetime(2026, 11, 20, tzinfo=UTC))
        assert audit_chain.heads_read(path, key=self.KEY) == self.HEADS

    def test_none_were_signed_yet(self, tmp_path: Path) -> None:
        assert audit_chain.heads_read(tmp_path / "none.json", key=self.KEY) is None

    @pytest.mark.parametrize("spoil", [lambda t: t.replace("3", "2", 1), lambda t: t[:-5], lambda t: "{}"])
    def test_a_changed_file_is_refused(self, tmp_path: Path, spoil: object) -> None:
        path = tmp_path / "audit-head.json"
        audit_chain.heads_write(path, self.HEADS, key=self.KEY, now=datetime(2026, 11, 20, tzinfo=UTC))
        path.write_text(spoil(path.read_text()))  # type: ignore[operator]
        with pytest.raises(ValueError, match="damaged"):
            audit_chain.heads_read(path, key=self.KEY)

    def test_another_installations_signature_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "audit-head.json"
        audit_chain.heads_write(path, self.HEADS, key=self.OTHER, now=datetime(2026, 11, 20, tzinfo=UTC))
        with pytest.raises(ValueError, match="damaged"):
            audit_chain.heads_read(path, key=self.KEY)
