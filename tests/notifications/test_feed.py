"""The feed's pages, cursors, text and end."""

import json
from datetime import timedelta

import pytest

from backend.lib.clock import iso, now
from backend.lib.errors import BadInput
from neighborhoods.models import OutboxRow
from notifications import cursors, feed
from notifications.dispatching import dispatch_once
from notifications.models import Event, Stream
from tests.cast import Cast, Person
from tests.neighborhoods.conftest import actor
from tests.notifications.pipeline import make_alert, stream, tell_of

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
DAY = timedelta(days=1)


def happen(cast: Cast, count: int = 1, **fields) -> list[OutboxRow]:
    rows = [tell_of(make_alert(cast, **fields)) for _ in range(count)]
    dispatch_once(now=now())
    return rows


def page(person: Person, since: str = "", limit: int = 200, at=None) -> feed.Page:
    return feed.feed_page(actor(person), since, limit=limit, now=at or now())


def news_of(found: feed.Page) -> list:
    return [event.outbox_id for event in found.results]


def test_the_text_is_the_same_from_the_row_just_written_and_from_the_row_read(cast: Cast) -> None:
    written: list[Event] = []
    tell_of(make_alert(cast, text='Cháy "lớn" ở chợ\u2028😀', category="fire", latitude=21.0, longitude=105.00001))
    dispatch_once(now=now(), tell=written.extend)
    for event in written:
        text = feed.wire(event)
        assert text == feed.wire(Event.objects.get(id=event.id))
        said = json.loads(text)
        assert sorted(said) == ["at", "cursor", "data", "kind", "seq", "stream"]
        assert (said["stream"], said["seq"], said["at"]) == (str(event.stream_id), 1, iso(event.at))
        assert said["at"].endswith("Z")
        assert text == json.dumps(said, separators=(",", ":"), ensure_ascii=False)
        assert cursors.unpack(said["cursor"]).event_id == event.id


def test_pages_follow_each_other_without_a_hole_or_a_double(cast: Cast) -> None:
    rows = happen(cast, 5)
    found, since, pages = [], "", []
    while True:
        one = page(cast.an, since, limit=2)
        found += news_of(one)
        pages.append((len(one.results), one.more, one.reload))
        since = one.cursor
        if not one.more:
            break
    assert found == [row.id for row in rows]
    assert pages == [(2, True, False), (2, True, False), (1, False, False)]
    assert page(cast.an, since).results == []
    more = happen(cast)
    assert news_of(page(cast.an, since)) == [more[0].id]


def test_an_events_own_cursor_goes_on_after_it(cast: Cast) -> None:
    rows = happen(cast, 3)
    first = page(cast.an).results[0]
    assert news_of(page(cast.an, feed.shape(first)["cursor"])) == [row.id for row in rows[1:]]


def test_a_quiet_readers_cursor_goes_along(cast: Cast) -> None:
    """Else it would grow too old although nothing was missed."""
    happen(cast, 2)
    found = page(cast.cuc)
    assert (found.results, cursors.unpack(found.cursor).event_id) == ([], feed.head_id())


def test_heads_name_all_streams_of_the_reader_and_are_never_ahead(cast: Cast) -> None:
    happen(cast, 2)
    heads = page(cast.an).heads
    assert heads == {
        str(stream("neighborhood", cast.place.id).id): 2,
        str(stream("ward", cast.ward.id).id): 0,
        str(stream("household", cast.an.household.id).id): 0,
    }
    assert feed.heads([stream("stewards", cast.place.id).id]) == {str(stream("stewards", cast.place.id).id): 2}


