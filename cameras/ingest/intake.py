"""The hot path of one camera: interleaved RTSP bytes in, MP4 fragments out, in one pass over the receive buffer.

Three steps that stand apart in readable form are fused here: the framing of RFC 2326 section 10.12, the H.264
depacketiser (``cameras.video.rtp``) and the muxer's table (``cameras.video.fmp4.Muxer``). A camera sends some 110
packets a second; with a call per step and packet the three cost twice what they cost like this. So: one ``unpack_from``
reads interleaved header, RTP header and the first two payload bytes; payloads are appended as slices of the receive
buffer to one ``bytearray``, which becomes the fragment's ``mdat`` without another copy; what is rare leaves the loop.
The tests feed the same streams to this and to the readable modules and compare every byte.

One thread uses an intake. It knows no sockets, no files and no clock: arrival is passed in.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct

from cameras.ingest.parameters import ParameterSets
from cameras.video.fmp4 import (
    EARLY_TICKS,
    FRAGMENT_BYTES,
    FRAGMENT_TICKS,
    INDEPENDENT,
    KEY_SAMPLE,
    LONGEST_SEGMENT_TICKS,
    OTHER_SAMPLE,
    SEGMENT_END,
    SEGMENT_START,
    SEGMENT_TICKS,
    MuxedFragment,
    fragment,
    new_samples,
)  # fmt: skip
from cameras.video.h264 import NAL_AUD, NAL_IDR, NAL_PPS, NAL_SEI, NAL_SPS, annexb_nals, sized, sized_nals
from cameras.video.rtp import FILLER, FU_A, MAX_UNIT, STAP_A, START_CODE, StreamDamaged
from cameras.video.timeline import MEDIA_RATE, Timeline

_HEADER = Struct(">BBHBBHIIBB").unpack_from
"""``$`` channel length | version.. marker.. sequence timestamp ssrc | first two bytes of the payload (RFC 6184)."""
_HEADER_LENGTH = 18
_LENGTH_INTO = Struct(">I").pack_into
_LENGTH_FROM = Struct(">I").unpack_from
_DOLLAR = 0x24
_PLAIN = 0x80  # version 2, no padding, extension or contributing sources
GAP_TICKS = 3 * MEDIA_RATE
"""Media time without a frame that ends the slice: players then see a discontinuity, not one frame held for seconds."""
_APART = frozenset({NAL_SPS, NAL_PPS, NAL_AUD, FILLER, 0})
"""NAL units that do not go into pictures, or (0) are no NAL units at all."""

Emit = Callable[[MuxedFragment, bytes], None]


@dataclass(frozen=True, slots=True)
class _Closed:
    """A fragment whose frames are known and whose wall clock is not yet."""

    sequence: int
    tfdt: int
    shown_from: int
    """Media time at which its first picture is shown: the decode time and, with B-frames, what they lead by."""
    flags: int
    samples: "array[int]"
    payload: bytearray
    init: bytes


@dataclass(frozen=True, slots=True)
class _Seam:
    clock_set: bool


class Intake:
    """Reads one camera's stream from PLAY to the end of the connection.

    ``feed`` gathers, ``deliver`` hands out: ``emit(fragment, init)`` for each finished fragment, ``seam()`` before the
    first fragment after a pause, a change of parameters or a step of the clock. They are two calls because the wall
    clock of a fragment is known only when the whole of what waited in the socket has been read: a camera that begins
    with two seconds of stored video sends it at once. ``feed`` raises StreamDamaged.
    """

    __slots__ = (
        "_annexb", "_channel", "_damaged", "_ended", "_expected", "_flags", "_fragment_dts", "_init", "_key", "_lead",
        "_nal", "_payload", "_ready", "_sample_stamp", "_samples", "_segment_dts", "_sequence", "_timestamp", "_unit",
        "dropped", "frames", "key_distance", "last_dts", "last_frame", "last_key", "lost", "sets", "timeline",
        "wall_end_us",
    )  # fmt: skip

    def __init__(self, *, channel: int, timeline: Timeline, sets: ParameterSets) -> None:
        self._channel = channel
        self.timeline = timeline
        self.sets = sets
        self._payload = bytearray()
        self._samples = new_samples()
        self._unit = -1  # where the picture under way begins in the payload; -1 between pictures
        self._nal = -1  # where the length of the fragmented NAL unit under way stands; -1 where there is none
        self._timestamp = self._expected = self._sample_stamp = -1
        self._key = self._damaged = self._annexb = False
        self._init = b""  # empty until the first key frame: nothing before it can be shown
        self._ended = True  # the next fragment begins a segment
        self._ready: list[_Closed | _Seam] = []
        self._sequence = self._flags = self._lead = 0
        self._fragment_dts = self._segment_dts = 0
        self.last_dts = self.last_key = self.key_distance = 0
        self.last_frame = 0.0
        """Arrival of the last complete picture that was kept; 0 before the first."""
        self.frames = self.lost = self.dropped = 0
        """Pictures kept; gaps in the sequence numbers; pictures dropped because a packet of theirs was lost."""
        self.wall_end_us = 0
        """Wall clock at the end of the last fragment, 0 before the first."""

    @property
    def media_end(self) -> int:
        """Media time at which the next connection goes on."""
        return self.last_dts + self.timeline.usual

    def feed(self, buffer: bytearray, view: memoryview, start: int, end: int, now: float) -> int:
        """Read whole interleaved frames from ``buffer[start:end]`` (``view`` is over the same bytes).

        Returns the offset of the first byte not read: the start of an incomplete frame, or of something that is no
        interleaved frame, which is for the caller to look at. ``now`` is monotonic seconds.
        """
        at = start
        payload = self._payload
        channel, nal, expected, timestamp = self._channel, self._nal, self._expected, self._timestamp
        try:
            while end - at >= _HEADER_LENGTH:
                magic, number, size, bits, kind, sequence, stamp, _, first, second = _HEADER(buffer, at)
                after = at + 4 + size
                if (
                    second < 0x40 and kind < 0x80 and sequence == expected and nal >= 0 and first & 31 == FU_A
                    and stamp == timestamp and number == channel and bits == _PLAIN and magic == _DOLLAR
                    and size > 13 and after <= end
                ):  # the middle of a fragmented NAL unit: four packets of five  # fmt: skip
                    payload += view[at + 18 : after]
                    expected = (sequence + 1) & 0xFFFF
                    at = after
                    continue
                if magic != _DOLLAR or after > end:
                    break
                if number != channel:
                    at = after
                    continue
                tail = after
                if bits == _PLAIN and size > 13:
                    body = at + 16
                else:
                    body, tail = _odd_header(buffer, at, after)
                    if tail - body < 2:  # a NAL unit without content, or none
                        first = second = 0
                    else:
                        first, second = buffer[body], buffer[body + 1]
                if sequence != expected and expected >= 0:
                    nal = self._missed(nal)
                expected = (sequence + 1) & 0xFFFF
                if stamp != timestamp:
                    if self._unit >= 0 and (self._damaged or len(payload) > self._unit):  # its marker is missing
                        self._nal = nal
                        self._picture(timestamp, now)
                        payload, nal = self._payload, self._nal
                    timestamp = stamp
                if self._unit < 0:
                    self._unit = len(payload)
                unit_type = first & 31
                if unit_type == FU_A:
                    if second & 0x80:
                        nal = len(payload)
                        if second & 31 == NAL_IDR:
                            self._key = True
                        payload += b"\0\0\0\0"
                        payload.append(first & 0xE0 | second & 31)
                    if nal >= 0:
                        payload += view[body + 2 : tail]
                        if second & 0x40:
                            if second & 31 in _APART:
                                self._apart(nal)
                            else:
                                _LENGTH_INTO(payload, nal, len(payload) - nal - 4)
                            nal = -1
                    else:
                        self._damaged = True
                elif unit_type == STAP_A:
                    self._aggregate(buffer, view, body + 1, tail)
                elif unit_type in _APART:
                    if tail > body:
                        self._set_apart(bytes(view[body:tail]))
                elif unit_type < STAP_A:
                    if unit_type == NAL_IDR:
                        self._key = True
                    payload += (tail - body).to_bytes(4, "big")
                    payload += view[body:tail]
                if kind & 0x80:
                    self._nal = nal
                    self._picture(timestamp, now)
                    payload, nal = self._payload, self._nal
                at = after
            if self._unit >= 0 and len(payload) - self._unit > MAX_UNIT:
                raise StreamDamaged(f"a picture of more than {MAX_UNIT} bytes")
        finally:
            self._nal, self._expected, self._timestamp = nal, expected, timestamp
        return at

    def deliver(self, now: float, wall_us: int, emit: Emit, seam: Callable[[], None]) -> None:
        """Hand out what ``feed`` finished. Call it when the socket has been read empty, with the time of that."""
        timeline = self.timeline
        timeline.observe(now, wall_us)
        ready, self._ready = self._ready, []
        for item in ready:
            if isinstance(item, _Seam):
                seam()
                if item.clock_set:
                    timeline.rewall(self.wall_end_us)
                continue
            begins = timeline.wall_us(item.shown_from, now, wall_us)
            done = fragment(item.sequence, item.tfdt, item.samples, item.payload, wall_us=begins, flags=item.flags)
            self.wall_end_us = begins + done.duration * 100 // 9
            emit(done, item.init)

    def finish(self) -> None:
        """The connection ends: close what is whole (``deliver`` hands it out). The picture under way is not."""
        if self._unit >= 0:
            del self._payload[self._unit :]
            self._unit = -1
        if self._samples:
            self._close(SEGMENT_END)

    # --- parts of packets -------------------------------------------------------------------------------------------

    def _missed(self, nal: int) -> int:
        """Packets are missing: the picture under way is spoilt."""
        self.lost += 1
        if self._unit >= 0 and (nal >= 0 or len(self._payload) > self._unit):
            self._damaged = True
        if nal >= 0:
            del self._payload[nal:]
        return -1

    def _aggregate(self, buffer: bytearray, view: memoryview, at: int, end: int) -> None:
        """STAP-A (RFC 6184, 5.7.1)."""
        payload = self._payload
        while at + 2 < end:
            size = buffer[at] << 8 | buffer[at + 1]
            at += 2
            stop = min(at + size, end)
            unit_type = buffer[at] & 31
            if unit_type in _APART:
                self._set_apart(bytes(view[at:stop]))
            elif unit_type < STAP_A:
                if unit_type == NAL_IDR:
                    self._key = True
                payload += (stop - at).to_bytes(4, "big")
                payload += view[at:stop]
            at += size

    def _apart(self, nal: int) -> None:
        """A fragmented NAL unit that turns out not to belong into the picture."""
        unit = bytes(self._payload[nal + 4 :])
        del self._payload[nal:]
        self._set_apart(unit)

    def _set_apart(self, unit: bytes) -> None:
        """Parameter sets are kept for the next key frame. A start code inside means Annex B in RTP: take it apart."""
        self._annexb = self._annexb or START_CODE in unit
        for part in annexb_nals(START_CODE + unit) if self._annexb else (unit,):
            kind = part[0] & 31
            if kind in (NAL_SPS, NAL_PPS):
                self.sets.offer(part)
            elif kind not in _APART and kind < STAP_A:
                self._key = self._key or kind == NAL_IDR
                self._payload += len(part).to_bytes(4, "big") + part

    # --- pictures ---------------------------------------------------------------------------------------------------

    def _picture(self, timestamp: int, now: float) -> None:
        """The picture from ``_unit`` to the end of the payload is complete (as far as the camera sent it)."""
        payload, at = self._payload, self._unit
        if self._damaged or self._nal >= 0:  # a packet is missing, or the end of its last NAL unit
            self._drop(at)
            return
        size = len(payload) - at
        if size < 5:
            self._unit = -1
            return
        head = payload[at + 4] & 31
        shows = head != NAL_SEI or self._shows(at)
        if not self._annexb and (self._key or not shows):
            self._annexb = any(payload.find(START_CODE, a, b) >= 0 for a, b in _spans(payload, at))
        if self._annexb:
            size = self._split_start_codes(at)
            head = payload[at + 4] & 31 if size else NAL_SEI
            shows = head != NAL_SEI or self._shows(at)
        if not shows:
            return  # SEI alone stands before the next picture
        self._unit = -1
        key, self._key = self._key, False
        if head <= NAL_IDR and not payload[at + 5] & 0x80:  # its first slice goes on with another picture
            if self._samples and timestamp == self._sample_stamp:
                self._samples[-3] += size
            else:
                self.dropped += 1
                del payload[at:]
            return
        if key and (not self._init or self.sets.changed):
            self._take_sets(size)
        if self._init:
            self._add(timestamp, key, size, now)
        else:
            del payload[at:]  # before the first key frame

    def _add(self, timestamp: int, key: bool, size: int, now: float) -> None:
        """Put the picture in the last ``size`` bytes of the payload into the table, closing the fragment before it."""
        timeline = self.timeline
        if timeline.clock_stepped:
            timeline.clock_stepped = False
            self._split_here(size, clock_set=True)
        dts, offset = timeline.stamp(timestamp, now)
        if self._samples:
            duration = dts - self.last_dts
            if duration > GAP_TICKS:
                self._split_here(size)
            else:
                self._samples[-4] = duration
                self._cut(key, dts, duration, size)
        if not self._samples:
            self._flags = (SEGMENT_START if self._ended else 0) | (INDEPENDENT if key else 0)
            self._fragment_dts = dts
            if self._ended:
                self._segment_dts = dts
        if key:
            if self.last_key:
                self.key_distance = dts - self.last_key
            self.last_key = dts
            self._lead = offset
        self._samples.extend((timeline.usual, size, KEY_SAMPLE if key else OTHER_SAMPLE, offset))
        self._sample_stamp = timestamp
        self.last_dts, self.last_frame = dts, now
        self.frames += 1

    def _drop(self, at: int) -> None:
        del self._payload[at:]
        self._unit = self._nal = -1
        self._key = self._damaged = False
        self.dropped += 1

    def _shows(self, at: int) -> bool:
        """True where the picture at ``at`` has a slice; mostly its second NAL unit."""
        payload = self._payload
        if len(payload) > at + 8:
            second = at + 8 + _LENGTH_FROM(payload, at)[0]
            if second < len(payload) and 1 <= payload[second] & 31 <= NAL_IDR:
                return True
        return any(1 <= payload[start] & 31 <= NAL_IDR for start, _ in _spans(payload, at))

    def _split_start_codes(self, at: int) -> int:
        """Annex B inside the payloads: the picture anew, one length per NAL unit."""
        payload = self._payload
        whole = [bytes(nal) for nal in sized_nals(bytes(payload[at:]))]
        parts = [part for nal in whole for part in annexb_nals(START_CODE + nal)]
        for part in parts:
            if part[0] & 31 in (NAL_SPS, NAL_PPS):
                self.sets.offer(part)
        kept = sized([part for part in parts if part[0] & 31 not in _APART])
        self._key = self._key or any(part[0] & 31 == NAL_IDR for part in parts)
        payload[at:] = kept
        return len(kept)

    def _take_sets(self, size: int) -> None:
        """A key frame with parameters that are new: what was recorded before it cannot be shown with them."""
        init = self.sets.take()
        if init == self._init:
            return
        if self._init:
            self._split_here(size)
        self._init = init

    # --- fragments --------------------------------------------------------------------------------------------------

    def _split_here(self, size: int, *, clock_set: bool = False) -> None:
        """A seam before the picture in the last ``size`` bytes."""
        picture = self._lift(size)
        if self._samples:
            self._close(SEGMENT_END)
        self._ready.append(_Seam(clock_set))
        self._payload = picture

    def _cut(self, key: bool, dts: int, duration: int, size: int) -> None:
        """Close the fragment before the picture in the last ``size`` bytes where ``fmp4.Muxer``'s rules say so."""
        elapsed = dts - self._segment_dts
        ends = elapsed >= SEGMENT_TICKS - EARLY_TICKS if key else elapsed + duration > LONGEST_SEGMENT_TICKS
        full = dts + duration - self._fragment_dts > FRAGMENT_TICKS or len(self._payload) > FRAGMENT_BYTES
        if ends or key or full:
            picture = self._lift(size)
            self._close(SEGMENT_END if ends else 0)
            self._payload = picture

    def _lift(self, size: int) -> bytearray:
        at = len(self._payload) - size
        picture = self._payload[at:]
        del self._payload[at:]
        return picture

    def _close(self, ending: int) -> None:
        self._sequence += 1
        self._ready.append(
            _Closed(
                self._sequence, self._fragment_dts, self._fragment_dts + self._lead, self._flags | ending,
                self._samples, self._payload, self._init,
            )
        )  # fmt: skip
        self._ended = bool(ending)
        self._samples, self._payload = new_samples(), bytearray()


def _odd_header(buffer: bytearray, at: int, after: int) -> tuple[int, int]:
    """Start and end of the payload where there are contributing sources, an extension or padding (RFC 3550, 5.1)."""
    if after - at < 16 or buffer[at + 4] >> 6 != 2:
        raise StreamDamaged(f"{after - at - 4} bytes that are no RTP")
    bits = buffer[at + 4]
    body = at + 16 + 4 * (bits & 15)
    if bits & 0x10:
        if body + 4 > after:
            raise StreamDamaged("an RTP extension passes its packet")
        body += 4 + 4 * (buffer[body + 2] << 8 | buffer[body + 3])
    tail = after - (buffer[after - 1] if bits & 0x20 else 0)
    return body, max(body, tail)


def _spans(payload: bytearray, at: int) -> list[tuple[int, int]]:
    """Start and end of each NAL unit of the picture at ``at``, without the lengths."""
    spans = []
    while at + 4 < len(payload):
        end = at + 4 + int.from_bytes(payload[at : at + 4], "big")
        spans.append((at + 4, end))
        at = end
    return spans
