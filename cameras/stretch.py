"""What of a camera's recording shows a window of time: fragments to copy, and what is left out on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from backend.lib.clock import to_us
from cameras import rules
from cameras.models import Camera, Rendition
from cameras.playback import schedule
from cameras.store import catalog
from cameras.store.copy import Piece, Window, pieces
from cameras.store.journal import Journal, JournalDamaged
from cameras.store.playlists import undoubled

LOOKBACK = timedelta(seconds=15)
"""To the key frame before the first instant: at most ten seconds, and a little."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """``journals`` with their media files, by time; spans in µs since the epoch."""

    journals: list[tuple[Path, Journal]]
    pieces: list[Piece]
    private: list[Window]
    """Private hours."""
    masked_otherwise: list[Window]
    """Recorded under other masks than those in force, which do not reach the past."""
    unreadable: list[Window]
    """Slices whose journal is gone or damaged."""


def stretch_of(camera: Camera, starts_at: datetime, ends_at: datetime) -> Stretch:
    """The main rendition's footage of ``[starts_at, ends_at)``, from the key frame before it."""
    journals: list[tuple[Path, Journal]] = []
    masked, unreadable = [], []
    for file in catalog.slices_between(camera.id, Rendition.Name.MAIN, starts_at - LOOKBACK, ends_at):
        span = (file.starts_us, file.ends_us or file.starts_us)
        if not rules.same_masks(file.mask_version, camera.mask_version):
            masked.append(span)
            continue
        try:
            journals.append((file.media, Journal.open(file.index)))
        except (OSError, JournalDamaged):  # retention was faster, or a kill left half a header
            unreadable.append(span)
    kept = undoubled(segment for _media, journal in journals for segment in journal.segments(ended=True))
    private = private_us(camera, starts_at, ends_at)
    found = pieces(journals, kept, (to_us(starts_at), to_us(ends_at)), private)
    return Stretch(journals, found, private, masked, unreadable)


def private_us(camera: Camera, starts_at: datetime, ends_at: datetime) -> list[Window]:
    """The camera's private hours in and around a window, µs."""
    spans: Sequence[schedule.Span] = schedule.spans(camera.private_hours, starts_at - LOOKBACK, ends_at + LOOKBACK)
    return [(to_us(start), to_us(end)) for start, end in spans]
