"""Time stamps: what a verifier says of each, and that nothing in a package can be changed without its saying so."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from cameras.evidence import verify
from cameras.evidence.package import fingerprint
from cameras.evidence.timestamp import Unfit, token_of
from tests.cameras.evidence import tampering
from tests.cameras.evidence.authority import local_authority
from tests.cameras.evidence.packing import KEY, zipped
from tests.cameras.evidence.tokens import DATA, SPOILT, ByHand, strange_name

TOKEN = tampering.TOKEN
UNCLEAR = f"{TOKEN}: is no time stamp that can be read (RFC 3161)"
OTHER = f"{TOKEN}: is the time stamp of something else"


def check(package: Path) -> verify.Check:
    return verify.Check(verify.Package(str(package))).run()


def test_it_says_when_and_by_whom_and_leaves_trust_to_the_reader(package: Path) -> None:
    tampering.stamp(package)
    found = check(package)
    own = local_authority().own
    (note,) = found.notes
    assert found.faults == []
    assert note.startswith("time stamp: 20") and note.endswith("is to be trusted is for you to say")
    assert f"Z by C=VN, CN=Cơ quan cấp dấu thời gian, certificate SHA-256 {own.fingerprint(SHA256()).hex()}; " in note
    assert verify.main([str(package), "--key", fingerprint(KEY)]) == 0


def test_openssl_takes_it_too(package: Path) -> None:
    tampering.stamp(package, kind="rsa", digest="sha512", ess="sha1")
    assert "Verification: OK" in local_authority(kind="rsa", digest="sha512", ess="sha1").verify(package)
    tampering.swap_stamp(package)
    assert "Verification: OK" not in local_authority(kind="rsa", digest="sha512", ess="sha1").verify(package)


def test_the_verifier_of_a_package_is_one_file_and_reads_it_alone(made: Path, package: Path, tmp_path: Path) -> None:
    tampering.stamp(package)
    archive = zipped(package, tmp_path / "goi.zip")
    alone = tmp_path / "verify.py"
    shutil.copy(made / "verify.py", alone)
    command = [sys.executable, "-I", str(alone), str(archive), "--key", fingerprint(KEY)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "note: time stamp: 20" in done.stdout, done.stdout + done.stderr
    printed = subprocess.run([sys.executable, "-m", "cameras.evidence.verifier"], capture_output=True, check=True)
    assert printed.stdout == alone.read_bytes()


@pytest.mark.parametrize(
    ("how", "faults"),
    [
        ("nothing", []),
        ("drop", [f"{TOKEN} is missing or cannot be read"]),
        ("rename", [f"x-{TOKEN}: does not belong to this package", f"{TOKEN} is missing or cannot be read"]),
        ("swap", [OTHER]),
        ("sign once more", [OTHER]),
        ("another key", [OTHER]),
        ("deny", [f"{TOKEN}: does not belong to this package"]),
        *((f"cut at {part}", [UNCLEAR]) for part in (0, 0.5, 0.99)),
        ("lengthen", [UNCLEAR]),
        ("refuse", [UNCLEAR]),
    ],
)
def test_a_token_dropped_swapped_or_cut_is_named(package: Path, how: str, faults: list[str]) -> None:
    tampering.TAMPERINGS[f"time stamp: {how}"](package)
    assert check(package).faults == faults


@pytest.mark.parametrize("how", ["name another file", "say no file", "say a word"])
def test_a_word_that_is_none_is_a_fault_of_the_manifest(package: Path, how: str) -> None:
    tampering.TAMPERINGS[f"time stamp: {how}"](package)
    assert any(one.startswith("manifest.json: does not say what it should") for one in check(package).faults)


def test_why_there_is_none_is_a_note(package: Path) -> None:
    tampering.TAMPERINGS["no time stamp: no_answer"](package)
    found = check(package)
    assert (found.faults, found.notes) == ([], ["time stamp: none, tsa.example.vn did not answer"])


@pytest.mark.parametrize("name", SPOILT)
def test_whatever_is_wrong_with_a_token_is_said(name: str) -> None:
    by_hand, wanted = SPOILT[name]
    try:
        token, said = token_of(by_hand.made(), DATA), ""
    except Unfit as unfit:
        token, said = None, str(unfit)
    assert said == wanted
    if token:
        assert token.at == ("2026-11-30T05:00:00.25Z" if "fraction" in name else "2026-11-30T05:00:00Z")


def test_a_subject_stays_on_its_line() -> None:
    assert token_of(ByHand(strange_name()).made(), DATA).subject == "C=VN, 550405=0101, O=Cục, CN=một??[31mhai?"


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521"])
def test_each_kind_of_key_is_known(kind: str) -> None:
    digest = {"p384": "sha384", "p521": "sha512"}.get(kind, "sha256")
    assert token_of(local_authority(kind=kind, digest=digest).stamped(DATA), DATA).subject.startswith("C=VN")


def test_a_bit_changed_anywhere_is_a_fault_but_in_a_certificate_that_only_goes_along() -> None:
    local = local_authority(chain=True)
    raw = local.stamped(DATA)
    root = local.root.public_bytes(tampering.Encoding.DER)
    along = range(raw.index(root), raw.index(root) + len(root))
    passed = set()
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        try:
            token_of(bytes(changed), DATA)
        except Unfit:
            continue
        passed.add(at)
    assert passed <= set(along)
