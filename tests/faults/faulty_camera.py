"""A street camera that does one thing wrong: a scripted RTSP server, one thread for each connection.

    with FaultyCamera(timestamp_jumps()) as camera:
        record(camera.url)
        camera.sent          # every frame that left whole, in order, with its number, key flag and RTP time

Each frame carries the stamp of ``cameras.demo.sei``, so what was stored can be compared number by number.
``Fault`` describes a camera by what differs from a good one; the functions below it are the faults of the field.
"""

import contextlib
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from cameras.demo import film, loop, sei, testcard
from cameras.video import rtsp
from cameras.video.rtsp import Request, ServerAuth

SIZE = (320, 180)
OTHER_SIZE = (256, 144)


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit in decoding order; ``shown`` is its place on screen, in frames since the film began."""

    nals: tuple[bytes, ...]
    key: bool
    shown: int


@dataclass(frozen=True, slots=True)
class Film:
    units: tuple[Unit, ...]
    sps: bytes
    pps: bytes


@cache
def film_of(*, gop: int = 15, b_frames: int = 0, size: tuple[int, int] = SIZE, count: int = 60) -> Film:
    drawn = testcard.pictures(count, size)
    units = []
    for data, shown in film.packets(drawn, gop=gop, size=size, b_frames=b_frames):
        (nals,) = loop.access_units(data)
        units.append(Unit(tuple(nals), any(n[0] & 31 == 5 for n in nals), shown))
    first = {nal[0] & 31: nal for nal in units[0].nals}
    return Film(tuple(units), first[7], first[8])


class HangUp(Exception):
    """The camera closes; ``reset`` sends a RST instead of a FIN."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("hang up")
        self.reset = reset


