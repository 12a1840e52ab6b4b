"""Raising, joining, letting out, taking, ending: what the rows, the views and the news say of it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.lib.clock import iso, now
from backend.lib.errors import Absent, BadInput, Conflict, TooMany
from cameras.models import Camera
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import AccessCode, AuditEntry, OutboxRow, RoleGrant, Ward
from neighborhoods.roles import role_grant
from notifications import alert_limits, alerts, broadcasts, escalations, precision, telling, words
from notifications.facing import Place
from notifications.models import Alert, AlertReport
from notifications.raising import Raised
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast, Person, make_lan, make_phuc, make_resident, make_staff
from tests.neighborhoods.conftest import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HERE = Place(22.8234, 104.9836)
MINUTE = timedelta(minutes=1)


def tell(person: Person, category: str = "theft", at: datetime | None = None, **said: Any) -> Raised:
    return alerts.alert_raise(actor=actor_of(person), category=category, now=at or now(), **said)


def add_words(person: Person, alert: Alert, text: str) -> Alert:
    return words.alert_words_add(actor=actor_of(person), alert_id=alert.id, text=text, now=now())


def make_ward() -> Ward:
    return Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")


def news(alert: Alert) -> list[str]:
    """What the outbox tells of it, in order."""
    rows = OutboxRow.objects.filter(topic__startswith="alert.").order_by("id")
    assert all(row.payload["data"]["alert"] == str(alert.id) for row in rows)
    return [row.topic for row in rows]


class TestRaising:
    def test_everybody_is_told_what_and_where_and_the_words_wait(self, cast: Cast) -> None:
        make_camera(cast, latitude=HERE.lat, longitude=HERE.lon)
        alert = tell(cast.an, text="Một người mặc áo đỏ\nlấy xe của tôi", location=HERE).alert
        view = telling.open_view(alert)
        assert (view["category"], view["severity"], view["state"]) == ("theft", "urgent", "raised")
        assert (view["place"], view["location"]) == ("Cổng chào", {"lat": 22.823, "lon": 104.984})
        assert (view["text"], view["clip_released"], view["clip"]) == (None, False, "coming")
        assert "An" not in str(view) and view["source"] == "resident"
        full = telling.full_view(alert)
        assert full["location"] == {"lat": HERE.lat, "lon": HERE.lon}
        assert (full["text"], full["reporter"]) == ("Một người mặc áo đỏ lấy xe của tôi", "Hộ ông An")
        assert news(alert) == ["alert.raised"]
        assert OutboxRow.objects.filter(topic="snapshot.requested").count() == 1

    @pytest.mark.parametrize(("category", "out"), [("fire", True), ("accident", True), ("disorder", False)])
    def test_fire_and_accidents_release_their_words(self, cast: Cast, category: str, out: bool) -> None:
        alert = tell(cast.an, category, text="Khói ở tầng hai", location=HERE).alert
        assert telling.open_view(alert)["text"] == ("Khói ở tầng hai" if out else None)
        assert telling.open_view(alert)["clip_released"] is False
        rounded = {"lat": 22.823, "lon": 104.984}
        assert telling.open_view(alert)["location"] == ({"lat": HERE.lat, "lon": HERE.lon} if out else rounded)

    def test_nothing_of_the_words_or_names_stands_in_the_audit(self, cast: Cast) -> None:
        tell(cast.an, text="Ông Tám lấy xe", location=HERE)
        said = str(list(AuditEntry.objects.values_list("data", flat=True)))
        assert "Tám" not in said and "An" not in said

    def test_a_households_camera_gives_away_neither_its_name_nor_its_place(self, cast: Cast) -> None:
        own = {"owner_household": cast.an.household, "ownership": "household", "latitude": 22.82345, "longitude": 104.9}
        camera = make_camera(cast, **own)
        Camera.objects.filter(id=camera.id).update(name="Cổng nhà ông An")
        view = telling.open_view(tell(cast.an, camera_ids=[camera.id]).alert)
        assert (view["place"], view["location"]) == ("Tổ dân phố 7", {"lat": 22.823, "lon": 104.9})
        assert view["cameras"] == [str(camera.id)]

    def test_without_a_place_the_neighborhood_is_the_place(self, cast: Cast) -> None:
        view = telling.open_view(tell(cast.an, "fire").alert)
        assert (view["place"], view["location"]) == ("Tổ dân phố 7", None)

    def test_a_fraud_warning_has_no_place(self, cast: Cast) -> None:
        view = telling.open_view(tell(cast.binh, "fraud", text="Gọi giả công an", location=HERE).alert)
        assert (view["place"], view["location"], view["cameras"]) == ("", None, [])

    def test_only_those_who_lead_raise_what_has_no_place(self, cast: Cast) -> None:
        for person in (cast.an, make_lan(cast)):
            with pytest.raises(BadInput) as refused:
                tell(person, "fraud", text="Gọi giả công an", neighborhood_id=cast.place.id)
            assert list(refused.value.fields) == ["category"]
        for person in (cast.binh, cast.dung):
            tell(person, "fraud", text="Gọi giả công an", neighborhood_id=cast.place.id)

    def test_leader_deputy_officer_and_street_worker_are_told_apart(self, cast: Cast) -> None:
        make_camera(cast, latitude=HERE.lat + 0.004, longitude=HERE.lon)
        people = {
            "leader": cast.binh, "officer": cast.dung, "street_worker": make_lan(cast), "resident": cast.an,
        }  # fmt: skip
        categories = {"leader": "fire", "officer": "flood", "street_worker": "theft", "resident": "utility"}
        for source, person in people.items():
            alert = tell(person, categories[source], location=HERE).alert
            assert (alert.source, alert.neighborhood_id) == (source, cast.place.id)
        assert tell(make_phuc(cast), "disorder").alert.source == "leader"

    def test_the_wards_people_name_the_neighborhood_where_no_camera_does(self, cast: Cast) -> None:
        lan = make_lan(cast)
        with pytest.raises(BadInput) as refused:
            tell(lan, location=HERE)
        assert list(refused.value.fields) == ["neighborhood"]
        assert tell(lan, neighborhood_id=cast.other_place.id).alert.neighborhood_id == cast.other_place.id

    def test_nobody_raises_in_another_neighborhood_and_a_guest_in_none(self, cast: Cast) -> None:
        with pytest.raises(Absent):
            tell(cast.cuc, neighborhood_id=cast.place.id)
        AccessCode.objects.filter(id=cast.an.device.code_id).update(kind="guest")
        with pytest.raises(Absent):
            tell(cast.an)
        assert Alert.objects.count() == 0

    def test_an_alert_that_waited_on_the_phone_keeps_its_time(self, cast: Cast) -> None:
        moment = now()
        alert = tell(cast.an, at=moment, occurred_at=moment - timedelta(hours=5)).alert
        assert (alert.occurred_at, alert.raised_at) == (moment - timedelta(hours=5), moment)
        ahead = tell(cast.an, "fire", at=moment, occurred_at=moment + MINUTE).alert
        assert ahead.occurred_at == moment  # the phone's clock is fast

    @pytest.mark.parametrize("place", [Place(float("nan"), 105), Place(21, float("inf")), Place(5.9, 105)])
    def test_a_place_is_two_numbers_in_the_country(self, cast: Cast, place: Place) -> None:
        with pytest.raises(BadInput) as refused:
            tell(cast.an, location=place)
        assert list(refused.value.fields) == ["location"]

    def test_the_role_is_granted_in_a_ward(self, cast: Cast) -> None:
        root = system("setup", Grant(Role.ADMINISTRATOR))
        lan = make_lan(cast).account
        RoleGrant.objects.filter(account=lan).delete()
        given = {"actor": root, "account_id": lan.id, "role": Role.STREET_WORKER, "now": now()}
        assert role_grant(ward_id=cast.ward.id, **given).ward == cast.ward
        with pytest.raises(BadInput):
            role_grant(neighborhood_id=cast.place.id, **given)


class TestJoining:
    def test_five_households_that_tell_of_one_fire_make_one_alert(self, cast: Cast) -> None:
        first = tell(cast.an, "fire", text="Cháy!", location=HERE)
        for number in range(4):
            neighbour = make_resident(cast.place, 20 + number, f"Hộ {number}", "Ai")
            again = tell(neighbour, "fire", text=f"Tôi thấy khói {number}", location=HERE)
            assert (again.joined, again.alert.id) == (True, first.alert.id)
        first.alert.refresh_from_db()
        assert (first.alert.reports, first.alert.version) == (5, 5)
        assert news(first.alert) == ["alert.raised"] + ["alert.joined"] * 4
        full = telling.full_view(first.alert)
        assert [one["reporter"] for one in full["joined"]] == [f"Hộ {number}" for number in range(4)]
        assert "khói" not in str(telling.open_view(first.alert))  # their words are not released with the first one's

    def test_the_same_household_twice_is_one_voice(self, cast: Cast) -> None:
        tell(cast.an, location=HERE)
        again = tell(cast.an, text="Áo đỏ", location=HERE)
        assert (again.joined, again.alert.reports) == (True, 1)
        assert AlertReport.objects.get().text == "Áo đỏ"

    def test_again_without_words_is_nothing_new_and_words_fill_what_had_none(self, cast: Cast) -> None:
        em = make_resident(cast.place, 20, "Hộ Em", "Em")
        alert = tell(cast.an, text="Áo đỏ").alert
        for person in (em, em, cast.an, em):
            assert tell(person).alert.id == alert.id
        assert news(alert) == ["alert.raised", "alert.joined"] and AlertReport.objects.get().text == ""
        tell(em, text="Xe xanh")
        assert AlertReport.objects.get().text == "Xe xanh"
        alert.refresh_from_db()
        assert (alert.reports, alert.version) == (2, 3)

    def test_a_whole_street_that_tells_of_it_is_a_short_event_and_a_long_page(self, cast: Cast) -> None:
        moment, em = now(), make_resident(cast.place, 20, "Hộ Em", "Em")
        alert = tell(cast.an, at=moment).alert
        first = {"source": "resident", "household": em.household, "text": "Lời đầu", "at": moment - MINUTE}
        AlertReport.objects.create(alert=alert, **first)
        others = {"source": "resident", "household": cast.cuc.household, "text": "x" * 500}
        AlertReport.objects.bulk_create(
            AlertReport(alert=alert, at=moment + timedelta(seconds=n), **others) for n in range(249)
        )
        view = telling.full_view(telling.alerts_with_facts().get(id=alert.id))
        assert (len(view["joined"]), view["joined_count"]) == (20, 250)
        assert [one["at"] for one in view["joined"]] == sorted(one["at"] for one in view["joined"])
        assert view["joined"][-1]["at"] == iso(moment + timedelta(seconds=248))
        assert len(json.dumps(view)) < 20_000
        assert telling.full_view(Alert.objects.get())["joined_count"] == 250
        binh, an = actor_of(cast.binh), actor_of(em)
        page = alerts.view_for(binh, alerts.alert_for(binh, alert.id, reports=alerts.MOST_REPORTS))
        assert (len(page["joined"]), page["joined_count"]) == (200, 250)
        own = alerts.view_for(an, alerts.alert_for(an, alert.id))
        assert (own["said"], own["text"]) == (True, "Lời đầu")

    def test_what_is_over_is_joined_no_more(self, cast: Cast) -> None:
        first = tell(cast.an, location=HERE).alert
        alerts.alert_resolve(actor=actor_of(cast.binh), alert_id=first.id, verdict="used", now=now())
        assert not tell(make_resident(cast.place, 20, "Hộ Em", "Em"), location=HERE).joined

    def test_two_neighborhoods_never_join(self, cast: Cast) -> None:
        tell(cast.an, "fire", location=HERE)
        assert not tell(cast.cuc, "fire", location=HERE).joined


@pytest.mark.django_db(transaction=True)
def test_ten_who_tell_in_the_same_moment_make_one_alert(live_cast: Cast) -> None:
    people = [live_cast.an, *(make_resident(live_cast.place, 30 + n, f"Hộ {n}", "Ai") for n in range(9))]
    results = at_once(lambda n: tell(people[n], "fire", location=HERE), 10)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert sorted(one.joined for one in results) == [False] + [True] * 9
    alert = Alert.objects.get()
    assert (alert.reports, alert.version, AlertReport.objects.count()) == (10, 10, 9)


class TestLimits:
    def test_the_sixth_in_ten_minutes_waits_and_the_neighbour_does_not(self, cast: Cast) -> None:
        moment = now()
        for _ in range(5):
            tell(cast.an, at=moment)
        with pytest.raises(TooMany) as refused:
            tell(cast.an, at=moment)
        assert 0 < refused.value.retry_after_s <= 11 * 60
        tell(make_resident(cast.place, 20, "Hộ Em", "Em"), at=moment)
        tell(cast.an, at=moment + timedelta(seconds=refused.value.retry_after_s))

    def test_a_refused_alert_costs_two_statements_and_holds_nothing_of_the_neighborhood(self, cast: Cast) -> None:
        moment, an = now(), actor_of(cast.an)
        for _ in range(5):
            tell(cast.an, at=moment)
        with CaptureQueriesContext(connection) as queries, pytest.raises(TooMany):
            alerts.alert_raise(actor=an, category="theft", location=HERE, now=moment)
        asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        assert len(asked) == 2 and all("guesscounter" in sql for sql in asked)

    def test_a_household_raises_twenty_a_day_whatever_phone_it_takes(self, cast: Cast) -> None:
        moment = now()
        for number in range(20):
            tell(cast.an, at=moment + number * timedelta(minutes=12))
        with pytest.raises(TooMany):
            tell(cast.an, at=moment + timedelta(hours=5))

    def test_who_is_refused_for_what_they_said_is_not_counted(self, cast: Cast) -> None:
        for _ in range(8):
            with pytest.raises(Absent):
                tell(cast.an, neighborhood_id=cast.other_place.id)
        tell(cast.an)

    def test_a_street_worker_tells_of_more(self, cast: Cast) -> None:
        lan, moment = make_lan(cast), now()
        for _ in range(alert_limits.STAFF_DEVICE_RULE.limit):
            tell(lan, at=moment, neighborhood_id=cast.place.id)
        with pytest.raises(TooMany):
            tell(lan, at=moment, neighborhood_id=cast.place.id)


class TestWordsAfterwards:
    def test_of_the_first_they_are_the_alerts_own_and_can_be_let_out(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        add_words(cast.an, alert, "Áo\nđỏ")
        alert.refresh_from_db()
        assert (alert.text, alert.version, alert.reports) == ("Áo đỏ", 2, 1)
        assert telling.open_view(alert)["text"] is None and not AlertReport.objects.exists()
        assert news(alert) == ["alert.raised", "alert.words"]
        assert "đỏ" not in str(list(AuditEntry.objects.values_list("data", flat=True)))
        alerts.alert_release(actor=actor_of(cast.binh), alert_id=alert.id, now=now())
        alert.refresh_from_db()
        assert telling.open_view(alert)["text"] == "Áo đỏ"

    def test_of_a_fire_everybody_reads_them(self, cast: Cast) -> None:
        alert = tell(cast.an, "fire").alert
        assert telling.open_view(add_words(cast.an, alert, "Tầng hai"))["text"] == "Tầng hai"

    def test_after_an_empty_text_was_let_out_nothing_goes_out_unread(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        alerts.alert_release(actor=actor_of(cast.binh), alert_id=alert.id, now=now())
        alert = add_words(cast.an, alert, "Thằng Tám lấy")
        assert telling.open_view(alert)["text"] == ""
        assert [one["text"] for one in telling.full_view(alert)["joined"]] == ["Thằng Tám lấy"]

    def test_of_who_joined_they_are_their_report_then_a_further_one(self, cast: Cast) -> None:
        em = make_resident(cast.place, 20, "Hộ Em", "Em")
        alert = tell(cast.an, text="Áo đỏ").alert
        tell(em)
        for text in ("Xe xanh", "Chạy về chợ"):
            add_words(em, alert, text)
        add_words(cast.an, alert, "Hai người")
        alert.refresh_from_db()
        assert (alert.text, alert.reports) == ("Áo đỏ", 2)
        said = [(one.household, one.text) for one in AlertReport.objects.order_by("id")]
        mine, others = cast.an.household, em.household
        assert said == [(others, "Xe xanh"), (others, "Chạy về chợ"), (mine, "Hai người")]

    def test_once_it_is_over_they_make_no_new_alert(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        alerts.alert_resolve(actor=actor_of(cast.binh), alert_id=alert.id, verdict="used", now=now())
        add_words(cast.an, alert, "Áo đỏ")
        assert Alert.objects.get().text == "Áo đỏ"

    def test_withdrawn_it_takes_none(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        alerts.alert_withdraw(actor=actor_of(cast.binh), alert_id=alert.id, reason="Nhầm", now=now())
        with pytest.raises(Conflict) as refused:
            add_words(cast.an, alert, "Áo đỏ")
        assert refused.value.code == "alert_withdrawn"

    def test_only_who_told_of_it_adds_and_no_guest(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        for person in (make_resident(cast.place, 20, "Hộ Em", "Em"), cast.binh, cast.cuc, make_lan(cast)):
            with pytest.raises(Absent):
                add_words(person, alert, "Áo đỏ")
        AccessCode.objects.filter(id=cast.an.device.code_id).update(kind="guest")
        with pytest.raises(Absent):
            add_words(cast.an, alert, "Áo đỏ")
        with pytest.raises(BadInput):
            add_words(cast.an, alert, " \n")

    def test_five_to_an_alert_and_they_are_no_alerts(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        for number in range(5):
            add_words(cast.an, alert, f"Lời {number}")
        with pytest.raises(TooMany):
            add_words(cast.an, alert, "Nữa")
        for _ in range(4):
            tell(cast.an)


class TestDeciding:
    def test_each_act_is_told_once_with_a_higher_version(self, cast: Cast) -> None:
        alert, binh = tell(cast.an, text="Áo đỏ").alert, actor_of(cast.binh)
        for _twice in range(2):
            alerts.alert_acknowledge(actor=binh, alert_id=alert.id, now=now())
            alerts.alert_release(actor=binh, alert_id=alert.id, text=True, clip=False, now=now())
            alerts.alert_release(actor=binh, alert_id=alert.id, now=now())
        for verdict in ("not_used", "used", "used"):
            alerts.alert_resolve(actor=binh, alert_id=alert.id, verdict=verdict, now=now())
        told = ["raised", "acknowledged", "released", "released", "resolved", "resolved"]
        assert news(alert) == [f"alert.{what}" for what in told]
        alert.refresh_from_db()
        assert (alert.version, alert.verdict, alert.escalate_at) == (6, "used", None)
        full = telling.full_view(alert)
        assert (full["acknowledged_by"], full["resolved_by"]) == ("Trần Thị Bình", "Trần Thị Bình")
        assert telling.open_view(alert)["text"] == "Áo đỏ"

    def test_the_deputy_may_too_and_a_resident_an_outsider_or_the_treasurer_may_not(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        for person in (cast.an, cast.cuc, cast.hoa, make_lan(cast)):
            with pytest.raises(Absent):
                alerts.alert_acknowledge(actor=actor_of(person), alert_id=alert.id, now=now())
        phuc = make_phuc(cast)
        alerts.alert_acknowledge(actor=actor_of(phuc), alert_id=alert.id, now=now())
        alert.refresh_from_db()
        assert alert.acknowledged_by == phuc.account

    def test_withdrawn_takes_the_words_back_and_says_why(self, cast: Cast) -> None:
        alert = tell(cast.an, "fire", text="Nhà ông Tám cháy").alert
        assert telling.open_view(alert)["text"]
        alerts.alert_withdraw(actor=actor_of(cast.binh), alert_id=alert.id, reason="Chỉ là khói bếp", now=now())
        alert.refresh_from_db()
        view = telling.open_view(alert)
        assert (view["state"], view["text"], view["withdrawn_reason"]) == ("withdrawn", None, "Chỉ là khói bếp")
        with pytest.raises(Conflict):
            alerts.alert_release(actor=actor_of(cast.binh), alert_id=alert.id, now=now())

    def test_only_who_leads_withdraws(self, cast: Cast) -> None:
        alert = tell(cast.an, "fire").alert
        with pytest.raises(Absent):
            alerts.alert_withdraw(actor=actor_of(cast.dung), alert_id=alert.id, reason="Không có gì", now=now())

    def test_the_officer_decides_where_it_is_theirs(self, cast: Cast) -> None:
        dung = actor_of(cast.dung)
        fire, gate = tell(cast.an, "fire").alert, tell(cast.an, "school_gate").alert
        alerts.alert_acknowledge(actor=dung, alert_id=fire.id, now=now())
        with pytest.raises(Absent):
            alerts.alert_for(dung, gate.id)
        with pytest.raises(Absent):
            alerts.alert_acknowledge(actor=dung, alert_id=gate.id, now=now())
        Alert.objects.filter(id=gate.id).update(escalation=2)
        alerts.alert_acknowledge(actor=dung, alert_id=gate.id, now=now())

    def test_two_who_take_it_at_once_are_one(self, cast: Cast) -> None:
        alert = tell(cast.an).alert
        alerts.alert_acknowledge(actor=actor_of(cast.binh), alert_id=alert.id, now=now())
        alerts.alert_acknowledge(actor=actor_of(make_phuc(cast)), alert_id=alert.id, now=now() + MINUTE)
        alert.refresh_from_db()
        assert (alert.acknowledged_by, alert.version) == (cast.binh.account, 2)


class TestReaders:
    def test_who_reads_what(self, cast: Cast) -> None:
        """An's theft with words: everybody of tổ 7, in the open; those who lead and the officer, in full."""
        alert = tell(cast.an, text="Áo đỏ").alert
        neighbour, lan = make_resident(cast.place, 20, "Hộ Em", "Em"), make_lan(cast)
        readers = {
            "an": (cast.an, "open", "Áo đỏ"), "em": (neighbour, "open", None), "hoa": (cast.hoa, "open", None),
            "binh": (cast.binh, "full", "Áo đỏ"), "phuc": (make_phuc(cast), "full", "Áo đỏ"),
            "dung": (cast.dung, "full", "Áo đỏ"),
        }  # fmt: skip
        for name, (person, view, text) in readers.items():
            actor = actor_of(person)
            seen = alerts.view_for(actor, alerts.alert_for(actor, alert.id))
            assert (seen["view"], seen["text"], seen["mine"]) == (view, text, name == "an"), name
            assert [one.id for one in alerts.alerts_for(actor)] == [alert.id]
        for outsider in (cast.cuc, lan):
            with pytest.raises(Absent):
                alerts.alert_for(actor_of(outsider), alert.id)
            assert list(alerts.alerts_for(actor_of(outsider))) == []

    def test_a_street_worker_reads_what_she_raised_and_what_hers_was_joined_to(self, cast: Cast) -> None:
        lan, moment = make_lan(cast), now()
        tell(cast.an, "fire", location=HERE, at=moment)
        tell(cast.an, "theft", location=HERE, at=moment)
        make_camera(cast, latitude=HERE.lat, longitude=HERE.lon)
        own = tell(lan, "disorder", location=HERE, text="Đánh nhau", at=moment).alert
        joined = tell(lan, "fire", location=HERE, text="Khói đen", at=moment).alert
        actor = actor_of(lan)
        seen = {one.id: alerts.view_for(actor, one) for one in alerts.alerts_for(actor)}
        assert seen.keys() == {own.id, joined.id}
        assert (seen[own.id]["text"], seen[own.id]["mine"]) == ("Đánh nhau", True)
        assert (seen[joined.id]["mine"], seen[joined.id]["said"]) == (False, True)

    def test_a_broadcast_is_the_wards(self, cast: Cast) -> None:
        elsewhere = make_staff("xa", "Xa", Role.OFFICER, make_ward())
        alert = broadcasts.alert_broadcast(
            actor=actor_of(cast.dung), ward_id=cast.ward.id, category="flood", text="Nước lên", now=now()
        )
        for person in (cast.an, cast.cuc, cast.binh, cast.hoa):
            seen = alerts.view_for(actor_of(person), alerts.alert_for(actor_of(person), alert.id))
            assert (seen["view"], seen["text"], seen["neighborhood"]) == ("open", "Nước lên", None)
            with pytest.raises(Absent):
                alerts.alert_withdraw(actor=actor_of(person), alert_id=alert.id, reason="Không", now=now())
        assert list(alerts.alerts_for(actor_of(elsewhere))) == []
        with pytest.raises(Absent):
            alerts.alert_for(actor_of(elsewhere), alert.id)
        withdrawn = alerts.alert_withdraw(actor=actor_of(cast.dung), alert_id=alert.id, reason="Đã rút", now=now())
        assert withdrawn.state == "withdrawn"

    def test_nobody_but_the_wards_duty_broadcasts_and_only_there(self, cast: Cast) -> None:
        said = {"category": "flood", "text": "Nước lên", "now": now()}
        for person in (cast.an, cast.binh, make_lan(cast)):
            with pytest.raises(Absent):
                broadcasts.alert_broadcast(actor=actor_of(person), ward_id=cast.ward.id, **said)
        with pytest.raises(Absent):
            broadcasts.alert_broadcast(actor=actor_of(cast.dung), ward_id=make_ward().id, **said)

    def test_a_list_costs_the_same_however_long(self, cast: Cast) -> None:
        moment = now()

        def cost() -> int:
            actor = actor_of(cast.binh)
            with CaptureQueriesContext(connection) as queries:
                [alerts.view_for(actor, one) for one in alerts.alerts_for(actor)]
            return len(queries)

        camera = make_camera(cast)
        tell(cast.an, camera_ids=[camera.id], at=moment)
        one = cost()
        for number in range(4):
            tell(cast.an, camera_ids=[camera.id], at=moment + (number + 1) * 11 * MINUTE)
            tell(cast.binh, at=moment + number * 11 * MINUTE, camera_ids=[camera.id])
        assert Alert.objects.count() == 5 and AlertReport.objects.count() == 4
        assert cost() == one == 6


