"""How fast this machine is just now, for tests of promises in seconds.

A limit in seconds says little on a machine whose cores four other tests share, or that is a third as fast: such a test
fails by the weather. So a promise is given in seconds of a quiet machine, and as much more is allowed as a fixed piece
of work takes longer here and now. Whoever only waits for what has to come takes ``PATIENCE_S``.
"""

import time
from hashlib import sha256

PATIENCE_S, PATIENCE_MS = 90.0, 90_000
"""How long something that has to happen is waited for: a test that fails may take its time over it."""

ROUNDS, BLOCK = 12, bytes(1 << 20)
QUIET_S = 0.028
"""What the rounds below take on a quiet machine of two present cores, asleep between them not counted."""
MOST = 8.0


def slowness() -> float:
    """How many times longer than on a quiet machine a piece of work takes now, waking up for it included; 1 to 8."""
    spent = 0.0
    for _ in range(ROUNDS):
        woken = time.monotonic() + 0.002
        time.sleep(0.002)
        sha256(BLOCK).digest()
        sum(range(40_000))
        spent += time.monotonic() - woken
    return min(MOST, max(1.0, spent / QUIET_S))


def allowed(seconds: float) -> float:
    """What ``seconds`` of a quiet machine come to here and now. Asked for after what was timed."""
    return seconds * slowness()


def allowed_ms(seconds: float) -> float:
    """The same for a browser, which counts milliseconds."""
    return allowed(seconds) * 1000
