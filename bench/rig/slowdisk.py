"""A disk whose every fsync takes 100 ms longer: the same frames are stored, and how old the oldest unsynced byte gets.

One real worker process under a parent without a database, because the age is what workers tell their parents.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

from bench.report import Report
from bench.rig.contenders import ROOT, Cameras, stored_frames, until
from cameras.ingest.pipe import Pipe, PipeEnded
from cameras.store.resume import resume_point


class BareParent:
    """Starts a worker, answers its dials, renews its leases, and keeps the ages it tells."""

    def __init__(self, cameras: Cameras, store: Path, delay_ms: float) -> None:
        self._cameras, self._store = cameras, store
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cameras.ingest.worker", str(theirs.fileno())], pass_fds=[theirs.fileno()],
            cwd=ROOT, env={**os.environ, "MATPHO_SLOW_FSYNC_MS": str(delay_ms), "LOG_LEVEL": "WARNING"},
        )  # fmt: skip
        theirs.close()
        self._pipe = Pipe(ours)
        self._renewed = 0.0
        self.keys = [str(uuid4()) for _ in range(cameras.count)]
        self.ages: list[float] = []
        for number, key in enumerate(self.keys):
            resume = resume_point(store, UUID(key), "main")
            self._pipe.send(
                {
                    "op": "start", "key": key, "camera_id": key, "rendition": "main", "generation": 1,
                    "mask_version": 0, "url": cameras.url(number), "user": "", "password": "", "store": str(store),
                    "deadline": time.monotonic() + 8,
                    "resume": {
                        "media_sequence": resume.media_sequence, "tfdt": resume.tfdt,
                        "discontinuity_sequence": resume.discontinuity_sequence, "previous_slice": None,
                    },
                }
            )  # fmt: skip

    def turn(self) -> None:
        for message in self._pipe.receive():
            if message["op"] == "want_dial":
                self._pipe.send({"op": "dial", "key": message["key"], "ip": "127.0.0.1", "port": self._cameras.port})
            elif message["op"] == "stats":
                self.ages.append(float(message["oldest_unsynced_s"]))
        if time.monotonic() - self._renewed > 2:
            self._renewed = time.monotonic()
            self._pipe.send({"op": "lease", "keys": dict.fromkeys(self.keys, self._renewed + 8)})
        self._pipe.flush()

    def turned(self) -> bool:
        self.turn()
        return True

    def turn_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()
            time.sleep(0.05)

    def quit(self) -> None:
        """A clean end: everything closed and synced, however long the disk takes."""
        self._pipe.send({"op": "quit"})
        with contextlib.suppress(PipeEnded):
            while self.process.poll() is None:
                self.turn()
                time.sleep(0.05)
        self.process.wait(60)


def run(count: int, mbit: float, delay_ms: float, seconds: float) -> int:
    report = Report("ingest-slow-disk", [("what", "what", "s"), ("value", "value", ".3f")])
    folder = Path(tempfile.mkdtemp(prefix="matpho-bench-slow-"))
    try:
        with Cameras(count, round(mbit * 1_000_000)) as cameras:
            parent = BareParent(cameras, folder, delay_ms)
            try:
                until(lambda: parent.turned() and cameras.playing() == count, 60, "the worker reaches its cameras")
                parent.turn_for(8)
                parent.ages.clear()
                cameras.ask("reset")
                parent.turn_for(seconds)
                state = cameras.ask("state")
                ages = list(parent.ages)
                parent.turn_for(2)
                parent.quit()
            finally:
                parent.process.kill()
                parent.process.wait()
            lost, disorder, checked = compare(folder, parent.keys, state["sent"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.row(what=f"each fsync slower by, ms ({count} cameras at {mbit:g} Mbit/s)", value=delay_ms)
    report.row(what="oldest unsynced byte at worst, s", value=max(ages))
    report.row(what="oldest unsynced byte in the middle, s", value=sorted(ages)[len(ages) // 2])
    report.row(what="frames compared by number", value=checked)
    report.check("frames sent but not stored", lost, 0, at_most=True)
    report.check("cameras with frames doubled or out of order", disorder, 0, at_most=True)
    report.check("worst lateness of the cameras, ms", state["worst_late_ms"], 50, at_most=True)
    return report.finish()


def compare(folder: Path, keys: list[str], sent: list[dict[str, int]]) -> tuple[int, int, int]:
    lost = disorder = checked = 0
    for each in sent:
        stored = [n for n in stored_frames(folder / keys[each["camera"]]) if each["first"] <= n <= each["last"]]
        wanted = range(each["first"], each["last"] + 1)
        checked += len(wanted)
        lost += len(set(wanted) - set(stored))
        disorder += stored != sorted(set(stored))
    return lost, disorder, checked
