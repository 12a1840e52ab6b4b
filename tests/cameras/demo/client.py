"""A plain blocking RTSP client for tests: says exactly what it is told, and reads what comes."""

import socket
import time

from cameras.video import rtsp
from cameras.video.rtsp import ClientAuth, Response

TCP = [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")]


class Client:
    def __init__(self, port, *, user="", password=""):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.auth = ClientAuth(user, password, cnonce="cafe")
        self.data = bytearray()
        self.packets: list[tuple[int, bytes]] = []
        self.session: list[tuple[str, str]] = []
        self.cseq = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.sock.close()

    def ask(self, method, url, fields=()) -> Response:
        """One request, once more with the answer to a challenge."""
        answer = self._once(method, url, fields)
        if answer.status == 401 and self.auth.challenged(answer):
            answer = self._once(method, url, fields)
        if answer.ok:
            self.auth.accepted()
        return answer

    def _once(self, method, url, fields) -> Response:
        self.cseq += 1
        known = [*fields, *self.session, *self.auth.header(method, url)]
        self.sock.sendall(rtsp.format_request(method, url, self.cseq, known))
        while True:
            self._interleaved()
            taken = rtsp.read_response(self.data) if self.data[:1] == b"R" else None
            if taken is not None:
                del self.data[: taken[1]]
                return taken[0]
            self._more()

    def _more(self):
        got = self.sock.recv(65536)
        if not got:
            raise EOFError("the camera hung up")
        self.data += got

    def _interleaved(self):
        while self.data[:1] == b"$" and len(self.data) >= 4:
            size = 4 + int.from_bytes(self.data[2:4], "big")
            if len(self.data) < size:
                return
            self.packets.append((self.data[1], bytes(self.data[4:size])))
            del self.data[:size]

    def play(self, url):
        """DESCRIBE, SETUP, PLAY; the last answer."""
        assert self.ask("DESCRIBE", url, [("Accept", "application/sdp")]).ok
        answer = self.ask("SETUP", url + "/trackID=0", TCP)
        assert answer.ok
        self.session = [("Session", rtsp.session_of(answer)[0])]
        return self.ask("PLAY", url)

    def read_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                self._more()
            except TimeoutError:
                break
            self._interleaved()
        self.sock.settimeout(10)

    def rtp(self):
        return [packet for channel, packet in self.packets if channel == 0]
