"""The verifier, hostile hands: whatever is changed in a package is found, and named."""

import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cameras.evidence import verify
from cameras.evidence.manifest import instant
from cameras.evidence.package import fingerprint
from tests.cameras.evidence import tampering
from tests.cameras.evidence.packing import KEY, OTHER_KEY, zipped
from tests.cameras.evidence.tampering import flip, sign


def found(package: Path) -> list[str]:
    return verify.Check(verify.Package(str(package))).run().faults


def test_as_it_was_made_it_is_valid_under_its_key(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(package), "--key", fingerprint(KEY)]) == 0
    assert "HỢP LỆ" in capsys.readouterr().out


def test_without_the_fingerprint_it_is_never_called_valid(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(package)]) == 2
    said = capsys.readouterr().out
    assert fingerprint(KEY) in said and "HỢP LỆ" not in said and "VALID" not in said


def test_it_runs_alone_and_reads_a_zip(made: Path, tmp_path: Path) -> None:
    """As on a stranger's machine: its own file, the standard library, ``cryptography``; nothing of ours on the path."""
    archive = zipped(made, tmp_path / "goi.zip")
    alone = tmp_path / "verify.py"
    shutil.copy(made / "verify.py", alone)
    command = [sys.executable, "-I", str(alone), str(archive), "--key", fingerprint(KEY)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def every_file(made: Path) -> list[str]:
    return sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())


def test_one_flipped_bit_anywhere_is_found_and_named(made: Path, tmp_path: Path) -> None:
    """Of each file: its first and last bytes, and many between."""
    package = Path(shutil.copytree(made, tmp_path / "goi"))
    sealed = ("manifest.json", "manifest.sig", "key.pub")
    for name in every_file(made):
        path, drawn = package / name, random.Random(name)
        whole = path.read_bytes()
        places = {0, len(whole) - 1, *(drawn.randrange(len(whole)) for _n in range(40))}
        for at in sorted(places):
            flip(path, at)
            faults = found(package)
            code = verify.main([str(package), "--key", fingerprint(KEY)])
            path.write_bytes(whole)
            assert code == 1, (name, at)
            if name in sealed and path.read_bytes() == whole:
                assert any(one in " ".join(faults) for one in sealed) or faults == [], (name, at, faults)
            else:
                assert any(name in one for one in faults), (name, at, faults)


def test_a_flipped_bit_of_footage_is_named_by_its_fragment_and_bytes(package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_bytes())
    span = manifest["cameras"][0]["footage"][0]["slices"][1]
    at = span["offset"] + 50
    flip(package / "footage/K1.mp4", at)
    (fault,) = found(package)
    begins, ends = map(int, re.search(r"bytes (\d+)-(\d+)", fault).groups())
    assert begins <= at <= ends < begins + 300_000
    assert span["id"] in fault and f"fragment {span['first']}" in fault


def test_a_file_that_is_dropped_added_or_renamed_is_named(package: Path) -> None:
    for name in ("footage/K2.mp4", "journal/K1.idx", "bien-ban.pdf", "verify.py"):
        path = package / name
        kept = path.read_bytes()
        path.unlink()
        assert any(one.startswith(f"{name} is missing") for one in found(package))
        other = path.with_name(f"x-{path.name}")
        other.write_bytes(kept)
        faults = found(package)
        assert any(one.startswith(f"{name} is missing") for one in faults)
        assert any("does not belong" in one and other.name in one for one in faults)
        other.unlink()
        path.write_bytes(kept)
    assert found(package) == []


def test_two_files_exchanged_are_both_named(package: Path) -> None:
    tampering.exchange_files(package)
    faults = " ".join(found(package))
    assert "footage/K1.mp4" in faults and "footage/K2.mp4" in faults


def test_fragments_exchanged_within_a_file_are_named(package: Path) -> None:
    first = tampering.exchange_fragments(package)
    faults = " ".join(found(package))
    assert first in faults and "footage/K1.mp4" in faults


def test_the_last_minute_cut_off_is_named_with_where_it_ends(package: Path) -> None:
    left = tampering.cut(package)
    (fault,) = found(package)
    assert f"ends at byte {left}" in fault and "the rest is missing" in fault


