"""Trying a camera's address before it is registered: a real dial with the recorder's own client, for a few seconds.

A probe could be used to look around in a network, so it is a leader's tap, limited per person, and **failures look
alike**: refused, silent, wrong password and no video give one error, after one and the same time. Only the dial guard's
refusals say more, since they speak of the address as typed and not of what answers there.

It runs in the request's thread: the client is pure Python and bounded in time and bytes; nothing a camera sends
is decoded here (the picture is, in the decoding child).
"""

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from backend.lib.clock import now, to_us
from backend.lib.errors import BadInput, TooMany
from cameras import credentials, dialling, frames
from cameras.ingest import guard
from cameras.ingest.connection import Connection, ReceiveBuffer
from cameras.ingest.faults import Redirected, SourceFault
from cameras.ingest.login import login_for, needs_tls
from cameras.video.fmp4 import INDEPENDENT, MuxedFragment

LASTS_S = 9.0
"""The longest a probe looks, and how long every failure takes."""
ENOUGH_S = 4.0
"""Of pictures, where two key frames have been seen."""
SWEEP_S = 0.05
REDIRECTS = 2
AT_ONCE = 4
"""Probes of this process that may run beside each other."""
SNAPSHOT_WIDTH = 480
SMART_KEYFRAME_MS, SLOW_KEYFRAME_MS = 10_000, 4_000
HEAVY_BPS, SLOW_FPS = 6_000_000, 8.0

_places = threading.BoundedSemaphore(AT_ONCE)


