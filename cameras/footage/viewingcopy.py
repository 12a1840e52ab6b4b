"""A copy to look at, beside the footage: smaller, with the time and its reader burnt in. Made by a child process, for
what a camera sent is decoded."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from backend.lib.config import ROOT
from cameras.evidence.package import Viewed
from cameras.models import EvidencePackage

log = logging.getLogger(__name__)

SLOWEST = 12 * 3600
"""Seconds for a day of a camera, at the most: it goes several times as fast as the footage."""
LOOK_S = 1.0


def viewing_copy_of(package: EvidencePackage, alive: Callable[[], None]) -> Viewed:
    """What writes the copies of a package. ``alive`` is called every second meanwhile, and may raise to stop it."""
    request = package.request
    mark = f"{request.asked_by} · {request.case.case_number}"

    def write(source: Path, target: Path, begins_us: int) -> bool:
        wanted = {"source": str(source), "target": str(target), "begins_us": begins_us, "mark": mark}
        command = ["nice", "-n", "10", sys.executable, "-m", "cameras.stills.burnt"]
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True)  # fmt: skip
        try:
            said = _ended(child, json.dumps(wanted), alive)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        if child.returncode:
            log.error("no viewing copy of %s: %s", source.name, said)
        return child.returncode == 0

    return write


def _ended(child: "subprocess.Popen[str]", wanted: str, alive: Callable[[], None]) -> str:
    waiting: str | None = wanted
    for _second in range(SLOWEST):
        try:
            return child.communicate(waiting, timeout=LOOK_S)[1]
        except subprocess.TimeoutExpired:
            waiting = None
            alive()
    raise ValueError("a viewing copy took too long")
