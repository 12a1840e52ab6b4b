"""A small RTSP server: each path is a camera that shows its loop, live, to whoever asks.

H.264 over TCP interleaved, Digest, keep-alive by OPTIONS or GET_PARAMETER, a session ends 60 s after its client was
last heard. One thread, one timer. All clients of a camera see the same frame numbers, sequence numbers and times, as
they would from a real camera; a client begins at a key frame; one that does not read loses whole frames, never halves.
"""

import contextlib
import secrets
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cameras.demo import sei
from cameras.demo.loop import SSRC, Loop
from cameras.video import rtsp
from cameras.video.rtsp import Request, RtspDamaged, ServerAuth

SESSION_TIMEOUT_S = 60
MAX_CLIENTS = 512
REPORT_EVERY_S = 5.0
"""RTCP sender reports: they tell the client the camera's own clock (RFC 3550, 6.4.1)."""
PUBLIC = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER"


@dataclass(slots=True)
class Camera:
    path: str
    loop: Loop | None = None
    """None while its film is being made: answered with 503."""
    offset: int = 0
    phase: int = 0
    watchers: list["Client"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Client:
    sock: socket.socket
    auth: ServerAuth | None
    heard: float
    rx: bytearray = field(default_factory=bytearray)
    tx: bytearray = field(default_factory=bytearray)
    session: str = ""
    camera: Camera | None = None
    started: bool = False
    first: int = -1
    last: int = -1
    dropped: list[int] = field(default_factory=list)
    closed: bool = False
    goodbye: bool = False


class CameraServer:
    """``listen`` (in ``__init__``), ``add`` cameras, ``run`` until ``stop``. ``call`` is the one thread-safe way in."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "",
        password: str = "",
        fps: float = 15.0,
        phases: int = 1,
        schemes: tuple[str, ...] = ("MD5",),
        session_timeout_s: float = SESSION_TIMEOUT_S,
    ) -> None:
        """``phases`` spreads cameras over the time between two frames; 1 sends them all in one wake-up.

        ``port`` 0 takes a free one, ``self.port`` says which. Without ``user`` no password is asked.
        """
        self._listener = socket.create_server((host, port), backlog=128)
        self._listener.setblocking(False)
        self.host, self.port = host, int(self._listener.getsockname()[1])
        self._user, self._password, self._schemes = user, password, schemes
        self._timeout_s = session_timeout_s
        self._step = 1.0 / fps / phases
        self._phases = phases
        self._groups: list[list[Camera]] = [[] for _ in range(phases)]
        self._cameras: dict[str, Camera] = {}
        self._clients: dict[int, Client] = {}
        self._epoll = select.epoll()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._calls: deque[Callable[[], None]] = deque()
        self._readers: dict[int, Callable[[], None]] = {self._wake_in.fileno(): self._woken}
        self._epoll.register(self._listener, select.EPOLLIN)
        self._epoll.register(self._wake_in, select.EPOLLIN)
        self._began = time.monotonic()
        self._tick = 0
        self._playing = 0
        self._stopping = False
        self._reap_at = self._began + 1.0
        self.worst_late_s = 0.0
        """How late a frame was sent, at worst, since somebody set this to 0."""

    # --- from outside ---------------------------------------------------------------------------------------------

    def add(self, path: str, loop: Loop | None = None, *, offset: int = 0) -> None:
        """Serve ``loop`` under ``/path``; without a loop say 503 until ``add`` comes again with one."""
        known = self._cameras.get(path)
        if known is not None:
            known.loop, known.offset = loop, offset
            return
        camera = Camera(path, loop, offset, phase=len(self._cameras) % self._phases)
        self._cameras[path] = camera
        self._groups[camera.phase].append(camera)

    def url(self, path: str) -> str:
        return f"rtsp://{self.host}:{self.port}/{path}"

    def call(self, function: Callable[[], None]) -> None:
        """Run ``function`` in the server's thread, soon."""
        self._calls.append(function)
        with contextlib.suppress(OSError):
            self._wake_out.send(b"!")

    def on_readable(self, fd: int, function: Callable[[], None]) -> None:
        """Call ``function`` whenever ``fd`` can be read (before ``run``, or from its thread)."""
        self._readers[fd] = function
        self._epoll.register(fd, select.EPOLLIN)

    def stop(self) -> None:
        self.call(lambda: setattr(self, "_stopping", True))

    def hang_up(self, path: str) -> None:
        """Close every connection to a camera, as a power cut would."""
        for client in [c for c in self._clients.values() if c.camera is not None and c.camera.path == path]:
            self._close(client)

    def watchers(self, path: str) -> list[Client]:
        return list(self._cameras[path].watchers)

    @property
    def frame(self) -> int:
        """The running frame number of the first phase."""
        return self._tick // self._phases

    @contextlib.contextmanager
    def running(self) -> Iterator["CameraServer"]:
        """Run in a thread of this process: for tests."""
        thread = threading.Thread(target=self.run, name=f"camera-{self.port}", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.stop()
            thread.join(5)

    # --- the loop -------------------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        finally:
            for client in list(self._clients.values()):
                self._close(client)
            self._listener.close()
            self._wake_in.close()
            self._wake_out.close()
            self._epoll.close()

    def _turn(self) -> None:
        now = time.monotonic()
        due = self._began + self._tick * self._step
        wait = max(0.0, (due if self._playing else self._reap_at) - now)
        for fd, events in self._epoll.poll(min(wait, 1.0)):
            self._event(fd, events)
        now = time.monotonic()
        if not self._playing:  # nobody looks: time goes on, frames do not
            self._tick = max(self._tick, int((now - self._began) / self._step) + 1)
        while self._playing and (due := self._began + self._tick * self._step) <= now:
            self.worst_late_s = max(self.worst_late_s, now - due)
            self._send_group(self._groups[self._tick % self._phases], self._tick // self._phases)
            self._tick += 1
            now = time.monotonic()
        if now >= self._reap_at:
            self._reap(now)

    def _event(self, fd: int, events: int) -> None:
        if fd == self._listener.fileno():
            self._accept()
        elif (client := self._clients.get(fd)) is not None:
            if events & select.EPOLLOUT:
                self._flush(client)
            if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR) and not client.closed:
                self._read(client)
        elif (reader := self._readers.get(fd)) is not None:
            reader()

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_in.recv(4096)
        while self._calls:
            self._calls.popleft()()

    def _reap(self, now: float) -> None:
        self._reap_at = now + 1.0
        for client in [c for c in self._clients.values() if now - c.heard > self._timeout_s + 5.0]:
            self._close(client)

    # --- frames ---------------------------------------------------------------------------------------------------

    def _send_group(self, group: list[Camera], frame: int) -> None:
        for camera in group:
            if not camera.watchers or camera.loop is None:
                continue
            wall_us = time.time_ns() // 1000
            wire = camera.loop.wire(frame, camera.offset, wall_us)
            if frame % round(camera.loop.fps * REPORT_EVERY_S) == 0:
                wire = bytearray(_sender_report(frame, camera.loop.fps, wall_us)) + wire
            key = camera.loop.is_key(frame, camera.offset)
            for client in tuple(camera.watchers):
                self._send_frame(client, frame, wire, key)

    def _send_frame(self, client: Client, frame: int, wire: bytearray, key: bool) -> None:
        if not client.started:
            if not key:
                return
            client.started, client.first = True, frame
        client.last = frame
        if client.tx:  # still busy with an earlier frame
            client.dropped.append(frame)
            return
        try:
            sent = client.sock.send(wire)
        except BlockingIOError:
            client.dropped.append(frame)
        except OSError:
            self._close(client)
        else:
            if sent < len(wire):
                client.tx += wire[sent:]
                self._watch(client)

    # --- connections ----------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while len(self._clients) < MAX_CLIENTS:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            auth = None
            if self._user:
                auth = ServerAuth(self._user, self._password, nonce=secrets.token_hex(16), schemes=self._schemes)
            client = Client(sock, auth, time.monotonic())
            self._clients[sock.fileno()] = client
            self._epoll.register(sock, select.EPOLLIN)

    def _close(self, client: Client) -> None:
        if client.closed:
            return
        client.closed = True
        self._clients.pop(client.sock.fileno(), None)
        self._leave(client)
        client.sock.close()

    def _leave(self, client: Client) -> None:
        if client.camera is not None and client in client.camera.watchers:
            client.camera.watchers.remove(client)
            self._playing -= 1

    def _watch(self, client: Client) -> None:
        self._epoll.modify(client.sock, select.EPOLLIN | (select.EPOLLOUT if client.tx else 0))

    def _flush(self, client: Client) -> None:
        try:
            del client.tx[: client.sock.send(client.tx)]
        except BlockingIOError:
            return
        except OSError:
            self._close(client)
            return
        if client.goodbye and not client.tx:
            self._close(client)
        else:
            self._watch(client)

    def _read(self, client: Client) -> None:
        try:
            data = client.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(client)
            return
        client.heard = time.monotonic()
        client.rx += data
        try:
            while not client.closed and self._take(client):
                pass
        except (RtspDamaged, UnicodeError):
            self._close(client)

    def _take(self, client: Client) -> bool:
        """One message or one interleaved packet off the receive buffer; False where it is not all there."""
        rx = client.rx
        if rx[:1] == b"$":  # the client's receiver reports: a sign of life, no more
            size = 4 + int.from_bytes(rx[2:4], "big")
            if len(rx) < max(size, 4):
                return False
            del rx[:size]
            return True
        taken = rtsp.read_request(rx) if rx else None
        if taken is None:
            return False
        request, end = taken
        del rx[:end]
        self._answer(client, request)
        return True

    # --- answers --------------------------------------------------------------------------------------------------

    def _answer(self, client: Client, request: Request) -> None:
        if client.auth is not None and request.method != "OPTIONS" and not client.auth.allows(request):
            self._reply(client, request, 401, "Unauthorized", client.auth.challenge())
            return
        match request.method:
            case "OPTIONS" | "GET_PARAMETER" | "SET_PARAMETER":
                self._reply(client, request, 200, "OK", [("Public", PUBLIC), *_session(client, self._timeout_s)])
            case "DESCRIBE":
                self._describe(client, request)
            case "SETUP":
                self._setup(client, request)
            case "PLAY":
                self._play(client, request)
            case "TEARDOWN":
                self._leave(client)
                client.goodbye = True
                self._reply(client, request, 200, "OK", _session(client, self._timeout_s))
            case _:
                self._reply(client, request, 501, "Not Implemented", [("Public", PUBLIC)])

    def _camera(self, url: str) -> Camera | None:
        path = url.split("://", 1)[-1].partition("/")[2].rstrip("/")
        return self._cameras.get(path.removesuffix("/trackID=0"))

    def _describe(self, client: Client, request: Request) -> None:
        camera = self._camera(request.url)
        if camera is None:
            self._reply(client, request, 404, "Not Found")
        elif camera.loop is None:
            self._reply(client, request, 503, "Service Unavailable", [("Retry-After", "2")])
        else:
            fields = [("Content-Type", "application/sdp"), ("Content-Base", request.url.rstrip("/") + "/")]
            self._reply(client, request, 200, "OK", fields, camera.loop.sdp())

    def _setup(self, client: Client, request: Request) -> None:
        camera = self._camera(request.url)
        if camera is None or camera.loop is None:
            self._reply(client, request, 404, "Not Found")
        elif "TCP" not in request.headers.get("transport").upper():
            self._reply(client, request, 461, "Unsupported Transport")
        else:
            client.camera, client.session = camera, client.session or secrets.token_hex(8)
            transport = f"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc={SSRC:08X}"
            self._reply(client, request, 200, "OK", [("Transport", transport), *_session(client, self._timeout_s)])

    def _play(self, client: Client, request: Request) -> None:
        camera = client.camera
        if camera is None or camera.loop is None or rtsp.session_of_request(request) != client.session:
            self._reply(client, request, 454, "Session Not Found")
            return
        if client not in camera.watchers:
            if not self._playing:
                self._tick = max(self._tick, int((time.monotonic() - self._began) / self._step) + 1)
            camera.watchers.append(client)
            self._playing += 1
        # No RTP-Info: the client begins at the next key frame, and which one that is shows only then.
        self._reply(client, request, 200, "OK", [("Range", "npt=now-"), *_session(client, self._timeout_s)])

    def _reply(
        self,
        client: Client,
        request: Request,
        status: int,
        reason: str,
        fields: list[tuple[str, str]] | None = None,
        body: bytes = b"",
    ) -> None:
        cseq = request.cseq if request.cseq.isascii() and request.cseq.isdigit() else "0"
        client.tx += rtsp.format_response(status, reason, cseq, [("Server", "MatPho"), *(fields or [])], body)
        self._flush(client)


def _session(client: Client, timeout_s: float) -> list[tuple[str, str]]:
    return [("Session", f"{client.session};timeout={timeout_s:.0f}")] if client.session else []


def _sender_report(frame: int, fps: float, wall_us: int) -> bytes:
    """An RTCP sender report, framed for channel 1: this wall clock is that RTP time."""
    report = struct.pack("!BBHI8sIII", 0x80, 200, 6, SSRC, sei.ntp(wall_us), sei.rtp_time(frame, fps), 0, 0)
    return b"$\x01" + struct.pack("!H", len(report)) + report
