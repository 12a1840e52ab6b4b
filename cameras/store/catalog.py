"""The only module that maps ``Slice`` rows to files and journals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from backend.lib.clock import from_us, to_us
from cameras.models import MediaNode, Slice
from cameras.store.journal import Journal, JournalDamaged, Segment
from cameras.store.layout import INDEX, Pair
from cameras.store.playlists import undoubled


@dataclass(frozen=True, slots=True)
class SliceFile:
    """A slice's row, as readers need it. Times in µs since the epoch; ``ends_us`` is None while it is open."""

    slice_id: UUID
    camera_id: UUID
    rendition: str
    generation: int
    media_sequence: int
    media: Path
    init_hash: str
    mask_version: int
    starts_us: int
    ends_us: int | None

    @property
    def index(self) -> Path:
        return self.media.with_suffix(INDEX)


def slices_between(camera_id: UUID, rendition: str, starts_at: datetime, ends_at: datetime) -> list[SliceFile]:
    """Slices that may hold footage of ``[starts_at, ends_at)``, by time; none where the range makes no sense."""
    if starts_at >= ends_at:
        return []
    ends_later = Q(ends_at__gt=starts_at) | Q(ends_at__isnull=True)
    rows = Slice.objects.filter(ends_later, camera_id=camera_id, rendition=rendition, starts_at__lt=ends_at)
    return _files(rows)


def read_segments(files: Sequence[SliceFile]) -> list[Segment]:
    """The complete segments of ``files`` in order of time, nothing doubled. A slice that a later one has followed is
    at its end whatever its row says. One whose journal is gone (retention was faster) or damaged has no segments."""
    newest: dict[tuple[UUID, str], tuple[int, int]] = {}
    for file in files:
        key, age = (file.camera_id, file.rendition), (file.generation, file.media_sequence)
        newest[key] = max(newest.get(key, age), age)
    found: list[Segment] = []
    for file in files:
        try:
            journal = Journal.open(file.index)
        except (JournalDamaged, FileNotFoundError):
            continue
        followed = (file.generation, file.media_sequence) < newest[file.camera_id, file.rendition]
        found += journal.segments(ended=followed)
    return undoubled(found)


def node_here() -> MediaNode:
    """This machine's row; made where it is not there yet."""
    return MediaNode.objects.get_or_create(name=settings.CONFIG.NODE_NAME)[0]


def row_of(pair: Pair, journal: Journal, *, node_id: UUID) -> Slice:
    """The row that a closed slice's files call for; not saved."""
    header = journal.header
    close = journal.close
    if close is None:
        raise ValueError(f"slice {header.slice_id} is not closed")
    return Slice(
        id=header.slice_id, camera_id=header.camera_id, rendition=header.rendition, node_id=node_id,
        generation=header.generation, path=pair.path, init_hash=header.init_hash, mask_version=header.mask_version,
        media_sequence=header.media_sequence, discontinuity_sequence=header.discontinuity_sequence,
        state=Slice.State.RECOVERED if close.recovered else Slice.State.CLOSED,
        starts_at=from_us(header.wall_us), ends_at=from_us(journal.ends_us), bytes=close.length,
        root=close.root.hex(),
    )  # fmt: skip


def _files(rows: "QuerySet[Slice]") -> list[SliceFile]:
    root = settings.CONFIG.store_dir
    fields = rows.order_by("starts_at", "generation").values_list(
        "id", "camera_id", "rendition", "generation", "media_sequence", "path", "init_hash", "mask_version",
        "starts_at", "ends_at",
    )  # fmt: skip
    return [
        SliceFile(
            slice_id, camera_id, rendition, generation, sequence, root / path, init_hash, mask_version,
            to_us(starts_at), to_us(ends_at) if ends_at else None,
        )
        for slice_id, camera_id, rendition, generation, sequence, path, init_hash, mask_version, starts_at, ends_at
        in fields.iterator()
    ]  # fmt: skip
