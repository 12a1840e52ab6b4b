"""The index journal beside every slice: a header of 192 bytes, then records of 80 bytes, big-endian, append-only.

It is live window, crash journal and replay index in one, so a reader needs neither the database nor a folder walk.
Bytes are defined in ``docs/design/store.md``. A reader stops at the first record whose CRC fails and treats the rest as
not there: that record is either being written now or is what a power cut left.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from struct import Struct
from uuid import UUID
from zlib import crc32

INDEPENDENT, SEGMENT_START, SEGMENT_END, HASHED_LATE = 1, 2, 4, 8
MAGIC, VERSION = b"MPIX", 1
HEADER_LENGTH, RECORD_LENGTH = 192, 80
RENDITIONS = ("main", "sub")
_FRAGMENT, _CLOSE = 1, 2
_NO_ID = bytes(16)

_HEADER = Struct(">4sHH16s16sBIIQQQIqI32s16s51x")
_RECORD = Struct(">BBHQIQIq32s8x")
_CRC = Struct(">I")
assert _HEADER.size == HEADER_LENGTH - 4  # noqa: S101  (the format is a contract with files that already exist)
assert _RECORD.size == RECORD_LENGTH - 4  # noqa: S101


class JournalDamaged(Exception):
    """The header cannot be read: missing, cut short, of another format, or its CRC fails."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"journal {path.name}: {why}")
        self.path = path
        self.why = why


