"""Who is told what: the pure table."""

from uuid import UUID, uuid4

import pytest

from notifications.categories import CATEGORIES, Audience
from notifications.models import Stream
from notifications.rules import ALERT_TOPICS, HEARD, AlertFacts, News, View, decide

WARD, PLACE, HOUSEHOLD, CAMERA, DEVICE = (uuid4() for _ in range(5))
OPEN_HERE = ("neighborhood", PLACE, "open")
STEWARDS = ("stewards", PLACE, "full")
DUTY = ("duty", WARD, "full")


def heard(category: str, *, escalation: int = 0, place: UUID | None = PLACE, topic: str = "alert.raised") -> list:
    facts = AlertFacts(id=uuid4(), ward_id=WARD, neighborhood_id=place, category=category, escalation=escalation)
    drafts = decide(News(topic=topic, alert=facts, neighborhood_id=place))
    assert {draft.kind for draft in drafts} <= {topic}
    return [(draft.stream_kind, draft.subject_id, str(draft.view)) for draft in drafts]


@pytest.mark.parametrize("topic", sorted(ALERT_TOPICS))
@pytest.mark.parametrize("category", CATEGORIES.values(), ids=lambda category: category.code)
def test_each_category_reaches_its_audience_with_its_view(category, topic: str) -> None:
    wanted = [STEWARDS]
    if category.audience == Audience.EVERYONE:
        wanted.insert(0, OPEN_HERE)
    if category.tells_officer:
        wanted.append(DUTY)
    assert heard(category.code, topic=topic) == wanted


def test_the_officer_hears_of_what_nobody_answered() -> None:
    assert [heard("school_gate", escalation=level)[2:] for level in (0, 1, 2)] == [[], [], [DUTY]]
    assert heard("fire", escalation=2).count(DUTY) == 1


def test_a_broadcast_goes_to_the_ward_and_in_full_to_duty() -> None:
    assert heard("fraud", place=None) == [("ward", WARD, "open"), DUTY]


def test_camera_health_is_for_those_who_lead() -> None:
    assert heard("camera_health") == [STEWARDS]


def test_movement_is_for_those_who_lead_and_for_the_household_whose_camera_it_is() -> None:
    assert heard("motion") == [STEWARDS]
    owned = line("camera.motion", camera=str(CAMERA), at="2026-11-25T02:00:00Z", household=str(HOUSEHOLD))
    assert owned == [("household", HOUSEHOLD, {"camera": str(CAMERA)})]
    assert line("camera.motion", camera=str(CAMERA), at="2026-11-25T02:00:00Z") == []


def test_an_odd_use_is_told_to_whose_camera_it_is_and_names_nobody() -> None:
    told = {"odd_use": str(uuid4()), "cameras": [str(CAMERA)]}
    assert line("odd_use.owner", household=str(HOUSEHOLD), **told) == [("household", HOUSEHOLD, told)]
    assert line("odd_use.school", household=str(HOUSEHOLD), **told) == [("school", HOUSEHOLD, told)]
    assert line("odd_use.leader", **told) == [("stewards", PLACE, told)]
    assert line("odd_use.noticed", "odd_use:1", rule="again", household=str(HOUSEHOLD)) == []


def test_an_alert_of_a_category_that_is_no_more_stays_with_those_who_lead() -> None:
    assert heard("suspicious_person") == [STEWARDS]


def line(topic: str, subject: str = "", **data: object) -> list:
    drafts = decide(News(topic=topic, subject=subject, data=data, neighborhood_id=PLACE))
    assert all(draft.view == View.DATA for draft in drafts)
    return [(draft.stream_kind, draft.subject_id, dict(draft.data)) for draft in drafts]


def test_a_silent_camera_is_told_to_those_who_lead() -> None:
    outage = {"camera": str(CAMERA), "reason": "timeout"}
    assert line("camera.offline", **outage) == [("stewards", PLACE, outage)]
    assert line("camera.online", camera=str(CAMERA), reason="") == [("stewards", PLACE, {**outage, "reason": ""})]


def test_guessing_is_told_to_those_who_lead() -> None:
    assert line("code.guessing", f"neighborhood:{PLACE}") == [("stewards", PLACE, {})]


