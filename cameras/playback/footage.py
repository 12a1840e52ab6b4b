"""Journals as the media path reads them: the growing end of a camera, and any stretch of its past.

Files are opened and read in threads. What a request needs to know (is this exactly one segment or one fragment, and of
which time) is then in memory.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from backend.lib.clock import Monotonic
from cameras.playback.sessions import Micros
from cameras.store.journal import Journal, JournalDamaged, Segment
from cameras.store.playlists import undoubled

SILENT_S = 2.5
"""After this long without a new record the chain of journals may be broken: the rows are asked for a later slice."""
KEEP_S = 150.0
"""How much of a camera's end stays known: a playlist's window, and as long again for who is late (RFC 8216, 6.2.2)."""
SHELF = 128


class OpenSlice:
    """One slice: its parsed journal, its media file held open, and the spans of its pieces.

    ``refresh`` belongs to one thread at a time; the other members may be read from any.
    """

    __slots__ = ("_seen", "ended", "fd", "init_length", "journal", "pieces")

    def __init__(self, media: Path) -> None:
        """Raises ``JournalDamaged`` or ``OSError``."""
        self.fd = -1
        self.journal = Journal.open(media.with_suffix(".idx"))
        self.init_length = self.journal.header.init_length
        self.ended = False
        """A later slice exists, so nobody writes here any more."""
        self.pieces: dict[tuple[int, int], Micros] = {}
        """``(offset, length)`` of every complete segment and fragment → its footage time in µs."""
        self._seen = -1
        self.fd = os.open(media, os.O_RDONLY | os.O_CLOEXEC)
        self._index()

    def __del__(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)

    @property
    def id(self) -> UUID:
        return self.journal.header.slice_id

    @property
    def order(self) -> tuple[int, int]:
        header = self.journal.header
        return header.generation, header.media_sequence

    def refresh(self) -> bool:
        news = self.journal.refresh()
        self._index()
        return news

    def segments(self) -> list[Segment]:
        return self.journal.segments(ended=self.ended)

    def gone(self) -> bool:
        """Retention has deleted the file; only this descriptor still holds it."""
        return os.fstat(self.fd).st_nlink == 0

    def _index(self) -> None:
        """Make ``pieces`` anew where the journal grew. A new dict each time: readers keep the one they have."""
        journal = self.journal
        state = 2 * journal.length + self.ended
        if state == self._seen:
            return
        scale = journal.header.timescale
        pieces = {
            (part.offset, part.length): (part.wall_us, part.wall_us + part.duration * 1_000_000 // scale)
            for part in journal.fragments
        }
        pieces |= {(segment.offset, segment.length): (segment.wall_us, segment.end_us) for segment in self.segments()}
        self.pieces, self._seen = pieces, state


class LiveTail:
    """The newest slices of one camera and rendition. It follows close records from journal to journal by itself; rows
    come in through ``offer`` at the beginning and where the chain is broken (a reconnect, a kill, another recorder)."""

    def __init__(self, store: Path, camera_id: UUID, rendition: str, *, monotonic: Monotonic) -> None:
        self.camera_id, self.rendition = camera_id, rendition
        self.wanted_at = monotonic()
        self.reading = asyncio.Lock()
        """Held on the event loop while ``follow`` runs in a thread."""
        self._store = store
        self._monotonic = monotonic
        self._offers: list[Path] = []
        self._slices: list[OpenSlice] = []
        self._news_at = float("-inf")
        self.followed_at = float("-inf")

    def needs_rows(self) -> bool:
        """Whether following alone will not do: nothing known, or nothing new for a while."""
        return not self._slices or self._monotonic() - self._news_at > SILENT_S or self._dangling()

    def offer(self, media: Iterable[Path]) -> None:
        """Slices that rows know, in any order, known ones included."""
        self._offers = list(media)

    def known(self) -> bool:
        """Whether anything has been found or offered yet."""
        return bool(self._slices or self._offers)

    def find(self, slice_id: UUID) -> OpenSlice | None:
        return next((one for one in reversed(self._slices) if one.id == slice_id), None)

    def with_init(self, init_hash: str) -> OpenSlice | None:
        return next((one for one in reversed(self._slices) if one.journal.header.init_hash == init_hash), None)

    def segments(self) -> list[Segment]:
        return undoubled(segment for one in self._slices for segment in one.segments())

    def follow(self) -> None:
        """Read on. In a thread, never two at once."""
        slices = {one.id: one for one in self._slices}
        for media in self._offers:
            self._open(slices, media)
        waiting = list(slices.values())
        while waiting:
            following = self._advance(slices, waiting.pop())
            if following is not None:
                waiting.append(following)
        ordered = sorted(slices.values(), key=lambda one: one.order)
        for older in ordered[:-1]:
            if not older.ended:
                older.ended = True
                older.refresh()
        self._slices = _recent(ordered)
        self.followed_at = self._monotonic()

    def _advance(self, slices: dict[UUID, OpenSlice], one: OpenSlice) -> OpenSlice | None:
        """Refresh one slice; gives the next one where its close record names it and it was not known."""
        if one.journal.close is None and one.refresh():
            self._news_at = self._monotonic()
        close = one.journal.close
        if close is None or close.next_slice is None or close.next_slice in slices:
            return None
        for path in self._next_paths(one, close.next_slice):
            found = self._open(slices, path)
            if found is not None:
                return found
        return None

    def _next_paths(self, one: OpenSlice, next_slice: UUID) -> list[Path]:
        """Where the writer puts a successor: in the folder of its first frame's day."""
        days = {
            (datetime.fromtimestamp(one.journal.ends_us / 1e6, UTC) + timedelta(days=more)).strftime("%Y%m%d")
            for more in (0, 1)
        }
        folder = self._store / str(self.camera_id) / self.rendition
        name = f"{next_slice}.g{one.journal.header.generation}.mp4"
        return [folder / day / name for day in sorted(days)]

    def _open(self, slices: dict[UUID, OpenSlice], media: Path) -> OpenSlice | None:
        slice_id = UUID(media.name.partition(".")[0])
        if slice_id in slices:
            return None
        try:
            found = OpenSlice(media)
        except (OSError, JournalDamaged):  # deleted meanwhile, or half made by a kill: the next one counts
            return None
        slices[slice_id] = found
        self._news_at = self._monotonic()
        return found

    def _dangling(self) -> bool:
        close = self._slices[-1].journal.close
        return close is not None and (close.next_slice is None or self.find(close.next_slice) is None)


