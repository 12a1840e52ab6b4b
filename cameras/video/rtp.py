"""H.264 out of RTP packets (RFC 3550, RFC 6184): single NAL units, STAP-A and FU-A. Pure.

This is the readable form of the rules. The recorder's hot path (``cameras.ingest.intake``) fuses them with the framing
of RTSP and with the muxer's sample table, because at 50 cameras a function call per packet is a third of the work; the
tests feed both the same streams and compare what comes out.

What real cameras do and what becomes of it:

- Parameter sets in the stream win over those of the SDP. They are taken out of the pictures (``avc1`` keeps them in the
  init segment, ISO/IEC 14496-15, 5.3.1); access unit delimiters and filler data are taken out, too.
- A start code inside a payload (Annex B where it has no business) splits it into its NAL units.
- A picture that lost a packet is dropped whole: half a picture smears into all that refer to it.
- No marker on the last packet: a new timestamp ends the picture as well. A marker on every slice: a slice that does not
  begin a picture (``first_mb_in_slice`` is not 0) joins the picture before it.
- A marker after parameter sets or SEI alone ends no picture: they stand before the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cameras.video.h264 import NAL_AUD, NAL_IDR, NAL_PPS, NAL_SPS, annexb_nals

STAP_A, FU_A = 24, 28
FILLER = 12
MAX_UNIT = 8 * 1024 * 1024
"""Bytes of one picture. A key frame of a 4K camera is under 2 MB; what never ends must not fill the memory."""
START_CODE = b"\0\0\1"


class StreamDamaged(ValueError):
    """The bytes are no RTP, or a picture passes ``MAX_UNIT``: reconnect."""


@dataclass(slots=True)
class AccessUnit:
    """One picture: its NAL units without parameter sets, its RTP timestamp, what stood before it."""

    timestamp: int
    nals: list[bytes] = field(default_factory=list)
    sets: list[bytes] = field(default_factory=list)
    """SPS and PPS seen since the picture before."""
    damaged: bool = False

    @property
    def key(self) -> bool:
        return any(nal[0] & 31 == NAL_IDR for nal in self.nals)

    @property
    def shows(self) -> bool:
        """True where there is a slice: SEI alone is no picture."""
        return any(1 <= nal[0] & 31 <= NAL_IDR for nal in self.nals)

    @property
    def begins(self) -> bool:
        """False where its first slice goes on with the picture before."""
        first = next((nal for nal in self.nals if 1 <= nal[0] & 31 <= NAL_IDR), b"")
        return self.nals[:1] != [first] or len(first) < 2 or bool(first[1] & 0x80)


class Depacketiser:
    """Feed RTP packets in order; complete pictures come out. ``lost`` counts gaps in the sequence numbers."""

    def __init__(self) -> None:
        self.lost = 0
        self._expected: int | None = None
        self._unit = AccessUnit(0)
        self._fragments: bytearray | None = None
        self._size = 0

    def feed(self, packet: bytes | memoryview) -> list[AccessUnit]:
        """Pictures completed by this packet: none, one, or two where it ends an old one and is a whole new one."""
        payload, marker, sequence, timestamp = split(bytes(packet))
        done = []
        if self._expected is not None and sequence != self._expected:
            self.lost += 1
            self._unit.damaged = self._unit.damaged or bool(self._unit.nals) or self._fragments is not None
            self._fragments = None
        self._expected = (sequence + 1) & 0xFFFF
        if timestamp != self._unit.timestamp and (self._unit.nals or self._fragments is not None or self._unit.damaged):
            done += self._finish()
        self._unit.timestamp = timestamp
        for nal in self._units(payload):
            self._take(nal)
        if marker:
            done += self._finish()
        return done

    def _units(self, payload: bytes) -> Iterator[bytes]:
        kind = payload[0] & 31 if payload else 0
        if kind == FU_A and len(payload) > 2:
            yield from self._fragment(payload)
        elif kind == STAP_A:
            at = 1
            while at + 2 < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                yield payload[at + 2 : at + 2 + size]
                at += 2 + size
        elif kind < STAP_A and payload:
            yield payload

    def _fragment(self, payload: bytes) -> Iterator[bytes]:
        indicator, header = payload[0], payload[1]
        if header & 0x80:
            self._fragments = bytearray([indicator & 0xE0 | header & 31])
        elif self._fragments is None:
            self._unit.damaged = True
        if self._fragments is None:
            return
        self._fragments += payload[2:]
        if self._size + len(self._fragments) > MAX_UNIT:
            raise StreamDamaged(f"a picture of more than {MAX_UNIT} bytes")
        if header & 0x40:
            yield bytes(self._fragments)
            self._fragments = None

    def _take(self, nal: bytes) -> None:
        parts = list(annexb_nals(START_CODE + nal)) if START_CODE in nal else [nal]
        for part in parts:
            kind = part[0] & 31 if part else 0
            if kind in (NAL_SPS, NAL_PPS):
                self._unit.sets.append(part)
            elif 0 < kind < STAP_A and kind not in (NAL_AUD, FILLER):
                self._unit.nals.append(part)
                self._size += len(part)

    def _finish(self) -> list[AccessUnit]:
        unit = self._unit
        if unit.damaged or self._fragments is not None:
            self._unit, self._size, self._fragments = AccessUnit(unit.timestamp, sets=unit.sets), 0, None
            return []
        if not unit.shows:
            return []
        self._unit, self._size = AccessUnit(unit.timestamp), 0
        return [unit]


def split(packet: bytes) -> tuple[bytes, bool, int, int]:
    """Payload, marker, sequence number and timestamp of an RTP packet (RFC 3550, 5.1); raises StreamDamaged."""
    if len(packet) < 12 or packet[0] >> 6 != 2:
        raise StreamDamaged(f"{len(packet)} bytes starting with {packet[:1].hex()} are no RTP")
    at = 12 + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    return packet[at : max(at, end)], bool(packet[1] & 0x80), *_numbers(packet)


def _numbers(packet: bytes) -> tuple[int, int]:
    return int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[4:8], "big")
