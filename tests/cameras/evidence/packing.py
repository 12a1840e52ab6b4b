"""Packages made of really recorded slices, for the tests of packing and of the verifier."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from backend.lib import merkle
from cameras.evidence.manifest import instant
from cameras.evidence.package import package_write
from cameras.evidence.takes import Source, Take
from cameras.store.copy import pieces
from cameras.store.journal import Journal
from cameras.store.layout import MEDIA
from cameras.store.playlists import undoubled
from tests.cameras.store.footage import WALL_US, Recording, encoded, indexes, muxed

KEY, OTHER_KEY = b"\x01" * 32, b"\x02" * 32
AT = instant(WALL_US)
FACTS: dict[str, Any] = {
    "package": {"id": "0192d3a4-0000-7000-8000-000000000001", "number": 1, "made_at": "2026-11-30T05:00:00Z",
                "software": "matpho"},
    "request": {
        "id": "0192d3a4-0000-7000-8000-000000000002", "kind": "voluntary", "case_number": "2026/17",
        "document_number": "45/CV-CAP", "basis": "criminal", "reason": "vehicle", "words": "Xe máy Wave màu xanh",
        "urgent": False, "asked_at": AT, "window": {"from": AT, "to": AT},
    },
    "ward": {"code": "00691", "name": "Phường Hà Giang 2"},
    "people": [{"role": "asked", "name": "Trần Dũng", "unit": "Công an phường Hà Giang 2"}],
    "decisions": [{"camera": "K1", "how": "approved", "by": "owner", "at": AT, "granted": {"from": AT, "to": AT},
                   "objected": False}],
    "operations": [{"what": "footage.asked", "at": AT, "camera": None, "entry": {"seq": 7, "hash": "0" * 64},
                    "parents": [], "results": []}],
    "server": {"synchronised": True, "estimated_error_us": 120, "maximum_error_us": 4000, "how": "adjtimex(2)"},
}  # fmt: skip
CAMERA: dict[str, Any] = {
    "make": "Hikvision", "model": "", "firmware": "", "certificate": {"number": "", "rule": ""},
    "place": {"latitude": 22.82, "longitude": 104.98}, "bearing_deg": 90, "purpose": "security",
    "clock": {"stamped_by": "server", "camera_error_ms": None, "measured_at": None, "how": ""},
    "masks": {"version": 0, "areas": []},
}  # fmt: skip
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
    return Take(name, sources, tuple(found), CAMERA, window)


def packed(root: Path, folder: Path, **how: Any) -> Path:
    """A package of the street's cameras; gives its folder."""
    takes = [take(one, f"K{number}") for number, one in enumerate(street(root), start=1)]
    return pack(folder, takes, **how)


def pack(folder: Path, takes: Sequence[Take], **how: Any) -> Path:
    proven, chain = rooted(takes)
    package_write(folder, proven, FACTS | {"audit": chain}, key=KEY, **how)
    return folder


def rooted(takes: Sequence[Take]) -> tuple[list[Take], dict[str, Any]]:
    """The takes with their slices' proofs, and the audit of a ward in which one entry holds them all."""
    sources = [source for one in takes for source in one.sources]
    leaves = [merkle.leaf_of(source.id.bytes + bytes.fromhex(source.root)) for source in sources]
    entry = {
        "id": "0192d3a4-0000-7000-8000-000000000003", "chain": "ward:1", "seq": 8, "ward_id": None,
        "neighborhood_id": None, "at": "2026-11-18T11:10:00.000000+00:00", "actor": "system:recorder",
        "action": "slices.rooted", "subject": "slice_batch:1",
        "data": {"count": len(leaves), "root": merkle.root_of(leaves).hex(), "node": "một"},
    }  # fmt: skip
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)  # as ``audit.canonical``
    digest = sha256(("1" * 64 + text).encode()).hexdigest()
    paths = {source.id: merkle.path_of(leaves, number) for number, source in enumerate(sources)}
    proven = [
        replace(one, sources=tuple(replace(s, proof={"entry": digest, "path": paths[s.id]}) for s in one.sources))
        for one in takes
    ]
    whole = entry | {"previous_hash": "1" * 64, "hash": digest}
    return proven, {"head": {"seq": 8, "hash": digest}, "entries": [whole]}


def zipped(package: Path, archive: Path, how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(archive, "w", how) as out:
        for path in sorted(package.rglob("*")):
            out.write(path, path.relative_to(package).as_posix())
    return archive


__all__ = ["ALL", "FACTS", "KEY", "OTHER_KEY", "indexes", "pack", "packed", "rooted", "street", "take", "zipped"]
