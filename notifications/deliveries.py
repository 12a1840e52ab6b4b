"""Who was reached: the first time an alert was sent to a device, shown as received, and looked at."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Field

from neighborhoods.models import Device
from notifications.models import Alert, Delivery

What = Literal["sent", "delivered", "seen"]
AT_ONCE = 500
_COLUMNS = {"sent": 0, "delivered": 1, "seen": 2}
_FIELDS = [
    cast("Field[Any, Any]", Delivery._meta.get_field(name))
    for name in ("alert", "device", "sent_at", "delivered_at", "seen_at")
]

Key = tuple[UUID, UUID]
Times = list[datetime | None]


@dataclass(frozen=True, slots=True)
class Note:
    """``what`` happened to an alert on these devices, all at the same instant."""

    what: What
    alert_id: UUID
    device_ids: Sequence[UUID]
    at: datetime


def deliveries_note(notes: Iterable[Note]) -> int:
    """Write notes down; returns how many alerts on devices they concern. The first time of each counts, so that notes
    may come twice and in any order.

    Not in the audit: it is what machines did, one row a phone and alert. Whatever names an alert or a device that is no
    more is left out.
    """
    merged = _merged(notes)
    keys = sorted(merged)  # one order for all: two processes that note the same do not wait for each other
    for begin in range(0, len(keys), AT_ONCE):
        batch = keys[begin : begin + AT_ONCE]
        try:
            _write(batch, merged)
        except IntegrityError:
            _write(_existing(batch), merged)
    return len(keys)


def _merged(notes: Iterable[Note]) -> dict[Key, Times]:
    merged: dict[Key, Times] = {}
    for note in notes:
        column, at = _COLUMNS[note.what], note.at
        for device_id in note.device_ids:
            times = merged.setdefault((note.alert_id, device_id), [None, None, None])
            earlier = times[column]
            times[column] = at if earlier is None else min(earlier, at)
    for times in merged.values():
        if times[1] is None:
            times[1] = times[2]  # what was looked at has arrived
    return merged


def _write(keys: Collection[Key], merged: dict[Key, Times]) -> None:
    """One statement. ``bulk_create`` could not keep the earlier time of two."""
    if not keys:
        return
    alert, device, *times = _FIELDS
    values: list[Any] = []
    for key in keys:
        values.append(alert.get_db_prep_save(key[0], connection))
        values.append(device.get_db_prep_save(key[1], connection))
        values += [field.get_db_prep_save(at, connection) for field, at in zip(times, merged[key], strict=True)]
    table = connection.ops.quote_name(Delivery._meta.db_table)
    kept = ", ".join(f"{name} = COALESCE({table}.{name}, excluded.{name})" for name in (f.column for f in times))
    statement = (
        f"INSERT INTO {table} (alert_id, device_id, sent_at, delivered_at, seen_at)"  # noqa: S608  (our own names)
        f" VALUES {', '.join(['(%s, %s, %s, %s, %s)'] * len(keys))}"
        f" ON CONFLICT (alert_id, device_id) DO UPDATE SET {kept}"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def _existing(keys: Collection[Key]) -> list[Key]:
    alerts = set(Alert.objects.filter(id__in={alert for alert, _ in keys}).values_list("id", flat=True))
    devices = set(Device.objects.filter(id__in={device for _, device in keys}).values_list("id", flat=True))
    return [key for key in keys if key[0] in alerts and key[1] in devices]
