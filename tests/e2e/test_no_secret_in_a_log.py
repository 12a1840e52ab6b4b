"""Use the product as people do, every part's log at its loudest, then grep: no token, code, session or password.

The last of those that share the product, which it stops: what their people did is in these logs, too.
"""

import base64
import http.cookiejar
import json
import urllib.error
import urllib.request
from typing import Any

import psutil
import pytest

from tests.e2e.product import Product

CAMERA_PASSWORD = "bi-mat-cua-camera-8f3a"
CAMERA_USER = "nguoi-xem-camera-77"


class Caller:
    """A bare client: JSON in, JSON out, with a bearer token once it has one."""

    def __init__(self, base: str) -> None:
        self.base, self.token = base, ""
        self.jar = http.cookiejar.CookieJar()
        self.door = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        head = {"Content-Type": "application/json", **headers}
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=head, method=method)  # noqa: S310
        try:
            with self.door.open(request, timeout=20) as answer:
                return answer.status, _read(answer)
        except urllib.error.HTTPError as error:
            return error.code, _read(error)


def _read(answer: Any) -> Any:
    raw = answer.read()
    return json.loads(raw) if "json" in (answer.headers.get("Content-Type") or "") else raw


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_people_do_leaves_no_secret_in_any_log(product: Product) -> None:
    secrets: set[str] = {CAMERA_PASSWORD, CAMERA_USER, product.code, product.code.replace("-", ""), product.leader[1]}
    secrets.add(base64.b64encode(f"{CAMERA_USER}:{CAMERA_PASSWORD}".encode()).decode())

    resident = Caller(product.base)
    status, session = resident.ask("POST", "/api/v1/sessions/", {"code": product.code, "device_name": "Máy của An"})
    assert status == 201
    resident.token = session["token"]
    secrets.add(resident.token)
    resident.ask("POST", "/api/v1/sessions/", {"code": "HG7-BCDF-GHJK", "device_name": "kẻ đoán"})
    secrets.add("BCDF-GHJK")

    _, cameras = resident.ask("GET", "/api/v1/cameras/")
    camera = next(one["id"] for one in cameras["results"] if one["name"] == "Đầu ngõ 12")
    status, live = resident.ask("POST", f"/api/v1/cameras/{camera}/live/", {})
    assert status == 201
    secrets.add(live["url"].split("/hls/")[1].split("/")[0])
    product.wait_for_footage(6)
    status, _ = resident.ask("GET", live["url"])
    assert status == 200
    resident.ask("GET", live["url"].replace("live.m3u8", "../../etc/passwd"))
    resident.ask("GET", f"/hls/{'A' * 35}/live.m3u8")

    leader = Caller(product.base)
    status, _ = leader.ask(
        "POST", "/_allauth/app/v1/auth/login", {"username": product.leader[0], "password": "sai-mat-khau-roi"}
    )
    assert status >= 400
    secrets.add("sai-mat-khau-roi")
    status, begun = leader.ask(
        "POST", "/_allauth/app/v1/auth/login", {"username": product.leader[0], "password": product.leader[1]}
    )
    assert status == 401
    head, digits = {"X-Session-Token": begun["meta"]["session_token"]}, product.keys[product.leader[0]].fresh()
    status, signed = leader.ask("POST", "/_allauth/app/v1/auth/2fa/authenticate", {"code": digits}, **head)
    assert status == 200
    secrets |= {head["X-Session-Token"], product.keys[product.leader[0]].key, f'"{digits}"'}
    head["X-Session-Token"] = signed["meta"].get("session_token", head["X-Session-Token"])
    secrets.add(head["X-Session-Token"])
    status, staff = leader.ask("POST", "/api/v1/sessions/staff/", {"device_name": "x"}, **head)
    assert status == 201
    leader.token = staff["token"]
    secrets.add(leader.token)
    address = f"rtsp://{CAMERA_USER}:{CAMERA_PASSWORD}@192.0.2.77:554/live"
    status, added = leader.ask("POST", "/api/v1/cameras/", {"name": "Camera thử", "url": address})
    assert status == 201, added
    assert CAMERA_PASSWORD not in json.dumps(added)
    status, refused = leader.ask(
        "POST", "/api/v1/cameras/", {"name": "Camera", "url": f"rtsp://{CAMERA_USER}:{CAMERA_PASSWORD}@127.0.0.1/x"}
    )
    assert status == 400
    assert CAMERA_PASSWORD not in json.dumps(refused)
    status, issued = leader.ask("POST", "/api/v1/codes/", {"household": session["household"]["id"]})
    assert status == 201
    secrets |= {issued["typed"], issued["qr"]}

    family = psutil.Process(product.process.pid).children(recursive=True)
    arguments = "\n".join(" ".join(process.cmdline()) for process in family if process.is_running())
    assert CAMERA_PASSWORD not in arguments
    product.stop()
    written = product.log.read_text(errors="replace") + "".join(
        path.read_text(errors="replace") for path in product.folder.rglob("*.log*") if path != product.log
    )
    printed = (f"Household code: {product.code}", f"Leader sign-in: {product.leader[0]} / {product.leader[1]} / ")
    lines = [line for line in written.splitlines() if not line.startswith(printed)]
    leaks = sorted({secret for secret in secrets for line in lines if secret.lower() in line.lower()})
    assert leaks == []
    assert len(lines) > 50  # the parts really were loud