class Shelf:
    """Slices of the past that were asked for lately, open. Used from the event loop; opening happens in a thread."""

    def __init__(self, size: int = SHELF) -> None:
        self._size = size
        self._slices: OrderedDict[UUID, OpenSlice] = OrderedDict()

    def get(self, slice_id: UUID) -> OpenSlice | None:
        found = self._slices.get(slice_id)
        if found is not None:
            self._slices.move_to_end(slice_id)
        return found

    def put(self, slice_id: UUID, one: OpenSlice) -> None:
        self._slices[slice_id] = one
        while len(self._slices) > self._size:
            self._slices.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch of the past: the media files of its slices, and how their segments are read (in a thread)."""

    media: Mapping[UUID, Path]
    segments: Callable[[], list[Segment]]
    ended: frozenset[UUID] = frozenset()
    """Slices that a later one has followed, whatever their journals say."""


def open_slice(media: Path, *, ended: bool = False) -> OpenSlice | None:
    """The slice, or None where it is gone or damaged. In a thread."""
    try:
        found = OpenSlice(media)
    except (OSError, JournalDamaged):
        return None
    if ended and found.journal.close is None:
        found.ended = True
        found.refresh()
    return found


def _recent(ordered: list[OpenSlice]) -> list[OpenSlice]:
    """The last two at least, and whatever lies within ``KEEP_S`` of the end."""
    if not ordered:
        return []
    newest_us = max(one.journal.ends_us for one in ordered)
    return [
        one
        for place, one in enumerate(ordered)
        if place >= len(ordered) - 2 or newest_us - one.journal.ends_us < KEEP_S * 1_000_000
    ]
