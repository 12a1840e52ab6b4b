"""What the kernel knows of its own clock: whether something keeps it right, and how far off it may be."""

import ctypes
import os
from dataclasses import dataclass

STA_UNSYNC = 0x40
HOW = "adjtimex(2)"


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux (``linux/timex.h``), as far as it is read, and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockSync:
    """All None where the kernel does not say."""

    synchronised: bool | None = None
    estimated_error_us: int | None = None
    maximum_error_us: int | None = None
    how: str = HOW


def clock_sync() -> ClockSync:
    """Asked without a right to set anything (``modes`` is 0)."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        found = _Timex()
        if libc.adjtimex(ctypes.byref(found)) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    except (OSError, AttributeError):  # another system than Linux, or a jail that forbids the call
        return ClockSync()
    return ClockSync(not found.status & STA_UNSYNC, found.esterror, found.maxerror)