@dataclass(frozen=True, slots=True)
class Header:
    camera_id: UUID
    slice_id: UUID
    rendition: str
    generation: int
    mask_version: int
    media_sequence: int
    """Of the slice's first segment; the others count on from it."""
    discontinuity_sequence: int
    first_tfdt: int
    timescale: int
    wall_us: int
    init_length: int
    init_hash: str
    previous_slice: UUID | None

    def pack(self) -> bytes:
        body = _HEADER.pack(
            MAGIC, VERSION, HEADER_LENGTH, self.camera_id.bytes, self.slice_id.bytes,
            RENDITIONS.index(self.rendition), self.generation, self.mask_version, self.media_sequence,
            self.discontinuity_sequence, self.first_tfdt, self.timescale, self.wall_us, self.init_length,
            bytes.fromhex(self.init_hash), self.previous_slice.bytes if self.previous_slice else _NO_ID,
        )  # fmt: skip
        return body + _CRC.pack(crc32(body))

    @classmethod
    def unpack(cls, raw: bytes, path: Path) -> "Header":
        if len(raw) < HEADER_LENGTH:
            raise JournalDamaged(path, f"header of {len(raw)} bytes instead of {HEADER_LENGTH}")
        if raw[:4] != MAGIC:
            raise JournalDamaged(path, f"starts with {raw[:4].hex()}, no journal")
        if _CRC.unpack_from(raw, HEADER_LENGTH - 4)[0] != crc32(raw[: HEADER_LENGTH - 4]):
            raise JournalDamaged(path, "header fails its CRC")
        (
            _, version, length, camera, slice_id, rendition, generation, mask_version, media_sequence, discontinuity,
            first_tfdt, timescale, wall_us, init_length, init_hash, previous,
        ) = _HEADER.unpack_from(raw)  # fmt: skip
        if version != VERSION or length != HEADER_LENGTH or rendition >= len(RENDITIONS):
            raise JournalDamaged(path, f"format {version}, header length {length}, rendition {rendition}")
        return cls(
            UUID(bytes=camera), UUID(bytes=slice_id), RENDITIONS[rendition], generation, mask_version, media_sequence,
            discontinuity, first_tfdt, timescale, wall_us, init_length, init_hash.hex(),
            UUID(bytes=previous) if previous != _NO_ID else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fragment:
    offset: int
    length: int
    tfdt: int
    duration: int
    wall_us: int
    frames: int
    flags: int
    sha256: bytes

    def pack(self) -> bytes:
        body = _RECORD.pack(
            _FRAGMENT, self.flags, self.frames, self.offset, self.length, self.tfdt, self.duration, self.wall_us,
            self.sha256,
        )  # fmt: skip
        return body + _CRC.pack(crc32(body))


@dataclass(frozen=True, slots=True)
class Close:
    length: int
    """Of the media file."""
    root: bytes
    """SHA-256 over the header and all fragment records, as they stand in the file."""
    next_slice: UUID | None
    """The slice that goes on where this one ends; None after a seam or where it is not known."""
    recovered: bool = False
    """Written after a kill by somebody else than the recorder."""

    def pack(self) -> bytes:
        following = self.next_slice.bytes if self.next_slice else _NO_ID
        high, low = int.from_bytes(following[:8], "big"), int.from_bytes(following[8:], "big")
        body = _RECORD.pack(_CLOSE, HASHED_LATE if self.recovered else 0, 0, high, self.length, low, 0, 0, self.root)
        return body + _CRC.pack(crc32(body))


@dataclass(frozen=True, slots=True)
class Segment:
    """What one media URL names: a run of whole fragments in one slice file."""

    slice_id: UUID
    sequence: int
    discontinuity_sequence: int
    init_hash: str
    offset: int
    length: int
    tfdt: int
    duration: int
    timescale: int
    wall_us: int
    independent: bool
    generation: int

    @property
    def seconds(self) -> float:
        return self.duration / self.timescale

    @property
    def end_us(self) -> int:
        """Wall clock at the end of its last frame, µs since the epoch."""
        return self.wall_us + self.duration * 1_000_000 // self.timescale


def parse_record(raw: bytes, at: int) -> Fragment | Close | None:
    """The record at byte ``at``; None where it is cut short, fails its CRC or is of an unknown kind."""
    if len(raw) < at + RECORD_LENGTH:
        return None
    if _CRC.unpack_from(raw, at + RECORD_LENGTH - 4)[0] != crc32(raw[at : at + RECORD_LENGTH - 4]):
        return None
    kind, flags, frames, offset, length, tfdt, duration, wall_us, digest = _RECORD.unpack_from(raw, at)
    if kind == _FRAGMENT:
        return Fragment(offset, length, tfdt, duration, wall_us, frames, flags, digest)
    if kind == _CLOSE:
        following = offset.to_bytes(8, "big") + tfdt.to_bytes(8, "big")
        return Close(length, digest, UUID(bytes=following) if following != _NO_ID else None, bool(flags & HASHED_LATE))
    return None


class Journal:
    """A parsed journal that can grow: ``refresh`` reads only what has been appended since."""

    __slots__ = ("_first_open", "_segments", "close", "fragments", "header", "path")

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        self.fragments: list[Fragment] = []
        self.close: Close | None = None
        self._segments: list[Segment] = []
        self._first_open = 0  # index of the first fragment that belongs to no complete segment yet

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """Read the whole journal. Raises JournalDamaged on a bad header, OSError where there is no file."""
        raw = path.read_bytes()
        journal = cls(path, Header.unpack(raw, path))
        journal._take(raw, HEADER_LENGTH)
        return journal

    @property
    def length(self) -> int:
        """Bytes of the journal that are whole: header and complete records."""
        return HEADER_LENGTH + RECORD_LENGTH * (len(self.fragments) + (self.close is not None))

    @property
    def media_length(self) -> int:
        """Bytes of the media file that complete records speak for."""
        last = self.fragments[-1] if self.fragments else None
        return last.offset + last.length if last else self.header.init_length

    @property
    def ends_us(self) -> int:
        """Wall clock at the end of the last fragment."""
        if not self.fragments:
            return self.header.wall_us
        last = self.fragments[-1]
        return last.wall_us + last.duration * 1_000_000 // self.header.timescale

    def refresh(self) -> bool:
        """Read on; True where there is something new. A closed journal is never read again."""
        if self.close is not None:
            return False
        known = self.length
        with self.path.open("rb", buffering=0) as file:
            file.seek(known)
            raw = file.read()
        self._take(raw, 0)
        return self.length != known

    def root(self) -> bytes:
        """SHA-256 over header and fragment records, computed from what was read."""
        digest = sha256(self.header.pack())
        for record in self.fragments:
            digest.update(record.pack())
        return digest.digest()

    def segments(self, *, ended: bool = False) -> list[Segment]:
        """The complete segments. ``ended`` says that nobody writes here any more (closed, or a later slice exists):
        then a last segment without its SEGMENT_END counts too, as the numbers of later slices count it."""
        rest = self.fragments[self._first_open :] if ended or self.close is not None else []
        if not rest:
            return self._segments.copy()
        return [*self._segments, self._segment(len(self._segments), rest)]

    def restate(self, fragments: list[Fragment]) -> None:
        """Say what the file is about to say: for recovery, which cuts and completes it."""
        self.fragments, self._segments, self._first_open = [], [], 0
        for record in fragments:
            self._add(record)

    def _take(self, raw: bytes, at: int) -> None:
        while self.close is None:
            record = parse_record(raw, at)
            if record is None:
                return
            at += RECORD_LENGTH
            if isinstance(record, Close):
                self.close = record
                return
            self._add(record)

    def _add(self, record: Fragment) -> None:
        start = self._first_open
        if record.flags & SEGMENT_START and start < len(self.fragments):  # the one before never got its end
            self._complete(len(self.fragments))
        self.fragments.append(record)
        if record.flags & SEGMENT_END:
            self._complete(len(self.fragments))

    def _complete(self, end: int) -> None:
        self._segments.append(self._segment(len(self._segments), self.fragments[self._first_open : end]))
        self._first_open = end

    def _segment(self, index: int, parts: list[Fragment]) -> Segment:
        header, first, last = self.header, parts[0], parts[-1]
        return Segment(
            slice_id=header.slice_id, sequence=header.media_sequence + index,
            discontinuity_sequence=header.discontinuity_sequence, init_hash=header.init_hash,
            offset=first.offset, length=last.offset + last.length - first.offset, tfdt=first.tfdt,
            duration=sum(part.duration for part in parts), timescale=header.timescale, wall_us=first.wall_us,
            independent=bool(first.flags & INDEPENDENT), generation=header.generation,
        )  # fmt: skip
