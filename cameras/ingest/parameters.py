"""SPS and PPS of one camera: those in the stream win over those of the SDP. Pure."""

from cameras.video.fmp4 import init_segment
from cameras.video.h264 import NAL_SPS, BadParameterSet, Sps, codec_string, parse_sps

MAX_SETS = 8
"""PPS kept at once; cameras use one. More than this is not a camera."""


class ParameterSets:
    """Collects sets as they come; a key frame takes those that stand then."""

    __slots__ = ("_known", "_offered", "_pps", "_sps", "changed", "facts")

    def __init__(self, out_of_band: tuple[bytes, ...] = ()) -> None:
        self._sps = b""
        self._pps: dict[bytes, bytes] = {}
        self._known: set[bytes] = set()
        self._offered = False  # True once the stream itself has named a set
        self.changed = False
        self.facts: Sps | None = None
        for nal in out_of_band:
            self._put(nal)

    def offer(self, nal: bytes) -> None:
        """A set from the stream. Most repeat what is known with every key frame: one look into a set of bytes."""
        if nal in self._known and self._offered:
            return
        if not self._offered:  # the first in-band set puts all out-of-band ones of its kind out of force
            self._offered = True
        self._put(nal)

    def _put(self, nal: bytes) -> None:
        if nal[0] & 31 == NAL_SPS:
            try:
                parse_sps(nal)
            except BadParameterSet:
                return  # damaged or invented: the one in force stays
            if nal != self._sps:
                self._sps = nal
                self._pps.clear()  # they spoke of the SPS before
        else:
            self._pps[_pps_id(nal)] = nal
            if len(self._pps) > MAX_SETS:
                self._pps.clear()
                self._pps[_pps_id(nal)] = nal
        self._known = {self._sps, *self._pps.values()}
        self.changed = True

    def take(self) -> bytes:
        """The init segment of the sets in force; empty while one kind is missing."""
        if not self._sps or not self._pps:
            return b""
        self.changed = False
        self.facts = parse_sps(self._sps)
        return init_segment([self._sps], [self._pps[key] for key in sorted(self._pps)])

    @property
    def reorder(self) -> int:
        """Frames of reordering that the SPS promises; 0 where it says nothing."""
        return (parse_sps(self._sps).reorder or 0) if self._sps else 0

    @property
    def codec(self) -> str:
        return codec_string(self._sps) if self._sps else ""


def _pps_id(nal: bytes) -> bytes:
    """What tells one PPS from another: ``pic_parameter_set_id``, the first Exp-Golomb code (7.3.2.2)."""
    bits = int.from_bytes(nal[1:6].ljust(5, b"\0"), "big")
    zeros = 40 - bits.bit_length()
    length = 2 * zeros + 1
    return bytes([(bits >> (40 - length)) & 0xFF, zeros]) if length <= 40 else nal
