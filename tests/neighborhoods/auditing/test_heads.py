"""Daily heads: one for each chain and day, signed once, never written again, and they find what was rewritten."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from neighborhoods import audit_chain, triggers
from neighborhoods.auditing import heads, verify
from neighborhoods.models import AuditEntry, AuditHead
from tests.neighborhoods.auditing.conftest import DAY, FINGERPRINT, KEY, NOON, OTHER, acts
from tests.neighborhoods.conftest import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
FIRST = date(2026, 11, 20)


def check(path: Path, after: int = 3, **how: object) -> list[str]:
    return audit_chain.audit_check(path, key=KEY, now=NOON + after * DAY, **how)  # type: ignore[arg-type]


class TestSigning:
    def test_each_chain_has_a_head_of_each_day_that_has_ended(self, ward: UUID, chain: str, three_days: object) -> None:
        acts(None, 1, NOON + 2 * DAY)
        heads.heads_sign(key=KEY, now=NOON + 3 * DAY)
        found = AuditHead.objects.values_list("chain", "day", "seq")
        assert set(found) == {
            (chain, FIRST, 3), (chain, FIRST + DAY, 5), (chain, FIRST + 2 * DAY, 6), ("platform", FIRST + 2 * DAY, 1)
        }  # fmt: skip
        for head in AuditHead.objects.all():
            assert head.hash == AuditEntry.objects.get(chain=head.chain, seq=head.seq).hash
            assert verify.is_signed(heads.line_of(head))
            assert heads.fingerprint_of(head) == FINGERPRINT

    def test_signing_again_writes_nothing(self, three_days: object) -> None:
        before = AuditHead.objects.count()
        assert heads.heads_sign(key=KEY, now=NOON + 2 * DAY) == []
        assert AuditHead.objects.count() == before

    def test_the_day_is_vietnams(self, ward: UUID) -> None:
        acts(ward, 1, NOON.replace(hour=16, minute=59))
        acts(ward, 1, NOON.replace(hour=17))
        (head,) = heads.heads_sign(key=KEY, now=NOON.replace(hour=17, minute=1))
        assert (head.day, head.seq) == (FIRST, 1)

    def test_missed_days_are_caught_up_and_say_when_they_were_signed(self, ward: UUID, three_days: object) -> None:
        late = NOON + 5 * DAY
        assert [head.day for head in heads.heads_sign(key=KEY, now=late)] == [FIRST + n * DAY for n in (2, 3, 4)]
        assert {head.at for head in AuditHead.objects.filter(day__gt=FIRST + DAY)} == {late}

    def test_a_clock_that_was_years_ahead_once_does_not_end_the_daily_heads(self, three_days: object) -> None:
        ahead = heads.heads_sign(key=KEY, now=NOON + 3650 * DAY)
        assert len(ahead) == heads.MOST_MISSED
        (head,) = heads.heads_sign(key=KEY, now=NOON + 3 * DAY)
        assert head.day == FIRST + 2 * DAY

    @pytest.mark.django_db(transaction=True)
    def test_ten_at_once_sign_once(self, ward: UUID) -> None:
        acts(ward, 2, NOON)
        found = at_once(lambda _n: len(heads.heads_sign(key=KEY, now=NOON + DAY)), 10)
        assert sorted(found) == [0] * 9 + [1]


class TestHourly:
    def test_it_looks_at_everything_once_a_day(self, ward: UUID, tmp_path: Path) -> None:
        acts(ward, 2, NOON)
        path = tmp_path / "head.json"
        assert check(path, 1) == []
        written = path.read_text()
        for hour in (1, 5):
            audit_chain.audit_check(path, key=KEY, now=NOON + DAY + timedelta(hours=hour))
        assert path.read_text() == written
        assert check(path, 2) == []
        assert path.read_text() != written

    def test_damage_is_told_once_a_day_and_nothing_is_signed(self, three_days: object, tmp_path: Path) -> None:
        with triggers.lifted():
            AuditEntry.objects.filter(seq=2).update(action="tesu.done")
        before = AuditHead.objects.count()
        path = tmp_path / "audit-head.json"
        assert len(check(path)) == 1
        for hour in (1, 2, 3):
            assert audit_chain.audit_check(path, key=KEY, now=NOON + 3 * DAY + timedelta(hours=hour)) == []
        assert len(check(path, 4)) == 1
        assert AuditEntry.objects.filter(action="audit.damaged").count() == 2
        assert AuditHead.objects.count() == before


class TestAgainstTheChain:
    """Somebody with the database, without the key; the file of the newest heads is theirs to delete."""

    def anew(self, ward: UUID) -> None:
        """The whole chain again, with right hashes and another story."""
        with triggers.lifted():
            AuditEntry.objects.all().delete()
        for day, count in enumerate((3, 2, 1)):
            acts(ward, count, NOON + day * DAY)

    def test_a_chain_written_anew_is_not_the_one_that_was_signed(
        self, ward: UUID, chain: str, three_days: object, tmp_path: Path
    ) -> None:
        self.anew(ward)
        assert check(tmp_path / "gone.json") == [
            f"{chain} #{seq}: is not the entry whose hash was signed" for seq in (3, 5)
        ]

    def test_a_tail_that_was_cut_off_is_missed(self, chain: str, three_days: object, tmp_path: Path) -> None:
        with triggers.lifted():
            AuditEntry.objects.filter(seq__gt=3).delete()
        assert check(tmp_path / "gone.json") == [f"{chain} #5: entries 4 to 5 are missing at the end, though signed"]

    def test_heads_signed_anew_by_another_key_are_told(self, ward: UUID, three_days: object, tmp_path: Path) -> None:
        self.anew(ward)
        with triggers.lifted():
            AuditHead.objects.all().delete()
        for day in (1, 2):
            heads.heads_sign(key=OTHER, now=NOON + day * DAY)
        other = verify.fingerprint(heads.public_of(OTHER))
        found = check(tmp_path / "gone.json")
        assert [fault.split(": ", 1)[1] for fault in found] == [
            f"the head of {FIRST + n * DAY} is signed by key {other}" for n in (0, 1)
        ]

    def test_an_earlier_key_counts_where_the_operator_says_so(self, ward: UUID, tmp_path: Path) -> None:
        acts(ward, 1, NOON)
        heads.heads_sign(key=OTHER, now=NOON + DAY)
        earlier = [verify.fingerprint(heads.public_of(OTHER))]
        assert check(tmp_path / "head.json", earlier=earlier) == []

    @pytest.mark.parametrize(
        "change", [{"seq": 4}, {"hash": "ab" * 32}, {"day": FIRST - DAY}, {"signature": "00" * 64}]
    )
    def test_a_changed_head_does_not_bear_its_signature(
        self, chain: str, three_days: object, tmp_path: Path, change: dict[str, object]
    ) -> None:
        with triggers.lifted():
            AuditHead.objects.filter(day=FIRST).update(**change)
        assert any("does not bear its signature" in fault for fault in check(tmp_path / "gone.json"))


class TestTriggers:
    @pytest.mark.parametrize("sql", ["UPDATE {t} SET seq = 9", "DELETE FROM {t}"])
    def test_the_database_refuses(self, three_days: object, sql: str) -> None:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(t=triggers.HEADS))

    def test_it_refuses_the_ways_of_one_database(self, three_days: object) -> None:
        columns = "id, chain, day, seq, at, key, signature, hash"
        sql = (
            f"TRUNCATE {triggers.HEADS}"
            if connection.vendor == "postgresql"
            else f"INSERT OR REPLACE INTO {triggers.HEADS} ({columns})"
            f" SELECT id, chain, day, seq, at, key, signature, 'x' FROM {triggers.HEADS}"
        )
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_the_command_signs_too(ward: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    settings.CONFIG.audit_head_file.unlink(missing_ok=True)
    acts(ward, 1, NOON)
    call_command("audit_verify")
    assert AuditHead.objects.get().seq == 1
