"""The offline verifier: alone, with one file. Whatever is changed in an export is found, and said where."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cameras.evidence import verify as evidence
from neighborhoods import audit, triggers
from neighborhoods.auditing import heads, verify
from neighborhoods.models import AuditEntry
from tests.neighborhoods.auditing.conftest import DAY, FINGERPRINT, KEY, NOON, OTHER, acts, exported, faults_of

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, str]]
FIRST_ENTRY = 3
"""Lines before it: what it is, two heads."""


@pytest.fixture
def export(three_days: object, chain: str) -> list[bytes]:
    lines = exported(chain)
    assert faults_of(lines) == []
    return lines


def resealed(lines: list[bytes], key: bytes) -> list[bytes]:
    """The lines under a seal of somebody else's, which says what they say."""
    check = verify.Check().run(lines[:-1])
    seal = json.loads(lines[-1]) | {
        "heads": {chain: list(end) for chain, end in check.ends.items()}, "sha256": check.whole.hexdigest(),
        "key": heads.public_of(key).hex(),
    }  # fmt: skip
    del seal["signature"]
    signature = Ed25519PrivateKey.from_private_bytes(key).sign(verify.canonical(seal))
    return [*lines[:-1], verify.canonical(seal | {"signature": signature.hex()}) + b"\n"]


def forged(lines: list[bytes], at: int, **change: object) -> list[bytes]:
    """One entry with other facts, and every hash after it right again."""
    found, previous = list(lines), ""
    for number in range(FIRST_ENTRY, len(lines) - 1):
        entry = json.loads(lines[number])
        entry |= (change if number == at else {}) | ({"previous_hash": previous} if previous else {})
        entry["hash"] = previous = verify.entry_hash(entry)
        found[number] = verify.canonical(entry) + b"\n"
    return found


@pytest.mark.both_databases
def test_what_was_exported_is_valid(export: list[bytes], chain: str) -> None:
    check = verify.Check().run(export)
    assert (check.entries, check.ends[chain][0], check.keys) == (6, 6, {FINGERPRINT})


def test_it_reckons_as_the_product_does(export: list[bytes]) -> None:
    for entry in AuditEntry.objects.all():
        assert verify.canonical(audit.entry_fields(entry)) == audit.canonical(audit.entry_fields(entry))
    public = heads.public_of(KEY)
    assert verify.fingerprint(public) == evidence.fingerprint(public)
    assert verify.GENESIS == audit.GENESIS


@pytest.mark.slow
@pytest.mark.parametrize("flip", [0x01, 0x20])
def test_no_byte_can_be_flipped(export: list[bytes], flip: int) -> None:
    whole = b"".join(export)
    unseen = []
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= flip
        if not faults_of(bytes(changed).splitlines(keepends=True)):
            unseen.append(at)
    assert unseen == []


class TestEntries:
    def test_a_changed_one_is_named(self, export: list[bytes], chain: str) -> None:
        at = FIRST_ENTRY + 2
        export[at] = export[at].replace(b"test.done", b"tesu.done")
        assert faults_of(export) == [f"{chain} #3: was changed"]

    def test_a_dropped_one_is_missed(self, export: list[bytes], chain: str) -> None:
        del export[FIRST_ENTRY + 3]
        assert faults_of(export) == [f"{chain} #5: missing before it: 4"]

    def test_two_in_the_wrong_order_are_named(self, export: list[bytes], chain: str) -> None:
        export[FIRST_ENTRY], export[FIRST_ENTRY + 1] = export[FIRST_ENTRY + 1], export[FIRST_ENTRY]
        assert faults_of(export)[:2] == [f"{chain} #2: missing before it: 1", f"{chain} #1: stands after #2"]

    def test_one_put_in_is_named(self, export: list[bytes], chain: str) -> None:
        export.insert(FIRST_ENTRY + 1, export[FIRST_ENTRY])
        assert faults_of(export) == [f"{chain} #1: stands after #1"]

    def test_a_torn_line_is_named_by_its_number(self, export: list[bytes], chain: str) -> None:
        export[FIRST_ENTRY + 1] = export[FIRST_ENTRY + 1][:-20]
        assert faults_of(export)[0].startswith(f"line 5 (after {chain} #1): is not a line of an export")

    def test_one_forged_with_every_hash_right_meets_the_head(self, export: list[bytes], chain: str) -> None:
        found = faults_of(forged(export, FIRST_ENTRY + 1, actor="account:other"))
        assert f"{chain} #3: is not the entry named by line 2 (after the first line), the head of 2026-11-20" in found

    def test_one_after_the_last_head_meets_the_seal(self, export: list[bytes], chain: str) -> None:
        assert faults_of(forged(export, FIRST_ENTRY + 5, actor="account:other")) == [
            f"{chain} #6: is not the last entry that was sealed, #6"
        ]

    def test_another_chains_are_none_of_it(self, export: list[bytes], three_days: object) -> None:
        acts(None, 1, NOON + 2 * DAY)
        export.insert(-1, exported("platform")[1])
        assert "KeyError: 'platform'" in faults_of(export)[0]


class TestTheEnd:
    def test_a_tail_before_the_seal_is_missed(self, export: list[bytes], chain: str) -> None:
        del export[-3:-1]
        assert f"{chain}: entries 5 to 6 are missing at the end, says the seal" in faults_of(export)

    def test_without_the_seal_it_ends_too_early(self, export: list[bytes], chain: str) -> None:
        assert faults_of(export[:-1]) == [f"the seal is missing: the file ends after {chain} #6"]

    def test_an_empty_file_is_none(self) -> None:
        assert faults_of([]) == ["the seal is missing: the file ends after the first line"]

    def test_what_stands_behind_the_seal_is_told(self, export: list[bytes]) -> None:
        assert faults_of([*export, export[1]])[0].endswith("stands behind the seal")

    def test_a_head_that_was_taken_out_breaks_the_seal(self, export: list[bytes]) -> None:
        del export[1]
        assert faults_of(export) == ["the lines before the seal are not those that were sealed"]