def test_another_account_for_everybodys_money_is_told_to_those_who_lead() -> None:
    assert line("bank_account.added", provider="sepay") == [("stewards", PLACE, {})]


def test_a_request_about_data_is_told_to_those_who_lead_and_its_answer_to_who_asked() -> None:
    """And nothing of it: what was asked is read at the desk."""
    asked = {"household": str(HOUSEHOLD), "kind": "delete"}
    assert line("data_request.received", **asked) == [("stewards", PLACE, {})]
    for what in ("answered", "extended", "done", "refused"):
        assert line(f"data_request.{what}", **asked) == [("household", HOUSEHOLD, {})]
        assert line(f"data_request.{what}", household=None) == []


def test_whoever_is_asked_for_footage_hears_which_camera_and_nobody_elses() -> None:
    asked = {"request": str(uuid4()), "camera": str(CAMERA), "urgent": True}
    told = asked | {"kind": "voluntary", "case": str(uuid4())}
    assert line("footage.put_to_owner", household=str(HOUSEHOLD), **told) == [("household", HOUSEHOLD, asked)]
    assert line("footage.put_to_leader", **told) == [("stewards", PLACE, asked)]


@pytest.mark.parametrize("what", ["put_to", "answered", "outcome", "annex_opened"])
def test_of_a_schools_camera_its_staff_hear_and_its_phones_do_not(what: str) -> None:
    asked = {"request": str(uuid4()), "camera": str(CAMERA)}
    heard = line(f"footage.{what}_school", household=str(HOUSEHOLD), **asked)
    assert heard == [("school", HOUSEHOLD, asked | {"urgent": False})]


def test_a_new_phone_is_told_to_its_household_without_the_code_it_came_by() -> None:
    drafts = line("device.redeemed", f"device:{DEVICE}", household=str(HOUSEHOLD), code=str(uuid4()), slot="1")
    assert drafts == [("household", HOUSEHOLD, {"device": str(DEVICE)})]


@pytest.mark.parametrize("topic", ["view.opened", "device.redeemed_again", "alert", "alert.", "alert.looked_at", ""])
def test_a_topic_nobody_hears_of_becomes_nothing(topic: str) -> None:
    assert decide(News(topic=topic, subject="x", data={"household": str(HOUSEHOLD)}, neighborhood_id=PLACE)) == []
    assert topic not in HEARD


def test_an_alert_that_is_gone_becomes_nothing() -> None:
    assert decide(News(topic="alert.raised", subject=f"alert:{uuid4()}", neighborhood_id=PLACE)) == []


@pytest.mark.parametrize("data", [{}, {"household": "none"}])
def test_news_that_lacks_what_its_topic_has_is_refused(data: dict) -> None:
    with pytest.raises((KeyError, ValueError)):
        decide(News(topic="device.redeemed", subject=f"device:{DEVICE}", data=data))


def test_cameras_that_give_way_are_told_to_those_who_lead_and_to_the_wards_duty() -> None:
    paused = {"cameras": [str(CAMERA), str(uuid4())]}
    assert line("recording.gave_way", f"neighborhood:{PLACE}", **paused) == [("stewards", PLACE, {"cameras": 2})]
    assert line("recording.gave_way_ward", f"ward:{WARD}", **paused) == [("duty", WARD, {"cameras": 2})]


def test_every_stream_it_names_is_one() -> None:
    drafts = [
        draft
        for topic in HEARD
        for draft in decide(
            News(
                topic=topic, subject=f"ward:{WARD}" if topic.endswith("_ward") else f"device:{DEVICE}",
                neighborhood_id=PLACE,
                data={"household": str(HOUSEHOLD), "camera": str(CAMERA), "request": str(uuid4()),
                      "odd_use": str(uuid4()), "cameras": [str(CAMERA)]},
                alert=AlertFacts(id=uuid4(), ward_id=WARD, neighborhood_id=PLACE, category="fire"),
            )
        )
    ]  # fmt: skip
    assert {draft.stream_kind for draft in drafts} == set(Stream.Kind.values) - {"ward"}
    assert {draft.kind for draft in drafts} == HEARD
