"""Packages made of really recorded slices, for the tests of packing and of the verifier."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cameras.evidence.package import package_write
from cameras.evidence.takes import Source, Take
from cameras.store.copy import pieces
from cameras.store.journal import Journal
from cameras.store.layout import MEDIA
from cameras.store.playlists import undoubled
from tests.cameras.store.footage import WALL_US, Recording, encoded, indexes, muxed

KEY, OTHER_KEY = b"\x01" * 32, b"\x02" * 32
FACTS: dict[str, Any] = {
    "package": {"id": "0192d3a4-0000-7000-8000-000000000001", "made_at": "2026-11-30T05:00:00Z", "software": "matpho"},
    "request": {"case_number": "2026/17", "kind": "voluntary"},
}
ALL = (WALL_US, WALL_US + 3600 * 1_000_000)


def street(root: Path, cameras: int = 2) -> list[Path]:
    """Cameras that recorded ten seconds, then, after a reconnect, ten more; the store's folder of each."""
    folders = []
    for number in range(cameras):
        stream, one = encoded(gop=(30, 15, 10)[number]), Recording(root)
        one.write(muxed(stream), stream.init)
        one.writer.seam()
        one.write(muxed(stream, at=1_800_000, wall_us=WALL_US + 20_000_000), stream.init).close()
        folders.append(root / str(one.camera_id))
    return folders


def take(folder: Path, name: str = "K1", window: tuple[int, int] = ALL) -> Take:
    """What of one camera's folder shows ``window``."""
    journals = sorted((Journal.open(path) for path in folder.rglob("*.idx")), key=lambda one: one.header.wall_us)
    listed = [(journal.path.with_suffix(MEDIA), journal) for journal in journals]
    kept = undoubled(segment for journal in journals for segment in journal.segments(ended=True))
    found = pieces(listed, kept, window)
    used = {piece.header.slice_id for piece in found}
    sources = tuple(
        Source(media, journal, journal.close.root.hex()) for media, journal in listed if journal.header.slice_id in used
    )
    return Take(name, sources, tuple(found), {"make": "Hikvision"})


def packed(root: Path, folder: Path, **how: Any) -> Path:
    """A package of the street's cameras; gives its folder."""
    takes = [take(one, f"K{number}") for number, one in enumerate(street(root), start=1)]
    return pack(folder, takes, **how)


def pack(folder: Path, takes: Sequence[Take], **how: Any) -> Path:
    package_write(folder, takes, FACTS, key=KEY, **how)
    return folder


def zipped(package: Path, archive: Path, how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(archive, "w", how) as out:
        for path in sorted(package.rglob("*")):
            out.write(path, path.relative_to(package).as_posix())
    return archive


__all__ = ["ALL", "FACTS", "KEY", "OTHER_KEY", "indexes", "pack", "packed", "street", "take", "zipped"]