class TestKeys:
    def test_sealed_and_signed_by_another_key_it_fits_together_and_is_not_ours(self, export: list[bytes]) -> None:
        other = verify.fingerprint(heads.public_of(OTHER))
        mine = resealed([export[0], *forged(export, FIRST_ENTRY + 1, actor="account:x")[FIRST_ENTRY:]], OTHER)
        assert faults_of(mine, keys=[other]) == []
        assert faults_of(mine) == [f"signed by key {other}, not by {FINGERPRINT}"]

    def test_heads_of_two_keys_ask_for_both(self, export: list[bytes]) -> None:
        other = verify.fingerprint(heads.public_of(OTHER))
        mixed = resealed(export, OTHER)
        assert faults_of(mixed) == [f"signed by key {other}, not by {FINGERPRINT}"]
        assert faults_of(mixed, keys=[FINGERPRINT.lower().replace("-", " "), other]) == []


class TestSince:
    """From the head of a day on."""

    @pytest.fixture
    def later(self, three_days: object, chain: str) -> list[bytes]:
        return exported(chain, since=date(2026, 11, 20))

    def test_it_follows_the_signed_head(self, later: list[bytes], chain: str) -> None:
        check = verify.Check().run(later)
        assert (check.faults, check.entries, check.ends[chain][0]) == ([], 3, 6)

    def test_its_first_entry_cannot_be_dropped(self, later: list[bytes], chain: str) -> None:
        del later[3]
        assert f"{chain} #5: missing before it: 4" in faults_of(later)

    def test_a_paper_from_before_it_is_not_taken_for_compared(self, later: list[bytes], chain: str) -> None:
        check = verify.Check()
        check.mark(chain, 2, "ab" * 32, "the paper")
        assert check.run(later).faults == [f"{chain}: begins after #3: there is nothing to compare with the paper"]


class TestAlone:
    """As its reader has it: one file, in a folder with nothing of ours."""

    @pytest.fixture
    def run(self, export: list[bytes], tmp_path: Path) -> Run:
        (tmp_path / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
        (tmp_path / "audit.jsonl").write_bytes(b"".join(export))

        def run(*options: str) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, "-I", "verify.py", "audit.jsonl", *options],
                cwd=tmp_path, capture_output=True, text=True, env={"PYTHONIOENCODING": "utf-8"},
            )  # fmt: skip
            assert done.stderr == "" or done.returncode == 2
            return done.returncode, done.stdout

        return run

    def test_it_is_valid_by_the_key_on_the_paper(self, run: Run) -> None:
        status, said = run("--key", FINGERPRINT)
        assert (status, f"VALID: 6 entries, key {FINGERPRINT}" in said) == (0, True)

    def test_without_a_key_it_only_fits_together(self, run: Run) -> None:
        status, said = run()
        assert (status, FINGERPRINT in said, "VALID:" in said) == (2, True, False)

    def test_another_key_is_not_valid(self, run: Run) -> None:
        status, said = run("--key", "0000-0000")
        assert (status, "NOT VALID" in said) == (1, True)

    def test_a_head_from_paper_is_compared(self, run: Run, chain: str) -> None:
        head = heads.AuditHead.objects.filter(chain=chain).last()
        typed = f"{head.seq}:{head.hash[:16].upper()}-{head.hash[16:32]} {head.hash[32:]}"
        assert run("--key", FINGERPRINT, "--head", typed)[0] == 0
        assert run("--key", FINGERPRINT, "--head", f"{chain}:{typed}")[0] == 0
        wrong = f"{head.seq}:{'0' * 64}"
        status, said = run("--key", FINGERPRINT, "--head", wrong)
        assert (status, f"{chain} #5: is not the entry named by the head given, #5" in said) == (1, True)

    @pytest.mark.parametrize("typed", ["5", "5:abcd", "x:" + "a" * 64, "5:" + "g" * 64])
    def test_a_head_typed_too_short_is_refused(self, run: Run, typed: str) -> None:
        assert run("--head", typed)[0] == 2

    def test_a_head_of_another_chain_is_not_taken_for_compared(self, run: Run) -> None:
        status, said = run("--key", FINGERPRINT, "--head", f"platform:5:{'0' * 64}")
        assert (status, "platform: is not in this export" in said) == (1, True)

    def test_a_rewritten_chain_does_not_fit_the_file_that_left_the_machine(
        self, run: Run, ward: UUID, chain: str, three_days: object, tmp_path: Path
    ) -> None:
        """The administrator, with the key: everything anew, signed and sealed as it should be."""
        left = heads.day_file(date(2026, 11, 21))
        (tmp_path / "heads.jsonl").write_bytes(left)
        assert run("--key", FINGERPRINT, "--heads", "heads.jsonl")[0] == 0
        with triggers.lifted():
            AuditEntry.objects.all().delete()
            heads.AuditHead.objects.all().delete()
        acts(ward, 6, NOON)
        heads.heads_sign(key=KEY, now=NOON + DAY)
        (tmp_path / "audit.jsonl").write_bytes(b"".join(exported(chain)))
        assert run("--key", FINGERPRINT)[0] == 0
        status, said = run("--key", FINGERPRINT, "--heads", "heads.jsonl")
        assert (status, f"{chain} #5: is not the entry named by heads.jsonl, line 1" in said) == (1, True)

    def test_what_is_no_export_cannot_be_read(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "audit.jsonl").write_bytes(b"\xff\x00")
        assert run("--key", FINGERPRINT)[0] == 1