def test_nobody_is_given_a_stream_that_is_not_theirs(cast: Cast) -> None:
    """An, Bình, Cúc, Dũng and Hoa, after news on every kind of stream."""
    happen(cast)
    happen(cast, neighborhood=cast.other_place)
    happen(cast, neighborhood=None, category="fraud")
    for person in (cast.an, cast.cuc):
        data: dict[str, object] = {"household": str(person.household.id)}
        payload: dict[str, object] = {"subject": f"device:{person.device.id}", "data": data}
        OutboxRow.objects.create(topic="device.redeemed", neighborhood_id=cast.place.id, payload=payload)
    dispatch_once(now=now())
    names = {
        cast.place.id: "tổ 7", cast.other_place.id: "tổ 8", cast.ward.id: "ward",
        cast.an.household.id: "An's", cast.cuc.household.id: "Cúc's",
    }  # fmt: skip
    rows = {row.id: f"{row.kind} {names[row.subject_id]}" for row in Stream.objects.all()}
    read = {
        name: sorted(rows[event.stream_id] for event in page(getattr(cast, name)).results)
        for name in ("an", "binh", "cuc", "dung", "hoa")
    }
    assert read == {
        "an": ["household An's", "neighborhood tổ 7", "ward ward"],
        "binh": ["neighborhood tổ 7", "stewards tổ 7", "ward ward"],
        "cuc": ["household Cúc's", "neighborhood tổ 8", "ward ward"],
        "dung": ["duty ward", "duty ward", "duty ward", "ward ward"],
        "hoa": ["neighborhood tổ 7", "ward ward"],
    }
    texts = {event.data["alert"]["text"] for event in page(cast.an).results if event.alert_id}
    assert texts == {None}, "words nobody has released"


class TestCursorsThatNoLongerWork:
    def test_text_that_is_none_is_named(self, cast: Cast) -> None:
        with pytest.raises(BadInput) as refused:
            page(cast.an, "xyz")
        assert list(refused.value.fields) == ["since"]

    def test_older_than_the_feed(self, cast: Cast) -> None:
        happen(cast)
        old = cursors.pack(feed.head_id() - 1, now() - 7 * DAY - timedelta(minutes=1))
        found = page(cast.an, old)
        assert (found.results, found.reload, found.more) == ([], True, False)
        assert page(cast.an, found.cursor).reload is False
        young = cursors.pack(feed.head_id() - 1, now() - 7 * DAY + timedelta(minutes=1))
        assert page(cast.an, young).reload is False

    def test_of_events_that_are_deleted(self, cast: Cast) -> None:
        """Whatever its clock says."""
        happen(cast, 3)
        first, *rest = Event.objects.order_by("id")
        Event.objects.filter(id__lt=rest[1].id).delete()
        assert page(cast.an, cursors.pack(first.id, now())).reload is True
        assert page(cast.an, cursors.pack(rest[0].id, now())).reload is False

    def test_ahead_of_the_newest_event(self, cast: Cast) -> None:
        """A backup was put back."""
        happen(cast)
        found = page(cast.an, cursors.pack(feed.head_id() + 1, now()))
        assert (found.reload, cursors.unpack(found.cursor).event_id) == (True, feed.head_id())
        assert page(cast.an, cursors.pack(2**63 - 1, now())).reload is True

    def test_who_saw_the_feed_empty_misses_nothing_though_the_first_id_is_not_one(self, cast: Cast) -> None:
        """Ids have gaps: a transaction that was undone took its numbers along."""
        happen(cast, 3)
        Event.objects.all().delete()
        since = page(cast.an).cursor
        rows = happen(cast)
        found = page(cast.an, since)
        assert (news_of(found), found.reload) == ([rows[0].id], False)

    def test_before_the_first_event_there_is_nothing_to_reload(self, cast: Cast) -> None:
        found = page(cast.an)
        assert (feed.head_id(), found.results, found.reload) == (0, [], False)
        assert page(cast.an, found.cursor).reload is False


class TestExpiry:
    def test_events_of_more_than_a_week_go_and_numbers_run_on(self, cast: Cast) -> None:
        happen(cast, 2)
        Event.objects.update(created_at=now() - 8 * DAY)
        kept = happen(cast)
        assert feed.events_expire(now=now()) == 6
        assert {event.outbox_id for event in Event.objects.all()} == {kept[0].id}
        assert stream("stewards", cast.place.id).head == 3
        assert feed.events_expire(now=now()) == 0

    def test_the_newest_stays_for_its_number(self, cast: Cast) -> None:
        happen(cast, 2)
        head = feed.head_id()
        assert feed.events_expire(now=now() + 30 * DAY) == 5
        assert (feed.head_id(), Event.objects.count()) == (head, 1)

    def test_a_clock_that_jumped_makes_no_hole(self, cast: Cast) -> None:
        """What was written while the clock stood a month back lies between what stays: it stays too."""
        happen(cast)
        early = list(Event.objects.values_list("id", flat=True))
        happen(cast)
        Event.objects.exclude(id__in=early).update(created_at=now() - 30 * DAY)
        happen(cast)
        assert feed.events_expire(now=now()) == 0
