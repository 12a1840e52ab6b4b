"""Other people's players on the command line, each watched while it plays: ffmpeg and GStreamer.

``Played`` is what every player of the soak answers, the browser (``bench.rig.screen``) included.
"""

import re
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import IO, Any

STANDS_S = 4.0
"""No new frame for so long is a stall of a command-line player: two segments of two seconds."""
_SECRET = re.compile(r"/hls/[^/\s]+/")


def redacted(text: str) -> str:
    """Without the view session, which is as good as a key while it lives."""
    return _SECRET.sub("/hls/…/", text)


@dataclass(slots=True)
class Played:
    player: str
    seconds: float = 0.0
    """Of media."""
    frames: int = 0
    stalls: int = 0
    stalled_s: float = 0.0
    sessions: int = 1
    wall_s: float = 0.0
    errors: list[str] = field(default_factory=list)

    def as_row(self, what: str) -> dict[str, Any]:
        return {**asdict(self), "what": what, "errors": len(self.errors), "texts": self.errors[:5]}


@dataclass(slots=True)
class Pulse:
    """Stalls, from the times at which frames came. Seconds are monotonic."""

    stalls: int = 0
    stalled_s: float = 0.0
    _beat_at: float = field(default_factory=time.monotonic)
    _began: bool = False

    def beat(self, now: float) -> None:
        silence = now - self._beat_at
        if self._began and silence > STANDS_S:
            self.stalls += 1
            self.stalled_s += silence
        self._began, self._beat_at = True, now


class Player(ABC):
    """A child process that plays ``url`` until it is told to stop or the playlist ends. ``_hear`` takes its lines."""

    name = ""
    harmless: tuple[str, ...] = ()
    """What it says of itself, and not of what it plays."""

    def __init__(self, command: list[str]) -> None:
        self._began_at = time.monotonic()
        self._seconds, self._frames = 0.0, 0
        self._pulse = Pulse()
        self._errors: list[str] = []
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self._ears = [
            threading.Thread(target=_each_line, args=(self._process.stdout, self._hear), daemon=True),
            threading.Thread(target=_each_line, args=(self._process.stderr, self._complaint), daemon=True),
        ]
        for ear in self._ears:
            ear.start()

    @property
    def playing(self) -> bool:
        return self._process.poll() is None

    @property
    def frames(self) -> int:
        return self._frames

    def wait(self, timeout_s: float) -> Played:
        """Let it play to the end of a recorded playlist."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._errors.append(f"not at the end after {timeout_s:.0f} s")
            return self.stop()
        return self._over(self._process.returncode == 0)

    def stop(self) -> Played:
        """End it while it plays; that it still played counts."""
        alive = self.playing
        if alive:
            self._end()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        return self._over(alive)

    def _over(self, well: bool) -> Played:
        for ear in self._ears:
            ear.join(10)
        if not well:
            self._errors.append(f"ended with {self._process.returncode}")
        self._pulse.beat(time.monotonic())
        return Played(
            self.name, self._seconds, self._frames, self._pulse.stalls, self._pulse.stalled_s,
            wall_s=time.monotonic() - self._began_at, errors=self._errors,
        )  # fmt: skip

    @abstractmethod
    def _hear(self, line: str) -> None:
        """One line of what the player prints."""

    def _end(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def _complaint(self, line: str) -> None:
        if line.strip() and not any(words in line for words in self.harmless):
            self._errors.append(redacted(line.strip()))


class Ffmpeg(Player):
    """Reads, and decodes where asked. Every warning is an error here, and the first error ends it (``-xerror``)."""

    name = "ffmpeg"
    harmless = ("Found duplicated MOOV Atom",)
    """It reads EXT-X-MAP anew after every reload of a live playlist, because it compares the tags' places in memory."""

    def __init__(self, url: str, *, decode: bool) -> None:
        how = ["-fps_mode", "passthrough"] if decode else ["-c", "copy"]
        super().__init__(
            ["ffmpeg", "-hide_banner", "-loglevel", "repeat+warning", "-xerror", "-reconnect", "0", "-threads", "1",
             "-i", url, "-map", "0:v", *how, "-f", "null", "-progress", "pipe:1", "-stats_period", "0.5", "-"]
        )  # fmt: skip

    def _hear(self, line: str) -> None:
        key, _, value = line.strip().partition("=")
        if key == "frame" and int(value) > self._frames:
            self._frames = int(value)
            self._pulse.beat(time.monotonic())
        elif key == "out_time_us" and value.lstrip("-").isdecimal():
            self._seconds = max(self._seconds, int(value) / 1e6)

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("q")
        self._process.stdin.flush()


class GStreamer(Player):
    """``playbin3``, with the HLS demuxer that GStreamer keeps up (``hlsdemux2``), every picture at the sink counted.

    Live it shows them by the clock, as a screen does. (The old ``hlsdemux`` of ``playbin`` takes fMP4's ``tfdt`` for
    the time since it began: by the clock it waits as long as the camera has been recorded, whoever the packager is.)
    """

    name = "GStreamer"
    _PTS = re.compile(r"\bpts: (\d+):(\d\d):(\d\d\.\d+)")

    def __init__(self, url: str, *, live: bool) -> None:
        self._pts: float | None = None
        sink = f"fakesink name=count silent=false sync={str(live).lower()}"
        super().__init__(["gst-launch-1.0", "-v", "playbin3", f"uri={url}", f"video-sink={sink}"])

    def _hear(self, line: str) -> None:
        if line.startswith(("ERROR", "WARNING")):
            self._complaint(line)
        if "last-message = chain" not in line or "(count:sink)" not in line:
            return
        self._frames += 1
        self._pulse.beat(time.monotonic())
        if match := self._PTS.search(line):
            hours, minutes, seconds = match.groups()
            pts = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            if self._pts is not None and 0 < pts - self._pts < 1:
                self._seconds += pts - self._pts  # sums of steps: a discontinuity may begin anew at any time
            self._pts = pts


def _each_line(pipe: "IO[str]", hear: Callable[[str], None]) -> None:
    for line in pipe:
        hear(line)
