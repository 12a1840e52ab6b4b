"""Init segments that no slice names any more. A camera that changes its parameters makes one at each change."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from cameras.models import Slice
from cameras.store.layout import INIT
from cameras.store.marker import store_claim
from neighborhoods import audit
from neighborhoods.access import Actor

YOUNG = timedelta(days=1)
"""A new init segment stands before the row of its slice."""
BATCH = 500


def inits_sweep(*, actor: Actor, root: Path, node_id: UUID, now: datetime) -> int:
    """Remove them; gives how many. Raises ``NotThisStore``.

    Nothing is lost by one too many: each slice carries its own copy, and ``check_store`` writes it again.
    """
    store_claim(root, node_id)
    until = (now - YOUNG).timestamp()
    old = [path for path in sorted((root / INIT).glob("*.mp4")) if path.stat().st_mtime < until]
    unnamed = [path for start in range(0, len(old), BATCH) for path in _unnamed(old[start : start + BATCH])]
    for path in unnamed:
        path.unlink(missing_ok=True)
    if unnamed:
        with transaction.atomic():
            audit.record(
                actor=actor, action="store.swept", subject=("node", node_id), ward_id=None, neighborhood_id=None,
                data={"inits": len(unnamed)}, now=now,
            )  # fmt: skip
    return len(unnamed)


def _unnamed(paths: Sequence[Path]) -> list[Path]:
    hashes = Slice.objects.filter(init_hash__in=[path.stem for path in paths])
    named = set(hashes.order_by().values_list("init_hash", flat=True).distinct())
    return [path for path in paths if path.stem not in named]
