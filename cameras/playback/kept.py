"""A kept moment's folder as the media path reads it: its slices, and the instant of its poster. In threads.

What was cut is cut; what may be shown of it is asked each time. Private hours and masks may have come later.
"""

from pathlib import Path

from cameras import frames, rules
from cameras.playback.footage import OpenSlice, Past, open_slice
from cameras.playback.sessions import Micros


def kept_past(folder: Path, mask_version: int) -> Past:
    """The moment's own files: named plainly, the slice's id stands in the journal."""
    found = {one.id: one for one in _slices(folder, mask_version)}
    segments = [segment for one in found.values() for segment in one.segments()]
    return Past(
        {slice_id: one.journal.path.with_suffix(".mp4") for slice_id, one in found.items()},
        segments.copy,
        frozenset(found),
    )


def poster_span(folder: Path, at_us: int, mask_version: int) -> Micros | None:
    """From when to when the key frame lasts that became the poster (``cutting`` chooses it alike); None for none."""
    keys = [key for one in _slices(folder, mask_version) for key in frames.keys_of(one.journal)]
    key = frames.nearest_before(keys, at_us)
    return key.span_us if key else None


def _slices(folder: Path, mask_version: int) -> list[OpenSlice]:
    """In order of time, as their names are."""
    opened = [open_slice(path.with_suffix(".mp4"), ended=True) for path in sorted(folder.glob("*.idx"))]
    return [one for one in opened if one and rules.same_masks(one.journal.header.mask_version, mask_version)]
