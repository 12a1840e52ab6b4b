"""From a camera's 32-bit RTP timestamps to media time that only goes forward, and from there to the wall clock. Pure.

Cameras lie about time: stamps jump by hours, run 16 % slow because the camera says 25 frames a second and delivers 21,
stand still, wrap, or come out of order (B-frames, where RTP stamps are presentation times). The recording must not
lie, so *media time is the server's monotonic clock, smoothed*:

- A frame that continues the line keeps its own distance to the frame before. Nothing is re-timed as long as the
  camera is honest: 15 frames a second stay 6,000 ticks apart.
- A frame off the line is stamped one usual distance on. Only after three frames that agree with each other does the
  line move to them. Nothing is dropped either way.
- Arrival is known only at each sweep, up to half a second late, so the *least* delay of a block of sweeps counts (a
  minimum-delay filter). Where it drifts, media time is slewed, 10 % at the most; where it drifts so steadily that the
  declared rate must be wrong, the rate itself is corrected.

Units: media time in 90 kHz ticks, arrival in seconds of CLOCK_MONOTONIC, wall clock in microseconds since the epoch.
"""

from bisect import insort
from collections import deque

MEDIA_RATE = 90_000
_WRAP = 1 << 32
_HALF = 1 << 31
CONSISTENT_FRAMES = 3
MAX_REORDER = 4
"""Frames a B-frame may lie back; street cameras use one or two."""
BLOCK_S = 1.5
"""Arrival is judged over blocks of this length: at least three sweeps, so one of them caught a fresh frame."""
DEADBAND_S, SETTLED_S = 0.060, 0.015
"""Slewing begins past the first and ends within the second; between frames of 15 a second lie 0.067 s."""
MAX_SLEW = 0.10
WRONG_RATE = 0.02
"""A slope steeper than this over three blocks is no quartz: the declared rate is wrong. Quartz drifts by 0.0001."""
CLOCK_STEP_S = 0.5
"""A wall clock that moved further than this against the monotonic clock has been set; less is slewed after."""


