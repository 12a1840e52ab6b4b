"""Copying a run of footage byte for byte into one file, hashing on the way: each fragment for its journal's word, the
whole file for everybody who has ``sha256sum``. The second hash runs in a thread, for ``hashlib`` lets go of the GIL,
and with it the CRC that a ZIP of the package wants (``zipping``).

A file with a claim in it (``c2pa_claim``) has near its beginning what is known at its end. There the thread hashes what
the claim is bound to; the file is hashed as a whole when it is read once more, with the claim in its place.
"""

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from struct import pack
from typing import Any, BinaryIO, Protocol

from cameras.evidence.takes import Run, Span
from cameras.evidence.wrapping import FTYP, Tables, opening
from cameras.store.copy import Piece

BLOCK = 4_000_000
"""Bytes read at once, whole fragments: few calls, and a few blocks in memory."""
MOST_WAITING = 3


class Claim(Protocol):
    """What a file says of itself, in a box behind ``ftyp``."""

    room: int
    """Bytes of the box, known before the file is."""

    def box(self, bound: bytes) -> bytes:
        """The box. ``bound``: SHA-256 of every box but ``ftyp`` and this one, each behind the 8 bytes of where it
        begins."""


@dataclass(slots=True)
class Written:
    """What a finished file is, as its manifest says it."""

    path: str
    bytes: int = 0
    sha256: str = ""
    crc32: int = 0
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """``head``, ``init`` and ``tail``: what stands around the fragments."""
    spans: list[tuple[Span, int]] = field(default_factory=list)
    """Each with where it begins in this file."""
    faults: list[tuple[Piece, int]] = field(default_factory=list)
    """Fragments whose bytes are no longer those that were recorded, and where they stand in this file."""
    init_differs: bool = False
    claimed: bool = False


class _Hash:
    """SHA-256 of what is written, in a thread, a few blocks behind the writing."""

    def __init__(self) -> None:
        self._digest, self._pool = sha256(), ThreadPoolExecutor(1, "whole-file-hash")
        self._waiting: list[Future[None]] = []

    def opens(self, at: int, data: bytes) -> None:
        """Data that begin with a box of the file, ``at`` in it."""
        self.update(data)

    def update(self, block: bytes) -> None:
        self._waiting.append(self._pool.submit(self._take, block))
        while len(self._waiting) > MOST_WAITING:
            self._waiting.pop(0).result()

    def finish(self) -> bytes:
        self.stop()
        return self._digest.digest()

    def _take(self, block: bytes) -> None:
        self._digest.update(block)

    def stop(self) -> None:
        self._pool.shutdown()


class _Whole(_Hash):
    """Of the whole file; its CRC-32, too."""

    crc = 0

    def _take(self, block: bytes) -> None:
        super()._take(block)
        self.crc = zlib.crc32(block, self.crc)


class _Bound(_Hash):
    """Of what a claim is bound to: from the box on that begins at ``first``, each behind where it begins."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self._first = first

    def opens(self, at: int, data: bytes) -> None:
        begins = max(at, self._first)
        self.update(pack(">Q", begins) + data[begins - at :])


def run_copy(run: Run, target: Path, progress: Callable[[int], None], claim: Claim | None = None) -> Written:
    """Write ``run`` to ``target``, whole or not at all: a draft beside it is synced and renamed. ``progress`` is told
    the bytes of each block; with a ``claim`` in the file all of them twice.

    Raises ``OSError``; then the draft stays for the next attempt to begin anew.
    """
    first = run.pieces[0]
    header = first.header
    with first.media.open("rb") as file:
        init = file.read(header.init_length)
    written = Written(run.path, init_differs=sha256(init).hexdigest() != header.init_hash)
    payload = len(init) + sum(piece.fragment.length for piece in run.pieces)
    head, tables = opening(payload, claim.room if claim else 0), Tables()
    draft = target.with_name(f".{target.name}.draft")
    whole = _Whole()
    hashed = _Bound(len(FTYP) + claim.room) if claim else whole
    try:
        with _private(draft) as out:

            def put(data: bytes, *, opens: bool = True) -> dict[str, Any]:
                at = written.bytes
                hashed.opens(at, data) if opens else hashed.update(data)
                written.bytes += out.write(data)
                return _part(at, data)

            written.parts["head"], written.parts["init"] = put(head), put(init, opens=False)
            for span in run.spans():
                written.spans.append((span, written.bytes))
                for pieces, block in _blocks(span):
                    written.faults += _taken(pieces, block, written.bytes, tables)
                    hashed.update(block)
                    written.bytes += out.write(block)
                    progress(len(block))
            written.parts["tail"] = put(tables.moov(init))
            if claim:
                head = _claimed(head, claim, hashed.finish())
                out.seek(0)
                out.write(head)
                out.flush()
                written.parts["head"], written.claimed = _part(0, head), True
                _read_again(draft, whole, payload - len(init), progress)
            written.sha256, written.crc32 = whole.finish().hex(), whole.crc
            out.flush()
            os.fsync(out.fileno())
    finally:
        hashed.stop()
        whole.stop()
    draft.replace(target)
    return written


def _part(at: int, data: bytes) -> dict[str, Any]:
    return {"offset": at, "bytes": len(data), "sha256": sha256(data).hexdigest()}


def _claimed(head: bytes, claim: Claim, bound: bytes) -> bytes:
    """``head`` with the claim in the room that was left for it. Raises ``ValueError`` where it does not fill it."""
    box = claim.box(bound)
    if len(box) != claim.room:
        raise ValueError(f"a claim of {len(box)} bytes in a room of {claim.room}")
    return FTYP + box + head[len(FTYP) + len(box) :]


def _read_again(path: Path, whole: _Whole, told: int, progress: Callable[[int], None]) -> None:
    """Hash a file that was written. ``progress`` is told ``told`` bytes of it in all."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            whole.update(block)
            progress(min(len(block), told))
            told -= min(len(block), told)


def _private(path: Path) -> BinaryIO:
    """A fresh file for this user alone, from its first byte on."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


def _blocks(span: Span) -> Iterator[tuple[list[Piece], bytes]]:
    """The span's bytes in blocks of whole fragments, each with the fragments in it."""
    with span.pieces[0].media.open("rb", buffering=0) as file:
        file.seek(span.pieces[0].fragment.offset)
        waiting: list[Piece] = []
        size = 0
        for piece in span.pieces:
            if waiting and size + piece.fragment.length > BLOCK:
                yield waiting, _read(file, size)
                waiting, size = [], 0
            waiting.append(piece)
            size += piece.fragment.length
        yield waiting, _read(file, size)


def _read(file: Any, size: int) -> bytes:
    block: bytes = file.read(size)
    while len(block) < size:
        more = file.read(size - len(block))
        if not more:
            raise OSError(f"{file.name} became shorter while it was copied")
        block += more
    return block


def _taken(pieces: Sequence[Piece], block: bytes, at: int, tables: Tables) -> list[tuple[Piece, int]]:
    """Put the block's fragments, which begin at ``at`` in the file, into ``tables``; gives those that have changed."""
    out, view, offset = [], memoryview(block), 0
    for piece in pieces:
        part = view[offset : offset + piece.fragment.length]
        if sha256(part).digest() != piece.fragment.sha256:
            out.append((piece, at + offset))
        tables.add(part, at + offset, duration=piece.fragment.duration)
        offset += piece.fragment.length
    return out
