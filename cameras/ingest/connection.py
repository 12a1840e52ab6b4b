"""One connection to one camera, from dial to end, without ever blocking: connect, dialogue, stream."""

import errno
import os
import select
import socket
from contextlib import suppress
from time import thread_time

from cameras.ingest.budget import Budget
from cameras.ingest.dialogue import Dialogue
from cameras.ingest.faults import SourceFault
from cameras.ingest.intake import Intake
from cameras.ingest.parameters import ParameterSets
from cameras.video import rtsp
from cameras.video.rtp import StreamDamaged
from cameras.video.timeline import Timeline

CAPACITY = 1 << 20
READS_A_SWEEP = 8
"""Megabytes one camera may hand over in one sweep: the others wait while it does."""
PORTION = 128 * 1024
"""Bytes between two looks at what the sweep has cost; no interleaved frame is longer."""
THREAD_SHARE, THREAD_AT_ONCE_S = 0.1, 0.2
"""Of the worker's one thread, in its processor time. Cameras take about a thousandth of it for each 4 Mbit/s. What
takes a hundred times that is made to: empty frames, pictures of a byte, messages without end."""
BYTES_A_SECOND, BYTES_AT_ONCE = 5_000_000, 40_000_000
"""40 Mbit/s. The largest pictures of street cameras come at 16."""
SETUP_S = 10.0
"""From dial to the answer to PLAY."""
_LEAST = 18
"""Bytes that must be there before anything is looked at; no frame or message that matters is shorter."""
_PENDING = {errno.EINPROGRESS, errno.EALREADY, errno.EAGAIN}


class ReceiveBuffer:
    """One for all cameras of a process: they are read one after the other, and what is left over is small."""

    __slots__ = ("data", "view")

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.data = bytearray(capacity)
        self.view = memoryview(self.data)


