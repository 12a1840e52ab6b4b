"""The page reads a ZIP where its parts stand, whoever made it and whatever was done to it."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cameras.evidence import verify
from cameras.evidence.package import fingerprint
from tests.cameras.evidence import tampering
from tests.cameras.evidence.clerk import Clerk
from tests.cameras.evidence.packing import KEY, zipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("how", ["stored", "deflated", "ZIP64", "behind something else"])
def test_it_reads_every_usual_zip(
    clerk: Clerk, made: Path, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "ZIP64":
        monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 5)  # what needs it has 4 GB
    kind = zipfile.ZIP_DEFLATED if how == "deflated" else zipfile.ZIP_STORED
    archive = zipped(made, tmp_path / "goi.zip", kind)
    if how == "behind something else":
        archive.write_bytes(b"#!/bin/sh\n" * 10 + archive.read_bytes())
    assert (b"PK\x06\x06" in archive.read_bytes()) == (how == "ZIP64")
    assert clerk.choose(archive, fingerprint(KEY)) == "valid"


def bad_sum(archive: Path) -> None:
    """What a ZIP says of a file beside the file: its CRC-32."""
    raw = bytearray(archive.read_bytes())
    raw[raw.rindex(b"bien-ban.pdf") - 46 + 16] ^= 1
    archive.write_bytes(raw)


def bad_name(archive: Path) -> None:
    raw = archive.read_bytes()
    archive.write_bytes(raw.replace(b"bien-ban.pdf", b"bien-bem.pdf", 1))  # where it stands, and not in the list


def twice(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr("bien-ban.pdf", b"%PDF-1.7 another")


def leads_out(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as out:
        out.writestr("../secret", b"x")


@pytest.mark.parametrize("hands", [bad_sum, bad_name, twice, leads_out])
def test_it_finds_in_a_zip_what_the_other_verifier_finds(
    clerk: Clerk, made: Path, tmp_path: Path, hands: Callable[[Path], None]
) -> None:
    archive = zipped(made, tmp_path / "goi.zip")
    hands(archive)
    python = verify.Check(verify.Package(str(archive))).run()
    assert clerk.choose(archive, fingerprint(KEY)) == "wrong"
    assert clerk.english() == python.faults != []


@pytest.mark.parametrize("how", tampering.LOCKED)
def test_a_zip_that_cannot_be_unpacked_is_an_answer(clerk: Clerk, made: Path, tmp_path: Path, how: str) -> None:
    archive = zipped(made, tmp_path / "goi.zip")
    tampering.lock(archive, how)
    assert clerk.choose(archive) == "wrong"
    (fault,) = clerk.english()
    assert fault.startswith("bien-ban.pdf: cannot be read whole")


def test_what_is_no_zip_at_all_is_said(clerk: Clerk, made: Path, tmp_path: Path) -> None:
    archive = zipped(made, tmp_path / "goi.zip")
    for raw in (b"", b"PK nothing", archive.read_bytes()[:-200]):
        archive.write_bytes(raw)
        assert clerk.choose(archive, fingerprint(KEY)) == "unreadable"
        assert clerk.english() == ["File is not a zip file"]
    tampering.make_of_tomorrow(zipped(made, archive))
    assert clerk.choose(archive, fingerprint(KEY)) == "unreadable"


def test_a_fault_in_a_zip_is_named_by_its_bytes(clerk: Clerk, made: Path, tmp_path: Path) -> None:
    """Not only that the archive is damaged."""
    archive = zipped(made, tmp_path / "goi.zip")
    whole = (made / "footage/K1.mp4").read_bytes()
    tampering.flip(archive, archive.read_bytes().index(whole) + 5000)
    assert clerk.choose(archive) == "wrong"
    begins, ends = map(int, re.search(r"footage/K1.mp4, bytes (\d+)-(\d+)", clerk.english()[0]).groups())
    assert begins <= 5000 <= ends
