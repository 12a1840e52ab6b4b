"""Which cameras an area holds, and how much of a window each has on record: what an officer may know before release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from cameras import recordings
from cameras.footage import area
from cameras.footage.area import Area, Point
from cameras.grid import GRID
from cameras.models import Camera, Slice
from cameras.playback.schedule import Span


@dataclass(frozen=True, slots=True)
class Found:
    """A camera and what it has of the window."""

    camera: Camera
    spans: tuple[Span, ...]

    @property
    def seconds(self) -> float:
        return sum((end - start for start, end in self.spans), timedelta()).total_seconds()


@dataclass(frozen=True, slots=True)
class Cell:
    """By its middle."""

    latitude: float
    longitude: float
    cameras: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts alone. Shares are of the window, 0 to 1: ``mean`` over the cameras, ``any`` where at least one has it."""

    cameras: int
    mean: float
    any: float
    cells: tuple[Cell, ...]
    oldest_kept_at: datetime | None
    """The oldest footage of these cameras that is still there; None where there is none at all."""


def cameras_in(ward_id: UUID, where: Area, ends_at: datetime) -> list[Camera]:
    """The cameras of a ward that stand in ``where`` and had been let in by ``ends_at``, retired ones included."""
    rows = Camera.objects.select_related("neighborhood", "owner_household").filter(
        neighborhood__ward_id=ward_id, approved_at__lt=ends_at
    )
    if where.places:
        return list(rows.filter(neighborhood_id__in=where.places).order_by("id"))
    latitudes = [point[0] for point in where.polygon]
    longitudes = [point[1] for point in where.polygon]
    margin = 1 / GRID
    near = rows.filter(
        Q(latitude__range=(min(latitudes) - margin, max(latitudes) + margin)),
        Q(longitude__range=(min(longitudes) - margin, max(longitudes) + margin)),
    )
    return [camera for camera in near.order_by("id") if area.holds(where.polygon, shown_at(camera))]


def shown_at(camera: Camera) -> Point:
    """Where a camera that has a place is shown to those who do not look after it."""
    assert camera.latitude is not None and camera.longitude is not None  # noqa: S101  (asked by the query)
    return area.rounded((camera.latitude, camera.longitude))


def found_in(cameras: Sequence[Camera], starts_at: datetime, ends_at: datetime) -> list[Found]:
    return [Found(camera, tuple(recordings.shown_between(camera, starts_at, ends_at))) for camera in cameras]


def coverage_of(found: Sequence[Found], starts_at: datetime, ends_at: datetime) -> Coverage:
    """Counts and shares of what was found. Cameras without a place on the map stand in no cell."""
    window = (ends_at - starts_at).total_seconds()
    together = recordings.joined([span for one in found for span in one.spans], within=timedelta())
    covered = sum((end - start for start, end in together), timedelta()).total_seconds()
    placed = [shown_at(one.camera) for one in found if one.camera.latitude is not None]
    oldest = Slice.objects.filter(camera__in=[one.camera.id for one in found]).order_by("starts_at").first()
    return Coverage(
        cameras=len(found),
        mean=sum(one.seconds for one in found) / window / len(found) if found else 0.0,
        any=covered / window,
        cells=tuple(Cell(*middle, count) for middle, count in area.cells(placed)),
        oldest_kept_at=oldest.starts_at if oldest else None,
    )
