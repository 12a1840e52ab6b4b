"""Playlists as text, by RFC 8216, and the arithmetic of time over segments. Pure.

Protocol version 7: EXT-X-MAP outside I-frame playlists needs 6 (section 7), and 7 is what packagers write for fMP4, so
it is what players were tried with.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cameras.store.journal import Segment

LIVE_SEGMENTS = 6
LIVE_TARGETS = 3
"""A live playlist lists six segments, and three target durations, at the least (RFC 8216, 6.2.2 asks for three)."""

JOIN_US = 1_000_000
"""Silences up to a second are no gap: two frames of a slow camera, or a slice that was handed over."""

Window = tuple[int, int]
"""From and to, µs since the epoch, the end not included."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UrlOf(Protocol):
    """Addresses relative to the playlist."""

    def segment(self, segment: Segment, /) -> str: ...
    def init(self, init_hash: str, /) -> str: ...


def target_of(segments: Iterable[Segment]) -> int:
    """A TARGETDURATION that holds for ``segments``: the longest, rounded as the RFC rounds; 1 at the least."""
    return max((_rounded(segment) for segment in segments), default=1) or 1


def live_playlist(segments: Sequence[Segment], *, target_s: int, url: UrlOf, ended: bool = False) -> str:
    """A sliding window over the newest of ``segments`` (in order of sequence).

    ``target_s`` is the session's, fixed at its start. A segment that is longer ends the playlist before it with
    ENDLIST, since neither the tag nor what was promised may change: the player opens a new session. Numbers in a
    playlist follow from its first, so a hole in them ends the window on the left.
    """
    run = _newest_run(segments)
    too_long = next((at for at, segment in enumerate(run) if _rounded(segment) > target_s), None)
    if too_long is not None:
        run, ended = run[:too_long], True
    window = run[_window_start(run, target_s) :]
    first = window[0] if window else None
    lines = _head(window, target_s, first.sequence if first else 0)
    if first is not None and first.discontinuity_sequence:
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{first.discontinuity_sequence}")
    lines += _body(window, url)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def vod_playlist(segments: Sequence[Segment], *, url: UrlOf) -> str:
    """All of ``segments`` in their order; every gap between them is a discontinuity. An empty list is an empty,
    ended playlist."""
    lines = [*_head(segments, target_of(segments), 0), "#EXT-X-PLAYLIST-TYPE:VOD", *_body(segments, url)]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def clip(segments: Iterable[Segment], windows_us: Iterable[Window]) -> list[Segment]:
    """The segments that overlap one of the windows, in order of time, nothing doubled: where two generations cover
    one instant, the highest counts and the other's segments there are left out whole. A window whose end is not after
    its start covers nothing."""
    windows = [window for window in windows_us if window[0] < window[1]]
    return [
        segment
        for segment in undoubled(segments)
        if any(segment.wall_us < to and segment.end_us > from_ for from_, to in windows)
    ]


def undoubled(segments: Iterable[Segment]) -> list[Segment]:
    """In order of time; the highest generation wins at any instant (a recorder that was paused and woke may have
    written beside its successor)."""
    kept: list[Segment] = []
    taken: list[Window] = []  # disjoint, sorted: what higher generations cover
    by_generation: dict[int, list[Segment]] = {}
    for segment in segments:
        by_generation.setdefault(segment.generation, []).append(segment)
    for generation in sorted(by_generation, reverse=True):
        own = sorted(by_generation[generation], key=_in_order)
        free = list(_outside(own, taken))
        kept += free
        taken = _merged([*taken, *((segment.wall_us, segment.end_us) for segment in free)], 0)
    return sorted(kept, key=_in_order)


def coverage(
    segments: Iterable[Segment], from_us: int, to_us: int, *, join_us: int = JOIN_US
) -> tuple[list[Window], list[Window]]:  # fmt: skip
    """What of ``[from_us, to_us)`` is recorded and what is not. Silences up to ``join_us`` inside footage are no gap.
    The two lists together cover the window exactly; a window that makes no sense gives two empty lists."""
    if from_us >= to_us:
        return [], []
    spans = _merged([(segment.wall_us, segment.end_us) for segment in segments], join_us)
    ranges = [(max(start, from_us), min(end, to_us)) for start, end in spans if start < to_us and end > from_us]
    edges = [from_us, *(edge for span in ranges for edge in span), to_us]
    gaps = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    return ranges, gaps


def _in_order(segment: Segment) -> tuple[int, int, int]:
    return segment.wall_us, segment.generation, segment.sequence


def _outside(segments: Iterable[Segment], taken: Sequence[Window]) -> Iterator[Segment]:
    at = 0
    for segment in segments:  # both sorted by start
        while at < len(taken) and taken[at][1] <= segment.wall_us:
            at += 1
        if at == len(taken) or taken[at][0] >= segment.end_us:
            yield segment


def _merged(spans: Sequence[Window], join_us: int) -> list[Window]:
    merged: list[Window] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start - merged[-1][1] <= join_us:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _newest_run(segments: Sequence[Segment]) -> Sequence[Segment]:
    """The longest end of the list whose media sequence numbers follow one another."""
    start = len(segments) - 1
    while start > 0 and segments[start - 1].sequence + 1 == segments[start].sequence:
        start -= 1
    return segments[max(start, 0) :]


def _window_start(run: Sequence[Segment], target_s: int) -> int:
    seconds = 0.0
    for count, segment in enumerate(reversed(run), start=1):
        seconds += segment.seconds
        if count >= LIVE_SEGMENTS and seconds >= LIVE_TARGETS * target_s:
            return len(run) - count
    return 0


def _rounded(segment: Segment) -> int:
    """EXTINF rounded to the nearest integer, halves up (RFC 8216, 4.3.3.1), from what the playlist will say."""
    return (_milliseconds(segment) + 500) // 1000


def _milliseconds(segment: Segment) -> int:
    return (segment.duration * 1000 + segment.timescale // 2) // segment.timescale


def _head(segments: Sequence[Segment], target_s: int, sequence: int) -> list[str]:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{target_s}", f"#EXT-X-MEDIA-SEQUENCE:{sequence}"]
    if all(segment.independent for segment in segments):
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    return lines


def _body(segments: Sequence[Segment], url: UrlOf) -> list[str]:
    lines: list[str] = []
    init = ""
    previous: Segment | None = None
    for segment in segments:
        breaks = _breaks(previous, segment) if previous else 0
        lines += ["#EXT-X-DISCONTINUITY"] * breaks
        if breaks or segment.init_hash != init:
            init = segment.init_hash
            lines.append(f'#EXT-X-MAP:URI="{url.init(init)}"')
        milliseconds = _milliseconds(segment)
        lines += [
            f"#EXT-X-PROGRAM-DATE-TIME:{_date_time(segment.wall_us)}",
            f"#EXTINF:{milliseconds // 1000}.{milliseconds % 1000:03d},",
            url.segment(segment),
        ]
        previous = segment
    return lines


def _breaks(before: Segment, after: Segment) -> int:
    """Discontinuities between two listed segments. One tag per number keeps the count that clients make (4.3.3.3)
    equal to ours; a hole in the sequence (a gap, another recorder) or a new init segment is at least one."""
    counted = after.discontinuity_sequence - before.discontinuity_sequence
    follows = (
        after.sequence == before.sequence + 1
        and after.init_hash == before.init_hash
        and after.tfdt == before.tfdt + before.duration
    )
    if after.sequence != before.sequence + 1:
        return 1
    return max(counted, 0 if follows else 1)


def _date_time(us: int) -> str:
    at = _EPOCH + timedelta(microseconds=us)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
