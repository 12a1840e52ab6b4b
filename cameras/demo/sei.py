"""The stamp on every frame of our cameras: an SEI with the wall clock and the frame number. Pure.

User data unregistered (ITU-T H.264, D.1.7): a UUID of ours, then the wall clock in microseconds since the Unix epoch
as 16 hex digits and the camera's frame number as 8. Hex digits, because a stamp is patched in place on every frame and
must never look like a start code (no emulation prevention, always the same length). Because every copy of the frame
carries it, tests of loss, order and latency are exact whatever stands between the camera and the file.
"""

import re
import struct

UUID = bytes.fromhex("7f1d6a5293c44b8ea1d75e2c88f0b36d")
DIGITS = 24
_PAYLOAD = len(UUID) + DIGITS
_STAMP = re.compile(re.escape(UUID) + rb"([0-9a-f]{16})([0-9a-f]{8})")


def nal() -> bytes:
    """An SEI NAL unit with room for a stamp (NAL type 6, payload type 5, size, payload, stop bit)."""
    return bytes((6, 5, _PAYLOAD)) + UUID + b"0" * DIGITS + b"\x80"


def digits(wall_us: int, frame: int) -> bytes:
    """What stands behind the UUID; the frame number wraps at 2**32."""
    return b"%016x%08x" % (wall_us, frame & 0xFFFFFFFF)


def stamps(data: bytes | bytearray | memoryview) -> list[tuple[int, int]]:
    """``(wall clock µs, frame number)`` of every stamp in ``data`` (Annex B, fMP4, RTP payloads), in order."""
    return [(int(m[1], 16), int(m[2], 16)) for m in _STAMP.finditer(data)]


def rtp_time(frame: int, fps: float, clock: int = 90_000) -> int:
    """The 32-bit RTP time of a frame of a camera that keeps its pace."""
    return round(frame * clock / fps) & 0xFFFFFFFF


def ntp(wall_us: int) -> bytes:
    """Wall clock as the 64-bit NTP time of an RTCP sender report (RFC 3550, 6.4.1)."""
    seconds, us = divmod(wall_us, 1_000_000)
    return struct.pack("!II", (seconds + 2_208_988_800) & 0xFFFFFFFF, (us << 32) // 1_000_000)
