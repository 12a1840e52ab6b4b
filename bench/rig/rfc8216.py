"""A second opinion on playlists: RFC 8216 read again, sharing nothing with the code that writes them. Pure.

``parse`` reads one media playlist strictly; ``faults_of`` asks what must hold in one; ``faults_between`` asks what must
hold between two readings of the same one. Faults are sentences that name the section.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

CONTINUES_WITHIN_S = 0.05
"""How far PROGRAM-DATE-TIME may stand from the time before it plus EXTINF. The RFC leaves this to the writer
(section 4.3.2.6 calls the mapping approximate); three frames at 60 Hz is what nobody sees."""

_TAG = re.compile(r"#EXT[A-Z0-9-]*")
_INTEGER = re.compile(r"0|[1-9]\d{0,19}")
_EXTINF = re.compile(r"(\d+(?:\.\d+)?),([^\r\n]*)")
_MAP = re.compile(r'URI="([^"\r\n]+)"(?:,BYTERANGE="\d+@\d+")?')
_ONCE = ("EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE",
         "EXT-X-PLAYLIST-TYPE", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-ENDLIST", "EXT-X-I-FRAMES-ONLY")  # fmt: skip
_SEGMENT_TAGS = ("EXTINF", "EXT-X-DISCONTINUITY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME")
_HEADERS = ("EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE")


class Broken(Exception):
    """A client could not read this playlist, or would have to guess."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A media segment as a playlist names it."""

    sequence: int
    discontinuity: int
    """Discontinuity sequence number (section 4.3.3.3): what the header says plus the tags before this line."""
    uri: str
    seconds: Decimal
    at: datetime
    init: str

    @property
    def ends(self) -> datetime:
        return self.at + timedelta(seconds=float(self.seconds))


@dataclass(slots=True)
class MediaPlaylist:
    version: int = 1
    target_s: int = 0
    sequence: int = 0
    discontinuity: int = 0
    kind: str = ""
    independent: bool = False
    ended: bool = False
    segments: list[Listed] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return float(sum(segment.seconds for segment in self.segments))


def parse(text: str) -> MediaPlaylist:
    """Raises ``Broken`` with the line that is wrong. Only what a packager of fMP4 may write is known here: a tag
    nobody here knows is a fault, not something to skip, since it is our own playlist that is judged."""
    if text.startswith("\ufeff") or any(char < " " and char not in "\r\n" for char in text):
        raise Broken("4.1: a byte order mark or a control character")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0] != "#EXTM3U" or lines[-1] != "":
        raise Broken("4.3.1.1: it does not begin with #EXTM3U, or its last line has no end")
    return _Reader().read(lines[1:-1])


class _Reader:
    """The state between two lines: what has been said of the segment whose URI comes next."""

    def __init__(self) -> None:
        self.found = MediaPlaylist()
        self.seen: set[str] = set()
        self.init = ""
        self.breaks = 0
        self.seconds: Decimal | None = None
        self.at: datetime | None = None

    def read(self, lines: list[str]) -> MediaPlaylist:
        for number, line in enumerate(lines, start=2):
            try:
                self._line(line)
            except Broken as why:
                raise Broken(f"line {number}, {line[:60]!r}: {why}") from None
        if self.seconds is not None or self.at is not None:
            raise Broken("4.1: tags of a segment that has no URI")
        if "EXT-X-TARGETDURATION" not in self.seen:
            raise Broken("4.3.3.1: no EXT-X-TARGETDURATION")
        return self.found

    def _line(self, line: str) -> None:
        if not line.startswith("#"):
            if line:
                self._uri(line)
            return
        if not line.startswith("#EXT"):
            return  # a comment
        name, _, value = line[1:].partition(":")
        if not _TAG.fullmatch(f"#{name}"):
            raise Broken("4.1: not a tag")
        if name in _ONCE and name in self.seen:
            raise Broken("4.3.3: twice in one playlist")
        if name in _HEADERS and {"EXTINF", "EXT-X-DISCONTINUITY"} & self.seen:
            raise Broken("4.3.3: it stands behind a segment's tags")
        self.seen.add(name)
        self._tag(name, value)

    def _tag(self, name: str, value: str) -> None:
        found = self.found
        match name:
            case "EXT-X-VERSION":
                found.version = _integer(value)
            case "EXT-X-TARGETDURATION":
                found.target_s = _integer(value)
            case "EXT-X-MEDIA-SEQUENCE":
                found.sequence = _integer(value)
            case "EXT-X-DISCONTINUITY-SEQUENCE":
                found.discontinuity = _integer(value)
            case "EXT-X-PLAYLIST-TYPE" if value in ("EVENT", "VOD"):
                found.kind = value
            case "EXT-X-INDEPENDENT-SEGMENTS" if not value:
                found.independent = True
            case "EXT-X-ENDLIST" if not value:
                found.ended = True
            case _ if name in _SEGMENT_TAGS:
                self._segment_tag(name, value)
            case _:
                raise Broken("4.3: a tag or a value that is not known")

    def _segment_tag(self, name: str, value: str) -> None:
        if name == "EXT-X-DISCONTINUITY":
            if value or self.seconds is not None:
                raise Broken("4.3.2.3: it takes no value and stands before EXTINF")
            self.breaks += 1
        elif name == "EXT-X-MAP":
            if not (match := _MAP.fullmatch(value)):
                raise Broken("4.3.2.5: URI must be a quoted string")
            self.init = match[1]
        elif name == "EXTINF":
            if self.seconds is not None or not (match := _EXTINF.fullmatch(value)):
                raise Broken("4.3.2.1: a decimal duration, a comma, once for each segment")
            self.seconds = Decimal(match[1])
        else:
            self.at = _instant(value)

    def _uri(self, line: str) -> None:
        if self.seconds is None:
            raise Broken("4.3.2.1: a segment without EXTINF")
        if self.at is None:
            raise Broken("4.3.2.6: a segment without EXT-X-PROGRAM-DATE-TIME, which ours all carry")
        found = self.found
        found.segments.append(
            Listed(
                found.sequence + len(found.segments), found.discontinuity + self.breaks, line, self.seconds, self.at,
                self.init,
            )
        )  # fmt: skip
        self.seconds = self.at = None