class Timeline:
    """One connection's line of time. After a reconnect a new one begins at the old one's ``end``.

    ``start`` is the first media time to give out; ``not_before_us`` the wall clock that the first frame may not
    undercut (so that order stays monotonic over a clock set back); ``reorder`` the number of frames the SPS promises
    to reorder by (0 where it promises nothing: more is learnt from the stamps).
    """

    __slots__ = (
        "_arrival", "_base_ratio", "_block_ends", "_block_lag", "_block_raw", "_clock_diff", "_clock_rate",
        "_far", "_floor_us", "_foreign", "_foreign_count", "_lags", "_last_dts", "_line", "_m0", "_near", "_offset",
        "_order", "_owed_s", "_prev_pts", "_pts", "_raws", "_reorder", "_rtp", "_slewing", "_usual", "_wall0_us",
        "_wall_set", "_x", "_x0", "clock_stepped", "jumps", "ratio",
    )  # fmt: skip

    def __init__(
        self,
        start: int = 0,
        *,
        clock_rate: int = MEDIA_RATE,
        fps: float = 0.0,
        reorder: int = 0,
        not_before_us: int = 0,
    ) -> None:
        self._clock_rate = clock_rate
        self._near = clock_rate  # a distance of up to a second is taken without looking at arrival
        self._far = 2 * clock_rate
        self._usual = clock_rate / (fps if 1 <= fps <= 120 else 15.0)
        self._line = False  # True once there is a frame to measure from
        self._rtp = self._x = self._x0 = 0
        self._base_ratio = self.ratio = MEDIA_RATE / clock_rate
        self._pts = self._prev_pts = self._last_dts = start - 1
        self._reorder = min(max(reorder, 0), MAX_REORDER)
        self._m0 = start + self._reorder * self.usual  # room for the first decode times, which lie before their frame's
        self._order: list[int] = []
        self._foreign = self._foreign_count = 0
        self._arrival = 0.0
        self._offset: float | None = None
        self._block_ends = 0.0
        self._block_raw = self._block_lag = float("inf")
        self._raws: deque[tuple[float, float]] = deque(maxlen=9)
        self._lags: deque[float] = deque(maxlen=3)
        self._slewing = False
        self._wall_set = False
        self._wall0_us = 0.0
        self._clock_diff = self._owed_s = 0.0
        self._floor_us = not_before_us
        self.jumps = 0
        """How often the line moved to other stamps."""
        self.clock_stepped = False
        """Set where the server's wall clock was set while recording: the caller ends the slice and calls ``rewall``."""

    @property
    def usual(self) -> int:
        """The usual distance of frames, ticks; what the last frame before a seam is given."""
        return max(1, round(self._usual * self.ratio))

    # --- stamping ---------------------------------------------------------------------------------------------------

    def stamp(self, rtp: int, arrival: float) -> tuple[int, int]:
        """Decode time and composition offset of the next frame in decode order, both in ticks.

        Decode times are strictly increasing; offsets are 0 without B-frames.
        """
        if not self._line:
            self._line, self._rtp, self._arrival = True, rtp, arrival
            pts = self._m0
        else:
            step = (rtp - self._rtp) & 0xFFFFFFFF
            if 0 < step <= self._near and not self._foreign_count:
                usual = self._usual
                self._usual = usual + (step - usual) * 0.125
                self._rtp, self._arrival = rtp, arrival
                self._x = x = self._x + step
                pts = self._m0 + round((x - self._x0) * self.ratio)
            else:
                pts = self._odd(rtp, step - _WRAP if step >= _HALF else step, arrival)
        if self._reorder:
            return self._reordered(pts)
        self._prev_pts, self._pts = self._pts, pts
        dts = pts if pts > self._last_dts else self._last_dts + 1
        self._last_dts = dts
        return dts, 0

    def _odd(self, rtp: int, step: int, arrival: float) -> int:
        """The presentation time of a frame that is not simply the next one: B-frame, pause, jump or standstill."""
        if step < 0 and self._is_b_frame(step):
            return self._m0 + round((self._x + step - self._x0) * self.ratio)
        if 0 < step <= max(self._far, (arrival - self._arrival) * 1.5 * self._clock_rate + self._far):
            self._foreign_count = 0
            self._rtp, self._arrival = rtp, arrival
            self._x += step
            return max(self._m0 + round((self._x - self._x0) * self.ratio), self._pts + 1)
        return self._off_the_line(rtp, arrival)

    def _is_b_frame(self, step: int) -> bool:
        """True where the stamp falls behind the newest but after what must have been shown: that is reordering."""
        if step <= -self._near:
            return False
        pts = self._m0 + round((self._x + step - self._x0) * self.ratio)
        if self._reorder:
            floor = self._order[0] if len(self._order) > self._reorder else self._m0 - 1
            if pts > self._order_floor():
                return True
            if pts > floor and self._reorder < MAX_REORDER:
                self._reorder += 1
                return True
            return False
        if self._prev_pts < pts < self._pts:
            self._reorder = 1
            self._order = [self._prev_pts, self._pts]
            return True
        return False

    def _order_floor(self) -> int:
        """The presentation time already given out as a decode time: nothing real comes before it."""
        return self._order[-1 - self._reorder] if len(self._order) > self._reorder else self._m0 - 1

    def _reordered(self, pts: int) -> tuple[int, int]:
        """Decode times where frames are reordered by up to n: the i-th frame decodes at the (i-n)-th smallest stamp.

        That is final when it is given out: at most n frames decoded so far may be shown after a frame still to come.
        """
        order, depth = self._order, self._reorder
        insort(order, pts)
        if len(order) > depth:
            dts = order[-1 - depth]
            del order[: -2 - depth]
        else:  # the first frames: as many usual distances ahead as the depth asks
            dts = order[0] - (depth + 1 - len(order)) * self.usual
        self._prev_pts, self._pts = self._pts, max(pts, self._pts)
        dts = max(dts, self._last_dts + 1)
        self._last_dts = dts
        return dts, pts - dts

    def _off_the_line(self, rtp: int, arrival: float) -> int:
        """A frame whose stamp cannot be: one usual distance on; three that agree move the line to them."""
        if self._foreign_count:
            step = (rtp - self._foreign) & 0xFFFFFFFF
            agrees = 0 < step <= self._near
        else:
            step, agrees = 0, False
        self._foreign_count = self._foreign_count + 1 if agrees else 1
        self._foreign = rtp
        advance = step if agrees else max(1, round(self._usual))
        self._x += advance
        if not agrees or self._foreign_count < CONSISTENT_FRAMES:
            self._rtp = (self._rtp + advance) & 0xFFFFFFFF  # where the old line would be by now, should it come back
        else:
            self._rtp, self._foreign_count = rtp, 0
            self.jumps += 1
        self._arrival = arrival
        return max(self._m0 + round((self._x - self._x0) * self.ratio), self._pts + 1)

    # --- following the clock ----------------------------------------------------------------------------------------

    def observe(self, arrival: float, wall_us: float) -> None:
        """Tell when the newest stamped frame was read; once a sweep, after its frames."""
        if not self._line:
            return
        raw = arrival - self._x / self._clock_rate
        media_s = (self._m0 + (self._x - self._x0) * self.ratio) / MEDIA_RATE
        lag = arrival - media_s
        if self._offset is None or (not self._wall_set and lag < self._offset):
            self._offset = lag
        self._block_raw = min(self._block_raw, raw)
        self._block_lag = min(self._block_lag, lag - self._offset)
        if not self._block_ends:
            self._block_ends = arrival + BLOCK_S
        elif arrival >= self._block_ends:
            self._raws.append((arrival, self._block_raw))
            self._lags.append(self._block_lag)
            self._block_raw = self._block_lag = float("inf")
            self._block_ends = arrival + BLOCK_S
            self._steer(wall_us / 1e6 - arrival)

    def _steer(self, clock_diff: float) -> None:
        """At the end of a block: set the rate that brings media time back to the clock."""
        step = clock_diff - self._clock_diff if self._wall_set else 0.0
        if abs(step) > CLOCK_STEP_S and not self.clock_stepped:
            self.clock_stepped = True
            step = 0.0
        nominal = MEDIA_RATE / self._clock_rate
        slope = self._steady_slope()
        if slope is not None:
            self._base_ratio = nominal if abs(slope) <= WRONG_RATE else nominal / (1.0 - slope)
        error = min(self._lags) + step - self._owed_s
        self._slewing = abs(error) > (SETTLED_S if self._slewing else DEADBAND_S)
        slew = max(-MAX_SLEW, min(MAX_SLEW, error / 5.0)) if self._slewing else 0.0
        ratio = self._base_ratio * (1.0 + slew)
        if ratio != self.ratio:
            self._m0 += round((self._x - self._x0) * self.ratio)
            self._x0 = self._x
            self.ratio = ratio

    def _steady_slope(self) -> float | None:
        """How much slower than the clock the stamps run, where the last blocks agree about it; None where they do not.

        0.16 for a camera that says 25 and delivers 21. A stall of the line looks alike for one block, never for three.
        """
        points = list(self._raws)
        if len(points) < 4:
            return None
        newer = (points[-1][1] - points[-3][1]) / (points[-1][0] - points[-3][0])
        older = (points[-2][1] - points[-4][1]) / (points[-2][0] - points[-4][0])
        whole = (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
        if abs(newer - older) > 0.25 * max(abs(newer), abs(older), WRONG_RATE):
            return None
        return whole if abs(whole - newer) <= 0.25 * max(abs(newer), WRONG_RATE) else newer

    # --- the wall clock ---------------------------------------------------------------------------------------------

    def wall_us(self, media: int, arrival: float, wall_now_us: int) -> int:
        """The wall clock of a media time, microseconds. The first call fixes the relation; media time then follows."""
        if not self._wall_set:
            offset = self._offset if self._offset is not None else arrival - media / MEDIA_RATE
            self._clock_diff = wall_now_us / 1e6 - arrival
            true_us = (offset + self._clock_diff) * 1e6 + media * 1e6 / MEDIA_RATE
            ahead = max(0.0, self._floor_us - true_us)
            self._wall0_us = true_us + ahead - media * 1e6 / MEDIA_RATE
            self._owed_s = ahead / 1e6  # what order costs after a clock set back is slewed away like any other error
            self._wall_set = True
        return round(self._wall0_us + media * 1e6 / MEDIA_RATE)

    def rewall(self, not_before_us: int) -> None:
        """The server's clock was set and the slice has ended: the next ``wall_us`` relates to the new clock."""
        self._wall_set, self.clock_stepped = False, False
        self._floor_us = not_before_us
