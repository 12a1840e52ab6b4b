"""Alert pages as the server draws them: whole without a script, and never more than the reader may know."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.lib.clock import now
from backend.pages import alertwords
from backend.pages.views.install import shell
from neighborhoods.access import Role
from notifications import alerts
from notifications.categories import CATEGORIES
from notifications.deliveries import Note, deliveries_note
from notifications.models import Alert
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast, Person, make_resident, make_staff

pytestmark = pytest.mark.django_db


def page(person: Person, path: str, status: int = 200) -> str:
    client = Client()
    client.cookies["matpho"] = person.token
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def tell(person: Person, category: str = "theft", text: str = "Áo đỏ, xe xanh", **said: Any) -> Alert:
    return alerts.alert_raise(actor=actor_of(person), category=category, text=text, now=now(), **said).alert


@pytest.fixture
def neighbour(cast: Cast) -> Person:
    return make_resident(cast.place, 13, "Hộ bà Lan", "Hoàng Thị Lan")


def test_a_neighbour_reads_what_and_where_and_neither_words_nor_who(cast: Cast, neighbour: Person) -> None:
    alert = tell(cast.an)
    drawn = page(neighbour, "/alerts/")
    assert f'id="{alert.id}"' in drawn
    assert "Trộm cắp" in drawn and "Chưa có người nhận" in drawn and "đang chờ tổ trưởng duyệt" in drawn
    assert "Áo đỏ" not in drawn and "Hộ ông An" not in drawn
    assert "Áo đỏ" in page(cast.an, "/alerts/"), "one's own words are one's own"


def test_a_camera_that_is_back_is_over_and_nobody_has_judged_it(cast: Cast) -> None:
    camera = make_camera(cast)
    alerts.alert_raise_by_camera(camera_id=camera.id, now=now())
    assert "Camera hỏng" in page(cast.binh, "/leader/alerts/")
    alerts.alert_resolve_by_camera(camera_id=camera.id, now=now())
    assert alertwords.state({"state": "resolved", "verdict": ""}) == alertwords.state({"state": "expired"})
    assert "Đã xong:" not in page(cast.binh, "/leader/alerts/")


def test_the_console_has_words_and_name_and_is_for_who_decides(cast: Cast, neighbour: Person) -> None:
    tell(cast.an)
    drawn = page(cast.binh, "/leader/alerts/")
    assert "Áo đỏ" in drawn and "Hộ ông An báo" in drawn
    page(neighbour, "/leader/alerts/", status=404)
    page(cast.hoa, "/leader/alerts/", status=404)


def test_what_is_still_going_on_stands_first_in_the_console(cast: Cast, neighbour: Person) -> None:
    older = tell(cast.an, "fire")
    over = tell(neighbour, "accident")
    alerts.alert_resolve(actor=actor_of(cast.binh), alert_id=over.id, verdict="used", now=now())
    drawn = page(cast.binh, "/leader/alerts/")
    assert re.findall(r'<li class="alert" id="([^"]+)"', drawn) == [str(older.id), str(over.id)]
    assert "Đã xong: đúng việc" in drawn


def test_the_page_begins_its_feed_where_its_state_was_read(cast: Cast) -> None:
    tell(cast.an)
    drawn = page(cast.an, "/alerts/")
    state = json.loads(re.search(r'<script id="alerts" type="application/json">(.*?)</script>', drawn)[1])
    assert [view["category"] for view in state["views"]] == ["theft"]
    assert re.search(r'data-cursor="[\w-]{23}"', drawn)


def test_unseen_are_others_open_alerts_that_nobody_looked_at_on_this_phone(cast: Cast, neighbour: Person) -> None:
    alert = tell(cast.an)

    def unseen(person: Person) -> list[str]:
        found = re.search(r'data-unseen="(\[.*?\])"', page(person, "/cameras/"))
        return json.loads(found[1].replace("&quot;", '"'))  # type: ignore[no-any-return,index]

    assert (unseen(neighbour), unseen(cast.an)) == ([str(alert.id)], [])
    deliveries_note([Note("seen", alert.id, [neighbour.device.id], now())])
    assert unseen(neighbour) == []
    tell(cast.an, "fire")
    assert len(unseen(neighbour)) == 1


def test_a_hostile_text_is_text(cast: Cast) -> None:
    tell(cast.an, text="</script><img src=x onerror=alert(1)>")
    for person, path in ((cast.an, "/alerts/"), (cast.binh, "/leader/alerts/")):
        assert "<img src=x" not in page(person, path)


def test_a_street_worker_has_the_red_button_and_nothing_else(cast: Cast) -> None:
    worker = make_staff("sach", "Người quét đường", Role.STREET_WORKER, cast.ward)
    drawn = page(worker, "/alerts/raise")
    assert "data-raise-sheet" in drawn and cast.place.name in drawn and "data-hears" not in drawn
    page(worker, "/alerts/", status=404)


def test_a_warning_without_a_place_is_for_those_who_lead(cast: Cast) -> None:
    assert 'data-category="fraud"' not in page(cast.an, "/alerts/")
    assert 'data-category="fraud"' in page(cast.binh, "/leader/alerts/")
    for person, path in ((cast.an, "/alerts/"), (cast.binh, "/leader/alerts/")):
        assert 'data-category="camera_health"' not in page(person, path)
        assert 'data-category="motion"' not in page(person, path)


def test_a_long_feed_takes_no_more_statements_than_a_short_one(cast: Cast) -> None:
    def counted(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            page(cast.binh, path)
        return len(queries)

    tell(cast.an)
    counted("/alerts/")  # what is read once in a minute
    short = [counted(path) for path in ("/alerts/", "/leader/alerts/")]
    for number, category in enumerate(("fire", "accident", "disorder", "flood", "utility", "snatching")):
        teller = make_resident(cast.place, 40 + number, f"Hộ {number}", f"Người {number}")
        tell(teller, category, occurred_at=now() - timedelta(minutes=number))
    assert [counted(path) for path in ("/alerts/", "/leader/alerts/")] == short


def test_every_category_has_words_a_sign_and_a_number_where_somebody_must_be_called(cast: Cast) -> None:
    names = [alertwords.category(code) for code in CATEGORIES]
    assert len(set(names)) == len(CATEGORIES)
    assert set(alertwords.SIGNS) == set(CATEGORIES)
    loud = {code for code, category in CATEGORIES.items() if category.tells_officer}
    assert loud == set(alertwords.CALLS)


def test_the_worker_and_the_manifest_are_there_for_everybody_and_name_nobody(cast: Cast) -> None:
    client = Client()
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript") and worker["Cache-Control"] == "no-cache"
    client.cookies["matpho"] = cast.an.token
    assert client.get("/sw.js").content == worker.content
    manifest = client.get("/manifest.webmanifest").json()
    assert (manifest["scope"], manifest["display"]) == ("/", "standalone")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


def test_the_worker_is_another_one_when_what_it_keeps_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shell()["version"]
    monkeypatch.setattr("backend.pages.views.install.shell_files", lambda: ("/static/pages/js/app.0123.js",))
    assert shell()["version"] != before
