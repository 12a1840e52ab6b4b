"""One frame of a camera as a JPEG: the newest key frame, or the one at or before an instant.

Key frames only: what lies between would need every frame since, and the recorder's are two seconds apart.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from backend.lib.clock import from_us, now, to_us
from cameras import rules
from cameras.stills.decoder import Decoder
from cameras.store import catalog
from cameras.store.journal import INDEPENDENT, Fragment, Journal, JournalDamaged
from cameras.store.layout import MEDIA

QUALITY = 80
LOOKBACK = timedelta(seconds=90)
"""A slice is about a minute long and a key frame at most ten seconds away, so the frame stands in one of these."""
STALE_US = 60_000_000
"""An older picture is not the newest frame of anything: the camera is off."""

decoder = Decoder()
"""This process's decoding child."""

Window = Sequence[int]
"""From and to, µs since the epoch."""
Allowed = Callable[[int, int], bool]
"""Whether a key frame may be shown whose fragment lasts from and to these instants (µs)."""


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """Where a key frame stands: its fragment in a slice's media file."""

    media: Path
    init_length: int
    fragment: Fragment
    timescale: int

    @property
    def wall_us(self) -> int:
        return self.fragment.wall_us

    @property
    def span_us(self) -> tuple[int, int]:
        """From and to of its fragment."""
        return self.wall_us, self.wall_us + self.fragment.duration * 1_000_000 // self.timescale

    def read(self) -> bytes:
        """Init segment and fragment, ready for a decoder. Raises ``OSError`` where retention was faster."""
        with self.media.open("rb") as file:
            init = file.read(self.init_length)
            file.seek(self.fragment.offset)
            return init + file.read(self.fragment.length)


@dataclass(frozen=True, slots=True)
class Still:
    """A picture and when it was taken, µs since the epoch."""

    jpeg: bytes
    wall_us: int


def frame_jpeg(
    camera_id: UUID,
    rendition: str,
    *,
    at_us: int | None,
    width: int,
    mask_version: int,
    quality: int = QUALITY,
    windows_us: Iterable[Window] | None = None,
    away_us: Iterable[Window] = (),
) -> Still | None:
    """The key frame at or before ``at_us`` (None: the newest, not older than a minute); None where there is none.

    ``windows_us``, ``away_us`` and ``mask_version`` are a view session's: only frames inside a window, recorded under
    those masks, count, and of which nothing lies in ``away_us``.
    Asks rows, reads files and decodes: call it in a thread. ``width`` in pixels, ``quality`` as JPEG's.
    """
    now_us = to_us(now())
    until_us = now_us if at_us is None else at_us
    windows, away = list(windows_us) if windows_us is not None else None, list(away_us)

    def allowed(wall_us: int, end_us: int) -> bool:
        if at_us is None and wall_us < now_us - STALE_US:
            return False
        inside = windows is None or any(window[0] <= wall_us < window[1] for window in windows)
        return inside and not any(wall_us < span[1] and end_us > span[0] for span in away)

    key = key_frame(camera_id, rendition, until_us, mask_version=mask_version, allowed=allowed)
    if key is None:
        return None
    return still_of(key, width=width, quality=quality)


def still_of(key: KeyFrame, *, width: int, quality: int = QUALITY) -> Still | None:
    """Decode one key frame; None where it cannot be."""
    try:
        media = key.read()
    except OSError:
        return None
    jpeg = decoder.jpeg(media, width=width, quality=quality)
    return Still(jpeg, key.wall_us) if jpeg else None


def key_frame(
    camera_id: UUID,
    rendition: str,
    until_us: int,
    *,
    mask_version: int,
    allowed: Allowed = lambda wall_us, end_us: True,
) -> KeyFrame | None:
    """The newest key frame at or before ``until_us``, recorded under these masks, that is allowed."""
    return next(key_frames(camera_id, rendition, until_us, mask_version=mask_version, allowed=allowed), None)


def key_frames(
    camera_id: UUID, rendition: str, until_us: int, *, mask_version: int, allowed: Allowed
) -> Iterator[KeyFrame]:
    """The same, all of the last ``LOOKBACK``, the newest first."""
    until = from_us(until_us)
    files = catalog.slices_between(camera_id, rendition, until - LOOKBACK, until + timedelta(microseconds=1))
    shown = [file for file in files if rules.same_masks(file.mask_version, mask_version)]
    for file in sorted(shown, key=lambda one: (one.generation, one.media_sequence), reverse=True):
        try:
            journal = Journal.open(file.index)
        except (OSError, JournalDamaged):
            continue
        for key in reversed(keys_of(journal)):
            if key.wall_us <= until_us and allowed(*key.span_us):
                yield key


def keys_of(journal: Journal) -> list[KeyFrame]:
    """The key frames of one slice, in order of time."""
    media, header = journal.path.with_suffix(MEDIA), journal.header
    return [
        KeyFrame(media, header.init_length, fragment, header.timescale)
        for fragment in journal.fragments
        if fragment.flags & INDEPENDENT
    ]


def nearest_before(keys: Sequence[KeyFrame], at_us: int) -> KeyFrame | None:
    """Of ``keys`` in order of time, the last one at or before ``at_us``, else the first: a kept moment's poster."""
    before = [key for key in keys if key.wall_us <= at_us]
    return before[-1] if before else next(iter(keys), None)
