"""What the media application refuses: forged paths, tricks, strangers, a third address."""

import socket
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from django.conf import settings

from backend.lib.ids import new_id
from cameras.models import Camera, ViewSession
from cameras.playback.tokens import token_mint
from neighborhoods import limits
from tests import web
from tests.cameras.playback.conftest import live_url, make_camera, segments_of
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast
from tests.servers import Valkey
from tests.webserver import WebServer


def raw_status(server: WebServer, path: str) -> int:
    """The status of exactly that request line: no client tidies it up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin-1"))
        answer = b""
        while chunk := sock.recv(4096):
            answer += chunk
    assert b"Traceback" not in answer
    return int(answer.split(b" ", 2)[1])


TRICKS = [
    "../../secrets.json", "%2e%2e/%2e%2e/secrets.json", "..%2f..%2fsecrets.json", "live.m3u8/../../x", "./live.m3u8",
    "live.m3u8/", "//live.m3u8", "live.m3u8%00", "live.m3u8%0a", "LIVE.m3u8", "init/../../../../etc/passwd",
    "init/" + "0" * 64 + ".mp4", "init/" + "G" * 64 + ".mp4", "poster/..%2f..%2fsecrets.json.jpg", "vod.m3u8",
    "clip.m3u8",
    "frame.jpg", "poster.jpg", "{slice}/0-10.m4s", "{slice}/-1-10.m4s", "{slice}/1e3-10.m4s", "{slice}/{name}/x",
    "{SLICE}/{name}", "{slice}//{name}", "{other}/{name}", "{slice}/..%2f{slice}/{name}", "", "/", "*",
]  # fmt: skip


def test_path_tricks_are_404(live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer) -> None:
    url = live_url(server, live_cast.an, camera)
    slice_id, name = segments_of(url)[0].split("/")[-2:]
    base = urlsplit(url).path.rpartition("/")[0]
    for trick in TRICKS:
        filled = (
            trick.replace("{slice}", slice_id).replace("{SLICE}", slice_id.upper()).replace("{name}", name)
            .replace("{other}", str(UUID(int=1)))
        )  # fmt: skip
        assert raw_status(server, f"{base}/{filled}") == 404, trick
    assert raw_status(server, f"{base}/{slice_id}/{name}") == 200


@pytest.mark.parametrize("path", ["/hls/", "/hls//live.m3u8", "/hls/%00/live.m3u8", "/ingest/v1/x/y", "/hls/a/b/c/d/e"])
def test_paths_without_a_session_are_404(path: str, server: WebServer) -> None:
    assert raw_status(server, path) == 404


def test_a_guess_and_an_unknown_session_are_404(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    session_id = new_id()
    guess = token_mint(session_id, b"not the key")
    unknown = token_mint(session_id, settings.SECRETS.session_key)
    for token in (guess, unknown):
        answer = web.get(f"{server.url}/hls/{token}/live.m3u8")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def from_address(address: str, url: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
        return client.get(url)


def test_a_third_address_is_refused(live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer) -> None:
    url = live_url(server, live_cast.an, camera)
    assert from_address("127.0.0.2", url).status_code == 200
    assert from_address("127.0.0.1", url).status_code == 200
    refused = from_address("127.0.0.3", url)
    assert (refused.status_code, refused.json()["code"]) == (403, "too_many_addresses")
    assert from_address("127.0.0.2", url).status_code == 200
    assert ViewSession.objects.get().client_addresses == ["127.0.0.1", "127.0.0.2"]


def guess(server: WebServer, claimed: str) -> httpx.Response:
    """A wrong code, sent by a program on this machine that claims to come from elsewhere."""
    body = {"code": "HG7-BBBB-CCCC", "device_name": "Máy"}
    return web.post(f"{server.url}/api/v1/sessions/", json=body, headers={"X-Forwarded-For": claimed})


def test_a_local_program_cannot_claim_to_be_somebody_else(
    live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer
) -> None:
    url = live_url(server, live_cast.an, camera)
    for number in range(4):
        assert web.get(url, headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code == 200
    assert ViewSession.objects.get().client_addresses == ["127.0.0.1"]
    statuses = [guess(server, f"203.0.113.{number}").status_code for number in range(limits.PER_SOURCE + 1)]
    assert statuses == [400] * limits.PER_SOURCE + [429]


def test_a_proxy_that_is_named_speaks_for_its_clients(
    live_cast: Cast, camera: Camera, recorder: Recorder, valkey: Valkey
) -> None:
    server = WebServer(TRUSTED_PROXIES="127.0.0.1")
    try:
        url = live_url(server, live_cast.an, camera)
        answers = [web.get(url, headers={"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(2)]
        assert [answer.status_code for answer in answers] == [200, 403]
        assert ViewSession.objects.get().client_addresses == ["127.0.0.1", "203.0.113.0"]
        statuses = {guess(server, f"203.0.113.{number}").status_code for number in range(limits.PER_SOURCE + 1)}
        assert statuses == {400}
    finally:
        server.stop()


def test_another_cameras_slice_is_404(live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer) -> None:
    other = make_camera(live_cast)
    writer = Recorder(other)
    writer.past(ago(20), 20)
    theirs = segments_of(live_url(server, live_cast.an, other))[0]
    writer.close()
    mine = live_url(server, live_cast.an, camera).rpartition("/")[0]
    assert web.get(f"{mine}/{'/'.join(theirs.split('/')[-2:])}").status_code == 404


def test_no_token_reaches_the_log(live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer) -> None:
    url = live_url(server, live_cast.an, camera)
    segments_of(url)
    web.get(url.replace("live", "vod"))
    log = server.log.read_text()
    assert url.split("/")[4] not in log
    assert str(ViewSession.objects.get().id) not in log
    assert live_cast.an.token not in log
