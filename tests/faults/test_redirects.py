"""A redirect is followed where the guard allows it, and takes the camera's password to no other host."""

import base64
import socket
import threading

from tests.cameras.ingest.foreman import foreman
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera

USER, PASSWORD = "cam", "mat-khau-cua-camera"


class Snooper:
    """A host that asks for Basic and keeps whatever it is told."""

    def __init__(self) -> None:
        self.heard = b""
        self.door = socket.create_server(("127.0.0.2", 0))
        self.url = f"rtsp://127.0.0.2:{self.door.getsockname()[1]}/street"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            while True:
                caller, _ = self.door.accept()
                caller.settimeout(2)
                with caller:
                    self._listen(caller)
        except OSError:
            return

    def _listen(self, caller: socket.socket) -> None:
        ask = b'RTSP/1.0 401 Unauthorized\r\nCSeq: %d\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'
        for number in (1, 2):
            try:
                said = caller.recv(65536)
            except OSError:
                return
            self.heard += said
            if not said:
                return
            caller.sendall(ask % number)

    def close(self) -> None:
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()


def test_a_password_is_not_taken_to_another_host(tmp_path):
    snooper = Snooper()
    try:
        with foreman(tmp_path) as crew, FaultyCamera(faults.redirects(snooper.url)) as camera:
            crew.record(camera.url, user=USER, password=PASSWORD)
            crew.wait(lambda: b"DESCRIBE" in snooper.heard and crew.news("health")[-1]["reason"] == "unauthorized")
    finally:
        snooper.close()
    assert b"Authorization" not in snooper.heard
    assert base64.b64encode(f"{USER}:{PASSWORD}".encode()) not in snooper.heard


def test_the_same_host_elsewhere_is_recorded_with_the_password(tmp_path):
    real = FaultyCamera(faults.Fault(), user=USER, password=PASSWORD)
    with foreman(tmp_path) as crew, real:
        pointer = FaultyCamera(faults.redirects(real.url.replace("/street", "/other")))
        with pointer:
            key = crew.record(pointer.url, user=USER, password=PASSWORD)
            crew.wait(lambda: crew.health(key)[0] == "live")
    assert any(request.endswith("/other") for request in real.requests if request.startswith("DESCRIBE"))