class TestTime:
    def test_unanswered_it_goes_to_the_deputies_then_to_the_duty_and_no_further(self, cast: Cast) -> None:
        moment = now()
        alert = tell(cast.an, "school_gate", at=moment).alert
        assert alert.escalate_at == moment + 5 * MINUTE
        steps = [escalations.alerts_escalate(now=moment + minutes * MINUTE) for minutes in (4, 5, 6, 10, 11, 60)]
        assert steps == [0, 1, 0, 1, 0, 0]
        alert = Alert.objects.get()
        assert (alert.escalation, alert.escalate_at, alert.version) == (2, None, 3)
        told = OutboxRow.objects.filter(topic="alert.escalated").order_by("id")
        assert [row.payload["data"]["to"] for row in told] == ["deputy", "officer"]

    def test_taken_it_goes_nowhere(self, cast: Cast) -> None:
        moment = now()
        alert = tell(cast.an, at=moment).alert
        alerts.alert_acknowledge(actor=actor_of(cast.binh), alert_id=alert.id, now=moment)
        assert escalations.alerts_escalate(now=moment + 60 * MINUTE) == 0

    def test_when_nothing_is_due_it_costs_one_statement(self, cast: Cast) -> None:
        tell(cast.an)
        with CaptureQueriesContext(connection) as queries:
            escalations.alerts_escalate(now=now())
        assert len(queries) == 1

    def test_what_nobody_ended_expires_once_and_may_still_be_judged(self, cast: Cast) -> None:
        moment = now()
        alert = tell(cast.an, at=moment).alert
        end = moment + timedelta(hours=12)
        assert [alerts.alerts_expire(now=at) for at in (end - MINUTE, end, end)] == [0, 1, 0]
        alerts.alert_resolve(actor=actor_of(cast.binh), alert_id=alert.id, verdict="false", now=end + MINUTE)
        assert news(alert) == ["alert.raised", "alert.expired", "alert.resolved"]


