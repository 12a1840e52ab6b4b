"""The virtual environment: ``.venv`` with exactly the pinned, hashed packages."""

import sys
from pathlib import Path

from backend.setup import stamps
from backend.setup.trouble import SetupTrouble, run

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

RUN = ("requirements.txt",)
DEV = ("requirements.txt", "requirements-dev.txt")


def venv_ensure(names: tuple[str, ...] = RUN) -> None:
    """Make ``.venv`` where it is missing and install the files ``names``, each only when it has changed."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this is where an older one is told)
        raise SetupTrouble(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    venv_make(VENV)
    for name in names:
        _install(ROOT / name)


def venv_make(folder: Path) -> Path:
    """A virtual environment in ``folder``, made where there is none; returns its Python."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    print(f"Making {folder.relative_to(ROOT)} …", flush=True)
    try:
        run([sys.executable, "-m", "venv", folder], "Making the virtual environment")
    except SetupTrouble as trouble:
        raise SetupTrouble(
            f"{trouble}\nOn Debian, install its package first:  sudo apt-get install python3-venv"
        ) from None
    return python


def _install(requirements: Path) -> None:
    stamp = VENV / f".{requirements.stem}.stamp"
    value = stamps.digest([requirements], sys.version)
    if stamps.holds(stamp, value):
        return
    print(f"Installing the packages of {requirements.name} …", flush=True)
    run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes",
         "-r", requirements],
        f"Installing {requirements.name}",
    )  # fmt: skip
    stamps.put(stamp, value)
