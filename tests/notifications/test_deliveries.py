"""Who was reached, noted in batches: the first time of each counts, whoever notes it and however often."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from backend.lib.clock import now
from notifications import deliveries
from notifications.deliveries import Note, deliveries_note
from notifications.dispatching import dispatch_once
from notifications.hub import rows as hub_rows
from notifications.hub.notes import AT_ONCE, Claim, Notes
from notifications.models import Delivery, Event
from tests.cast import Cast
from tests.notifications.pipeline import make_alert, tell_of

AT = now()
SECOND = timedelta(seconds=1)


def rows() -> list[tuple]:
    return list(Delivery.objects.order_by("id").values_list("device_id", "sent_at", "delivered_at", "seen_at"))


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_first_time_of_each_is_kept(cast: Cast) -> None:
    alert, an, hoa = make_alert(cast), cast.an.device.id, cast.hoa.device.id
    deliveries_note([Note("sent", alert.id, [an, hoa], AT + SECOND), Note("sent", alert.id, [an], AT)])
    deliveries_note([Note("delivered", alert.id, [an], AT + 3 * SECOND), Note("sent", alert.id, [hoa], AT)])
    deliveries_note([Note("delivered", alert.id, [an], AT + 9 * SECOND), Note("seen", alert.id, [an], AT + 5 * SECOND)])
    assert dict((row[0], row[1:]) for row in rows()) == {
        an: (AT, AT + 3 * SECOND, AT + 5 * SECOND),
        hoa: (AT + SECOND, None, None),
    }


@pytest.mark.both_databases
@pytest.mark.django_db
def test_what_was_looked_at_has_arrived(cast: Cast) -> None:
    deliveries_note([Note("seen", make_alert(cast).id, [cast.an.device.id], AT)])
    assert rows() == [(cast.an.device.id, None, AT, AT)]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_whatever_is_no_more_is_left_out_and_the_rest_is_written(live_cast: Cast) -> None:
    alert, an = make_alert(live_cast), live_cast.an.device.id
    deliveries_note([Note("sent", alert.id, [uuid4(), an], AT), Note("sent", uuid4(), [an], AT)])
    assert rows() == [(an, AT, None, None)]


@pytest.mark.django_db(transaction=True)
def test_notes_wait_out_a_database_that_fails_and_are_written_before_the_end(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert, an = make_alert(live_cast), live_cast.an.device.id
    away = threading.Event()
    away.set()
    tries = []

    def written(notes) -> int:
        tries.append(len(list(notes)))
        if away.is_set():
            raise OperationalError("the database is away")
        return deliveries_note(notes)

    monkeypatch.setattr(deliveries, "deliveries_note", written)
    notes = Notes(now=now, busy=lambda: False)
    notes.start()
    notes.sent(alert.id, [an], AT)
    while len(tries) < 2:
        time.sleep(0.02)
    assert rows() == []
    away.clear()
    notes.claimed(Claim("delivered", [alert.id], an, frozenset(), AT))  # told on no stream of its own: not believed
    notes.stop()
    assert rows() == [(an, AT, None, None)]


def test_a_database_that_stays_away_costs_a_bounded_memory(caplog: pytest.LogCaptureFixture) -> None:
    notes = Notes(now=now, busy=lambda: False)
    devices = [uuid4() for _ in range(10_000)]
    for _ in range(110):
        notes.sent(uuid4(), devices, AT)
    assert len(notes._notes) == 100
    assert [record.levelname for record in caplog.records] == ["ERROR"], "once"


@pytest.mark.both_databases
@pytest.mark.django_db
def test_however_much_phones_claim_the_others_deliveries_are_written(cast: Cast) -> None:
    alert, an = make_alert(cast), cast.an.device.id
    tell_of(alert)
    dispatch_once(now=now())
    streams = frozenset(Event.objects.filter(alert=alert).values_list("stream_id", flat=True))
    notes = Notes(now=now, busy=lambda: False)
    for _ in range(700):  # 70,000 ids: more than a statement takes
        notes.claimed(Claim("seen", [uuid4() for _ in range(100)], uuid4(), frozenset(), AT))
    notes.sent(alert.id, [an], AT)
    notes.claimed(Claim("seen", [alert.id], an, streams, AT + SECOND))
    assert notes.run_once() and rows() == [(an, AT, None, None)], "what we know ourselves does not wait"
    turns = 2
    while notes.run_once():
        turns += 1
    assert rows() == [(an, AT, AT + SECOND, AT + SECOND)]
    assert turns == -(-70_001 // AT_ONCE)
    assert notes._taken == notes._written


@pytest.mark.django_db
def test_empty_claims_cost_nothing() -> None:
    notes = Notes(now=now, busy=lambda: False)
    notes.claimed(Claim("seen", [], uuid4(), frozenset(), AT))
    assert not notes._claims


@pytest.mark.django_db(transaction=True)
def test_claims_that_fail_three_times_are_dropped_while_the_database_answers(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alert, an = make_alert(live_cast), live_cast.an.device.id

    def refused(alert_ids):
        raise OperationalError("too many SQL variables")

    monkeypatch.setattr(hub_rows, "streams_told", refused)
    notes = Notes(now=now, busy=lambda: False)
    notes.claimed(Claim("seen", [alert.id], an, frozenset(), AT))
    notes.sent(alert.id, [an], AT)
    assert [notes.run_once() for _ in range(2)] == [False, False]
    assert (rows(), len(notes._claims)) == ([(an, AT, None, None)], 1)
    notes.run_once()
    assert not notes._claims and notes._taken == notes._written
    assert "1 notes of what phones have are lost: OperationalError" in caplog.text


@pytest.mark.django_db
def test_claims_wait_out_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*nothing):
        raise OperationalError("the database is away")

    monkeypatch.setattr(hub_rows, "streams_told", away)
    monkeypatch.setattr(hub_rows, "answers", away)
    monkeypatch.setattr("cameras.playback.rows.connection", type("Line", (), {"close": lambda self: None})())
    notes = Notes(now=now, busy=lambda: False)
    notes.claimed(Claim("seen", [uuid4()], uuid4(), frozenset(), AT))
    for _ in range(10):
        assert notes.run_once() is False
    assert len(notes._claims) == 1
