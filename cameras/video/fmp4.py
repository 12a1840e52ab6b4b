"""Fragmented MP4, written by hand: an init segment, and one ``moof+mdat`` per fragment.

Pure arithmetic and bytes. The hot path of a recorder builds its own payload and sample table and calls ``fragment``;
``Muxer`` is the readable form of the same rules, one frame at a time, and the tests hold both to one another.
Sources: ISO/IEC 14496-12 (boxes), 14496-15 (``avcC``), RFC 8216 section 3.3 (fMP4 in HLS). Times are in ticks of
1/90,000 s.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct, pack
from sys import byteorder

from cameras.video.h264 import WITH_CHROMA_FIELDS, parse_sps, sized_nals

TIMESCALE = 90_000
INDEPENDENT, SEGMENT_START, SEGMENT_END, HASHED_LATE = 1, 2, 4, 8
"""Flags of a fragment; they go into the journal as they are."""

KEY_SAMPLE, OTHER_SAMPLE = 0x0200_0000, 0x0101_0000
"""``sample_flags``: depends on no other; depends on others and is no sync sample (14496-12, 8.8.3.1)."""

SEGMENT_TICKS = 2 * TIMESCALE
LONGEST_SEGMENT_TICKS = 10 * TIMESCALE
FRAGMENT_TICKS = TIMESCALE
FRAGMENT_BYTES = 256 * 1024
EARLY_TICKS = TIMESCALE // 10
"""A key frame this much before the segment's length still ends it: cameras' clocks jitter, and waiting for the next
key frame would double the segment."""

MAX_BUFFERS = 500
"""One ``writev`` takes 1,024 (IOV_MAX)."""

Bytes = bytes | bytearray | memoryview


@dataclass(slots=True)
class Frame:
    """One access unit: length-prefixed NAL units, times in ticks. ``dts`` rises from frame to frame."""

    data: Bytes
    pts: int
    dts: int
    key: bool


@dataclass(frozen=True, slots=True)
class MuxedFragment:
    """One ``moof+mdat``, ready for one ``writev``."""

    buffers: tuple[Bytes, ...]
    length: int
    tfdt: int
    duration: int
    wall_us: int
    frames: int
    flags: int
    sha256: bytes


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    body = b"".join(parts)
    return pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, pack(">I", version << 24 | flags), *parts)


MATRIX = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def init_segment(sps: Sequence[bytes], pps: Sequence[bytes]) -> bytes:
    """``ftyp+moov`` of one H.264 track without samples. Raises BadParameterSet on an SPS that cannot be read.

    The brand is ``iso6``, the first that allows negative composition offsets in ``trun`` version 1.
    """
    facts = parse_sps(sps[0])
    shown_width = facts.width * facts.sar[0] // facts.sar[1]
    tables = [full_box(b"stts", 0, 0, bytes(4)), full_box(b"stsc", 0, 0, bytes(4)), full_box(b"stsz", 0, 0, bytes(8))]
    stbl = box(b"stbl", _sample_description(sps, pps), *tables, full_box(b"stco", 0, 0, bytes(4)))
    dinf = box(b"dinf", full_box(b"dref", 0, 0, pack(">I", 1), full_box(b"url ", 0, 1)))
    minf = box(b"minf", full_box(b"vmhd", 0, 1, bytes(8)), dinf, stbl)
    hdlr = full_box(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"video\0")
    mdhd = full_box(b"mdhd", 0, 0, pack(">IIIIHH", 0, 0, TIMESCALE, 0, 0x55C4, 0))  # language "und"
    tkhd = full_box(
        b"tkhd", 0, 3, pack(">IIIII", 0, 0, 1, 0, 0), bytes(16), MATRIX,
        pack(">II", shown_width << 16, facts.height << 16),
    )  # fmt: skip
    mvhd = full_box(
        b"mvhd", 0, 0, pack(">IIII", 0, 0, TIMESCALE, 0), pack(">IHHII", 0x10000, 0x100, 0, 0, 0), MATRIX,
        bytes(24), pack(">I", 2),
    )  # fmt: skip
    mvex = box(b"mvex", full_box(b"trex", 0, 0, pack(">5I", 1, 1, 0, 0, 0)))
    trak = box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))
    return box(b"ftyp", b"iso6\0\0\0\0iso5iso6mp41") + box(b"moov", mvhd, trak, mvex)


def _sample_description(sps: Sequence[bytes], pps: Sequence[bytes]) -> bytes:
    facts = parse_sps(sps[0])
    parts = [b"\1", sps[0][1:4], b"\xff", bytes([0xE0 | len(sps)])]  # four-byte NAL lengths
    parts += [pack(">H", len(nal)) + nal for nal in sps]
    parts.append(bytes([len(pps)]))
    parts += [pack(">H", len(nal)) + nal for nal in pps]
    if facts.profile in WITH_CHROMA_FIELDS:  # 14496-15, 5.3.3.1.2: the high profiles append these
        depths = bytes([0xF8 | facts.bit_depth_luma - 8, 0xF8 | facts.bit_depth_chroma - 8])
        parts += [bytes([0xFC | facts.chroma_format]), depths, b"\0"]
    pasp = [] if facts.sar == (1, 1) else [box(b"pasp", pack(">II", *facts.sar))]
    geometry = pack(">HHIIIH", facts.width, facts.height, 0x480000, 0x480000, 0, 1)
    entry = box(
        b"avc1", bytes(6), b"\0\1", bytes(16), geometry, bytes(32), b"\0\x18\xff\xff", box(b"avcC", *parts), *pasp
    )  # fmt: skip
    return full_box(b"stsd", 0, 0, pack(">I", 1), entry)


_MOOF = Struct(">I4s I4sII I4s I4sII I4sIQ I4sIII")
_MDAT = Struct(">I4s")
_WORDS = 4
_SWAP = byteorder == "little"


def new_samples() -> "array[int]":
    """An empty sample table: append ``(duration, size, KEY_SAMPLE or OTHER_SAMPLE, pts - dts)`` for each frame."""
    return array("i")


def moof(sequence: int, tfdt: int, samples: "array[int]") -> bytes:
    """The ``moof`` box of a fragment whose ``mdat`` follows at once.

    ``samples`` holds four signed 32-bit words a frame (see ``new_samples``) and is left as it is. The decode time is
    64 bit (``tfdt`` version 1), composition offsets are signed (``trun`` version 1).
    """
    count = len(samples) // _WORDS
    trun = 20 + 16 * count
    traf = 44 + trun
    size = 24 + traf
    head = _MOOF.pack(
        size, b"moof", 16, b"mfhd", 0, sequence & 0xFFFF_FFFF, traf, b"traf", 16, b"tfhd", 0x020000, 1,
        20, b"tfdt", 0x0100_0000, tfdt, trun, b"trun", 0x0100_0F01, count, size + 8,
    )  # fmt: skip
    if _SWAP:
        samples = samples[:]
        samples.byteswap()
    return head + samples.tobytes()


def fragment(
    sequence: int, tfdt: int, samples: "array[int]", pictures: Sequence[Bytes], *, wall_us: int, flags: int
) -> MuxedFragment:  # fmt: skip
    """Put a finished sample table and its pictures into one fragment, hashed; they are taken over, not copied."""
    if len(pictures) >= MAX_BUFFERS:
        pictures = (b"".join(pictures),)
    size = sum(map(len, pictures))
    head = moof(sequence, tfdt, samples) + _MDAT.pack(size + 8, b"mdat")
    digest = sha256(head)
    for picture in pictures:
        digest.update(picture)
    return MuxedFragment(
        buffers=(head, *pictures), length=len(head) + size, tfdt=tfdt, duration=sum(samples[::_WORDS]),
        wall_us=wall_us, frames=len(samples) // _WORDS, flags=flags, sha256=digest.digest(),
    )  # fmt: skip


class Muxer:
    """Frames in, fragments out, by the rules of ``docs/design/store.md``.

    A fragment closes before a key frame, before it would pass one second, and before it would pass 256 KiB. A segment
    ends before the first key frame at or after its length (two seconds), and before any frame once it would pass ten.
    A fragment closes when the *next* frame arrives, so its last duration is exact and it already says SEGMENT_END.

    Encoders with B-frames show their first key frame some frames after its decode time. That delay is taken off every
    composition offset (some become negative): else each start and each discontinuity is a hole of that length, and
    players stall on it. So a key frame's presentation time is its decode time.
    """

    def __init__(self, *, segment_ticks: int = SEGMENT_TICKS, sequence: int = 0) -> None:
        self._segment_ticks = segment_ticks
        self._sequence = sequence
        self._samples = new_samples()
        self._payload = bytearray()
        self._tfdt = self._last_dts = self._segment_dts = 0
        self._last_duration = TIMESCALE // 15  # what a frame lasts until the next one tells
        self._wall_us = 0
        self._flags = 0
        self._in_segment = False
        self._delay = 0

    def add(self, frame: Frame, wall_us: int) -> MuxedFragment | None:
        """Take a frame received at ``wall_us``; gives the fragment that it completes. Frames before the first key
        frame are dropped: nothing could show them. Raises ValueError where ``dts`` does not rise."""
        if not self._samples:
            if not self._in_segment and not frame.key:
                return None
            if frame.key:
                self._delay = frame.pts - frame.dts
            self._open(frame, wall_us, starts=True)
            return None
        duration = frame.dts - self._last_dts
        if duration <= 0:
            raise ValueError(f"dts {frame.dts} after {self._last_dts}")
        self._samples[-_WORDS] = self._last_duration = duration
        done = None
        ends = self._ends_segment(frame, duration)
        if ends or frame.key or self._is_full(frame, duration):
            done = self._take(SEGMENT_END if ends else 0)
            self._open(frame, wall_us, starts=ends)
        else:
            self._append(frame)
        return done

    def flush(self) -> MuxedFragment | None:
        """The last fragment of a stream, or of what comes before a seam. Its last frame lasts as long as the one
        before it, for want of a next."""
        if not self._samples:
            return None
        self._in_segment = False
        return self._take(SEGMENT_END)

    def _ends_segment(self, frame: Frame, duration: int) -> bool:
        elapsed = frame.dts - self._segment_dts
        if frame.key:
            return elapsed >= self._segment_ticks - EARLY_TICKS
        return elapsed + duration > LONGEST_SEGMENT_TICKS

    def _is_full(self, frame: Frame, duration: int) -> bool:
        over_time = frame.dts + duration - self._tfdt > FRAGMENT_TICKS
        return over_time or len(self._payload) + len(frame.data) > FRAGMENT_BYTES

    def _open(self, frame: Frame, wall_us: int, *, starts: bool) -> None:
        self._tfdt, self._wall_us = frame.dts, wall_us
        self._flags = (INDEPENDENT if frame.key else 0) | (SEGMENT_START if starts else 0)
        if starts:
            self._segment_dts = frame.dts
            self._in_segment = True
        self._append(frame)

    def _append(self, frame: Frame) -> None:
        self._last_dts = frame.dts
        kind = KEY_SAMPLE if frame.key else OTHER_SAMPLE
        self._samples.extend((self._last_duration, len(frame.data), kind, frame.pts - frame.dts - self._delay))
        self._payload += frame.data

    def _take(self, ending: int) -> MuxedFragment:
        self._sequence += 1
        done = fragment(
            self._sequence, self._tfdt, self._samples, (self._payload,),
            wall_us=self._wall_us, flags=self._flags | ending,
        )  # fmt: skip
        self._samples, self._payload = new_samples(), bytearray()
        return done


@dataclass(frozen=True, slots=True)
class FoundFragment:
    """What the bytes of a fragment say of themselves."""

    length: int
    tfdt: int
    duration: int
    frames: int
    independent: bool


def read_fragment(raw: Bytes) -> FoundFragment | None:
    """The whole fragment at the start of ``raw``, written by this module; None where it is cut short or torn.

    A power cut can leave a file longer than the bytes that reached the disk, with zeros instead: so every sample must
    be an exact run of NAL units.
    """
    view = memoryview(raw)
    found = read_samples(view)
    if found is None:
        return None
    tfdt, at, samples = found
    for sample in samples[1::_WORDS]:
        if not _is_nals(view[at : at + sample]):
            return None
        at += sample
    return FoundFragment(at, tfdt, sum(samples[::_WORDS]), len(samples) // _WORDS, samples[2] == KEY_SAMPLE)


def read_samples(raw: Bytes) -> "tuple[int, int, array[int]] | None":
    """Of the fragment at the start of ``raw``: ``tfdt``, where the first sample's bytes begin, and the sample table
    (``new_samples``). None where it is cut short or its boxes are torn."""
    view = memoryview(raw)
    if len(view) < _MOOF.size:
        return None
    size, kind, _, _, _, _, _, _, _, _, _, _, _, tfdt_box, _, tfdt, _, trun_box, _, count, _ = _MOOF.unpack_from(view)
    if (kind, tfdt_box, trun_box) != (b"moof", b"tfdt", b"trun") or size != _MOOF.size + 16 * count or not count:
        return None
    if len(view) < size + _MDAT.size:
        return None
    mdat, mdat_kind = _MDAT.unpack_from(view, size)
    samples = new_samples()
    samples.frombytes(view[_MOOF.size : size])
    if _SWAP:
        samples.byteswap()
    if mdat_kind != b"mdat" or len(view) < size + mdat or sum(samples[1::_WORDS]) != mdat - _MDAT.size:
        return None
    return tfdt, size + _MDAT.size, samples


def _is_nals(sample: memoryview) -> bool:
    try:
        return all(len(nal) and nal[0] & 0x1F for nal in sized_nals(sample))
    except ValueError:
        return False
