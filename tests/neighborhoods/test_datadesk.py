"""The desk for data-subject requests: who may ask and answer, and by when (Decree 356/2025)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.clock import VIETNAM
from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import datadesk, desklist, workdays
from neighborhoods.access import Actor
from neighborhoods.datadesk import Asked
from neighborhoods.models import AuditEntry, DataRequest, OutboxRow
from tests.architecture.walkers import _guest
from tests.cast import Cast, make_phuc, make_resident
from tests.neighborhoods.conftest import NOW, actor, at_once

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 3, 9, tzinfo=VIETNAM).astimezone(UTC)
ANSWER, FINISH, WITH_OTHERS = date(2026, 11, 5), date(2026, 11, 18), date(2026, 11, 23)
DAY = timedelta(days=1)


def who(person: Any) -> Actor:
    return actor(person, NOW)


def make(cast: Cast, kind: str = "see", words: str = "", now: datetime = TUESDAY) -> DataRequest:
    return datadesk.data_request_make(actor=who(cast.an), asked=Asked(kind=kind, words=words), now=now)


def acts() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="data_request.").order_by("seq")
    return list(found.values_list("action", flat=True))


def test_a_resident_asks_and_the_days_are_written_down(cast: Cast) -> None:
    asked = make(cast, "delete", "Tôi chuyển đi")
    assert (asked.state, asked.household, asked.member_id) == ("received", cast.an.household, cast.an.member.id)
    assert (asked.answer_due, asked.finish_due) == (ANSWER, FINISH)
    assert list(desklist.data_requests_for(who(cast.an))) == [asked]
    assert list(desklist.data_requests_for(who(cast.binh))) == [asked]
    told = OutboxRow.objects.get(topic="data_request.received")
    assert told.neighborhood_id == cast.place.id and "chuyển" not in str(told.payload)


def test_words_never_reach_the_audit(cast: Cast) -> None:
    asked = make(cast, "view", "Camera nhà ông Tư nhìn vào sân")
    datadesk.data_request_answer(actor=who(cast.binh), request_id=asked.id, answer="Sẽ che lại", now=TUESDAY)
    datadesk.data_request_refuse(
        actor=who(cast.binh), request_id=asked.id, ground="order", outcome="Không nhìn vào", now=TUESDAY
    )
    for entry in AuditEntry.objects.filter(action__startswith="data_request."):
        assert not {"sân", "che", "nhìn"} & set(str(entry.data).split()), entry.data
        assert cast.an.member.name not in str(entry.data)


def test_nobody_else_reads_it(cast: Cast) -> None:
    asked = make(cast)
    neighbour = make_resident(cast.place, 13, "Hộ ông Em", "Vũ Văn Em")
    for person in (cast.cuc, cast.dung, cast.hoa, neighbour, _guest(cast)):
        assert not desklist.data_requests_for(who(person)).exists()
        with pytest.raises(Absent):
            desklist.data_request_for(who(person), asked.id)
        with pytest.raises(Absent):
            datadesk.data_request_finish(actor=who(person), request_id=asked.id, outcome="Xong", now=TUESDAY)
    with pytest.raises(Absent):
        datadesk.data_request_finish(actor=who(cast.an), request_id=asked.id, outcome="Xong", now=TUESDAY)
    datadesk.data_request_finish(actor=who(make_phuc(cast)), request_id=asked.id, outcome="Xong", now=TUESDAY)


@pytest.mark.parametrize("name", ["binh", "hoa", "dung", "guest"])
def test_only_who_lives_there_asks_for_a_household(cast: Cast, name: str) -> None:
    person = _guest(cast) if name == "guest" else getattr(cast, name)
    with pytest.raises(Absent):
        datadesk.data_request_make(actor=who(person), asked=Asked(kind="see"), now=TUESDAY)


def test_answered_then_done(cast: Cast) -> None:
    asked = make(cast)
    answered = datadesk.data_request_answer(
        actor=who(cast.binh), request_id=asked.id, answer="Mai tôi mang bản in đến", now=TUESDAY + DAY
    )
    assert (answered.state, answered.finish_due, desklist.next_due(answered)) == ("answered", FINISH, FINISH)
    with pytest.raises(Conflict) as twice:
        datadesk.data_request_answer(actor=who(cast.binh), request_id=asked.id, answer="Lần nữa", now=TUESDAY)
    assert twice.value.code == "data_request_state"
    done = datadesk.data_request_finish(
        actor=who(cast.binh), request_id=asked.id, outcome="Đã đưa bản in", now=TUESDAY + 2 * DAY
    )
    assert (done.state, done.closed_at, done.ground) == ("done", TUESDAY + 2 * DAY, "")
    for verb, facts in (
        (datadesk.data_request_finish, {"outcome": "x"}),
        (datadesk.data_request_refuse, {"outcome": "x", "ground": "order"}),
        (datadesk.data_request_extend, {"days": 1, "reason": "x"}),
    ):
        with pytest.raises(Conflict):
            verb(actor=who(cast.binh), request_id=asked.id, now=TUESDAY, **facts)
    assert acts() == ["data_request.received", "data_request.answered", "data_request.done"]


def test_where_another_party_must_act_there_are_twenty_days_from_the_first(cast: Cast) -> None:
    asked = make(cast, "object")
    answered = datadesk.data_request_answer(
        actor=who(cast.binh), request_id=asked.id, answer="Hỏi chủ camera", other_party=True, now=TUESDAY + DAY
    )
    assert (answered.other_party, answered.finish_due) == (True, WITH_OTHERS)


def test_it_is_put_off_once_and_no_further_than_fifteen_days(cast: Cast) -> None:
    asked = make(cast)
    extend = {"actor": who(cast.binh), "request_id": asked.id, "reason": "Chủ nhà đi vắng"}
    for days in (0, 16, -1):
        with pytest.raises(BadInput):
            datadesk.data_request_extend(days=days, now=TUESDAY, **extend)
    later = datadesk.data_request_extend(days=15, now=TUESDAY + 14 * DAY, **extend)
    assert later.finish_due == date(2026, 12, 3)
    with pytest.raises(Conflict) as again:
        datadesk.data_request_extend(days=1, now=TUESDAY + 15 * DAY, **extend)
    assert again.value.code == "extended_already"


def test_what_is_too_late_cannot_be_put_off(cast: Cast) -> None:
    asked = make(cast)
    last_minute = datetime(2026, 11, 18, 23, 59, tzinfo=VIETNAM)
    midnight = datetime(2026, 11, 19, 0, 0, tzinfo=VIETNAM)
    extend = {"actor": who(cast.binh), "request_id": asked.id, "days": 5, "reason": "Chờ"}
    with pytest.raises(Conflict) as late:
        datadesk.data_request_extend(now=midnight, **extend)
    assert late.value.code == "extended_late"
    assert datadesk.data_request_extend(now=last_minute, **extend).extended_at == last_minute


def test_a_refusal_needs_a_ground_of_the_list(cast: Cast) -> None:
    asked = make(cast)
    for ground in ("", "not today"):
        with pytest.raises(BadInput):
            datadesk.data_request_refuse(
                actor=who(cast.binh), request_id=asked.id, ground=ground, outcome="Không", now=TUESDAY
            )
    refused = datadesk.data_request_refuse(
        actor=who(cast.binh), request_id=asked.id, ground="law_keeps", outcome="Sổ quỹ phải giữ", now=TUESDAY
    )
    assert (refused.state, refused.ground) == ("refused", "law_keeps")


def test_the_leader_enters_what_somebody_asked_at_the_door(cast: Cast) -> None:
    enter = {"actor": who(cast.binh), "neighborhood_id": cast.place.id, "now": TUESDAY + DAY}
    passer_by = datadesk.data_request_enter(
        asked=Asked(kind="view", words="Camera đầu ngõ nhìn vào quán tôi"), asker_name="Vũ Lan",
        asker_contact="0912 345 678", received_at=TUESDAY, other_party=True, **enter,
    )  # fmt: skip
    assert (passer_by.answer_due, passer_by.finish_due) == (ANSWER, WITH_OTHERS)
    members = datadesk.data_request_enter(asked=Asked(kind="see"), member_id=cast.an.member.id, **enter)
    assert members.household == cast.an.household
    assert desklist.data_request_for(who(cast.an), members.id) == members
    with pytest.raises(BadInput):
        datadesk.data_request_enter(asked=Asked(kind="see"), **enter)  # from nobody
    with pytest.raises(BadInput):
        datadesk.data_request_enter(
            asked=Asked(kind="see"), household_id=cast.an.household.id, received_at=TUESDAY + 2 * DAY, **enter
        )
    with pytest.raises(Absent):
        datadesk.data_request_enter(asked=Asked(kind="see"), household_id=cast.cuc.household.id, **enter)
    with pytest.raises(Absent):
        datadesk.data_request_enter(
            asked=Asked(kind="see"), member_id=cast.cuc.member.id, **enter | {"neighborhood_id": cast.other_place.id}
        )


@pytest.mark.parametrize("asked", [Asked(kind="sell"), Asked(kind="view"), Asked(kind="see", words="a\u202eb")])
def test_what_makes_no_request_is_refused(cast: Cast, asked: Asked) -> None:
    with pytest.raises(BadInput):
        datadesk.data_request_make(actor=who(cast.an), asked=asked, now=TUESDAY)
    assert not DataRequest.objects.exists()


def test_a_household_has_ten_open_ones_at_the_most(cast: Cast) -> None:
    made = [make(cast) for _n in range(10)]
    with pytest.raises(Conflict) as full:
        make(cast)
    assert full.value.code == "too_many_data_requests"
    datadesk.data_request_finish(actor=who(cast.binh), request_id=made[0].id, outcome="Xong", now=TUESDAY)
    make(cast)


def test_the_most_urgent_comes_first_and_overdue_is_said(cast: Cast) -> None:
    """One that was answered has until its end; one that was not has two working days."""
    early, late = make(cast, now=TUESDAY), make(cast, now=TUESDAY + 3 * DAY)
    datadesk.data_request_answer(actor=who(cast.binh), request_id=early.id, answer="Đang tìm", now=TUESDAY)
    rows = desklist.most_urgent_first(desklist.data_requests_for(who(cast.binh)))
    assert list(rows) == [late, early]
    midday = datetime(2026, 11, 10, 12, tzinfo=VIETNAM)
    assert desklist.next_due(late) == date(2026, 11, 10)
    assert not desklist.is_overdue(late, now=midday)
    assert desklist.is_overdue(late, now=midday + DAY)


def test_the_desk_asks_no_more_for_ten_requests_than_for_two(client: Client, cast: Cast) -> None:
    client.cookies["matpho"] = cast.binh.token
    counted = []
    for wanted in (2, 10):
        while DataRequest.objects.count() < wanted:
            make(cast, "delete", now=NOW)
        client.get("/leader/requests/")  # what is only read once
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/leader/requests/").content.decode()
        assert page.count("/answer/") == wanted
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_who_asked_at_the_door_to_be_erased_can_be(client: Client, cast: Cast) -> None:
    """The leader enters the household; who of it was meant is chosen where it is done."""
    datadesk.data_request_enter(
        actor=who(cast.binh), neighborhood_id=cast.place.id, asked=Asked(kind="delete"),
        household_id=cast.an.household.id, now=NOW,
    )  # fmt: skip
    client.cookies["matpho"] = cast.binh.token
    page = client.get("/leader/requests/").content.decode()
    assert f"/api/v1/members/{cast.an.member.id}/erase/" in page and ": Nguyễn Văn An" in page
    client.post(f"/api/v1/members/{cast.an.member.id}/erase/", **cast.binh.bearer)
    assert "/erase/" not in client.get("/leader/requests/").content.decode()


def test_overdue_stands_first_in_red_and_in_words(client: Client, cast: Cast) -> None:
    make(cast, "view", "Nhìn vào sân", now=NOW - timedelta(days=30))
    make(cast, now=NOW)
    client.cookies["matpho"] = cast.binh.token
    page = client.get("/leader/requests/").content.decode()
    assert page.count("request late") == 1
    assert 0 < page.index("quá hạn") < page.index("Nhìn vào sân") < page.index("Xem đang lưu gì về tôi</h2>")
    assert "Gấp nhất" in client.get("/leader/").content.decode()


def test_the_database_itself_keeps_states_grounds_and_days_in_order(cast: Cast) -> None:
    asked = make(cast)
    for wrong in (
        {"state": "done"}, {"ground": "order"}, {"state": "refused", "closed_at": TUESDAY},
        {"finish_due": ANSWER - DAY}, {"closed_at": TUESDAY},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            DataRequest.objects.filter(id=asked.id).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_eight_extensions_at_once_are_one(live_cast: Cast) -> None:
    asked, binh = make(live_cast), who(live_cast.binh)
    answers = at_once(
        lambda _n: datadesk.data_request_extend(
            actor=binh, request_id=asked.id, days=15, reason="Chờ", now=TUESDAY
        ).finish_due,
        8,
    )  # fmt: skip
    assert [one for one in answers if isinstance(one, date)] == [date(2026, 12, 3)]
    assert {type(one) for one in answers} == {date, Conflict}
    asked.refresh_from_db()
    assert asked.finish_due == date(2026, 12, 3)


@given(st.dates(min_value=date(2026, 1, 1), max_value=date(2040, 12, 1)))
def test_the_answer_is_never_due_after_the_end(day: date) -> None:
    answer, finish = (workdays.due(clock, day) for clock in (workdays.Clock.ANSWER, workdays.Clock.FINISH))
    assert day < answer <= finish <= workdays.due(workdays.Clock.FINISH_WITH_OTHERS, day)
