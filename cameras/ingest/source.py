"""One camera's recording from ``start`` to ``stop``: dial, connection, back-off, watchdog, writer. One thread sweeps.

The watchdog looks at *media time*: a camera that keeps its connection open and answers keep-alives but sends no more
complete picture is as gone as one that hangs up.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from random import SystemRandom
from typing import Any
from uuid import UUID

from cameras.ingest.backoff import BUSY_S, LONGEST_S, wait_s
from cameras.ingest.budget import Budget
from cameras.ingest.connection import Connection, ReceiveBuffer
from cameras.ingest.faults import Redirected, SourceFault
from cameras.ingest.intake import Intake
from cameras.ingest.login import login_for
from cameras.ingest.pace import Pace
from cameras.store.slices import SliceWriter, StoreFault
from cameras.video.fmp4 import MuxedFragment

log = logging.getLogger(__name__)

NO_MEDIA_S = 6.0
"""Without a complete picture for this long the connection is given up."""
NO_KEYFRAME_S = 75.0
"""To the first key frame. "Smart" cameras send one a minute."""
STEADY_S = 20.0
"""A connection that lasted this long was good: the next failure is counted from one again."""
DIAL_ANSWER_S = 15.0
REDIRECTS = 3
MEASURE_S = 5.0
"""Cameras are measured at the same instants, so that one message wakes the parent for all."""

CLOCK_S = 60.0
"""Time in which a camera's clock is compared once: a dozen sender reports, of which the quickest counts."""

SLICES_AT_ONCE, SLICES_TIMES = 20, 12.0
"""Slices a camera may begin at once, and steadily: so many times what their length alone asks for (one in 5 s). Each
seam begins one, be it new parameters or a pause, and each is files, a row and work for whoever reads them back."""

Tell = Callable[[dict[str, Any]], None]
_random = SystemRandom().random


