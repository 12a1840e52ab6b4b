"""From the outbox to the feed: each piece of news once, in order, and a failing one holds up nobody."""

import logging
import random
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.lib.clock import now
from neighborhoods import outbox
from neighborhoods.models import OutboxRow
from notifications import dispatching
from notifications.dispatching import dispatch_once
from notifications.models import Alert, Event
from tests.cast import Cast
from tests.neighborhoods.conftest import at_once
from tests.notifications.pipeline import assert_whole, make_alert, stream, tell_of, told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
THEFT = {"neighborhood", "stewards", "duty"}


def test_an_alert_is_told_on_each_stream_with_its_view(cast: Cast) -> None:
    alert = make_alert(cast, version=3)
    row = tell_of(alert)
    seen: list[Event] = []
    assert dispatch_once(now=now(), tell=seen.extend) == 1
    assert_whole([row], THEFT)
    views = {event.stream.kind: event.data["alert"] for event in Event.objects.select_related("stream")}
    assert {kind: (view["view"], view["text"], view["version"]) for kind, view in views.items()} == {
        "neighborhood": ("open", None, 3), "stewards": ("full", alert.text, 3), "duty": ("full", alert.text, 3),
    }  # fmt: skip
    assert seen == list(Event.objects.all())
    assert {(event.alert_id, event.at, event.outbox_id) for event in seen} == {(alert.id, row.at, row.id)}
    assert dispatch_once(now=now()) == 0 and Event.objects.count() == 3


def test_the_view_is_the_present_one_however_old_the_news(cast: Cast) -> None:
    alert = make_alert(cast)
    tell_of(alert)
    Alert.objects.filter(id=alert.id).update(state="withdrawn", version=2)
    tell_of(alert, "alert.withdrawn")
    dispatch_once(now=now())
    assert {event.data["alert"]["version"] for event in Event.objects.all()} == {2}


def test_news_is_told_oldest_first_and_numbers_run_on(cast: Cast) -> None:
    first = [tell_of(make_alert(cast)) for _ in range(3)]
    dispatch_once(now=now())
    second = [tell_of(make_alert(cast, category="utility")), tell_of(make_alert(cast))]
    dispatch_once(now=now())
    told_of = list(Event.objects.filter(stream__kind="stewards").order_by("seq").values_list("outbox_id", flat=True))
    assert told_of == [row.id for row in first + second]
    assert stream("neighborhood", cast.place.id).head == 5 and stream("duty", cast.ward.id).head == 4


def test_a_broadcast_reaches_the_ward_and_duty(cast: Cast) -> None:
    row = tell_of(make_alert(cast, neighborhood=None, category="fraud", household=None, account=cast.dung.account))
    dispatch_once(now=now())
    assert_whole([row], {"ward", "duty"})
    assert stream("ward", cast.ward.id).head == 1


def test_what_nobody_hears_of_is_done_without_a_word(cast: Cast) -> None:
    for topic in ("view.opened", "device.redeemed_again", "code.issued"):
        outbox.add(topic=topic, neighborhood_id=cast.place.id, payload={"data": {}}, now=now())
    assert dispatch_once(now=now()) == 0
    assert (Event.objects.count(), OutboxRow.objects.filter(done_at=None).count()) == (0, 0)


def test_what_is_no_alert_says_itself(cast: Cast) -> None:
    device, household = uuid4(), cast.an.household
    camera: dict[str, object] = {"camera": str(uuid4()), "reason": "timeout"}
    news: dict[str, dict[str, object]] = {
        "code.guessing": {"subject": f"neighborhood:{cast.place.id}", "data": {}},
        "device.redeemed": {"subject": f"device:{device}", "data": {"household": str(household.id), "slot": 1}},
    }
    for topic, payload in news.items():
        outbox.add(topic=topic, neighborhood_id=cast.place.id, payload=payload, now=now())
    outbox.add(topic="camera.online", neighborhood_id=cast.place.id, payload=camera, now=now())
    dispatch_once(now=now())
    assert told() == [("stewards", "code.guessing"), ("household", "device.redeemed"), ("stewards", "camera.online")]
    assert [event.data for event in Event.objects.order_by("id")] == [{}, {"device": str(device)}, camera]
    assert stream("household", household.id).head == 1