class TestCameras:
    def test_one_alert_an_outage_for_those_who_look_after_it(self, cast: Cast) -> None:
        camera = make_camera(cast)
        first = alerts.alert_raise_by_camera(camera_id=camera.id, now=now())
        again = alerts.alert_raise_by_camera(camera_id=camera.id, now=now() + timedelta(hours=2))
        assert first and again and first.alert.id == again.alert.id and news(first.alert) == ["alert.raised"]
        with pytest.raises(Absent):
            alerts.alert_for(actor_of(cast.an), first.alert.id)
        seen = alerts.view_for(actor_of(cast.binh), alerts.alert_for(actor_of(cast.binh), first.alert.id))
        assert (seen["source"], seen["place"], seen["clip"], seen["reporter"]) == ("camera", "Cổng chào", "none", "")
        over = alerts.alert_resolve_by_camera(camera_id=camera.id, now=now())
        assert over and (over.state, over.verdict) == ("resolved", "")
        assert alerts.alert_resolve_by_camera(camera_id=camera.id, now=now()) is None
        fresh = alerts.alert_raise_by_camera(camera_id=camera.id, now=now())
        assert fresh and fresh.alert.id != first.alert.id

    def test_a_camera_nobody_shares_tells_nothing(self, cast: Cast) -> None:
        camera = make_camera(cast)
        Camera.objects.filter(id=camera.id).update(state="retired")
        assert alerts.alert_raise_by_camera(camera_id=camera.id, now=now()) is None
        assert alerts.alert_raise_by_camera(camera_id=cast.place.id, now=now()) is None


