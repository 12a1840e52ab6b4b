"""What we say to a camera, as a state machine without a socket: DESCRIBE, SETUP, PLAY, keep-alive, TEARDOWN.

RFC 2326. One video track over the same TCP connection (interleaved, 10.12). Audio is never set up: it is off by
default, and an announced track that never comes must not hold the video up.
"""

from cameras.ingest.faults import Redirected, SourceFault
from cameras.video import rtsp, sdp

AGENT = ("User-Agent", "MatPho")
SHORTEST_KEEPALIVE_S, LONGEST_KEEPALIVE_S = 5.0, 30.0
_REASONS = {
    400: ("rejected", False), 403: ("forbidden", True), 404: ("not_found", True), 406: ("rejected", False),
    453: ("busy", False), 454: ("session_lost", False), 461: ("no_tcp", True), 503: ("busy", False),
}  # fmt: skip


class Dialogue:
    """Give it what the camera says, send what it returns. ``sent_play`` and ``playing`` say how far it is.

    Raises SourceFault (refused, damaged, nothing to record) and Redirected.
    """

    __slots__ = (
        "_asked", "_auth", "_base", "_cseq", "_keepalive", "_retried", "_session", "_stage", "_track_url", "_url",
        "channel", "keepalive_s", "track",
    )  # fmt: skip

    def __init__(self, url: str, auth: rtsp.ClientAuth) -> None:
        self._url = self._base = self._track_url = url
        self._auth = auth
        self._cseq = 0
        self._stage = "DESCRIBE"
        self._asked: tuple[str, str, list[tuple[str, str]]] = ("", "", [])
        self._retried = False
        self._session = ""
        self._keepalive = "GET_PARAMETER"
        self.keepalive_s = LONGEST_KEEPALIVE_S
        self.channel = 0
        self.track: sdp.VideoTrack | None = None

    @property
    def sent_play(self) -> bool:
        """From here on the stream may begin, even before the answer to PLAY."""
        return self._stage in ("PLAY", "playing")

    @property
    def playing(self) -> bool:
        return self._stage == "playing"

    def start(self) -> bytes:
        """The first request."""
        return self._ask("DESCRIBE", self._url, [("Accept", "application/sdp")])

    def keepalive(self) -> bytes:
        """Sent every ``keepalive_s`` while it plays."""
        return self._ask(self._keepalive, self._base)

    def teardown(self) -> bytes:
        """Frees the camera's session: many have only one. Nothing where none was set up."""
        return self._ask("TEARDOWN", self._base) if self._session else b""

    def hear(self, message: rtsp.Request | rtsp.Response) -> bytes:
        """Take a message of the camera; returns what to send now."""
        if isinstance(message, rtsp.Request):
            return self._answer(message)
        if message.status == 401:
            return self._authenticate(message)
        self._retried = False
        if self.playing:
            return self._hear_keepalive(message)
        if message.redirect:
            raise Redirected(message.redirect)
        if not message.ok:
            reason, slow = _REASONS.get(message.status, ("rejected", False))
            raise SourceFault(reason, f"{self._stage} answered {message.status}", slow=slow)
        if self._stage == "DESCRIBE":
            return self._described(message)
        if self._stage == "SETUP":
            return self._set_up(message)
        self._stage = "playing"
        return b""

    def _ask(self, method: str, url: str, fields: list[tuple[str, str]] | None = None) -> bytes:
        self._asked = (method, url, fields or [])
        self._cseq += 1
        session = [("Session", self._session)] if self._session else []
        extra = [AGENT, *session, *self._asked[2], *self._auth.header(method, url)]
        try:
            return rtsp.format_request(method, url, self._cseq, extra)
        except ValueError as error:  # the camera named a track whose address is none
            raise SourceFault("damaged", str(error)) from error

    def _authenticate(self, message: rtsp.Response) -> bytes:
        """Answer a challenge once per request: a second refusal means that the password is wrong."""
        self._auth.challenged(message)
        if self._retried or not self._auth.user or self._auth.challenge is None:
            raise SourceFault("unauthorized", slow=True)
        self._retried = True
        return self._ask(*self._asked)

    def _described(self, message: rtsp.Response) -> bytes:
        session = sdp.parse(message.body)
        track = sdp.video_track(session)
        if track is None:
            raise SourceFault("no_video", slow=True)
        if track.codec != "H264":
            raise SourceFault("unsupported_codec", track.codec, slow=True)
        base = rtsp.base_url(self._url, message)
        self.track = track
        self._base = rtsp.control_url(base, session.control)
        self._track_url = rtsp.control_url(base, track.control)
        self._stage = "SETUP"
        return self._ask("SETUP", self._track_url, [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")])

    def _set_up(self, message: rtsp.Response) -> bytes:
        channels = rtsp.interleaved_of(message.headers.get("transport"))
        if channels is None:
            raise SourceFault("no_tcp", "SETUP granted another transport", slow=True)
        self.channel = channels[0]
        self._session, timeout_s = rtsp.session_of(message)
        self.keepalive_s = min(LONGEST_KEEPALIVE_S, max(SHORTEST_KEEPALIVE_S, timeout_s / 2))
        self._stage = "PLAY"
        return self._ask("PLAY", self._base, [("Range", "npt=0.000-")])

    def _hear_keepalive(self, message: rtsp.Response) -> bytes:
        if message.status == 454:
            raise SourceFault("session_lost")
        if not message.ok and self._keepalive == "GET_PARAMETER":
            self._keepalive = "OPTIONS"  # some know no GET_PARAMETER; any request keeps a session alive
        return b""

    def _answer(self, message: rtsp.Request) -> bytes:
        """A request of the camera's own: a REDIRECT is followed through the parent, the rest is agreed to."""
        location = message.headers.get("location")
        if message.method == "REDIRECT" and location:
            raise Redirected(location)
        cseq = message.cseq if message.cseq.isascii() and message.cseq.isdigit() else "0"
        return rtsp.format_response(200, "OK", cseq)