def faults_of(playlist: MediaPlaylist) -> Iterator[str]:
    """What must hold in one reading."""
    if playlist.version < 6:
        yield f"7: EXT-X-MAP needs protocol version 6, not {playlist.version}"
    if playlist.kind == "VOD" and not playlist.ended:
        yield "4.3.3.5: PLAYLIST-TYPE VOD without ENDLIST"
    uris = [segment.uri for segment in playlist.segments]
    if len(set(uris)) != len(uris):
        yield "one URL is listed twice"
    for segment in playlist.segments:
        if segment.seconds.quantize(Decimal(1), ROUND_HALF_UP) > playlist.target_s:
            yield f"4.3.3.1: EXTINF {segment.seconds} of segment {segment.sequence} > {playlist.target_s}"
        if segment.seconds <= 0:
            yield f"4.3.2.1: EXTINF of segment {segment.sequence} is {segment.seconds}"
        if not segment.init:
            yield f"3.3: segment {segment.sequence} has no EXT-X-MAP"
    for before, after in zip(playlist.segments, playlist.segments[1:], strict=False):
        yield from _faults_at(before, after)


def faults_between(old: MediaPlaylist, new: MediaPlaylist) -> Iterator[str]:
    """What must hold from one reading to a later one of a live playlist (section 6.2.1: lines are only appended, and
    segments only removed from the front)."""
    if new.target_s != old.target_s:
        yield f"6.2.1: EXT-X-TARGETDURATION changed from {old.target_s} to {new.target_s}"
    if (new.version, new.independent, new.kind) != (old.version, old.independent, old.kind):
        yield "6.2.1: version, playlist type or EXT-X-INDEPENDENT-SEGMENTS changed"
    if old.ended and new.segments != old.segments:
        yield "6.2.1: it changed after ENDLIST"
    if new.sequence < old.sequence:
        yield f"6.2.2: EXT-X-MEDIA-SEQUENCE went back from {old.sequence} to {new.sequence}"
    if new.discontinuity < old.discontinuity:
        yield f"6.2.2: EXT-X-DISCONTINUITY-SEQUENCE went back from {old.discontinuity} to {new.discontinuity}"
    last = old.sequence + len(old.segments)
    if new.sequence + len(new.segments) < last:
        yield f"6.2.1: the end went back from {last}"
    if new.sequence > old.sequence and not new.ended and new.seconds < 3 * new.target_s:
        yield f"6.2.2: segments were removed and {new.seconds:.1f} s are left, less than three target durations"
    known = {segment.sequence: segment for segment in old.segments}
    both = [segment for segment in new.segments if segment.sequence in known]
    for segment in both:
        if segment != known[segment.sequence]:
            yield f"6.2.1: segment {segment.sequence} changed: {known[segment.sequence]} became {segment}"
    if not both and new.segments and old.segments:
        if new.sequence > last:
            yield f"segments {last} to {new.sequence - 1} were never listed between two readings"
        yield from _faults_at(old.segments[-1], new.segments[0])


def _faults_at(before: Listed, after: Listed) -> Iterator[str]:
    """At the border of two segments that follow one another."""
    number = after.sequence
    drift = (after.at - before.ends).total_seconds()
    if after.discontinuity == before.discontinuity:
        if abs(drift) > CONTINUES_WITHIN_S:
            yield f"4.3.2.6: PROGRAM-DATE-TIME of segment {number} is {drift:+.3f} s off without a discontinuity"
        if after.init != before.init:
            yield f"4.3.2.3: another EXT-X-MAP at segment {number} without a discontinuity"
    elif after.at < before.at:
        yield f"segment {number} is older than the one before it"


def _integer(value: str) -> int:
    if not _INTEGER.fullmatch(value) or int(value) >= 2**64:
        raise Broken("4.2: not a decimal integer")
    return int(value)


def _instant(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise Broken("4.3.2.6: not an ISO 8601 time") from None
    if at.tzinfo is None:
        raise Broken("4.3.2.6: a time without its zone")
    return at
