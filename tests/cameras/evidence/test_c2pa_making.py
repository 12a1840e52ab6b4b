"""Making claims: told, refused, killed in the middle; what comes of it is one whole package."""

import signal
import subprocess
import sys
from pathlib import Path

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cameras.evidence import c2pa_claim, verify
from cameras.evidence.c2pa_certificates import chain_of
from cameras.evidence.package import fingerprint
from cameras.evidence.takes import Take
from tests.cameras.evidence.claims import CLAIMED, read
from tests.cameras.evidence.packing import KEY, OTHER_KEY, pack, street, take


@pytest.fixture
def one(tmp_path: Path) -> Take:
    return take(street(tmp_path / "store", 1)[0])


def test_how_far_it_is_is_told_while_it_hashes_again(one: Take, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    plain: list[int] = []
    pack(tmp_path / "out", [one], claims=CLAIMED, progress=lambda done, total: told.append((done, total)))
    pack(tmp_path / "plain", [one], progress=lambda done, total: plain.append(done))
    assert told[-1][0] == told[-1][1] == plain[-1] and told == sorted(told)
    assert len(told) == len(plain) + 2, "each of the two files is a block that is read once more"


def test_a_claim_that_does_not_fit_its_room_is_never_written(one: Take, tmp_path: Path) -> None:
    class Longer:
        room = 100

        def box(self, bound: bytes) -> bytes:
            return bytes(101)

    with pytest.raises(ValueError, match="101 bytes in a room of 100"):
        pack(tmp_path / "out", [one], claims=lambda run, taken: Longer())
    assert list((tmp_path / "out/footage").glob("*.mp4")) == []


def test_a_signature_by_another_key_than_the_certificates_is_refused() -> None:
    another, chain = Ed25519PrivateKey.from_private_bytes(OTHER_KEY), chain_of(KEY).pem()
    said = {"title": "K1.mp4", "assertions": []}
    with pytest.raises(c2pa.C2paError, match="signature does not match"):
        c2pa_claim.Claim(said, another.sign, chain)


def test_without_an_issuer_above_the_node_there_is_no_claim() -> None:
    """Why there is a root at all."""
    key = Ed25519PrivateKey.from_private_bytes(KEY)
    with pytest.raises(c2pa.C2paError, match="self-signed"):
        c2pa_claim.Claim({"title": "K1.mp4", "assertions": []}, key.sign, chain_of(KEY).anchor().decode())


CHILD = """
import os, signal, sys
from pathlib import Path
from cameras.evidence import c2pa_claim
from tests.cameras.evidence.claims import CLAIMED, EXTRAS
from tests.cameras.evidence.packing import pack, take
store, out, kill_at = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
boxed = 0
def claims(run, taken):
    claim = CLAIMED(run, taken)
    box = claim.box
    def counted(bound):
        global boxed
        boxed += 1
        if boxed == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return box(bound)
    claim.box = counted
    return claim
folders = sorted(path for path in store.iterdir() if path.name not in ("init", "store.json"))
pack(out, [take(one, f"K{n}") for n, one in enumerate(folders, 1)], claims=claims, extras=EXTRAS)
"""


def test_killed_between_copy_and_claim_it_ends_in_one_whole_package(tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    folder = street(store, 1)[0]

    def in_a_child(kill_at: int) -> int:
        command = [sys.executable, "-c", CHILD, str(store), str(out), str(kill_at)]
        return subprocess.run(command, cwd=Path.cwd(), capture_output=True).returncode

    assert in_a_child(1) == -signal.SIGKILL
    assert list((out / "footage").glob("*.mp4")) == []
    assert in_a_child(2) == -signal.SIGKILL
    first = (out / "footage/K1.mp4").read_bytes()
    assert in_a_child(0) == 0
    assert (out / "footage/K1.mp4").read_bytes() == first, "what is finished is not done again"
    assert verify.main([str(out), "--key", fingerprint(KEY)]) == 0
    assert [read(path).state for path in (out / "footage").iterdir()] == ["Trusted", "Trusted"]
    assert [path for path in out.rglob("*") if path.name.startswith(".")] == []
    recorded = take(folder).pieces
    exported = b"".join(path.read_bytes() for path in (out / "footage").iterdir())
    assert all(piece.media.read_bytes()[piece.fragment.offset :][: piece.fragment.length] in exported
               for piece in recorded)  # fmt: skip
