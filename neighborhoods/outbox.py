"""News travelling up as rows. ``audit.record`` writes them; the dispatcher of ``notifications`` claims them."""

from datetime import datetime
from uuid import UUID

from neighborhoods.models import OutboxRow


def add(*, topic: str, neighborhood_id: UUID | None, payload: dict[str, object], now: datetime) -> OutboxRow:
    """One piece of news, in the transaction of the act it tells of. ``payload`` holds ids, never names or secrets."""
    return OutboxRow.objects.create(topic=topic, neighborhood_id=neighborhood_id, payload=payload, at=now)
