"""Copying a run of footage byte for byte into one file, hashing on the way: each fragment for its journal's word, the
whole file for everybody who has ``sha256sum``. The second hash runs in a thread, for ``hashlib`` lets go of the GIL,
and with it the CRC that a ZIP of the package wants (``zipping``).
"""

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cameras.evidence.takes import Run, Span
from cameras.evidence.wrapping import Tables, opening
from cameras.store.copy import Piece

BLOCK = 4_000_000
"""Bytes read at once, whole fragments: few calls, and a few blocks in memory."""
MOST_WAITING = 3


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


class _Whole:
    """SHA-256 and CRC-32 of all that is written, one block behind the writing."""

    def __init__(self) -> None:
        self._digest, self._crc, self._pool = sha256(), 0, ThreadPoolExecutor(1, "whole-file-hash")
        self._waiting: list[Future[None]] = []

    def update(self, block: bytes) -> None:
        self._waiting.append(self._pool.submit(self._take, block))
        while len(self._waiting) > MOST_WAITING:
            self._waiting.pop(0).result()

    def finish(self) -> tuple[str, int]:
        self.stop()
        return self._digest.hexdigest(), self._crc

    def _take(self, block: bytes) -> None:
        self._digest.update(block)
        self._crc = zlib.crc32(block, self._crc)

    def stop(self) -> None:
        self._pool.shutdown()


def run_copy(run: Run, target: Path, progress: Callable[[int], None]) -> Written:
    """Write ``run`` to ``target``, whole or not at all: a draft beside it is synced and renamed. ``progress`` is told
    the bytes of each block.

    Raises ``OSError``; then the draft stays for the next attempt to begin anew.
    """
    first = run.pieces[0]
    header = first.header
    with first.media.open("rb") as file:
        init = file.read(header.init_length)
    written = Written(run.path, init_differs=sha256(init).hexdigest() != header.init_hash)
    payload = len(init) + sum(piece.fragment.length for piece in run.pieces)
    head, tables = opening(payload), Tables()
    draft = target.with_name(f".{target.name}.draft")
    whole = _Whole()
    try:
        with _private(draft) as out:

            def put(data: bytes) -> dict[str, Any]:
                at = written.bytes
                whole.update(data)
                written.bytes += out.write(data)
                return {"offset": at, "bytes": len(data), "sha256": sha256(data).hexdigest()}

            written.parts["head"], written.parts["init"] = put(head), put(init)
            for span in run.spans():
                written.spans.append((span, written.bytes))
                for pieces, block in _blocks(span):
                    written.faults += _taken(pieces, block, written.bytes, tables)
                    whole.update(block)
                    written.bytes += out.write(block)
                    progress(len(block))
            written.parts["tail"] = put(tables.moov(init))
            out.flush()
            os.fsync(out.fileno())
        written.sha256, written.crc32 = whole.finish()
    finally:
        whole.stop()
    draft.replace(target)
    return written


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
