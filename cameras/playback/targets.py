"""How long a playlist says that its segments are at most. Pure."""

UNMEASURED_TARGET_S = 4
LONGEST_SEGMENT_S = 10
EARLY_MS = 100
"""A key frame this much before 2 s still ends a segment (``cameras.video.fmp4``)."""


def target_duration(keyframe_ms: int) -> int:
    """TARGETDURATION in whole seconds for a measured key-frame distance (RFC 8216, section 4.3.3.1).

    A segment is closed by the first key frame at or past 2 s, and at 10 s by any frame.
    """
    if keyframe_ms <= 0:
        return UNMEASURED_TARGET_S
    distance = max(1, -(-(2000 - EARLY_MS) // keyframe_ms)) * keyframe_ms
    return min(LONGEST_SEGMENT_S, max(2, (distance + 500) // 1000))
