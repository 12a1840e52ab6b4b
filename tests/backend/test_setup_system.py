"""What the tests need of the system: installed where we are root, named where we are not, a failure in CI.

``dpkg-query`` and ``apt-get`` are small programs of the test's own, first and alone on the path.
"""

from pathlib import Path

import pytest

from backend.setup import __main__ as setup
from backend.setup import system
from backend.setup.system import PACKAGES, system_ensure
from backend.setup.trouble import SetupTrouble

DPKG_QUERY = """#!/bin/sh
while read -r name; do echo "$name installed"; done < {installed}
echo "postgresql config-files"
"""
APT_GET = """#!/bin/sh
echo "$@" >> {told}
[ "$1" = install ] || exit 0
[ -e {broken} ] && { echo "E: no such package" >&2; exit 100; }
for word; do case "$word" in install|-*) ;; *) echo "$word" >> {installed};; esac; done
"""


class Machine:
    """A Debian of the test's own: what is installed on it, and what apt-get was told."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self._installed, self._told, self._broken = (folder / name for name in ("installed", "told", "broken"))
        self.has(*PACKAGES)
        self.program("dpkg-query", DPKG_QUERY)
        self.program("apt-get", APT_GET)

    def program(self, name: str, text: str = "#!/bin/sh\n") -> None:
        for word, path in (("installed", self._installed), ("told", self._told), ("broken", self._broken)):
            text = text.replace("{" + word + "}", str(path))
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def has(self, *packages: str) -> None:
        self._installed.write_text("".join(f"{package}\n" for package in packages))

    def lacks(self, *packages: str) -> None:
        self.has(*(package for package in PACKAGES if package not in packages))

    def breaks(self) -> None:
        self._broken.touch()

    @property
    def told(self) -> list[str]:
        return self._told.read_text().splitlines() if self._told.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Nobody is root on it, and it is not in CI."""
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    return made


@pytest.fixture
def root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    return machine


def test_where_nothing_is_missing_nothing_is_said_or_done(root: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    system_ensure()
    assert root.told == []
    assert capsys.readouterr() == ("", "")


def test_who_is_not_root_is_told_what_is_missing_and_how_to_install_it(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.lacks("chromium", "postgresql")  # of which dpkg still knows the settings
    system_ensure()
    assert capsys.readouterr().err.splitlines() == [
        "Missing for the whole suite: chromium postgresql",
        "Install with:  sudo apt-get install --no-install-recommends chromium postgresql",
        "Tests that need them will fail.",
    ]
    assert machine.told == []


def test_in_ci_a_missing_part_is_a_failure(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    machine.lacks("ffmpeg")
    with pytest.raises(SetupTrouble, match=r"Missing for the whole suite: ffmpeg\nInstall with: .* ffmpeg$"):
        system_ensure()


def test_in_ci_make_test_goes_no_further(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Make stops at the first command that does not end with 0."""
    for step in ("venv_ensure", "scripts_ensure", "messages_ensure"):
        monkeypatch.setattr(setup, step, lambda *_, **__: None)
    machine.lacks("ffmpeg")
    assert setup.main("test") == 0
    monkeypatch.setenv("CI", "true")
    assert setup.main("test") == 1
    said = capsys.readouterr().err
    assert said.count("Missing for the whole suite: ffmpeg") == 2
    assert "Traceback" not in said


@pytest.mark.parametrize("ci", ["", "true"])
def test_root_gets_exactly_what_is_missing(root: Machine, monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("CI", ci)
    root.lacks("chromium", "ffmpeg")
    system_ensure()
    assert root.told == ["update -q", "install -q -y --no-install-recommends chromium ffmpeg"]
    system_ensure()
    assert len(root.told) == 2


def test_what_apt_get_says_is_told_where_it_fails(root: Machine) -> None:
    root.lacks("chromium")
    root.breaks()
    with pytest.raises(SetupTrouble, match=r"(?s)Installing packages failed .*E: no such package"):
        system_ensure()


def test_where_packages_have_other_names_the_programs_are_looked_for(
    root: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    for name in ("dpkg-query", "apt-get"):
        (root.bin / name).unlink()
    for name in ("ffmpeg", "gst-launch-1.0", "openssl", "initdb"):
        root.program(name)
    with pytest.raises(SetupTrouble, match="Missing for the whole suite: chromium\n"):
        system_ensure()
    root.program("chromium")
    system_ensure()
