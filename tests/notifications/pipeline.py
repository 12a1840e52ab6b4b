"""What the pipeline's tests share: alerts as rows, their news in the outbox, and what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.lib.clock import now
from neighborhoods import outbox
from neighborhoods.models import OutboxRow
from notifications.models import Alert, Event, Stream
from tests.cast import Cast

HOUR = timedelta(hours=1)


def make_alert(cast: Cast, *, at: datetime | None = None, **fields: Any) -> Alert:
    """An alert of An's in tổ 7, written directly: a broken verb breaks its own tests."""
    moment = at or now()
    known: dict[str, Any] = {
        "ward": cast.ward, "neighborhood": cast.place, "category": "theft", "source": Alert.Source.RESIDENT,
        "device": cast.an.device, "household": cast.an.household, "text": "Mất xe máy trước cổng",
        "latitude": 22.8234567, "longitude": 104.9836543, "place": "Cổng chợ", "occurred_at": moment,
        "raised_at": moment, "expires_at": moment + 12 * HOUR,
    }  # fmt: skip
    return Alert.objects.create(**known | fields)


def tell_of(alert: Alert, topic: str = "alert.raised", *, at: datetime | None = None) -> OutboxRow:
    """News of an alert as the audit writes it."""
    payload: dict[str, object] = {"audit": "", "actor": "", "subject": f"alert:{alert.id}", "data": {}}
    return outbox.add(topic=topic, neighborhood_id=alert.neighborhood_id, payload=payload, now=at or now())


def tell_later(alert: Alert, seconds: float) -> OutboxRow:
    """News that failed once and is due in so many seconds. Nobody is woken for it."""
    return OutboxRow.objects.create(
        topic="alert.joined", neighborhood_id=alert.neighborhood_id, payload={"subject": f"alert:{alert.id}"},
        attempts=1, due_at=now() + timedelta(seconds=seconds),
    )  # fmt: skip


def told() -> list[tuple[str, str]]:
    """(stream's kind, event's kind), in order of id."""
    return [(event.stream.kind, event.kind) for event in Event.objects.select_related("stream").order_by("id")]


def assert_whole(news: Sequence[OutboxRow], kinds: set[str]) -> None:
    """Every piece of news became exactly one event on each stream of ``kinds``; numbers without a hole, in order."""
    rows = list(Event.objects.select_related("stream").order_by("id"))
    found = sorted((str(event.outbox_id), event.stream.kind) for event in rows)
    assert found == sorted((str(row.id), kind) for row in news for kind in kinds)
    for stream in Stream.objects.all():
        numbers = [event.seq for event in rows if event.stream_id == stream.id]
        assert numbers == list(range(1, len(numbers) + 1)) and stream.head == len(numbers)
    assert not OutboxRow.objects.filter(id__in=[row.id for row in news], done_at=None).exists()


def stream(kind: str, subject_id: UUID) -> Stream:
    return Stream.objects.get(kind=kind, subject_id=subject_id)
