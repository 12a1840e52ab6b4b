"""The plain MP4 around recorded bytes: they lie untouched in one ``mdat``, and a ``moov`` behind them says which of
them are which frame (ISO/IEC 14496-12).

A fragmented file plays, but its media time runs on for weeks over slices and restarts, and players then show ten
minutes as seven days. Wrapped, a file begins at nought, has its length, and every player finds its middle. The recorded
fragments are in it byte for byte, ``moof`` and all.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby
from struct import pack, unpack_from
from sys import byteorder

from cameras.video.fmp4 import KEY_SAMPLE, MATRIX, Bytes, box, full_box, read_samples

FTYP = box(b"ftyp", b"isom\0\0\0\0isomiso2avc1mp41")
MDAT_HEADER = 16
TRACK = 1


def opening(payload: int, room: int = 0) -> bytes:
    """What stands before ``payload`` recorded bytes. ``room``: bytes left behind ``ftyp``, of noughts."""
    return FTYP + bytes(room) + pack(">I4sQ", 1, b"mdat", payload + MDAT_HEADER)


class Tables:
    """Which bytes are which frame, gathered fragment by fragment: three words a frame, however long the film is."""

    def __init__(self) -> None:
        self._durations, self._sizes, self._offsets = array("i"), array("i"), array("i")
        self._keys: list[int] = []
        self._chunks: list[tuple[int, int]] = []
        """Where each chunk begins in the file, and how many frames it has."""

    def add(self, raw: Bytes, at: int, *, duration: int) -> None:
        """A fragment whose bytes stand at ``at`` in the file. One that can no longer be read shows nothing; the frame
        before it stands for its ``duration``."""
        found = read_samples(raw)
        if found is None:
            if self._durations:
                self._durations[-1] += duration
            return
        _tfdt, begins, samples = found
        count = len(samples) // 4
        before = len(self._sizes)
        self._keys += [before + number + 1 for number in range(count) if samples[number * 4 + 2] == KEY_SAMPLE]
        self._durations.extend(samples[0::4])
        self._sizes.extend(samples[1::4])
        self._offsets.extend(samples[3::4])
        self._chunks.append((at + begins, count))

    def moov(self, init: bytes) -> bytes:
        """The box, with the recorded ``init``'s description of the picture. Raises ``ValueError`` without one."""
        length = sum(self._durations)
        mdia = _inside(init, b"moov", b"trak", b"mdia")
        timescale = unpack_from(">I", _inside(mdia, b"mdhd"), 12)[0]
        stsd = _whole(_inside(mdia, b"minf", b"stbl"), b"stsd")
        size = _inside(init, b"moov", b"trak", b"tkhd")[-8:]
        mvhd = full_box(b"mvhd", 1, 0, pack(">QQIQ", 0, 0, timescale, length), pack(">IHHII", 0x10000, 0x100, 0, 0, 0),
                        MATRIX, bytes(24), pack(">I", TRACK + 1))  # fmt: skip
        tkhd = full_box(b"tkhd", 1, 3, pack(">QQIIQ", 0, 0, TRACK, 0, length), bytes(16), MATRIX, size)
        mdhd = full_box(b"mdhd", 1, 0, pack(">QQIQHH", 0, 0, timescale, length, 0x55C4, 0))
        minf = box(b"minf", _whole(_inside(mdia, b"minf"), b"vmhd"), _whole(_inside(mdia, b"minf"), b"dinf"),
                   box(b"stbl", stsd, *self._tables()))  # fmt: skip
        return box(b"moov", mvhd, box(b"trak", tkhd, box(b"mdia", mdhd, _whole(mdia, b"hdlr"), minf)))

    def _tables(self) -> list[bytes]:
        counts = [(number, count) for number, (_at, count) in enumerate(self._chunks, start=1)]
        stsc = [(next(iter(group))[0], count) for count, group in groupby(counts, key=lambda one: one[1])]
        tables = [
            _counted(b"stts", 0, _runs(self._durations), ">II"),
            _counted(b"stsc", 0, [(first, count, 1) for first, count in stsc], ">III"),
            full_box(b"stsz", 0, 0, pack(">II", 0, len(self._sizes)), _words(self._sizes)),
            _counted(b"co64", 0, [(at,) for at, _count in self._chunks], ">Q"),
            _counted(b"stss", 0, [(number,) for number in self._keys], ">I"),
        ]
        if any(self._offsets):
            tables.append(_counted(b"ctts", 1, _runs(self._offsets), ">Ii"))
        return tables


def _runs(values: Iterable[int]) -> list[tuple[int, int]]:
    return [(len(list(group)), value) for value, group in groupby(values)]


def _counted(kind: bytes, version: int, rows: Sequence[tuple[int, ...]], form: str) -> bytes:
    return full_box(kind, version, 0, pack(">I", len(rows)), b"".join(pack(form, *row) for row in rows))


def _words(values: "array[int]") -> bytes:
    """Big-endian."""
    words = values[:]
    if byteorder == "little":
        words.byteswap()
    return words.tobytes()


def _whole(data: bytes, kind: bytes) -> bytes:
    """The first box of ``kind`` in ``data``, header and all. Raises ``ValueError``."""
    at = 0
    while at + 8 <= len(data):
        size = int(unpack_from(">I", data, at)[0])
        if data[at + 4 : at + 8] == kind:
            return data[at : at + size]
        at += max(8, size)
    raise ValueError(f"no {kind.decode()} box")


def _inside(data: bytes, *kinds: bytes) -> bytes:
    """The contents of a box in a box in ``data``."""
    for kind in kinds:
        data = _whole(data, kind)[8:]
    return data
