"""A package as one ZIP that is never written: its headers are made here, the files' bytes are read as they lie, stored.

So a package takes its room once, and a download can begin at any byte: the same folder gives the same ZIP, whoever
asks and whenever. Layout by PKWARE's APPNOTE.TXT, 4.3; ZIP64 (4.5.3) where a size or a place needs it.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from struct import pack

from cameras.evidence.verify import MANIFEST, unlisted

BLOCK = 256 * 1024
LIMIT = 0xFFFF_FFFF
"""What does not fit into 32 bits says so by this and stands in the ZIP64 field."""
VERSION, VERSION_64 = 20, 45
UTF8 = 1 << 11
MODE = 0o100600 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the ZIP."""

    name: str
    path: Path
    size: int
    crc32: int


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of the ZIP from ``at`` on: ``head``, then the whole of ``path``."""

    at: int
    head: bytes
    path: Path | None = None
    size: int = 0


class Zip:
    """``size`` in bytes; ``read`` any stretch of them."""

    def __init__(self, entries: Sequence[Entry], at: datetime) -> None:
        """``at``: the time its entries carry, in the zone it is to be read in."""
        stamp = _dos(at)
        self._parts: list[Part] = []
        central = b""
        self.size = 0
        for entry in entries:
            central += _central(entry, self.size, stamp)
            self._add(_local(entry, stamp), entry.path, entry.size)
        self._add(central + _end(len(entries), len(central), self.size))

    def _add(self, head: bytes, path: Path | None = None, size: int = 0) -> None:
        self._parts.append(Part(self.size, head, path, size))
        self.size += len(head) + size

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes ``[start, end)`` in blocks. Raises ``OSError``, also where a file has become shorter."""
        for part in self._parts:
            yield from _stretch(part, start - part.at, end - part.at)


def zip_of(folder: Path, at: datetime) -> Zip:
    """A finished package's ZIP. Raises ``OSError``."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    files = manifest["files"]
    entries = [Entry(one["path"], folder / one["path"], one["bytes"], one["crc32"]) for one in files]
    for name in unlisted(manifest):
        raw = (folder / name).read_bytes()
        entries.append(Entry(name, folder / name, len(raw), zlib.crc32(raw)))
    return Zip(entries, at)


def _stretch(part: Part, start: int, end: int) -> Iterator[bytes]:
    """The same of one part, whose first byte is number 0."""
    if head := part.head[max(start, 0) : max(end, 0)]:
        yield head
    begins, ends = max(start - len(part.head), 0), min(end - len(part.head), part.size)
    if part.path is None or begins >= ends:
        return
    with part.path.open("rb") as file:
        file.seek(begins)
        left = ends - begins
        while left:
            block = file.read(min(BLOCK, left))
            if not block:
                raise OSError(f"{part.path.name} became shorter while it was read")
            left -= len(block)
            yield block


def _local(entry: Entry, stamp: tuple[int, int]) -> bytes:
    name = entry.name.encode()
    wide = entry.size >= LIMIT
    extra = pack("<HHQQ", 1, 16, entry.size, entry.size) if wide else b""
    size = LIMIT if wide else entry.size
    version = VERSION_64 if wide else VERSION
    sizes = (entry.crc32, size, size, len(name), len(extra))
    return pack("<4s5H3I2H", b"PK\3\4", version, UTF8, 0, *stamp, *sizes) + name + extra


def _central(entry: Entry, offset: int, stamp: tuple[int, int]) -> bytes:
    name = entry.name.encode()
    size, at, wide = entry.size, offset, b""
    if entry.size >= LIMIT:
        size, wide = LIMIT, pack("<QQ", entry.size, entry.size)
    if offset >= LIMIT:
        at, wide = LIMIT, wide + pack("<Q", offset)
    extra = pack("<HH", 1, len(wide)) + wide if wide else b""
    version = VERSION_64 if wide else VERSION
    made_by = 3 << 8 | version  # on Unix
    sizes = (entry.crc32, size, size, len(name), len(extra))
    rest = (0, 0, 0, MODE, at)  # comment, disk, internal attributes; mode; place
    return pack("<4s6H3I5H2I", b"PK\1\2", made_by, version, UTF8, 0, *stamp, *sizes, *rest) + name + extra


def _end(count: int, length: int, offset: int) -> bytes:
    """End of central directory, with its ZIP64 record and locator before it where the directory begins beyond 4 GB."""
    wide = b""
    if offset >= LIMIT:
        wide = pack("<4sQ2H2I4Q", b"PK\6\6", 44, 3 << 8 | VERSION_64, VERSION_64, 0, 0, count, count, length, offset)
        wide += pack("<4sIQI", b"PK\6\7", 0, offset + length, 1)
    return wide + pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, length, min(offset, LIMIT), 0)


def _dos(at: datetime) -> tuple[int, int]:
    """Time and date as MS-DOS has them, in steps of two seconds."""
    return at.hour << 11 | at.minute << 5 | at.second // 2, (at.year - 1980) << 9 | at.month << 5 | at.day