@dataclass(slots=True)
class Connection:
    """One client, as a fault's hooks see it."""

    sock: socket.socket
    number: int
    """0 for the first connection this camera ever had."""
    stopping: threading.Event
    auth: ServerAuth | None = None
    session: str = ""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def sleep(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise HangUp


Answer = Callable[[Connection, Request], bytes | None]
"""Bytes to send instead of a good camera's answer; None for the good answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A camera; the defaults are one that does nothing wrong."""

    film: Callable[[], Film] = film_of
    second_film: Callable[[], Film] | None = None
    """Shown from frame ``switch_at`` on: new parameter sets in the middle."""
    switch_at: int = 0
    fps: float = 15.0
    """What it delivers."""
    rtp_time: Callable[[int], int] | None = None
    """Place on screen (in frames since the connection began) to RTP time, not yet cut to 32 bits."""
    describe: Callable[[bytes], bytes] = bytes
    """Changes a good camera's SDP."""
    describe_fields: Callable[[str], list[tuple[str, str]]] | None = None
    """Content-Base and the like, from the address asked."""
    nals: Callable[[Unit], tuple[bytes, ...]] = lambda unit: unit.nals
    payloads: Callable[[list[bytes]], list[bytes]] = loop.payloads
    before: Callable[[int], bytes] = lambda frame: b""
    """Bytes on the wire in front of frame ``frame`` (counted per connection)."""
    on_frame: Callable[[Connection, int], None] = lambda connection, frame: None
    """May sleep, or raise HangUp, before frame ``frame``."""
    lose: Callable[[int], bool] = lambda packet: False
    """Which RTP packets (counted per connection) never leave, though their numbers are used up."""
    answer: Answer = lambda connection, request: None
    greet: Callable[[Connection], None] = lambda connection: None
    """At once after the connection stands."""
    sessions: int = 100
    """How many at a time; one more is answered with 453."""
    speed: float = 1.0
    """Plays the same script faster than real time."""


@dataclass(frozen=True, slots=True)
class Sent:
    frame: int
    """The number in the stamp: runs on over connections."""
    key: bool
    rtp_time: int
    wall_us: int
    connection: int


@dataclass(slots=True)
class FaultyCamera:
    fault: Fault
    user: str = ""
    password: str = ""
    schemes: tuple[str, ...] = ("MD5",)
    sent: list[Sent] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """``METHOD url`` as they came."""
    connections: int = 0
    playing: int = 0
    _frame: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _listener: socket.socket | None = None
    _threads: list[threading.Thread] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> "FaultyCamera":
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/street"

    @property
    def authority(self) -> str:
        """For the guard's allow list."""
        return f"127.0.0.1:{self.port}"

    def frames(self) -> list[int]:
        """Numbers of the frames that left whole."""
        return [sent.frame for sent in self.sent]

    def wait_for(self, frames: int, timeout_s: float = 20.0) -> None:
        """Until ``frames`` have left; TimeoutError otherwise."""
        end = time.monotonic() + timeout_s
        while len(self.sent) < frames:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.sent)} of {frames} frames left in {timeout_s} s")
            time.sleep(0.02)

    # --- connections ----------------------------------------------------------------------------------------------

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(0.1)
            auth = None
            if self.user:
                auth = ServerAuth(self.user, self.password, nonce=secrets.token_hex(16), schemes=self.schemes)
            connection = Connection(sock, self.connections, self._stopping, auth)
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: Connection) -> None:
        reset = False
        try:
            self.fault.greet(connection)
            self._handshake(connection)
            self._play(connection)
        except HangUp as bye:
            reset = bye.reset
        except (OSError, rtsp.RtspDamaged):
            pass
        finally:
            if reset:
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sock.close()
            self._end_session(connection)

    def _end_session(self, connection: Connection) -> None:
        with self._lock:
            if connection.session:
                connection.session = ""
                self.playing -= 1

    def _messages(self, connection: Connection, data: bytearray) -> Iterator[Request | None]:
        """Requests as they come; None each tenth of a second without one. Receiver reports are passed over."""
        while not self._stopping.is_set():
            if data[:1] == b"$" and len(data) >= 4 and len(data) >= (size := 4 + int.from_bytes(data[2:4], "big")):
                del data[:size]
                continue
            taken = rtsp.read_request(data) if data and data[:1] != b"$" else None
            if taken is not None:
                del data[: taken[1]]
                yield taken[0]
                continue
            try:
                more = connection.sock.recv(4096)
            except TimeoutError:
                yield None
                continue
            if not more:
                raise HangUp
            data += more

    def _handshake(self, connection: Connection) -> None:
        for request in self._messages(connection, bytearray()):
            if request is None:
                continue
            self.requests.append(f"{request.method} {request.url}")
            connection.send(self._respond(connection, request))
            if request.method == "PLAY" and connection.session:
                self._start(self._listen, connection)
                return
            if request.method == "TEARDOWN":
                raise HangUp

    def _listen(self, connection: Connection) -> None:
        """Keep-alives and TEARDOWN while the frames go out in the other thread."""
        with contextlib.suppress(OSError, HangUp, rtsp.RtspDamaged):
            for request in self._messages(connection, bytearray()):
                if request is None:
                    continue
                self.requests.append(f"{request.method} {request.url}")
                with self._lock:  # never in the middle of a frame
                    connection.send(self._respond(connection, request))
                if request.method == "TEARDOWN":
                    connection.sock.shutdown(socket.SHUT_RDWR)
                    return

    def _respond(self, connection: Connection, request: Request) -> bytes:
        fault = self.fault
        if (own := fault.answer(connection, request)) is not None:
            return own
        cseq = request.cseq
        if connection.auth is not None and request.method != "OPTIONS" and not connection.auth.allows(request):
            return rtsp.format_response(401, "Unauthorized", cseq, connection.auth.challenge())
        if request.method == "DESCRIBE":
            base = [("Content-Base", request.url + "/")]
            fields = fault.describe_fields(request.url) if fault.describe_fields else base
            fields = [*fields, ("Content-Type", "application/sdp")]
            return rtsp.format_response(200, "OK", cseq, fields, fault.describe(good_sdp(fault.film())))
        if request.method == "SETUP":
            with self._lock:
                if not connection.session:
                    if self.playing >= fault.sessions:
                        return rtsp.format_response(453, "Not Enough Bandwidth", cseq)
                    self.playing += 1
                    connection.session = secrets.token_hex(4)
            transport = [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")]
            return rtsp.format_response(200, "OK", cseq, [*transport, ("Session", f"{connection.session};timeout=60")])
        if request.method == "PLAY" and not connection.session:
            return rtsp.format_response(454, "Session Not Found", cseq)
        return rtsp.format_response(200, "OK", cseq, [("Session", connection.session)] if connection.session else [])

    # --- frames ---------------------------------------------------------------------------------------------------

    def _play(self, connection: Connection) -> None:
        fault = self.fault
        first, second = fault.film(), fault.second_film() if fault.second_film else None
        connection.sock.settimeout(10)
        began = time.monotonic()
        packets = 0
        for count in range(10**9):
            due = began + count / fault.fps / fault.speed
            connection.sleep(max(0.0, due - time.monotonic()))
            fault.on_frame(connection, count)
            shown_film, base = (second, fault.switch_at) if second and count >= fault.switch_at else (first, 0)
            rounds, index = divmod(count - base, len(shown_film.units))
            unit = shown_film.units[index]
            shown = base + rounds * len(shown_film.units) + unit.shown
            stamp = fault.rtp_time(shown) if fault.rtp_time else round(shown * 90_000 / fault.fps)
            with self._lock:
                number, self._frame = self._frame, self._frame + 1
                wall_us = time.time_ns() // 1000
                wire, packets, whole = self._wire(unit, number, wall_us, stamp & 0xFFFFFFFF, packets)
                connection.send(fault.before(count) + wire)
                if whole:
                    self.sent.append(Sent(number, unit.key, stamp & 0xFFFFFFFF, wall_us, connection.number))

    def _wire(self, unit: Unit, number: int, wall_us: int, stamp: int, packets: int) -> tuple[bytes, int, bool]:
        nals = [sei.nal()[:-1 - sei.DIGITS] + sei.digits(wall_us, number) + b"\x80" if n[0] == 6 else n
                for n in self.fault.nals(unit)]  # fmt: skip
        parts = self.fault.payloads(nals)
        out, whole = bytearray(), True
        for place, part in enumerate(parts):
            marker = 0x80 if place == len(parts) - 1 else 0
            header = struct.pack("!BBHII", 0x80, 96 | marker, packets & 0xFFFF, stamp, 0xCAFE)
            if self.fault.lose(packets):
                whole = False
            else:
                out += b"$\x00" + struct.pack("!H", len(part) + 12) + header + part
            packets += 1
        return bytes(out), packets, whole


def good_sdp(of: Film) -> bytes:
    """What a camera without faults says of itself."""
    return loop.Loop([], of.sps, of.pps, 15, 0).sdp()


# --- the faults of the field ----------------------------------------------------------------------------------------


def good(**changes: object) -> Fault:
    """No fault, for comparison."""
    return replace(Fault(), **changes)  # type: ignore[arg-type]


def timestamp_jumps(every_s: float = 2.0, seconds: tuple[int, ...] = (37_000, -10_000, 25_000, -36_500)) -> Fault:
    """RTP time leaps by hours to and fro every few seconds; the pace of the frames is untouched."""
    jumps = [sum(seconds[:n]) for n in range(len(seconds) + 1)]

    def rtp_time(shown: int) -> int:
        part = int(shown / 15 / every_s)
        total = jumps[-1] * (part // len(seconds)) + jumps[part % len(seconds)]
        return shown * 6000 + total * 90_000

    return Fault(rtp_time=rtp_time)


def single_wild_stamps(every: int = 20) -> Fault:
    """One frame in ``every`` has a stamp from nowhere; the ones around it are right: no new timeline."""
    return Fault(rtp_time=lambda shown: shown * 6000 + (900_000_000 if shown % every == every - 1 else 0))


def says_25_delivers_21() -> Fault:
    """The SDP and the RTP clock say 25 frames a second, 21 come."""
    return Fault(
        fps=21,
        rtp_time=lambda shown: shown * 3600,
        describe=lambda text: text.replace(b"a=framerate:15", b"a=framerate:25"),
    )


def clock_drifts(ppm: int = 20_000) -> Fault:
    """The camera's clock runs fast by ``ppm`` millionths (real ones: up to 200; more shows it in seconds)."""
    return Fault(rtp_time=lambda shown: round(shown * 6000 * (1 + ppm / 1e6)))


def rtp_time_wraps(after_frames: int = 20) -> Fault:
    """The 32-bit RTP time passes its end."""
    return Fault(rtp_time=lambda shown: 2**32 - after_frames * 6000 + shown * 6000)


def backward_stamps(every: int = 7) -> Fault:
    """Now and then a frame says it is older than the one before."""
    return Fault(rtp_time=lambda shown: (shown - (3 if shown % every == every - 1 else 0)) * 6000)


def frozen_stamps(run: int = 3) -> Fault:
    """Runs of frames that all say the same time."""
    return Fault(rtp_time=lambda shown: shown // run * run * 6000)


_AUDIO = b"m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=1\r\n"


def audio_never_comes(*, first: bool = False) -> Fault:
    """Audio announced (before the video with ``first``), never sent."""

    def describe(text: bytes) -> bytes:
        head, mark, video = text.partition(b"m=video")
        return head + _AUDIO + mark + video if first else text + _AUDIO

    return Fault(describe=describe)


def g711_between(channel: int = 2) -> Fault:
    """G.711 packets between the frames, on a channel nobody set up."""

    def before(frame: int) -> bytes:
        packet = struct.pack("!BBHII", 0x80, 8, frame & 0xFFFF, frame * 533, 0xBEEF) + b"\xd5" * 533
        return struct.pack("!cBH", b"$", channel, len(packet)) + packet

    return Fault(describe=lambda text: text + _AUDIO, before=before)


def b_frames() -> Fault:
    """Two B-frames between references: decoding order is not the order on screen."""
    return Fault(film=lambda: film_of(b_frames=2))


def _without_sprop(text: bytes) -> bytes:
    return b"\r\n".join(line.partition(b";sprop-parameter-sets")[0] for line in text.split(b"\r\n"))


def no_sps_in_sdp() -> Fault:
    return Fault(describe=_without_sprop)


def bad_base64_in_sdp() -> Fault:
    return Fault(describe=lambda text: text.replace(b"sprop-parameter-sets=", b"sprop-parameter-sets=!!?,,*"))


def wrong_sps_in_sdp() -> Fault:
    """The description is another resolution's (left over from before somebody changed a setting)."""
    return Fault(describe=lambda text: good_sdp(film_of(size=OTHER_SIZE)))


def no_sps_in_band() -> Fault:
    """Parameter sets in the SDP alone."""
    return Fault(nals=lambda unit: tuple(nal for nal in unit.nals if nal[0] & 31 not in (7, 8)))


def resolution_changes(at_frame: int = 45) -> Fault:
    """Somebody changes the resolution in the camera's own page; the stream goes on."""
    return Fault(second_film=lambda: film_of(size=OTHER_SIZE), switch_at=at_frame)


def annexb_in_rtp(*, joined: bool = True) -> Fault:
    """Start codes inside RTP: a whole picture as one "NAL unit" (``joined``), or one in front of each."""
    code = b"\x00\x00\x00\x01"

    def payloads(nals: list[bytes]) -> list[bytes]:
        if joined:
            return loop.payloads([nals[0] + b"".join(code + nal for nal in nals[1:])])
        return [part for nal in nals for part in ([code + nal] if len(nal) < 1300 else loop.payloads([nal]))]

    return Fault(payloads=payloads)


def aggregates() -> Fault:
    """Not a fault, but rare: small NAL units travel together (STAP-A, RFC 6184, 5.7.1)."""

    def payloads(nals: list[bytes]) -> list[bytes]:
        small = [nal for nal in nals if len(nal) < 300]
        big = [nal for nal in nals if len(nal) >= 300]
        together = b"\x78" + b"".join(struct.pack("!H", len(nal)) + nal for nal in small)
        return [together, *loop.payloads(big)]

    return Fault(payloads=payloads)


def rare_key_frames(every_s: int = 12) -> Fault:
    """H.264+ and its kin: a key frame every ten seconds or more."""
    return Fault(film=lambda: film_of(gop=15 * every_s, count=15 * every_s))


def loses_packets(every: int = 50) -> Fault:
    """Sequence numbers with holes: the camera's own queue ran over."""
    return Fault(lose=lambda packet: packet % every == every - 1)


def hangs_up(after_frames: int = 30, *, reset: bool = False, times: int = 10**9) -> Fault:
    """Wi-Fi drops, or the router restarts: the connection ends (with ``reset``, by RST)."""

    def on_frame(connection: Connection, frame: int) -> None:
        if frame >= after_frames and connection.number < times:
            raise HangUp(reset=reset)

    return Fault(on_frame=on_frame)


def stalls(after_frames: int = 30, *, times: int = 10**9) -> Fault:
    """The stream stops and the connection stays: only a watchdog on media time notices."""

    def on_frame(connection: Connection, frame: int) -> None:
        while frame >= after_frames and connection.number < times:
            connection.sleep(0.2)

    return Fault(on_frame=on_frame)


def plays_nothing() -> Fault:
    """Says yes to everything and sends nothing."""
    return stalls(0)


def one_session() -> Fault:
    return Fault(sessions=1)


def constant_rate(filler: int = 100_000) -> Fault:
    """Fills every frame up with filler data, to 12 Mbit/s: much, and honest."""
    return Fault(nals=lambda unit: (*unit.nals, b"\x0c" + b"\xff" * filler + b"\x80"))


def _one_byte_pictures(count: int) -> bytes:
    out = bytearray()
    for number in range(count):
        out += b"$\x00" + struct.pack("!HBBHII", 14, 0x80, 0xE0, number & 0xFFFF, number * 6000, 0xCAFE) + b"\x65\x88"
    return bytes(out)


FLOODS = {
    "requests": lambda: b"OPTIONS * RTSP/1.0\n\n" * 50_000,
    "responses": lambda: b"RTSP/1.0 200 OK\n\n" * 55_000,
    "empty_frames": lambda: b"$\x05\x00\x00" * 250_000,
    "one_byte_pictures": lambda: _one_byte_pictures(55_000),
    "bytes": lambda: (b"$\x05\xff\xff" + bytes(65_535)) * 16,
}
"""What a camera may send to keep its recorder busy; about a megabyte each."""


def floods(kind: str, *, after_frames: int = 30, megabytes: int = 4) -> Fault:
    """So many megabytes of it before every frame, 60 a second: as fast as the line takes it."""
    block = FLOODS[kind]()
    return Fault(before=lambda frame: block * megabytes if frame >= after_frames else b"")


def parameters_change(gop: int = 3) -> Fault:
    """Every key frame, five a second, comes with a PPS that was never there before."""
    counter = iter(range(1 << 32))

    def nals(unit: Unit) -> tuple[bytes, ...]:
        return tuple(nal + next(counter).to_bytes(4, "big") + b"\x80" if nal[0] & 31 == 8 else nal for nal in unit.nals)

    return Fault(film=lambda: film_of(gop=gop), nals=nals)


def redirects(to: str, *, status: int = 302) -> Fault:
    """DESCRIBE is answered with another address."""

    def answer(connection: Connection, request: Request) -> bytes | None:
        return rtsp.format_response(status, "Moved", request.cseq, [("Location", to)])

    return Fault(answer=answer)


def garbage_in_stream(after_frames: int = 30, *, size: int = 50_000, times: int = 10**9) -> Fault:
    """Bytes that are neither RTP nor RTSP in the middle; the camera believes all is well."""
    noise = bytes((n * 151 + 7) & 0xFF for n in range(size)).replace(b"$", b"#")
    turn = {"left": times}

    def before(frame: int) -> bytes:
        if frame == after_frames and turn["left"] > 0:
            turn["left"] -= 1
            return noise
        return b""

    return Fault(before=before)


def garbage_handshake() -> Fault:
    """Speaks something else on that port."""
    return Fault(answer=lambda connection, request: b"\x16\x03\x01" + bytes(range(256)) * 4 + b"\r\n\r\n")


def slow_handshake(seconds_per_byte: float = 0.5) -> Fault:
    """Answers byte by byte: alive, and never done."""

    def answer(connection: Connection, request: Request) -> bytes | None:
        for byte in rtsp.format_response(200, "OK", request.cseq, [("X-Slow", "a" * 10_000)]):
            connection.send(bytes((byte,)))
            connection.sleep(seconds_per_byte)
        return b""

    return Fault(answer=answer)


def silent() -> Fault:
    """Takes the connection and says nothing."""
    return Fault(answer=lambda connection, request: b"")


def huge_headers(size: int = 50_000_000) -> Fault:
    """Headers without end."""

    def answer(connection: Connection, request: Request) -> bytes | None:
        connection.send(b"RTSP/1.0 200 OK\r\n")
        line = b"X-More: " + b"a" * 8000 + b"\r\n"
        for _ in range(size // len(line)):
            connection.send(line)
        return b"\r\n"

    return Fault(answer=answer)


def huge_body() -> Fault:
    """Announces a description of two gigabytes."""
    return Fault(answer=lambda connection, request: b"RTSP/1.0 200 OK\r\nContent-Length: 2147483647\r\n\r\nv=0\r\n")


def no_content_base(control: str = "trackID=0") -> Fault:
    """Relative control addresses hang on the address asked."""
    return Fault(
        describe=lambda text: text.replace(b"a=control:trackID=0", b"a=control:" + control.encode()),
        describe_fields=lambda url: [],
    )


def refuses_password() -> Fault:
    """401, whatever the answer."""

    def answer(connection: Connection, request: Request) -> bytes | None:
        challenge = [("WWW-Authenticate", f'Digest realm="cam", nonce="{secrets.token_hex(8)}", qop="auth"')]
        return rtsp.format_response(401, "Unauthorized", request.cseq, challenge)

    return Fault(answer=answer)
