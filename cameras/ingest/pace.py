"""How often a camera's socket is swept. Wake-ups, not bytes, are what recording costs. Pure.

About twice a second, unless half of what the kernel holds for us would fill before: then twice as often, and again.
All cameras of one pace are due at the same instants, so that one wake-up serves them all. The kernel's own tuning of
its buffers is left alone; it grows them where they are read in large portions.
"""

SLOWEST_S = 0.5
FASTEST_S = SLOWEST_S / 16
HURRY_S = 2.0
"""While a connection is new it is swept fast: the first pictures and the clock's first reading should not wait."""


class Pace:
    __slots__ = ("_hurry_until", "interval_s")

    def __init__(self) -> None:
        self.interval_s = SLOWEST_S
        self._hurry_until = 0.0

    def hurry(self, now: float) -> None:
        """A dial has begun."""
        self._hurry_until = now + HURRY_S

    def next(self, now: float, count: int, window: int) -> float:
        """When to sweep again, after ``count`` bytes were found where the kernel takes ``window``."""
        if count * 2 > window:
            self.interval_s = max(FASTEST_S, self.interval_s / 2)
        elif count * 4 < window and self.interval_s < SLOWEST_S:
            self.interval_s *= 2
        interval = FASTEST_S if now < self._hurry_until else self.interval_s
        return (now // interval + 1) * interval
