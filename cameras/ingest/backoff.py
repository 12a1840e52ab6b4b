"""When to try a camera again. Pure: randomness is passed in."""

from collections.abc import Callable

FIRST_S, GROWTH, LONGEST_S = 0.5, 2.0, 30.0
"""A Wi-Fi camera is back within a second or two, a router within a minute."""
BUSY_S = 4.0
"""A camera that says it is busy still holds the session we lost, or is starting: that ends within seconds."""
SLOW_S = 60.0
"""After a refusal. Cameras lock an account out after a few wrong passwords, so once a minute at the most."""


def wait_s(
    failures: int, random: Callable[[], float], *, slow: bool = False, longest_s: float = LONGEST_S
) -> float:  # fmt: skip
    """Seconds to wait after ``failures`` failures in a row (1 or more); ``random`` gives [0, 1).

    The upper half of the range is random: after a power cut fifty cameras come back at once, and must not be dialled in
    step.
    """
    top = SLOW_S if slow else min(longest_s, FIRST_S * GROWTH ** min(failures - 1, 16))
    return top * (0.5 + 0.5 * random()) if not slow else top * (1.0 + 0.25 * random())
