"""What one camera may use up: so much a second, and so much at once (a token bucket). Pure: the time is passed in."""


class Budget:
    """``refill`` it as time passes, ``take`` what was used; ``spent`` where nothing is left.

    ``most`` is what may be used at once, ``per_s`` what comes back each second; both in the caller's unit.
    """

    __slots__ = ("_at", "_left", "_most", "_per_s")

    def __init__(self, *, most: float, per_s: float, now: float) -> None:
        self._most, self._per_s = most, per_s
        self._left, self._at = most, now

    def refill(self, now: float) -> None:
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now

    def take(self, amount: float) -> None:
        self._left -= amount

    @property
    def spent(self) -> bool:
        return self._left <= 0
