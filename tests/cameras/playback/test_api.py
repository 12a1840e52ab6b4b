"""The routes of watching, through the server and with a token as an app has it."""

import re

import httpx
import pytest

from backend.lib.clock import iso
from cameras.models import Camera, ViewSession
from cameras.viewminutes import view_minutes_store
from neighborhoods.models import AuditEntry
from tests import web
from tests.cameras.playback.conftest import live_url, make_camera, segments_of
from tests.cameras.playback.footage import ago
from tests.cameras.playback.test_minutes import minute
from tests.cast import Cast, Person
from tests.webserver import WebServer

pytestmark = pytest.mark.usefixtures("recorder")


def call(server: WebServer, who: Person, method: str, path: str, body: object = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {who.token}"}
    return httpx.request(method, f"{server.url}/api/v1{path}", headers=headers, json=body)


def test_live_from_the_tap_to_the_last_segment(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    opened = call(server, live_cast.an, "POST", f"/cameras/{camera.id}/live/", {})
    assert opened.status_code == 201
    found = opened.json()
    assert re.fullmatch(r"/hls/[A-Za-z0-9_-]{35}/live\.m3u8", found["url"])
    assert found["expires_at"].endswith("Z")
    url = server.url + found["url"]
    assert web.get(segments_of(url)[-1]).status_code == 200
    assert call(server, live_cast.cuc, "DELETE", f"/view-sessions/{found['session']}/").status_code == 404
    assert call(server, live_cast.an, "DELETE", f"/view-sessions/{found['session']}/").status_code == 204
    for _ in range(20):
        answer = web.get(url)
        if answer.status_code == 403:
            break
    assert ViewSession.objects.get().ended_at is not None
    assert AuditEntry.objects.filter(action="view.ended").count() == 1


def test_a_range(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    body = {"from": iso(ago(50)), "to": iso(ago(10))}
    found = call(server, live_cast.an, "POST", f"/cameras/{camera.id}/playback/", body).json()
    assert len(segments_of(server.url + found["url"])) == 21
    for wrong in ({}, {"from": body["to"], "to": body["from"]}, {"from": "yesterday", "to": "now"}):
        answer = call(server, live_cast.an, "POST", f"/cameras/{camera.id}/playback/", wrong)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_a_frame_and_the_grid(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    frame = call(server, live_cast.an, "POST", f"/cameras/{camera.id}/frame/", {"width": 64}).json()
    assert web.get(server.url + frame["url"]).content.startswith(b"\xff\xd8")
    grid = call(server, live_cast.an, "POST", "/grid/").json()
    assert grid == call(server, live_cast.an, "POST", "/grid/").json()


def test_strangers_find_nothing(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    assert call(server, live_cast.cuc, "POST", f"/cameras/{camera.id}/live/", {}).status_code == 404
    assert web.post(f"{server.url}/api/v1/cameras/{camera.id}/live/").status_code == 401


def test_who_watches_now_is_for_the_leader(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    live_url(server, live_cast.an, camera)
    found = call(server, live_cast.binh, "GET", "/watching/").json()["results"]
    assert [(one["camera"], one["household"], one["mode"]) for one in found] == [(str(camera.id), "Hộ ông An", "live")]
    assert call(server, live_cast.an, "GET", "/watching/").status_code == 404


def test_who_watched_is_for_the_owner(live_cast: Cast, server: WebServer) -> None:
    mine = make_camera(live_cast, ownership=Camera.Ownership.HOUSEHOLD, owner_household=live_cast.an.household)
    at = ago(600).replace(second=0, microsecond=0)
    view_minutes_store([minute(mine, live_cast.binh, at, step) for step in (0, 1, 2, 5)])
    found = call(server, live_cast.an, "GET", f"/cameras/{mine.id}/viewers/").json()["results"]
    spans = sorted((one["from"], one["to"], one["role"], one["purpose"]) for one in found)
    assert len(spans) == 2
    assert spans[0][2:] == ("leader", "incident")
    assert call(server, live_cast.binh, "GET", f"/cameras/{mine.id}/viewers/").status_code == 404
