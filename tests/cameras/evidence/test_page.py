"""The verifier as a page, from the disk and without a network: it says what ``verify.py`` says."""

from pathlib import Path

import pytest

from cameras.evidence import verify
from cameras.evidence.package import fingerprint
from tests.cameras.evidence import tampering
from tests.cameras.evidence.claims import CLAIMED, EXTRAS
from tests.cameras.evidence.clerk import Clerk
from tests.cameras.evidence.packing import KEY, packed, zipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def told(faults: list[str]) -> list[str]:
    """Without how each language calls its error."""
    return [one.split(" (")[0] if "does not say what it should" in one else one for one in faults]


def test_content_credentials_are_bytes_like_others_to_it(clerk: Clerk, tmp_path: Path) -> None:
    folder = packed(tmp_path / "store", tmp_path / "goi", claims=CLAIMED, extras=EXTRAS)
    assert clerk.choose(folder, fingerprint(KEY)) == "valid" and clerk.english() == []
    tampering.flip(folder / "footage/K1.mp4", 700)
    python = verify.Check(verify.Package(str(folder))).run()
    assert clerk.choose(folder, fingerprint(KEY)) == "wrong"
    assert clerk.english() == python.faults and "(head): not what was packed" in python.faults[0]


@pytest.mark.parametrize("name", tampering.TAMPERINGS)
def test_it_finds_what_the_other_verifier_finds(clerk: Clerk, package: Path, tmp_path: Path, name: str) -> None:
    tampering.TAMPERINGS[name](package)
    python = verify.Check(verify.Package(str(package))).run()
    assert clerk.choose(package) == ("wrong" if python.faults else "fits")
    assert (told(clerk.english()), clerk.english("notes")) == (told(python.faults), python.notes)
    ours = not python.public or verify.fingerprint(python.public) == fingerprint(KEY)
    assert clerk.choose(zipped(package, tmp_path / "goi.zip"), fingerprint(KEY)) == (
        "wrong" if python.faults or not ours else "valid"
    )
    assert told(clerk.english())[not ours :] == told(python.faults)
    assert (
        ours or f"is signed by key {verify.fingerprint(python.public)}, not by {fingerprint(KEY)}" in clerk.english()[0]
    )
