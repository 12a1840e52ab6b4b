"""The moment on record: which cameras, when it is there, who may open it, and what is never shown."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from backend.lib.clock import VIETNAM, now
from backend.lib.errors import Absent, Conflict
from cameras import cutting, snapshots
from cameras.models import Camera, Snapshot, ViewSession
from neighborhoods.access import system
from neighborhoods.models import AccessCode, AuditEntry, OutboxRow
from notifications import alerts, moments, telling
from notifications.facing import Place
from notifications.models import Alert, AlertClip
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of, make_camera, segments_of
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast, Person, make_lan
from tests.webserver import WebServer

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HERE = Place(22.8234, 104.9836)
METRE = 1 / 111_195


@pytest.fixture
def camera(cast: Cast) -> Camera:
    return make_camera(cast, latitude=HERE.lat, longitude=HERE.lon)


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    made = Recorder(camera, slice_seconds=20)
    yield made
    made.close()


def tell(cast: Cast, **said: object) -> Alert:
    return alerts.alert_raise(actor=actor_of(cast.an), category="theft", now=now(), **said).alert


def cut_all(at: datetime | None = None) -> None:
    for snapshot_id in snapshots.snapshots_sweep(now=at or now()):
        cutting.snapshot_cut(snapshot_id, now=now)


def opened(person: Person, alert: Alert) -> list[dict[str, object]]:
    return moments.alert_clip_open(actor=actor_of(person), alert_id=alert.id, address="127.0.0.1", now=now())


class TestCameras:
    def test_the_nearest_that_face_it_are_asked(self, cast: Cast, camera: Camera) -> None:
        beside = make_camera(cast, latitude=HERE.lat + 60 * METRE, longitude=HERE.lon, bearing_deg=180)
        make_camera(cast, latitude=HERE.lat + 30 * METRE, longitude=HERE.lon, bearing_deg=0)  # looks away
        make_camera(cast, latitude=HERE.lat + 200 * METRE, longitude=HERE.lon)  # too far
        third = make_camera(cast, latitude=HERE.lat + 90 * METRE, longitude=HERE.lon)
        alert = tell(cast, location=HERE)
        assert {clip.camera_id for clip in alert.clips.all()} == {camera.id, beside.id}
        assert third.id not in {clip.camera_id for clip in alert.clips.all()}
        clip = Snapshot.objects.first()
        assert clip is not None and (clip.device_id, clip.purpose) == (None, "alert")
        assert (clip.at - clip.starts_at, clip.ends_at - clip.at) == (timedelta(seconds=10), timedelta(seconds=20))

    def test_a_camera_that_turns_may_look_anywhere(self, cast: Cast) -> None:
        make_camera(cast, latitude=HERE.lat + 30 * METRE, longitude=HERE.lon, bearing_deg=0, kind="ptz")
        assert tell(cast, location=HERE).clips.count() == 1

    def test_those_that_were_named_come_first_three_at_the_most(self, cast: Cast, camera: Camera) -> None:
        named = [make_camera(cast) for _ in range(4)]
        alert = tell(cast, location=HERE, camera_ids=[one.id for one in named])
        assert {clip.camera_id for clip in alert.clips.all()} == {one.id for one in named[:3]}

    def test_no_place_no_clip(self, cast: Cast, camera: Camera) -> None:
        alert = tell(cast)
        assert (alert.clips.count(), telling.open_view(alert)["clip"]) == (0, "none")

    def test_in_its_private_hours_a_camera_keeps_nothing(self, cast: Cast, camera: Camera) -> None:
        Camera.objects.filter(id=camera.id).update(
            private_hours=[{"days": list(range(7)), "from": "00:00", "to": "24:00"}]
        )
        assert tell(cast, location=HERE).clips.count() == 0

    def test_the_neighbours_cameras_keep_nothing(self, cast: Cast) -> None:
        there = make_camera(cast, latitude=HERE.lat, longitude=HERE.lon)
        Camera.objects.filter(id=there.id).update(neighborhood=cast.other_place)
        assert tell(cast, location=HERE).clips.count() == 0

    def test_a_flood_of_alerts_fills_neither_worker_nor_disk(self, cast: Cast, camera: Camera) -> None:
        Snapshot.objects.bulk_create(
            Snapshot(camera=camera, at=now(), starts_at=now(), ends_at=now()) for _ in range(24)
        )
        assert tell(cast, location=HERE).clips.count() == 0
        Snapshot.objects.update(status="done", bytes=9 << 30)
        assert tell(cast, camera_ids=[camera.id]).clips.count() == 0


class TestNews:
    def test_done_and_failed_are_told_as_updates(self, cast: Cast, camera: Camera, recorder: Recorder) -> None:
        recorder.past(ago(60), 60)
        recorder.close()
        silent = make_camera(cast)
        alert = tell(cast, camera_ids=[camera.id, silent.id], occurred_at=ago(30))
        assert telling.open_view(alert)["clip"] == "coming"
        cut_all(now() + timedelta(seconds=20))  # the silent one is waited for no longer
        rows = OutboxRow.objects.filter(topic__in=["snapshot.done", "snapshot.failed"])
        told = {row.topic: row.payload["subject"].removeprefix("snapshot:") for row in rows}
        assert set(told) == {"snapshot.done", "snapshot.failed"}
        for snapshot_id in told.values():
            assert moments.alert_of_snapshot(snapshot_id) == alert.id
            moments.alert_clip_ready(actor=system("dispatcher"), snapshot_id=snapshot_id, now=now())
        alert = telling.alerts_with_facts().get(id=alert.id)
        assert (alert.version, telling.open_view(alert)["clip"]) == (3, "ready")
        assert OutboxRow.objects.filter(topic="alert.clip").count() == 2

    def test_a_households_own_moment_is_no_alerts(self, cast: Cast, camera: Camera) -> None:
        own = snapshots.snapshot_request(
            actor=actor_of(cast.an), camera_id=camera.id, at=now(), before_s=5, after_s=5, now=now()
        )
        assert moments.alert_of_snapshot(own.id) is None
        assert moments.alert_clip_ready(actor=system("x"), snapshot_id=own.id, now=now()) is None

    def test_it_is_due_as_soon_as_the_recorder_has_passed_its_end(
        self, cast: Cast, camera: Camera, recorder: Recorder
    ) -> None:
        recorder.past(ago(60), 83)
        alert = tell(cast, location=HERE)
        moment = now()
        cut_all(moment + timedelta(seconds=19))
        assert telling.open_view(telling.alerts_with_facts().get(id=alert.id))["clip"] == "coming"
        cut_all(moment + timedelta(seconds=21))
        assert telling.open_view(telling.alerts_with_facts().get(id=alert.id))["clip"] == "ready"

    def test_after_its_month_the_clip_is_gone_and_the_alert_stays(self, cast: Cast, camera: Camera) -> None:
        alert = tell(cast, location=HERE)
        Snapshot.objects.update(status="done")
        assert snapshots.snapshots_expire(now=now() + timedelta(days=31)) == 1
        assert telling.open_view(telling.alerts_with_facts().get(id=alert.id))["clip"] == "none"


class TestOpening:
    @pytest.fixture
    def alert(self, cast: Cast, camera: Camera, recorder: Recorder) -> Alert:
        recorder.past(ago(60), 60)
        recorder.close()
        made = tell(cast, camera_ids=[camera.id], occurred_at=ago(30))
        cut_all()
        return made

    def test_first_those_who_lead_then_everybody(self, cast: Cast, alert: Alert) -> None:
        for steward in (cast.binh, cast.dung):
            assert [one["camera_name"] for one in opened(steward, alert)] == ["Cổng chào"]
        for other in (cast.an, cast.cuc, cast.hoa, make_lan(cast)):
            with pytest.raises(Absent):
                opened(other, alert)
        alerts.alert_release(actor=actor_of(cast.binh), alert_id=alert.id, text=False, now=now())
        assert len(opened(cast.an, alert)) == 1
        for other in (cast.cuc, cast.hoa):  # another neighborhood; who watches no camera at all
            with pytest.raises(Absent):
                opened(other, alert)

    def test_every_view_is_on_record_with_its_purpose(self, cast: Cast, alert: Alert) -> None:
        opened(cast.dung, alert)
        session = ViewSession.objects.get()
        assert (session.device_id, session.purpose, session.mode) == (cast.dung.device.id, "alert", "snapshot")
        entry = AuditEntry.objects.get(action="view.opened")
        assert (entry.data["purpose"], entry.data["role"]) == ("alert", "officer")
        opened(cast.dung, alert)
        assert ViewSession.objects.count() == 1  # a page that polls opens one

    def test_withdrawn_it_ends_for_everybody_else(self, cast: Cast, alert: Alert) -> None:
        alerts.alert_release(actor=actor_of(cast.binh), alert_id=alert.id, now=now())
        opened(cast.an, alert)
        opened(cast.binh, alert)
        alerts.alert_withdraw(actor=actor_of(cast.binh), alert_id=alert.id, reason="Nhầm", now=now())
        still = ViewSession.objects.filter(ended_at=None)
        assert [session.device_id for session in still] == [cast.binh.device.id]
        with pytest.raises(Absent):
            opened(cast.an, alert)
        assert len(opened(cast.binh, alert)) == 1

    def test_what_a_code_does_not_reach_it_does_not_open(self, cast: Cast, alert: Alert, camera: Camera) -> None:
        alerts.alert_release(actor=actor_of(cast.binh), alert_id=alert.id, now=now())
        codes = AccessCode.objects.filter(id=cast.an.device.code_id)
        codes.update(camera_scope=[str(cast.place.id)])
        with pytest.raises(Absent):
            opened(cast.an, alert)
        an_hour = now().astimezone(VIETNAM) + timedelta(hours=3)
        later = {"from": an_hour.strftime("%H:%M"), "to": (an_hour + timedelta(hours=1)).strftime("%H:%M")}
        codes.update(camera_scope=[], hours_scope=[{"days": list(range(7)), **later}])
        with pytest.raises(Conflict) as refused:
            opened(cast.an, alert)
        assert refused.value.code == "outside_hours"

    def test_private_hours_show_nothing_to_anybody(self, cast: Cast, alert: Alert, camera: Camera) -> None:
        Camera.objects.filter(id=camera.id).update(
            private_hours=[{"days": list(range(7)), "from": "00:00", "to": "24:00"}]
        )
        with pytest.raises(Conflict) as refused:
            opened(cast.binh, alert)
        assert refused.value.code == "private_hours"

    def test_not_there_yet_and_not_there_at_all_are_told_apart(self, cast: Cast, camera: Camera) -> None:
        waiting, without = tell(cast, camera_ids=[camera.id]), tell(cast)
        codes = {}
        for alert in (waiting, without):
            with pytest.raises(Conflict) as refused:
                opened(cast.binh, alert)
            codes[alert.id] = refused.value.code
        assert codes == {waiting.id: "not_ready", without.id: "no_footage"}

    def test_nobody_finds_it_among_their_own_moments(self, cast: Cast, alert: Alert) -> None:
        snapshot_id = AlertClip.objects.get().snapshot_id
        for person in (cast.an, cast.binh):
            assert list(snapshots.snapshots_of(actor_of(person))) == []
            assert Api(person).delete(f"/snapshots/{snapshot_id}/")[0] == 404


def test_from_the_tap_to_the_picture(live_cast: Cast, server: WebServer) -> None:
    """Raised over the API, cut as the worker does, released, and watched through the real media server."""
    camera = make_camera(live_cast, latitude=HERE.lat, longitude=HERE.lon)
    recorder = Recorder(camera, slice_seconds=20)
    recorder.past(ago(60), 60)
    recorder.close()
    an, binh = Api(live_cast.an), Api(live_cast.binh)
    body = {"category": "snatching", "camera_ids": [str(camera.id)], "occurred_at": ago(30).isoformat()}
    status, alert = an.post("/alerts/", body)
    assert (status, alert["clip"], alert["mine"]) == (201, "coming", True), alert
    cut_all()
    path = f"/alerts/{alert['id']}/"
    assert an.get(path)[1]["clip"] == "ready"
    assert an.post(f"{path}clip/")[0] == 404
    assert binh.post(f"{path}release/", {"text": False})[1]["clip_released"] is True
    status, answer = an.post(f"{path}clip/")
    (clip,) = answer["clips"]
    assert (status, clip["camera"], clip["camera_name"]) == (200, str(camera.id), "Cổng chào")
    assert clip["from"] <= ago(39).isoformat() and clip["to"] >= alert["occurred_at"]
    segments = segments_of(server.url + clip["clip_url"])
    assert len(segments) >= 14 and all(httpx.get(url).status_code == 200 for url in segments[:2])
    poster = httpx.get(server.url + clip["poster_url"])
    assert (poster.status_code, poster.headers["content-type"]) == (200, "image/jpeg")
