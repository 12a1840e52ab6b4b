"""A client that plays nothing and believes nothing: it reads a live playlist all the time, fetches every segment once,
and writes down whatever RFC 8216 does not allow.

It looks four times in a target duration, more often than a player may (section 6.3.4), because it also measures when
each new version appears (section 6.2.1: at most one and a half target durations after the last).
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

from bench.rig import boxes, rfc8216
from bench.rig.boxes import NotMedia, Timing
from bench.rig.rfc8216 import Broken, Listed, MediaPlaylist

LOOKS = 4
MOST_FAULTS = 50
TYPES = ("application/vnd.apple.mpegurl", "audio/mpegurl")
EXTINF_WITHIN_S = 0.001


@dataclass(slots=True)
class Watched:
    """What was seen so far; read it after ``LiveWatch.stop``."""

    faults: list[str] = field(default_factory=list)
    readings: int = 0
    versions: int = 0
    target_s: int = 0
    segments: int = 0
    frames: int = 0
    bytes: int = 0
    seconds: float = 0.0
    """Media seconds of the segments fetched."""
    discontinuities: list[float] = field(default_factory=list)
    """Monotonic times at which one came into sight."""
    still_there: int = 0
    """Segments asked for again at the end of the time the RFC wants them kept (section 6.2.2), and answered."""
    slowest_version_s: float = 0.0
    """Longest wait for a new version, outages of the camera apart."""
    longest_outage_s: float = 0.0


class LiveWatch:
    """``start``, then ``stop``. One thread; every HTTP request of it goes over one connection."""

    def __init__(self, url: str) -> None:
        self.seen = Watched()
        self._url = url
        self._last: MediaPlaylist | None = None
        self._changed_at = 0.0
        self._longest_s = 0.0
        self._before: tuple[Listed, Timing] | None = None
        self._inits: dict[str, bytes] = {}
        self._kept: list[tuple[float, Listed]] = []
        """Segments that left the playlist, and the monotonic time until which they must still be there."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="livewatch", daemon=True)
        self._client = httpx.Client(timeout=10, headers={"User-Agent": "matpho-soak"})

    def start(self) -> "LiveWatch":
        self._thread.start()
        return self

    def stop(self) -> Watched:
        self._stopped.set()
        self._thread.join(30)
        for uri, body in self._inits.items():
            if self._get(uri) != body:
                self._fault(f"3: the init segment {uri} is not what it was")
        self._client.close()
        return self.seen

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            try:
                self._look()
            except (httpx.HTTPError, Broken, NotMedia) as error:
                self._fault(f"{type(error).__name__}: {error}")
            due = max(due + (self.seen.target_s or 2) / LOOKS, time.monotonic())

    def _look(self) -> None:
        answer = self._client.get(self._url)
        now = time.monotonic()
        self.seen.readings += 1
        if answer.status_code != 200:
            self._fault(f"the playlist answers {answer.status_code}")
            return
        if answer.headers["content-type"].partition(";")[0].strip().lower() not in TYPES:
            self._fault(f"4: its type is {answer.headers['content-type']}")
        found = rfc8216.parse(answer.content.decode("utf-8"))
        old, self._last = self._last, found
        self.seen.target_s = found.target_s
        self._longest_s = max(self._longest_s, found.seconds)
        if old is None:
            self._fault(*rfc8216.faults_of(found))
            self._changed_at = now
            self._take(found.segments)
        elif found != old:
            self._fault(*rfc8216.faults_of(found), *rfc8216.faults_between(old, found))
            self._version(old, found, now)
        self._ask_kept(now)

    def _version(self, old: MediaPlaylist, new: MediaPlaylist, now: float) -> None:
        self.seen.versions += 1
        end = old.sequence + len(old.segments)
        fresh = [segment for segment in new.segments if segment.sequence >= end]
        gone = [segment for segment in old.segments if segment.sequence < new.sequence]
        self._kept += [(now + float(segment.seconds) + self._longest_s, segment) for segment in gone]
        if fresh:
            waited, self._changed_at = now - self._changed_at, now
            if old.segments and fresh[0].discontinuity != old.segments[-1].discontinuity:
                self.seen.discontinuities.append(now)
                self.seen.longest_outage_s = max(self.seen.longest_outage_s, waited)
            else:
                self.seen.slowest_version_s = max(self.seen.slowest_version_s, waited)
        self._take(fresh)

    def _take(self, segments: list[Listed]) -> None:
        for segment in segments:
            self._fault(*self._fetch(segment))

    def _fetch(self, segment: Listed) -> Iterator[str]:
        if segment.init not in self._inits:
            self._inits[segment.init] = self._get(segment.init)
        scale = boxes.timescale(self._inits[segment.init])
        body = self._get(segment.uri)
        found = boxes.timing(body)
        seconds = found.ticks / scale
        self.seen.segments += 1
        self.seen.frames += found.frames
        self.seen.bytes += len(body)
        self.seen.seconds += seconds
        if abs(seconds - float(segment.seconds)) > EXTINF_WITHIN_S:
            yield f"4.3.2.1: EXTINF {segment.seconds} of segment {segment.sequence}, which lasts {seconds:.4f} s"
        if self._last is not None and self._last.independent and not found.begins_with_key:
            yield f"4.3.5.1: segment {segment.sequence} does not begin with a key frame"
        if self._before and self._before[0].discontinuity == segment.discontinuity:
            jump = found.starts - self._before[1].ends
            if jump and self._before[0].sequence + 1 == segment.sequence:
                yield f"4.3.2.3: tfdt of segment {segment.sequence} is {jump} ticks off without a discontinuity"
        self._before = segment, found

    def _ask_kept(self, now: float) -> None:
        """Once each, in the last moment in which the segment must be there."""
        late = [segment for until, segment in self._kept if until - now < (self.seen.target_s or 2) / LOOKS]
        self._kept = [(until, segment) for until, segment in self._kept if segment not in late]
        for segment in late:
            status = self._client.head(urljoin(self._url, segment.uri)).status_code
            if status == 200:
                self.seen.still_there += 1
            else:
                self._fault(f"6.2.2: segment {segment.sequence} answers {status} too soon after it left the playlist")

    def _get(self, uri: str) -> bytes:
        return self._client.get(urljoin(self._url, uri)).raise_for_status().content

    def _fault(self, *faults: str) -> None:
        self.seen.faults += list(faults)[: MOST_FAULTS - len(self.seen.faults)]