class TestFailing:
    @pytest.fixture
    def broken(self, cast: Cast) -> OutboxRow:
        return outbox.add(topic="device.redeemed", neighborhood_id=cast.place.id, payload={"data": {}}, now=now())

    def test_it_is_put_off_with_growing_waits_and_named_in_the_log(self, broken: OutboxRow, caplog) -> None:
        moment, waits = now() + MINUTE, []
        with caplog.at_level(logging.ERROR):
            for attempt in range(1, 13):
                assert dispatch_once(now=moment) == 0
                broken.refresh_from_db()
                assert (broken.attempts, broken.done_at) == (attempt, None)
                waits.append((broken.due_at - moment).total_seconds())
                assert dispatch_once(now=broken.due_at - timedelta(milliseconds=1)) == 0
                moment = broken.due_at
        assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
        assert len([record for record in caplog.records if str(broken.id) in record.getMessage()]) == 12

    def test_it_holds_up_nobody_and_leaves_nothing_half(self, broken: OutboxRow, cast: Cast, monkeypatch) -> None:
        later = tell_of(make_alert(cast))
        assert dispatch_once(now=now()) == 1
        assert_whole([later], THEFT)
        unlucky = tell_of(make_alert(cast, category="fire"))
        append = dispatching._append

        def third_fails(stream, **fields):
            if stream.kind == "duty":
                raise ValueError("no")
            return append(stream, **fields)

        monkeypatch.setattr(dispatching, "_append", third_fails)
        assert dispatch_once(now=now()) == 0
        monkeypatch.undo()
        assert_whole([later], THEFT)
        assert dispatch_once(now=now() + MINUTE) == 1
        assert_whole([later, unlucky], THEFT)

    def test_put_right_it_is_told(self, broken: OutboxRow, cast: Cast) -> None:
        dispatch_once(now=now())
        data = {"household": str(cast.an.household.id)}
        OutboxRow.objects.filter(id=broken.id).update(payload={"subject": f"device:{uuid4()}", "data": data})
        assert dispatch_once(now=now() + MINUTE) == 1 and told() == [("household", "device.redeemed")]


class TestClocks:
    def test_set_back_by_a_year_new_news_is_told_at_once(self, cast: Cast) -> None:
        row = tell_of(make_alert(cast))
        assert dispatch_once(now=now() - timedelta(days=365)) == 1
        assert_whole([row], THEFT)

    def test_set_back_what_failed_waits_no_longer_than_ten_minutes(self, cast: Cast) -> None:
        row = tell_of(make_alert(cast))
        OutboxRow.objects.filter(id=row.id).update(attempts=1, due_at=now() + timedelta(days=300))
        assert dispatch_once(now=now()) == 1

    def test_jumps_leave_the_order_of_telling(self, cast: Cast) -> None:
        """``at`` may go back; ``seq`` and ``id`` do not."""
        moments = [now() + timedelta(hours=hours) for hours in (0, -5, 3, -1)]
        alert, rows = make_alert(cast), []
        for moment in moments:
            rows.append(tell_of(alert, "alert.joined", at=moment))
            dispatch_once(now=moment)
        events = list(Event.objects.filter(stream__kind="stewards").order_by("seq"))
        assert [event.at for event in events] == moments
        assert [event.outbox_id for event in sorted(events, key=lambda event: event.id)] == [row.id for row in rows]


@pytest.mark.django_db(transaction=True)
def test_several_at_once_tell_everything_once_and_in_the_order_of_commits(live_cast: Cast) -> None:
    """Each dispatcher's reader looks after every turn: an id below one it has seen must never appear later."""
    alerts = [make_alert(live_cast) for _ in range(4)]
    rows: list[OutboxRow] = []

    def act(number: int) -> list[OutboxRow]:
        chance, made, seen, last = random.Random(number), [], set(), 0
        for _ in range(12):
            if number < 2:
                made.append(tell_of(chance.choice(alerts), "alert.joined"))
            dispatch_once(now=now())
            fresh = set(Event.objects.filter(id__gt=last).values_list("id", flat=True))
            below = set(Event.objects.filter(id__lte=last).values_list("id", flat=True))
            assert below == seen
            seen |= fresh
            last = max(seen, default=0)
        return made

    for made in at_once(act, 4):
        assert isinstance(made, list), made
        rows += made
    dispatch_once(now=now())
    assert_whole(rows, THEFT)
