"""Still pictures through the real server: one frame, the grid's posters, a snapshot's clip and poster."""

import shutil
import socket
import time

import cv2
import numpy as np
from django.conf import settings

from backend.lib.clock import now
from cameras import viewing
from cameras.models import Camera, Snapshot
from neighborhoods.models import AccessCode
from tests import web
from tests.cameras.playback.conftest import actor_of, make_camera, segments_of
from tests.cameras.playback.footage import HEIGHT, WIDTH, Recorder, ago
from tests.cast import Cast, Person
from tests.pace import PATIENCE_S
from tests.servers import Valkey
from tests.webserver import WebServer

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def test_one_frame_of_now_and_of_the_past(
    live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer
) -> None:
    for at in (None, ago(30)):
        opened = viewing.view_open_frame(
            actor=actor_of(live_cast.an), camera_id=camera.id, at=at, width=160, address="127.0.0.1", now=now()
        )
        answer = web.get(server.url + opened.url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (HEIGHT * 160 // WIDTH, 160, 3)


def grid_url(cast: Cast, server: WebServer, *, of: Person | None = None) -> str:
    opened = viewing.view_open_grid(actor=actor_of(of or cast.an), address="127.0.0.1", now=now())
    return server.url + opened.url


def poster(camera: Camera) -> None:
    settings.CONFIG.poster_dir.mkdir(exist_ok=True)
    (settings.CONFIG.poster_dir / f"{camera.id}.jpg").write_bytes(JPEG)


def looked_at(valkey: Valkey, camera: Camera) -> bool:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(valkey.path))
        door.sendall(f"EXISTS matpho:looked:{camera.id}\r\n".encode())
        return door.recv(64).startswith(b":1")


def test_a_poster_is_served_and_the_look_marked(
    live_cast: Cast, camera: Camera, server: WebServer, valkey: Valkey
) -> None:
    url = f"{grid_url(live_cast, server)}poster/{camera.id}.jpg"
    assert web.get(url).status_code == 404
    poster(camera)
    assert web.get(url).content == JPEG
    until = time.monotonic() + PATIENCE_S
    while not looked_at(valkey, camera) and time.monotonic() < until:
        time.sleep(0.1)
    assert looked_at(valkey, camera)


def test_the_camera_of_a_poster_is_asked_each_time(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    stranger = make_camera(live_cast)
    Camera.objects.filter(id=stranger.id).update(neighborhood=live_cast.other_place)
    for one in (camera, stranger):
        poster(one)
    base = grid_url(live_cast, server)
    assert web.get(f"{base}poster/{stranger.id}.jpg").status_code == 404
    assert web.get(f"{base}poster/{camera.id}.jpg").status_code == 200
    codes = AccessCode.objects.filter(devices=live_cast.an.device)
    codes.update(camera_scope=[str(stranger.id)])
    assert web.get(f"{base}poster/{camera.id}.jpg").status_code == 404
    codes.update(camera_scope=[])
    Camera.objects.filter(id=camera.id).update(state=Camera.State.RETIRED)
    assert web.get(f"{base}poster/{camera.id}.jpg").status_code == 404


def test_staff_see_no_poster_of_a_private_camera_because_a_grid_states_no_purpose(
    live_cast: Cast, camera: Camera, server: WebServer
) -> None:
    poster(camera)
    resident = f"{grid_url(live_cast, server)}poster/{camera.id}.jpg"
    leader = f"{grid_url(live_cast, server, of=live_cast.binh)}poster/{camera.id}.jpg"
    assert (web.get(resident).status_code, web.get(leader).status_code) == (200, 200)
    Camera.objects.filter(id=camera.id).update(ownership=Camera.Ownership.HOUSEHOLD)
    assert (web.get(resident).status_code, web.get(leader).status_code) == (200, 404)


def test_a_snapshots_clip_plays_though_its_recording_is_gone(
    live_cast: Cast, camera: Camera, server: WebServer
) -> None:
    recorder = Recorder(camera)
    begun = ago(20)
    recorder.past(begun, 12)
    recorder.close()
    media = next((settings.CONFIG.store_dir / str(camera.id)).rglob("*.mp4"))
    snapshot = Snapshot.objects.create(
        camera=camera, device=live_cast.an.device, at=ago(15), starts_at=begun, ends_at=ago(8),
        status=Snapshot.Status.DONE, path="one",
    )  # fmt: skip
    kept = settings.CONFIG.snapshot_dir / "one"
    kept.mkdir(parents=True, exist_ok=True)
    shutil.move(media, kept / "media.mp4")
    shutil.move(media.with_suffix(".idx"), kept / "media.idx")
    (kept / "poster.jpg").write_bytes(JPEG)
    opened = viewing.view_open_snapshot(
        actor=actor_of(live_cast.an), snapshot=snapshot, address="127.0.0.1", now=now()
    )  # fmt: skip
    url = server.url + opened.url
    listed = segments_of(url)
    assert len(listed) == 6
    assert [web.get(address).status_code for address in listed] == [200] * 6
    assert web.get(url.replace("clip.m3u8", "poster.jpg")).content == JPEG