def test_the_last_minute_cut_off_and_told_otherwise_needs_the_key(package: Path) -> None:
    """The manifest is made to fit what is left: then it is not what was signed, or is signed by somebody else."""
    tampering.cut_and_say_otherwise(package)
    assert "signature" in found(package)[0]
    sign(package, OTHER_KEY)
    assert found(package) == []  # it fits together
    assert verify.main([str(package)]) == 2  # and is not called valid
    assert verify.main([str(package), "--key", fingerprint(KEY)]) == 1


def test_another_key_is_named(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sign(package, OTHER_KEY)
    assert verify.main([str(package), "--key", fingerprint(KEY)]) == 1
    said = capsys.readouterr().out
    assert fingerprint(OTHER_KEY) in said and fingerprint(KEY) in said


def test_a_key_of_another_kind_is_no_key(package: Path) -> None:
    for pem in tampering.no_keys():
        (package / "key.pub").write_bytes(pem)
        assert found(package) == ["key.pub: is no Ed25519 public key"]


def test_times_that_the_journals_do_not_say_are_named(package: Path) -> None:
    tampering.other_time(package)
    (fault,) = found(package)
    assert "2026-11-18T03:00:00" in fault and "footage/K2.mp4" in fault


def test_a_root_that_was_not_fixed_on_the_day_is_named(package: Path) -> None:
    """Whoever holds the key may write what they like; the audit's entries were not theirs to write."""
    slice_id = tampering.other_proof(package)
    assert found(package) == [f"K1: slice {slice_id} is not among those that the audit entry fixed"]


def test_an_audit_entry_that_was_written_anew_is_named(package: Path) -> None:
    tampering.other_entry(package)
    assert found(package)[0] == "manifest.json: audit entry 8 is not the one its hash names"


def test_what_was_faulty_and_is_changed_further_is_named(package: Path) -> None:
    tampering.change_what_was_faulty(package)
    assert found(package) == ["footage/K1.mp4: was changed where it was faulty already"]


def test_a_journal_that_is_not_named_is_missed(package: Path) -> None:
    """What stands in no list is not looked for there, and its footage could not be looked into."""
    tampering.unname_journal(package)
    assert set(found(package)) == {"manifest.json: does not name journal/K1.idx"}


@pytest.mark.parametrize("manifest", tampering.NONSENSE, ids=lambda manifest: manifest[:30])
def test_a_manifest_of_nonsense_is_an_answer_and_no_crash(package: Path, manifest: str) -> None:
    tampering.say(package, manifest)
    assert any("manifest.json" in one for one in found(package))


def test_names_that_lead_out_of_the_package_are_not_followed(package: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    tampering.lead_out(package)
    assert found(package) == ["../secret is missing (1 bytes)"]
    (package / "footage/link.mp4").symlink_to(tmp_path / "secret")
    assert any("footage/link.mp4: does not belong" in one for one in found(package))


@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packed in an unknown way"])
def test_a_zip_that_cannot_be_unpacked_is_an_answer_and_no_crash(
    made: Path, tmp_path: Path, at: int, value: int
) -> None:
    archive = zipped(made, tmp_path / "goi.zip")
    raw = bytearray(archive.read_bytes())
    listed = raw.rindex(b"bien-ban.pdf") - 46  # its place in the list at the end
    raw[listed + at] = value
    archive.write_bytes(raw)
    (fault,) = found(archive)
    assert fault.startswith("bien-ban.pdf: cannot be read whole")


def test_what_is_no_package_at_all_is_said(made: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert verify.main([str(tmp_path / "empty")]) == 1
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    assert verify.main([str(tmp_path / "x.zip")]) == 1
    assert verify.main([str(tmp_path / "nowhere")]) == 1
    tampering.make_of_tomorrow(zipped(made, tmp_path / "x.zip"))
    assert verify.main([str(tmp_path / "x.zip")]) == 1


@pytest.mark.parametrize(
    "us", [0, 1, 951_782_399_999_999, 951_782_400_000_000, 1_795_000_000_000_001, 4_102_444_799_999_999]
)
def test_it_writes_moments_as_the_manifest_does(us: int) -> None:
    """Its own arithmetic, for it may run where there is no table of zones."""
    assert verify.utc(us) == instant(us)["utc"]