def test_the_cleaners_figures_come_out(cast: Cast) -> None:
    """32 sent, 12 put to use; and what they joined counts under its alert's verdict."""
    lan, moment = make_lan(cast), now()
    for number in range(31):
        Alert.objects.create(
            ward=cast.ward, neighborhood=cast.place, category="theft", source="street_worker", account=lan.account,
            occurred_at=moment, raised_at=moment, expires_at=moment, verdict="used" if number < 11 else "not_used",
        )  # fmt: skip
    first = Alert.objects.create(
        ward=cast.ward, neighborhood=cast.place, category="fire", source="resident", household=cast.an.household,
        occurred_at=moment, raised_at=moment, expires_at=moment, verdict="used",
    )  # fmt: skip
    for _twice in range(2):
        AlertReport.objects.create(alert=first, source="street_worker", account=lan.account, at=moment)
    tell(cast.cuc)  # another neighborhood's
    span = {"since": moment - MINUTE, "until": moment + MINUTE}
    found = {line["source"]: line for line in precision.precision_of(actor_of(cast.binh), **span)}
    assert found["street_worker"] == {
        "source": "street_worker", "raised": 32, "used": 12, "not_used": 20, "false": 0, "duplicate": 0, "judged": 32,
        "precision": 0.375,
    }  # fmt: skip
    assert (found["resident"]["raised"], found["resident"]["precision"]) == (1, 1.0)
    assert (found["leader"]["raised"], found["leader"]["precision"]) == (0, None)
    ward = {line["source"]: line for line in precision.precision_of(actor_of(cast.dung), **span)}
    assert ward["resident"]["raised"] == 2
    assert all(not line["raised"] for line in precision.precision_of(actor_of(cast.an), **span))


def test_the_duty_counts_only_what_it_reads(cast: Cast) -> None:
    moment = now()
    alerts.alert_raise_by_camera(camera_id=make_camera(cast).id, now=moment)
    tell(cast.an, "school_gate", at=moment)
    span = {"since": moment - MINUTE, "until": moment + MINUTE}
    ward = {line["source"]: line["raised"] for line in precision.precision_of(actor_of(cast.dung), **span)}
    place = {line["source"]: line["raised"] for line in precision.precision_of(actor_of(cast.binh), **span)}
    assert not any(ward.values()) and (place["camera"], place["resident"]) == (1, 1)
    Alert.objects.update(escalation=2)
    ward = {line["source"]: line["raised"] for line in precision.precision_of(actor_of(cast.dung), **span)}
    assert ward == place
