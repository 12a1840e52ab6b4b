"""Which cameras a neighborhood's fund may say that it bought or repaired. The fund is below us and knows only ids."""

from uuid import UUID

from cameras.models import Camera


def knows(neighborhood_id: UUID, camera_id: UUID) -> bool:
    """Whether the neighborhood has, or had, that camera."""
    return Camera.objects.filter(id=camera_id, neighborhood_id=neighborhood_id).exists()
