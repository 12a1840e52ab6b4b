"""Keeping a moment over the API, and watching it through the real media server."""

from typing import Any

import av
import pytest
from django.conf import settings

from backend.lib.clock import now
from cameras import cutting, snapshots
from cameras.models import Camera, Snapshot, ViewSession
from cameras.store.journal import Journal
from neighborhoods.models import AccessCode, AuditEntry, Device
from tests import web
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import make_camera, segments_of
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast
from tests.webserver import WebServer

pytestmark = pytest.mark.both_databases


def kept(api: Api, camera: Camera, at: Any) -> str:
    status, answer = api.post(f"/cameras/{camera.id}/snapshots/", {"at": at.isoformat(), "before_s": 6, "after_s": 6})
    assert (status, sorted(answer)) == (202, ["id", "status"]), answer
    return str(answer["id"])


def cut_all() -> None:
    for snapshot_id in snapshots.snapshots_sweep(now=now()):
        cutting.snapshot_cut(snapshot_id, now=now)


def test_from_the_tap_to_the_clip(live_cast: Cast, server: WebServer) -> None:
    camera, api = make_camera(live_cast), Api(live_cast.an)
    recorder = Recorder(camera, slice_seconds=20)
    recorder.past(ago(60), 25)
    recorder.seam()
    recorder.past(ago(34), 30)
    recorder.close()
    snapshot = kept(api, camera, ago(34))
    waiting = api.get(f"/snapshots/{snapshot}/")[1]
    assert (waiting["status"], waiting["clip_url"], waiting["poster_url"]) == ("waiting", None, None)
    cut_all()
    done = api.get(f"/snapshots/{snapshot}/")[1]
    assert done["status"] == "done" and done["covers"]["from"] <= done["from"]
    assert api.get(f"/snapshots/{snapshot}/")[1]["clip_url"] == done["clip_url"]  # one session, however often asked
    assert ViewSession.objects.filter(mode="snapshot").count() == 1
    playlist = web.get(server.url + done["clip_url"])
    assert playlist.status_code == 200
    assert playlist.text.count("#EXT-X-DISCONTINUITY\n") == 1
    times = [line for line in playlist.text.splitlines() if line.startswith("#EXT-X-PROGRAM-DATE-TIME:")]
    assert times == sorted(times)
    served = b"".join(web.get(url).raise_for_status().content for url in segments_of(server.url + done["clip_url"]))
    folder = settings.CONFIG.snapshot_dir / snapshot
    assert len(served) == sum(path.stat().st_size for path in folder.glob("*.mp4")) - 2 * len(recorder.init)
    with av.open(server.url + done["clip_url"]) as container:
        shown = sum(1 for _ in container.decode(video=0))
    assert shown == sum(one.frames for path in folder.glob("*.idx") for one in Journal.open(path).fragments)
    picture = web.get(server.url + done["poster_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")


def test_the_code_taken_back_takes_the_clip_with_it(live_cast: Cast, server: WebServer) -> None:
    from neighborhoods.codes import code_revoke
    from tests.cameras.playback.conftest import actor_of

    camera, api = make_camera(live_cast), Api(live_cast.an)
    recorder = Recorder(camera)
    recorder.past(ago(60), 60)
    recorder.close()
    snapshot = kept(api, camera, ago(30))
    cut_all()
    url = server.url + api.get(f"/snapshots/{snapshot}/")[1]["clip_url"]
    assert web.get(url).status_code == 200
    code = AccessCode.objects.get(devices=Device.objects.get(id=live_cast.an.device.id))
    code_revoke(actor=actor_of(live_cast.binh), code_id=code.id, now=now())
    until = now().timestamp() + 2
    while web.get(url).status_code != 403:
        assert now().timestamp() < until
    assert api.get(f"/snapshots/{snapshot}/")[0] == 401


BAD: list[dict[str, Any]] = [
    {}, {"at": "now"}, {"at": "2026-01-01T00:00:00"}, {"at": None}, {"before_s": -1}, {"before_s": 1.5},
    {"after_s": 121}, {"after_s": "many"}, {"before_s": 0, "after_s": 0}, {"length": 5}, {"at": "2020-01-01T00:00:00Z"},
    {"at": "2099-01-01T00:00:00Z"}, {"at": "0001-01-01T00:00:00Z"}, {"before_s": 10**30},
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("fields", BAD)
def test_bad_input_is_400_and_makes_nothing(an: Api, camera: Camera, fields: dict[str, Any]) -> None:
    good = {"at": ago(30).isoformat(), "before_s": 5, "after_s": 5}
    status, answer = an.post(f"/cameras/{camera.id}/snapshots/", good | fields if fields else {})
    assert status == 400 and answer["errors"], answer
    assert Snapshot.objects.count() == 0


@pytest.mark.django_db
def test_who_may(an: Api, binh: Api, cuc: Api, cast: Cast, camera: Camera) -> None:
    body = {"at": ago(30).isoformat(), "before_s": 5, "after_s": 5}
    path = f"/cameras/{camera.id}/snapshots/"
    assert [api.post(path, body)[0] for api in (cuc, Api(cast.hoa), Api(cast.dung), Api(None))] == [404, 404, 404, 401]
    mine = kept(an, camera, ago(30))
    theirs = kept(binh, camera, ago(30))
    assert [row["id"] for row in an.get("/snapshots/")[1]["results"]] == [mine]
    assert [row["id"] for row in binh.get("/snapshots/")[1]["results"]] == [theirs]
    assert cuc.get("/snapshots/")[1]["results"] == []
    assert [api.get(f"/snapshots/{mine}/")[0] for api in (an, binh, cuc)] == [200, 404, 404]
    assert [api.delete(f"/snapshots/{mine}/")[0] for api in (binh, cuc, an, an)] == [404, 404, 204, 404]


def test_the_leader_says_why_before_keeping_and_watching_a_moment_of_a_private_camera(live_cast: Cast) -> None:
    camera, binh = (
        make_camera(live_cast, ownership="household", owner_household=live_cast.an.household),
        Api(live_cast.binh),
    )
    recorder = Recorder(camera)
    recorder.past(ago(60), 50)
    recorder.close()
    body = {"at": ago(40).isoformat(), "before_s": 5, "after_s": 5}
    status, problem = binh.post(f"/cameras/{camera.id}/snapshots/", body)
    assert (status, problem["code"]) == (400, "purpose_required")
    status, problem = binh.post(f"/cameras/{camera.id}/snapshots/", {**body, "purpose": "because"})
    assert (status, list(problem["errors"])) == (400, ["purpose"])
    status, answer = binh.post(f"/cameras/{camera.id}/snapshots/", {**body, "purpose": "incident"})
    assert status == 202
    cut_all()
    status, done = binh.get(f"/snapshots/{answer['id']}/")
    assert (status, done["status"]) == (200, "done")
    assert ViewSession.objects.get(mode="snapshot").purpose == "incident"
    assert AuditEntry.objects.get(action="snapshot.requested").data["purpose"] == "incident"
    own, _ = Api(live_cast.an).post(f"/cameras/{camera.id}/snapshots/", body)
    assert own == 202