class Source:
    """``sweep(now, wall_us)`` when ``due``. ``deadline`` is the lease's: past it nothing is written any more.

    ``slices`` is what ``writer`` takes from when it begins one; see ``slices_of``.
    """

    def __init__(
        self, order: dict[str, Any], *, writer: SliceWriter, slices: Budget, buffer: ReceiveBuffer, tell: Tell,
        now: float, tfdt: int,
    ) -> None:  # fmt: skip
        self.key: str = order["key"]
        self.camera_id = UUID(order["camera_id"])
        self.due = now
        self.deadline = float(order["deadline"])
        self._url: str = order["url"]
        self._target = self._url  # where a redirect has sent us; the camera's own address at every new try
        self._user, self._password = order["user"], order["password"]
        self._writer, self._slices, self._buffer, self._tell = writer, slices, buffer, tell
        self._pace = Pace()
        self._connection: Connection | None = None
        self._media_end, self._wall_end_us = tfdt, 0
        self._failures = self._redirects = 0
        self._asked_until = 0.0  # we wait for the answer to want_dial till then; 0 where we wait for our own back-off
        self._connected_at = 0.0
        self._state = ("", "")
        self._measured_at, self._measured_bytes = now, 0
        self._measure_at = _next_measure(now)
        self._clock_error_us: int | None = None
        self._clock_until = now + CLOCK_S

    def sweep(self, now: float, wall_us: int) -> None:
        """Everything that is to do now. Raises nothing of the camera's or the disk's making."""
        try:
            if self._connection is None:
                self._ask(now)
            else:
                self._read(self._connection, now, wall_us)
        except Redirected as redirect:
            self._redirect(redirect.url, now, wall_us)
        except SourceFault as fault:
            self._fail(fault, now, wall_us)
        except StoreFault as fault:
            log.error("%s", fault)
            self._fail(SourceFault("store_failed", str(fault)), now, wall_us)

    def fault(self, now: float, wall_us: int) -> None:
        """Something of ours broke on this camera's stream: begin anew."""
        self._fail(SourceFault("internal"), now, wall_us)

    def dial(self, ip: str, port: int, now: float) -> None:
        """The parent's answer to want_dial."""
        if not self._asked_until or self._connection is not None:
            return
        self._asked_until = 0.0
        self._connected_at = now
        try:
            user, password = login_for(self._target, camera=self._url, user=self._user, password=self._password)
            self._connection = Connection(
                ip, port, url=self._target, user=user, password=password, buffer=self._buffer, now=now,
                start=self._media_end, not_before_us=self._wall_end_us,
            )  # fmt: skip
        except SourceFault as fault:
            self._fail(fault, now, 0)
            return
        except OSError as error:
            self._fail(SourceFault("unreachable", error.strerror or ""), now, 0)
            return
        self._measured_at, self._measured_bytes = now, 0
        self._measure_at = _next_measure(now + 1.0)
        self._pace.hurry(now)
        self.due = now

    def refuse(self, reason: str, now: float) -> None:
        """The parent's guard says no, or the name does not resolve."""
        if self._asked_until:
            self._asked_until = 0.0
            self._fail(SourceFault(reason, slow=reason != "unresolved"), now, 0)

    def stop(self, now: float, wall_us: int) -> None:
        """Take our leave of the camera and close the slice. What the socket still holds is recorded first."""
        if self._connection is not None and now < self.deadline:
            with suppress(SourceFault, Redirected, StoreFault):
                self._read(self._connection, now, wall_us)
        self._hang_up(now, wall_us)
        if now < self.deadline:
            self._writer.close()
        else:
            self._writer.abandon()

    def abandon(self) -> None:
        """The lease has run out: what has not been read is thrown away, and not one more byte is written."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._writer.abandon()

    # --- the ways of a connection -----------------------------------------------------------------------------------

    def _ask(self, now: float) -> None:
        if self._asked_until and now < self._asked_until:
            self.due = self._asked_until
            return
        self._target = self._url
        self._asked_until = now + DIAL_ANSWER_S
        self.due = self._asked_until
        if self._failures == 0:
            self._health("connecting", "")
        self._tell({"op": "want_dial", "key": self.key, "url": self._url})

    def _read(self, connection: Connection, now: float, wall_us: int) -> None:
        self._slices.refill(now)
        count = connection.sweep(now)
        intake = connection.intake
        if intake is not None:
            intake.deliver(now, wall_us, self._emit, self._writer.seam)
            if self._slices.spent:
                raise SourceFault("unsteady", "its video begins anew all the time", slow=True)
            self._watch(now, intake.last_frame)
            if intake.frames:
                self._health("live", "")
                if now - self._connected_at > STEADY_S:
                    self._failures = self._redirects = 0
            if now >= self._measure_at:
                self._measure(connection, now, wall_us)
        self.due = self._pace.next(now, count, connection.window)

    def _watch(self, now: float, last_frame: float) -> None:
        if last_frame:
            if now - last_frame > NO_MEDIA_S:
                raise SourceFault("no_media", f"no picture for {now - last_frame:.0f} s")
        elif now - self._connected_at > NO_KEYFRAME_S:
            raise SourceFault("no_keyframe", f"none in {NO_KEYFRAME_S:.0f} s")
        elif now - self._connected_at > NO_MEDIA_S and self._connection and not self._connection.flowing(now):
            raise SourceFault("no_media", "PLAY was answered and nothing came")

    def _emit(self, fragment: MuxedFragment, init: bytes) -> None:
        if not self._slices.spent:  # else the connection is given up after this sweep
            self._writer.write(fragment, init)

    def _hang_up(self, now: float, wall_us: int) -> None:
        """End the connection; what it has brought is written, where the lease still allows it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.close()
        intake = connection.intake
        if intake is not None and now < self.deadline and wall_us:
            intake.finish()
            try:
                intake.deliver(now, wall_us, self._emit, self._writer.seam)
            except StoreFault as fault:
                log.error("%s", fault)
            self._media_end = max(self._media_end, intake.media_end)
            self._wall_end_us = max(self._wall_end_us, intake.wall_end_us)
            self._writer.seam()

    def _redirect(self, url: str, now: float, wall_us: int) -> None:
        self._hang_up(now, wall_us)
        self._redirects += 1
        if self._redirects > REDIRECTS:
            self._redirects = 0
            self._fail(SourceFault("redirected_too_often", slow=True), now, wall_us)
            return
        self._target = url
        self._asked_until = now + DIAL_ANSWER_S
        self.due = self._asked_until
        self._tell({"op": "want_dial", "key": self.key, "url": url})

    def _fail(self, fault: SourceFault, now: float, wall_us: int) -> None:
        self._hang_up(now, wall_us)
        self._asked_until = 0.0
        self._failures += 1
        longest_s = BUSY_S if fault.reason == "busy" else LONGEST_S
        self.due = now + wait_s(self._failures, _random, slow=fault.slow, longest_s=longest_s)
        self._health("refused" if fault.slow else "retrying", fault.reason)
        log.info("camera %s: %s; again in %.1f s", self.camera_id, fault, self.due - now)

    # --- news -------------------------------------------------------------------------------------------------------

    def _health(self, state: str, reason: str) -> None:
        if (state, reason) != self._state:
            self._state = (state, reason)
            self._tell({"op": "health", "key": self.key, "state": state, "reason": reason})

    def _measure(self, connection: Connection, now: float, wall_us: int) -> None:
        intake = connection.intake
        if intake is None or intake.sets.facts is None:
            return
        seconds = now - self._measured_at
        bits = (connection.received - self._measured_bytes) * 8
        self._measured_at, self._measured_bytes = now, connection.received
        self._measure_at = _next_measure(now)
        self._tell(
            {
                "op": "measured", "key": self.key, "codec": intake.sets.codec, "width": intake.sets.facts.width,
                "height": intake.sets.facts.height, "keyframe_ms": intake.key_distance // 90,
                "bitrate_bps": round(bits / seconds), "lost": intake.lost,
                "last_frame_us": wall_us - round((now - intake.last_frame) * 1e6),
                "clock_error_ms": self._clock_error_ms(intake, now),
            }
        )  # fmt: skip

    def _clock_error_ms(self, intake: Intake, now: float) -> int | None:
        """Of the last whole ``CLOCK_S``; before there is one, of what has come. None where the camera does not say."""
        running = intake.clock_error_us
        if now >= self._clock_until:
            self._clock_error_us, intake.clock_error_us, self._clock_until = running, None, now + CLOCK_S
        found = running if self._clock_error_us is None else self._clock_error_us
        return None if found is None else round(found / 1000)


def slices_of(slice_seconds: float, now: float) -> Budget:
    """The slices that one camera may begin."""
    return Budget(most=SLICES_AT_ONCE, per_s=SLICES_TIMES / slice_seconds, now=now)


def _next_measure(now: float) -> float:
    return (now // MEASURE_S + 1) * MEASURE_S
