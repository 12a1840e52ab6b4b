"""The system packages that tests need beyond the product: installed where we are root, named where we are not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from backend.setup.trouble import SetupTrouble, run

PACKAGES = (
    "chromium", "chromium-headless-shell", "ffmpeg", "gstreamer1.0-tools", "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad", "gstreamer1.0-libav", "postgresql", "openssl",
    "fonts-dejavu-core", "fonts-noto-core",
)  # fmt: skip
COMPILER = ("gcc", "libc6-dev")


def system_ensure() -> None:
    """Install what is missing (as root, with apt-get); otherwise say what is missing and how to install it.

    With ``CI=true`` a missing part raises ``SetupTrouble``: there nothing may be left untested.
    """
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing what the tests need: {' '.join(missing)} …", flush=True)
        _install(missing)
        missing = _missing()
    if not missing:
        return
    words = (
        f"Missing for the whole suite: {' '.join(missing)}\n"
        f"Install with:  sudo apt-get install --no-install-recommends {' '.join(missing)}"
    )
    if os.environ.get("CI") == "true":
        raise SetupTrouble(words)
    print(f"{words}\nTests that need them will fail.", file=sys.stderr, flush=True)


def compiler_ensure() -> str:
    """A C compiler's path; installed where there is none and we are root. One benchmark needs it, and no test.

    Raises ``SetupTrouble``.
    """
    if shutil.which("cc") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing a compiler: {' '.join(COMPILER)} …", flush=True)
        _install(COMPILER)
    found = shutil.which("cc")
    if found is None:
        words = " ".join(COMPILER)
        raise SetupTrouble(f"No C compiler.\nInstall with:  sudo apt-get install --no-install-recommends {words}")
    return found


def _install(packages: Sequence[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], "Reading the list of packages", env=env)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], "Installing packages", env=env)


def _missing() -> list[str]:
    if shutil.which("dpkg-query") is None:
        return [package for package, there in _without_dpkg().items() if not there]
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in PACKAGES if package not in there]


def _without_dpkg() -> dict[str, bool]:
    """Another distribution names its packages otherwise: look for the programs themselves."""
    return {
        "chromium": bool(shutil.which("chromium")),
        "ffmpeg": bool(shutil.which("ffmpeg")),
        "gstreamer1.0-tools": bool(shutil.which("gst-launch-1.0")),
        "openssl": bool(shutil.which("openssl")),
        "postgresql": bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    }
