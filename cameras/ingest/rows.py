"""Rows from what workers tell: slices opened and closed, health, measurements. Gathered, written in batches.

No news: that a camera went or came back is told by ``cameras.health``, which also notices what a dead recorder cannot.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from backend.lib.clock import from_us
from cameras.ingest.pipe import Message
from cameras.models import Rendition, Slice
from cameras.store.catalog import row_of
from cameras.store.journal import Journal
from cameras.store.layout import pair_of

MEASURED_S = 5.0
_MEASURED = (
    "codec", "width", "height", "keyframe_ms", "bitrate_bps", "last_frame_at", "clock_error_ms", "clock_measured_at",
)  # fmt: skip


class Rows:
    """``take`` what a worker said; ``write`` it. A failed ``write`` keeps everything for the next."""

    def __init__(self, node_id: UUID) -> None:
        self._node_id = node_id
        self._slices: list[Message] = []
        self._health: dict[str, tuple[str, str, datetime]] = {}
        self._measured: dict[str, Message] = {}
        self._measured_at: datetime | None = None

    def take(self, message: Message, now: datetime) -> None:
        operation, key = message["op"], message["key"]
        if operation in ("opened", "closed"):
            self._slices.append(message)
        elif operation == "measured":
            self._measured[key] = message
        elif operation == "health":
            self._health[key] = (message["state"], message["reason"], now)

    def left(self, key: str) -> None:
        """This recorder no longer answers for the camera."""
        self._measured.pop(key, None)
        self._health.pop(key, None)

    def write(self, now: datetime) -> None:
        """One transaction, and none where there is nothing to say."""
        measured = self._due(now)
        if not (self._slices or self._health or measured):
            return
        with transaction.atomic():
            self._write_slices()
            for key, (state, reason, at) in self._health.items():
                Rendition.objects.filter(pk=key).update(health=state, health_reason=reason, health_since=at)
            if measured:
                _write_measured(measured)
        self._slices.clear()
        self._health.clear()
        if measured:
            self._measured.clear()
            self._measured_at = now

    def _due(self, now: datetime) -> dict[str, Message]:
        late = self._measured_at is None or now - self._measured_at >= timedelta(seconds=MEASURED_S)
        return self._measured if late else {}

    def _write_slices(self) -> None:
        opened = [_opened(message, self._node_id) for message in self._slices if message["op"] == "opened"]
        Slice.objects.bulk_create(opened, ignore_conflicts=True)
        for message in self._slices:
            if message["op"] == "closed":
                Slice.objects.filter(pk=message["slice_id"]).update(
                    state=Slice.State.CLOSED, ends_at=from_us(message["ends_us"]), bytes=message["bytes"],
                    root=message["root"],
                )  # fmt: skip


def settled(journals: list[Journal], root: Path, node_id: UUID) -> None:
    """The rows of slices that a dead worker left and ``aftermath.settle`` closed; also of those whose news was lost."""
    found = [(pair_of(root, journal.path), journal) for journal in journals if journal.close and journal.fragments]
    wanted = [row_of(pair, journal, node_id=node_id) for pair, journal in found if pair is not None]
    with transaction.atomic():
        Slice.objects.bulk_create(wanted, ignore_conflicts=True)
        for row in wanted:
            Slice.objects.filter(pk=row.pk, state=Slice.State.OPEN).update(
                state=row.state, ends_at=row.ends_at, bytes=row.bytes, root=row.root
            )


def _opened(message: Message, node_id: UUID) -> Slice:
    return Slice(
        id=UUID(message["slice_id"]), camera_id=UUID(message["camera_id"]), rendition=message["rendition"],
        node_id=node_id, generation=message["generation"], path=message["path"], init_hash=message["init_hash"],
        mask_version=message["mask_version"], media_sequence=message["media_sequence"],
        discontinuity_sequence=message["discontinuity_sequence"], starts_at=from_us(message["starts_us"]),
    )  # fmt: skip


def _write_measured(measured: Mapping[str, Message]) -> None:
    """One prepared statement for all cameras: the ORM's way costs more than the recording of five of them."""
    fields: list[Any] = [Rendition._meta.get_field(name) for name in _MEASURED]
    key_field: Any = Rendition._meta.pk
    columns = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    table, key_column = connection.ops.quote_name(Rendition._meta.db_table), connection.ops.quote_name(key_field.column)
    rows = []
    for key, message in measured.items():
        at = from_us(message["last_frame_us"])
        error = message.get("clock_error_ms")
        values = {**message, "last_frame_at": at, "clock_error_ms": error}
        values["clock_measured_at"] = None if error is None else at
        said = [field.get_db_prep_save(values[field.name], connection) for field in fields]
        rows.append([*said, key_field.get_db_prep_save(UUID(key), connection)])
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {columns} WHERE {key_column} = %s", rows)  # noqa: S608
