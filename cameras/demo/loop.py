"""A film that a camera shows for ever: H.264 cut once into RTP packets, so that a frame costs a patch and a send.

RTP payloads after RFC 6184 (single NAL and FU-A), framed for RTSP over TCP (RFC 2326, 10.12). Sequence number,
timestamp and stamp are functions of the running frame number, so nothing is kept per client and the joint of the loop
does not show in any of them.
"""

import base64
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cameras.demo import sei

PAYLOAD_TYPE = 96
MTU = 1400
"""Bytes of one RTP payload, as cameras on an Ethernet send them."""
SSRC = 0x7F1D6A52
_START = re.compile(rb"\x00\x00\x01")
_SEI, _SPS, _PPS, _AUD, _IDR = 6, 7, 8, 9, 5
_patch = struct.Struct("!HI").pack_into


@dataclass(slots=True)
class LoopFrame:
    """One access unit, ready to send but for the patches."""

    wire: bytearray
    """All its packets, each behind its four bytes of ``$``, channel and length."""
    packets: tuple[int, ...]
    """Where each RTP header begins in ``wire``."""
    stamp_at: int
    key: bool
    first_packet: int
    """How many packets of the loop come before this frame."""


@dataclass(slots=True)
class Loop:
    frames: list[LoopFrame]
    sps: bytes
    pps: bytes
    fps: float
    packets: int
    """Packets in one round."""

    def wire(self, frame: int, offset: int, wall_us: int) -> bytearray:
        """The bytes of running frame ``frame`` for a camera that began ``offset`` frames into the loop.

        The buffer is the loop's own: send or copy it before the next call.
        """
        rounds, index = divmod(frame + offset, len(self.frames))
        it = self.frames[index]
        wire = it.wire
        sequence = rounds * self.packets + it.first_packet
        time = sei.rtp_time(frame, self.fps)
        for number, at in enumerate(it.packets, sequence):
            _patch(wire, at + 2, number & 0xFFFF, time)
        wire[it.stamp_at : it.stamp_at + sei.DIGITS] = sei.digits(wall_us, frame)
        return wire

    def is_key(self, frame: int, offset: int) -> bool:
        return self.frames[(frame + offset) % len(self.frames)].key

    def sequence(self, frame: int, offset: int) -> int:
        """The RTP sequence number the frame begins with."""
        rounds, index = divmod(frame + offset, len(self.frames))
        return (rounds * self.packets + self.frames[index].first_packet) & 0xFFFF

    def sdp(self, *, control: str = "trackID=0") -> bytes:
        sprop = ",".join(base64.b64encode(nal).decode() for nal in (self.sps, self.pps))
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=Mat Pho", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} H264/90000", f"a=framerate:{self.fps:g}",
            f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={self.sps[1:4].hex()};"
            f"sprop-parameter-sets={sprop}",
            f"a=control:{control}",
        ]  # fmt: skip
        return ("\r\n".join(lines) + "\r\n").encode()


def nals(data: bytes) -> Iterator[bytes]:
    """NAL units of an Annex B byte stream (ITU-T H.264, B.1)."""
    marks = [m.start() for m in _START.finditer(data)]
    for start, end in zip(marks, [*marks[1:], len(data)], strict=False):
        nal = data[start + 3 : end].rstrip(b"\x00")
        if nal:
            yield nal


def access_units(data: bytes) -> list[list[bytes]]:
    """NAL units by picture, with our stamp in front of the slices and the encoder's own SEI and AUD left out."""
    units: list[list[bytes]] = []
    current: list[bytes] = []
    sliced = False
    for nal in nals(data):
        kind = nal[0] & 31
        slice_ = kind in (1, _IDR)
        if sliced and (not slice_ or nal[1] & 0x80):  # first_mb_in_slice = 0 begins a picture
            units.append(current)
            current, sliced = [], False
        if slice_ and not sliced:
            current.append(sei.nal())
            sliced = True
        if kind not in (_SEI, _AUD):
            current.append(nal)
    if sliced:
        units.append(current)
    return units


def payloads(unit: list[bytes], mtu: int = MTU) -> list[bytes]:
    """RTP payloads of one access unit: a NAL that fits goes alone, others in fragments (RFC 6184, 5.6 and 5.8)."""
    out = []
    for nal in unit:
        if len(nal) <= mtu:
            out.append(nal)
            continue
        indicator, kind, body = (nal[0] & 0xE0) | 28, nal[0] & 31, nal[1:]
        step = mtu - 2
        for at in range(0, len(body), step):
            start, end = at == 0, at + step >= len(body)
            out.append(bytes((indicator, kind | start << 7 | end << 6)) + body[at : at + step])
    return out


def _frame(unit: list[bytes], first_packet: int) -> LoopFrame:
    wire, at = bytearray(), []
    parts = payloads(unit)
    for number, part in enumerate(parts):
        wire += b"$\x00" + struct.pack("!H", len(part) + 12)
        at.append(len(wire))
        marker = 0x80 if number == len(parts) - 1 else 0
        wire += struct.pack("!BBHII", 0x80, PAYLOAD_TYPE | marker, 0, 0, SSRC) + part
    return LoopFrame(
        wire=wire,
        packets=tuple(at),
        stamp_at=wire.index(sei.UUID) + len(sei.UUID),
        key=any(nal[0] & 31 == _IDR for nal in unit),
        first_packet=first_packet,
    )


def cut(data: bytes, fps: float) -> Loop:
    """Cut an Annex B film. It must begin with a key frame and hold its parameter sets; ValueError otherwise."""
    units = access_units(data)
    heads = {nal[0] & 31: nal for unit in units[:1] for nal in unit}
    if not (heads.get(_SPS) and heads.get(_PPS) and heads.get(_IDR)):
        raise ValueError("the film does not begin with SPS, PPS and a key frame")
    frames: list[LoopFrame] = []
    packets = 0
    for unit in units:
        frames.append(_frame(unit, packets))
        packets += len(frames[-1].packets)
    return Loop(frames, heads[_SPS], heads[_PPS], fps, packets)