class Connection:
    """``sweep`` it; it raises SourceFault or Redirected when it is over. ``close`` it in any case.

    ``start`` is the media time and ``not_before_us`` the wall clock at which its footage may begin.
    """

    __slots__ = (
        "_buffer", "_bytes", "_dialogue", "_heard_at", "_left", "_mark", "_not_before_us", "_opened_at", "_out",
        "_sock", "_spoke_at", "_start", "_thread", "_up", "intake", "received", "window",
    )  # fmt: skip

    def __init__(
        self, ip: str, port: int, *, url: str, user: str, password: str, buffer: ReceiveBuffer, now: float, start: int,
        not_before_us: int,
    ) -> None:  # fmt: skip
        self._buffer = buffer
        self._dialogue = Dialogue(url, rtsp.ClientAuth(user, password, os.urandom(8).hex()))
        self._start, self._not_before_us = start, not_before_us
        self._opened_at = self._spoke_at = self._heard_at = now
        self._bytes = Budget(most=BYTES_AT_ONCE, per_s=BYTES_A_SECOND, now=now)
        self._thread = Budget(most=THREAD_AT_ONCE_S, per_s=THREAD_SHARE, now=now)
        self._mark = 0.0  # the thread's time up to which the camera has been charged
        self._left = b""
        self._out = b""
        self._up = False
        self.intake: Intake | None = None
        self.received = 0
        """Bytes since the dial."""
        self.window = 0
        """Bytes the kernel holds for us before it holds the camera up; as its own tuning has it now."""
        self._sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
        self._sock.setblocking(False)
        code = self._sock.connect_ex((ip, port))
        if code and code not in _PENDING:
            self._sock.close()
            raise SourceFault("unreachable", os.strerror(code))

    @property
    def playing(self) -> bool:
        return self._dialogue.playing

    def flowing(self, now: float) -> bool:
        """True where bytes came a moment ago."""
        return now - self._heard_at < 3.0

    def sweep(self, now: float) -> int:
        """Do what can be done now; returns the bytes read."""
        if not self._up and not self._connected(now):
            return 0
        count = self._read(now)
        if self._dialogue.playing:
            if now - self._spoke_at >= self._dialogue.keepalive_s:
                self._say(self._dialogue.keepalive(), now)
        elif now - self._opened_at > SETUP_S:
            raise SourceFault("no_answer", "the dialogue took too long")
        if self._out:
            self._flush()
        return count

    def close(self, *, teardown: bool = True) -> None:
        """Free the camera's session where the line still takes it, and the socket."""
        if self._up and teardown:
            with suppress(OSError, SourceFault):
                self._sock.send(self._out + self._dialogue.teardown())
        self._sock.close()

    def _connected(self, now: float) -> bool:
        poll = select.poll()
        poll.register(self._sock, select.POLLOUT)
        if not poll.poll(0):
            if now - self._opened_at > SETUP_S:
                raise SourceFault("unreachable", "connect timed out")
            return False
        code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise SourceFault("unreachable", os.strerror(code))
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._up = True
        self._say(self._dialogue.start(), now)
        return True

    def _say(self, data: bytes, now: float) -> None:
        self._out += data
        self._spoke_at = now
        self._flush()

    def _flush(self) -> None:
        if len(self._out) > rtsp.MAX_BODY:
            raise SourceFault("no_answer", "the camera does not read")
        try:
            while self._out:
                self._out = self._out[self._sock.send(self._out) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise SourceFault("closed", error.strerror or "") from error

    def _read(self, now: float) -> int:
        """Read the socket empty (up to a bound) through the shared buffer."""
        buffer, view = self._buffer.data, self._buffer.view
        left, total = self._left, 0
        self._bytes.refill(now)
        self._thread.refill(now)
        self._mark = thread_time()
        for _ in range(READS_A_SWEEP):
            kept = len(left)
            if kept:
                buffer[:kept] = left
            try:
                count = self._sock.recv_into(view[kept:] if kept else view)
            except BlockingIOError:
                break
            except OSError as error:
                raise SourceFault("closed", error.strerror or "") from error
            if not count:
                raise SourceFault("closed", "by the camera")
            total += count
            self._bytes.take(count)
            end = kept + count
            try:
                done = self._consume(end, now)
            except (StreamDamaged, rtsp.RtspDamaged) as error:
                raise SourceFault("damaged", str(error)) from error
            left = self._left = bytes(view[done:end]) if done < end else b""
            if end < len(buffer):
                break
        if total:
            self.received += total
            self._heard_at = now
            self.window = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
        return total

    def _consume(self, end: int, now: float) -> int:
        """Interleaved frames and messages in turn; returns the offset of the first byte that has to wait."""
        buffer, view = self._buffer.data, self._buffer.view
        at = 0
        while True:
            if self.intake is not None:
                at = self.intake.feed(buffer, view, at, min(end, at + PORTION), now)
            self._charge()
            if end - at < _LEAST:
                return at
            if buffer[at] == 0x24:
                after = at + 4 + (buffer[at + 2] << 8 | buffer[at + 3])
                if after > end:
                    return at  # not whole yet
                if self.intake is None:
                    at = after  # sent before PLAY: of no use
                continue
            taken = rtsp.read_message(view[:end], at)
            if taken is None:
                return at
            message, at = taken
            self._say(self._dialogue.hear(message), now)
            if self._dialogue.sent_play and self.intake is None:
                self._begin()

    def _charge(self) -> None:
        """The worker's thread and the disk are everybody's: a camera that uses them up has to go for a while."""
        at = thread_time()
        self._thread.take(at - self._mark)
        self._mark = at
        if self._thread.spent:
            raise SourceFault("too_much", "what it sends takes the recorder's time", slow=True)
        if self._bytes.spent:
            raise SourceFault("too_much", f"over {BYTES_A_SECOND // 125_000} Mbit/s", slow=True)

    def _begin(self) -> None:
        track = self._dialogue.track
        assert track is not None  # noqa: S101  (SETUP follows DESCRIBE)
        sets = ParameterSets(track.parameter_sets)
        timeline = Timeline(
            self._start, clock_rate=track.clock_rate, fps=track.fps, reorder=sets.reorder,
            not_before_us=self._not_before_us,
        )  # fmt: skip
        self.intake = Intake(channel=self._dialogue.channel, timeline=timeline, sets=sets)