class ProbeFailed(BadInput):
    """The one answer to every failure (400)."""

    code, title = "probe_failed", "The camera gave no picture"

    def __init__(self) -> None:
        detail = _(
            "No picture came from that address. Check the address, user and password, that RTSP is switched on in the"
            " camera, and that it sends H.264."
        )
        super().__init__(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a camera sent. ``keyframe_ms`` is 0 where only one key frame came; ``advice`` are stable words."""

    codec: str
    width: int
    height: int
    fps: float
    keyframe_ms: int
    bitrate_bps: int
    jpeg: bytes | None
    advice: list[str] = field(default_factory=list)

    @property
    def snapshot(self) -> str | None:
        """A ``data:`` address of the picture."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}" if self.jpeg else None


def advice_text(word: str) -> str:
    """What a person is told to change, in their language."""
    return {
        "keyframe_smart": _(
            "A whole picture comes only every ten seconds or more. Switch H.264+ or 'smart codec' off in the camera."
        ),
        "keyframe_slow": _("Set the key-frame (I-frame) interval in the camera to two seconds."),
        "bitrate_high": _("Over 6 Mbit/s. For a street 1 to 4 Mbit/s are enough and keep more days."),
        "fps_low": _("Under 8 pictures a second. Set 12 to 15 in the camera."),
        "choose_h264": _("The camera sends another format than H.264. Set H.264 in the camera."),
    }[word]


def camera_probe(*, url: str, user: str = "", password: str = "") -> Probed:
    """Dial ``url`` and watch it for a few seconds. Blocks up to ``LASTS_S``.

    Raises ``AddressRefused``, ``BadInput`` (form, ``tls_unsupported``), ``ProbeFailed``, ``TooMany`` (four are
    running). Who may is asked before: ``Action.APPROVE_CAMERA``, since private addresses are allowed.
    """
    source = credentials.split_source(url, user, password)
    if needs_tls(source.url):
        reason = _("Cameras cannot be reached over rtsps:// yet. Give the camera's rtsp:// address, if it has one.")
        raise BadInput(reason, code="tls_unsupported", fields={"url": [reason]})
    dial = dialling.judge(source.url, private=True)
    if not _places.acquire(blocking=False):
        raise TooMany(_("Other cameras are being tried just now. Try again in ten seconds."), retry_after_s=10)
    began = time.monotonic()
    try:
        return _Probe(source, dial, began + LASTS_S).run()
    except (SourceFault, guard.AddressRefused, OSError):
        time.sleep(max(0.0, began + LASTS_S - time.monotonic()))
        raise ProbeFailed() from None
    finally:
        _places.release()


class _Probe:
    def __init__(self, source: credentials.Source, dial: guard.Dial, until: float) -> None:
        self._source, self._dial, self._until = source, dial, until
        self._url = source.url
        self._first: tuple[MuxedFragment, bytes] | None = None
        self._keys: list[int] = []

    def run(self) -> Probed:
        for _attempt in range(REDIRECTS + 1):
            try:
                return self._watch()
            except Redirected as redirect:  # judged like every address, and dialled as judged
                self._url = guard.split(redirect.url).url
                self._dial = dialling.judge(self._url, private=True)
            except SourceFault as fault:
                if fault.reason != "unsupported_codec":
                    raise
                return _other_codec(fault)
        raise SourceFault("redirected_too_often")

    def _watch(self) -> Probed:
        started = time.monotonic()
        given = self._source
        user, password = login_for(self._url, camera=given.url, user=given.user, password=given.password)
        connection = Connection(
            self._dial.ip, self._dial.port, url=self._url, user=user, password=password,
            buffer=ReceiveBuffer(), now=started, start=0, not_before_us=0,
        )  # fmt: skip
        try:
            first_at = 0.0
            while (at := time.monotonic()) < self._until:
                connection.sweep(at)
                intake = connection.intake
                if intake is not None:
                    intake.deliver(at, to_us(now()), self._take, _nothing)
                    first_at = first_at or (at if intake.frames else 0.0)
                    if first_at and at - first_at >= ENOUGH_S and intake.key_distance:
                        break
                time.sleep(SWEEP_S)
            return self._result(connection, time.monotonic() - first_at if first_at else 0.0)
        finally:
            connection.close()

    def _take(self, fragment: MuxedFragment, init: bytes) -> None:
        if self._first is None and fragment.flags & INDEPENDENT:
            self._first = fragment, init

    def _result(self, connection: Connection, seconds: float) -> Probed:
        intake = connection.intake
        if intake is None or intake.sets.facts is None or intake.frames < 2:
            raise SourceFault("no_media")
        if self._first is None:
            intake.finish()
            intake.deliver(time.monotonic(), to_us(now()), self._take, _nothing)
        facts = intake.sets.facts
        fps = intake.frames / max(seconds, 0.1)
        keyframe_ms = intake.key_distance // 90
        bitrate = round(connection.received * 8 / max(seconds, 0.1))
        return Probed(
            codec=intake.sets.codec, width=facts.width, height=facts.height, fps=round(fps, 1),
            keyframe_ms=keyframe_ms, bitrate_bps=bitrate, jpeg=self._picture(),
            advice=advice_for(fps=fps, keyframe_ms=keyframe_ms, bitrate_bps=bitrate),
        )  # fmt: skip

    def _picture(self) -> bytes | None:
        if self._first is None:
            return None
        fragment, init = self._first
        media = init + b"".join(bytes(part) for part in fragment.buffers)
        return frames.decoder.jpeg(media, width=SNAPSHOT_WIDTH, quality=frames.QUALITY)


def advice_for(*, fps: float, keyframe_ms: int, bitrate_bps: int) -> list[str]:
    """Words of ``advice_text`` for what was measured. No second key frame within the probe means a smart codec."""
    found = []
    if keyframe_ms == 0 or keyframe_ms >= SMART_KEYFRAME_MS:
        found.append("keyframe_smart")
    elif keyframe_ms > SLOW_KEYFRAME_MS:
        found.append("keyframe_slow")
    if bitrate_bps > HEAVY_BPS:
        found.append("bitrate_high")
    if fps < SLOW_FPS:
        found.append("fps_low")
    return found


def _other_codec(fault: SourceFault) -> Probed:
    codec = str(fault).partition(": ")[2][:20]
    return Probed(
        codec=codec, width=0, height=0, fps=0.0, keyframe_ms=0, bitrate_bps=0, jpeg=None, advice=["choose_h264"]
    )  # fmt: skip


_nothing: Callable[[], None] = lambda: None  # noqa: E731  (a seam means nothing to a probe)
