"""What a media segment says of its own time: boxes of ISO/IEC 14496-12, read without our muxer's help. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from


class NotMedia(Exception):
    """These bytes are no fMP4 segment."""


@dataclass(frozen=True, slots=True)
class Timing:
    """In the track's ticks. ``starts`` is the first ``tfdt``."""

    starts: int
    ticks: int
    frames: int
    begins_with_key: bool

    @property
    def ends(self) -> int:
        return self.starts + self.ticks


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Type, first byte of the content, end; raises ``NotMedia`` where they do not fill the range exactly."""
    stop = len(data) if end is None else end
    at = start
    while at < stop:
        if at + 8 > stop:
            raise NotMedia(f"{stop - at} bytes are left over")
        size, kind = unpack_from(">I4s", data, at)
        if size < 8 or at + size > stop:
            raise NotMedia(f"box {kind!r} of {size} bytes at {at} of {stop}")
        yield kind, at + 8, at + size
        at += size


def timescale(init: bytes) -> int:
    """Ticks a second of the one track of an init segment (ftyp, then moov)."""
    kinds = [kind for kind, _, _ in boxes(init)]
    if kinds[:1] != [b"ftyp"] or b"moov" not in kinds or b"moof" in kinds:
        raise NotMedia(f"an init segment of {kinds}")
    _, at, _ = _within(init, 0, len(init), b"moov", b"trak", b"mdia", b"mdhd")
    return int(unpack_from(">I", init, at + (20 if init[at] else 12))[0])


def timing(segment: bytes) -> Timing:
    """Of all ``moof+mdat`` pairs in one segment; ``tfdt`` must go on from each to the next (RFC 8216, 3.3)."""
    found: Timing | None = None
    waiting = 0
    for kind, at, end in boxes(segment):
        if kind == b"moof":
            part, waiting = _fragment(segment, at, end)
            if found and part.starts != found.ends:
                raise NotMedia(f"tfdt {part.starts} inside a segment, after {found.ends}")
            found = _joined(found, part)
        elif kind == b"mdat" and waiting == end - at:
            waiting = 0
        else:
            raise NotMedia(f"{kind!r} of {end - at} bytes where {waiting} bytes of samples were announced")
    if found is None or waiting:
        raise NotMedia("no moof, or a moof without its mdat")
    return found


def _joined(before: Timing | None, part: Timing) -> Timing:
    if before is None:
        return part
    return Timing(before.starts, before.ticks + part.ticks, before.frames + part.frames, before.begins_with_key)


def _within(data: bytes, at: int, end: int, *path: bytes) -> tuple[bytes, int, int]:
    for kind, start, stop in boxes(data, at, end):
        if kind == path[0]:
            return (kind, start, stop) if len(path) == 1 else _within(data, start, stop, *path[1:])
    raise NotMedia(f"no {path[0]!r}")


def _fragment(data: bytes, at: int, end: int) -> tuple[Timing, int]:
    """Timing of a moof's one track, and the bytes its samples take."""
    _, start, stop = _within(data, at, end, b"traf")
    _, tfdt, _ = _within(data, start, stop, b"tfdt")
    _, trun, _ = _within(data, start, stop, b"trun")
    starts = unpack_from(">Q" if data[tfdt] else ">I", data, tfdt + 4)[0]
    flags = int.from_bytes(data[trun + 1 : trun + 4], "big")
    count = unpack_from(">I", data, trun + 4)[0]
    # duration, size, flags, composition offset: one word each, in this order, where their bit is set (8.8.8)
    words = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    if not {0x100, 0x200} <= set(words):
        raise NotMedia("a trun without durations and sizes")
    table = trun + 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    first_flags = unpack_from(">I", data, table - 4)[0] if flags & 4 else 0
    samples = [unpack_from(f">{len(words)}I", data, table + 4 * len(words) * n) for n in range(count)]
    if 0x400 in words and samples:
        first_flags = samples[0][words.index(0x400)]
    ticks = sum(sample[words.index(0x100)] for sample in samples)
    size = sum(sample[words.index(0x200)] for sample in samples)
    return Timing(starts, ticks, count, not first_flags & 0x10000), size
