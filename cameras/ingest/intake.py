"""The hot path of one camera: interleaved RTSP bytes in, MP4 fragments out, in one pass over the receive buffer.

Three steps that stand apart in readable form are fused here: the framing of RFC 2326 section 10.12, the H.264
depacketiser (``cameras.video.rtp``) and the muxer's table (``cameras.video.fmp4.Muxer``). A camera sends some 110
packets a second; with a call per step and packet the three cost twice what they cost like this. So: one ``unpack_from``
reads interleaved header, RTP header and the first two payload bytes as four words, and a middle packet is known by
comparing words; payloads are kept as slices of the receive buffer until their picture is whole and are then joined,
which is the one copy between the socket and ``writev``; what is rare leaves the loop. The tests feed the same streams
to this and to the readable modules and compare every byte.

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

_HEADER = Struct(">IIIxxxxH").unpack_from
"""``$`` channel length | version.. marker.. sequence | timestamp | ssrc | first two bytes of the payload (RFC 6184)."""
_HEADER_LENGTH = 18
_DOLLAR = 0x24
_PLAIN = 0x80  # version 2, no padding, extension or contributing sources
_MARKER = 0x80_0000
_NEXT = 0x8000_0000
"""With the sequence number expected next: the second word of a plain packet without marker, its payload type aside."""
_TYPE_ASIDE = 0xFF80_FFFF
_MIDDLE = FU_A << 8  # of a fragmented NAL unit: neither its start nor its end (RFC 6184, 5.8)
_MIDDLE_MASK = 0x1FC0
PLAIN_KEYS = 3
"""So many key frames without a start code inside, and the camera is taken not to put them there."""
GAP_TICKS = 3 * MEDIA_RATE
"""Media time without a frame that ends the slice: players then see a discontinuity, not one frame held for seconds."""
_APART = frozenset({NAL_SPS, NAL_PPS, NAL_AUD, FILLER, 0})
"""NAL units that do not go into pictures, or (0) are no NAL units at all."""

_SENDER_REPORT, _NTP, _NTP_EPOCH_S = 200, Struct(">II").unpack_from, 2_208_988_800
"""RTCP packet type, its 64-bit NTP time, and that clock's zero (RFC 3550, 6.4.1; RFC 5905, figure 3)."""

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
    pictures: list[bytes]
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
        "_annexb", "_begun", "_channel", "_damaged", "_ended", "_expected", "_flags", "_fragment_dts", "_init", "_key",
        "_lead", "_nal", "_nal_length", "_parts", "_pictures", "_plain_keys", "_ready", "_reported_us",
        "_sample_stamp", "_samples", "_segment_dts", "_sequence", "_size", "_timestamp", "clock_error_us", "dropped",
        "frames", "key_distance", "last_dts", "last_frame", "last_key", "lost", "sets", "timeline", "wall_end_us",
    )  # fmt: skip

    def __init__(self, *, channel: int, timeline: Timeline, sets: ParameterSets) -> None:
        self._channel = channel
        self.timeline = timeline
        self.sets = sets
        self._parts: list[bytes | memoryview] = []
        """The picture under way: NAL units and their lengths; slices of the receive buffer while ``feed`` runs only."""
        self._begun = False  # a picture is under way
        self._nal = -1  # the part that begins the fragmented NAL unit under way; -1 where there is none
        self._nal_length = 0
        self._timestamp = self._expected = self._sample_stamp = -1
        self._key = self._damaged = self._annexb = False
        self._plain_keys = 0
        self._init = b""  # empty until the first key frame: nothing before it can be shown
        self._ended = True  # the next fragment begins a segment
        self._ready: list[_Closed | _Seam] = []
        self._samples = new_samples()
        self._pictures: list[bytes] = []
        self._size = 0  # of the pictures
        self._sequence = self._flags = self._lead = 0
        self._fragment_dts = self._segment_dts = 0
        self.last_dts = self.last_key = self.key_distance = 0
        self.last_frame = 0.0
        """Arrival of the last complete picture that was kept; 0 before the first."""
        self._reported_us: int | None = None
        self.clock_error_us: int | None = None
        """The camera's clock minus ours, by its sender reports: the largest, for each is late by its way and by the
        sweep. Whoever reads it sets it back to None from time to time."""
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
        parts = self._parts
        wanted, timestamp = _DOLLAR << 8 | self._channel, self._timestamp
        nal, nal_length, expected = self._nal, self._nal_length, self._expected
        while end - at >= _HEADER_LENGTH:
            frame, marks, stamp, unit = _HEADER(buffer, at)
            size = frame & 0xFFFF
            after = at + 4 + size
            if (
                marks & _TYPE_ASIDE == expected and stamp == timestamp and unit & _MIDDLE_MASK == _MIDDLE
                and nal >= 0 and frame >> 16 == wanted and size > 13 and after <= end
            ):  # the middle of a fragmented NAL unit: four packets of five  # fmt: skip
                parts.append(view[at + 18 : after])
                nal_length += size - 14
                expected = _NEXT | (expected + 1) & 0xFFFF
                at = after
                continue
            if frame >> 24 != _DOLLAR or after > end:
                break
            if frame >> 16 != wanted:
                if marks >> 16 & 0xFF == _SENDER_REPORT and size >= 28:
                    self._reported_us = _ntp_us(*_NTP(buffer, at + 12))
                at = after
                continue
            body, tail = at + 16, after
            first, second = unit >> 8, unit & 0xFF
            if marks >> 24 != _PLAIN or size < 14:
                body, tail = _odd_header(buffer, at, after)
                if tail - body < 2:  # a NAL unit without content, or none
                    first = second = 0
                else:
                    first, second = buffer[body], buffer[body + 1]
            if _NEXT | marks & 0xFFFF != expected and expected >= 0:
                nal = self._missed(nal)
            expected = _NEXT | (marks + 1) & 0xFFFF
            if stamp != timestamp:
                if self._begun and (self._damaged or parts):  # its marker is missing
                    self._picture(timestamp, nal, now)
                    nal = -1
                timestamp = stamp
            self._begun = True
            unit_type = first & 31
            if unit_type == FU_A:
                if second & 0x80:
                    if nal >= 0:
                        del parts[nal:]  # the one before it never ended
                    nal, nal_length = len(parts), 1
                    if second & 31 == NAL_IDR:
                        self._key = True
                    parts.append(bytes((first & 0xE0 | second & 31,)))
                if nal >= 0:
                    parts.append(view[body + 2 : tail])
                    nal_length += tail - body - 2
                    if second & 0x40:
                        if second & 31 in _APART:
                            self._apart(nal)
                        else:
                            parts[nal] = nal_length.to_bytes(4, "big") + parts[nal]
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
                parts += ((tail - body).to_bytes(4, "big"), view[body:tail])
            if marks & _MARKER:
                self._picture(timestamp, nal, now)
                nal = -1
            at = after
        if parts:
            parts[:] = [bytes(part) for part in parts]  # the receive buffer is another camera's next
            if sum(map(len, parts)) > MAX_UNIT:
                raise StreamDamaged(f"a picture of more than {MAX_UNIT} bytes")
        self._nal, self._nal_length, self._expected, self._timestamp = nal, nal_length, expected, timestamp
        return at

    def deliver(self, now: float, wall_us: int, emit: Emit, seam: Callable[[], None]) -> None:
        """Hand out what ``feed`` finished. Call it when the socket has been read empty, with the time of that."""
        timeline = self.timeline
        if self._reported_us is not None:
            error_us, self._reported_us = self._reported_us - wall_us, None
            self.clock_error_us = error_us if self.clock_error_us is None else max(error_us, self.clock_error_us)
        timeline.observe(now, wall_us)
        ready, self._ready = self._ready, []
        for item in ready:
            if isinstance(item, _Seam):
                seam()
                if item.clock_set:
                    timeline.rewall(self.wall_end_us)
                continue
            begins = timeline.wall_us(item.shown_from, now, wall_us)
            done = fragment(item.sequence, item.tfdt, item.samples, item.pictures, wall_us=begins, flags=item.flags)
            self.wall_end_us = begins + done.duration * 100 // 9
            emit(done, item.init)

    def finish(self) -> None:
        """The connection ends: close what is whole (``deliver`` hands it out). The picture under way is not."""
        self._parts.clear()
        self._begun = False
        self._close_without_next()

    # --- parts of packets -------------------------------------------------------------------------------------------

    def _missed(self, nal: int) -> int:
        """Packets are missing: the picture under way is spoilt."""
        self.lost += 1
        if self._begun and self._parts:
            self._damaged = True
        if nal >= 0:
            del self._parts[nal:]
        return -1

    def _aggregate(self, buffer: bytearray, view: memoryview, at: int, end: int) -> None:
        """STAP-A (RFC 6184, 5.7.1)."""
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
                self._parts += ((stop - at).to_bytes(4, "big"), view[at:stop])
            at += size

    def _apart(self, nal: int) -> None:
        """A fragmented NAL unit that turns out not to belong into the picture."""
        unit = b"".join(self._parts[nal:])
        del self._parts[nal:]
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
                self._parts.append(len(part).to_bytes(4, "big") + part)

    # --- pictures ---------------------------------------------------------------------------------------------------

    def _picture(self, timestamp: int, nal: int, now: float) -> None:
        """The picture under way is complete (as far as the camera sent it). ``nal`` as in ``feed``."""
        parts = self._parts
        if self._damaged or nal >= 0:  # a packet is missing, or the end of its last NAL unit
            self._drop()
            return
        data = b"".join(parts)
        parts.clear()
        if len(data) < 5:
            self._begun = False
            return
        head = data[4] & 31
        shows = head != NAL_SEI or _shows(data)
        if not self._annexb and (not shows or (self._key and self._plain_keys < PLAIN_KEYS)):
            self._annexb = any(data.find(START_CODE, start, stop) >= 0 for start, stop in _spans(data))
            self._plain_keys += 1
        if self._annexb:
            data = self._split_start_codes(data)
            head = data[4] & 31 if data else NAL_SEI
            shows = head != NAL_SEI or _shows(data)
        if not shows:
            if data:
                parts.append(data)  # SEI alone stands before the next picture
            return
        self._begun = False
        key, self._key = self._key, False
        if head <= NAL_IDR and not data[5] & 0x80:  # its first slice goes on with another picture
            if self._samples and timestamp == self._sample_stamp:
                self._samples[-3] += len(data)
                self._pictures.append(data)
                self._size += len(data)
            else:
                self.dropped += 1
            return
        if key and (not self._init or self.sets.changed):
            self._take_sets()
        if self._init:  # else before the first key frame
            self._add(timestamp, key, data, now)

    def _add(self, timestamp: int, key: bool, data: bytes, now: float) -> None:
        """Put the picture into the table, closing the fragment before it where it is due."""
        timeline = self.timeline
        if timeline.clock_stepped:
            timeline.clock_stepped = False
            self._split_here(clock_set=True)
        dts, offset = timeline.stamp(timestamp, now)
        if self._samples:
            duration = dts - self.last_dts
            if duration > GAP_TICKS:
                self._split_here()
            else:
                self._samples[-4] = duration
                self._cut(key, dts, duration, len(data))
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
        size = len(data)
        self._samples.extend((0, size, KEY_SAMPLE if key else OTHER_SAMPLE, offset))  # the next picture says how long
        self._pictures.append(data)
        self._size += size
        self._sample_stamp = timestamp
        self.last_dts, self.last_frame = dts, now
        self.frames += 1

    def _drop(self) -> None:
        self._parts.clear()
        self._begun = self._key = self._damaged = False
        self.dropped += 1

    def _split_start_codes(self, data: bytes) -> bytes:
        """Annex B inside the payloads: the picture anew, one length per NAL unit."""
        parts = [part for nal in sized_nals(data) for part in annexb_nals(START_CODE + bytes(nal))]
        for part in parts:
            if part[0] & 31 in (NAL_SPS, NAL_PPS):
                self.sets.offer(part)
        self._key = self._key or any(part[0] & 31 == NAL_IDR for part in parts)
        return bytes(sized([part for part in parts if part[0] & 31 not in _APART]))

    def _take_sets(self) -> None:
        """A key frame with parameters that are new: what was recorded before it cannot be shown with them."""
        init = self.sets.take()
        if init == self._init:
            return
        if self._init:
            self._split_here()
        self._init = init

    # --- fragments --------------------------------------------------------------------------------------------------

    def _split_here(self, *, clock_set: bool = False) -> None:
        """A seam before the next picture."""
        self._close_without_next()
        self._ready.append(_Seam(clock_set))

    def _cut(self, key: bool, dts: int, duration: int, size: int) -> None:
        """Close the fragment before a picture of ``size`` bytes where ``fmp4.Muxer``'s rules say so."""
        elapsed = dts - self._segment_dts
        ends = elapsed >= SEGMENT_TICKS - EARLY_TICKS if key else elapsed + duration > LONGEST_SEGMENT_TICKS
        full = dts + duration - self._fragment_dts > FRAGMENT_TICKS or self._size + size > FRAGMENT_BYTES
        if ends or key or full:
            self._close(SEGMENT_END if ends else 0)

    def _close_without_next(self) -> None:
        """The last picture lasts as long as usual, for want of a next."""
        if self._samples:
            self._samples[-4] = self.timeline.usual
            self._close(SEGMENT_END)

    def _close(self, ending: int) -> None:
        self._sequence += 1
        self._ready.append(
            _Closed(
                self._sequence, self._fragment_dts, self._fragment_dts + self._lead, self._flags | ending,
                self._samples, self._pictures, self._init,
            )
        )  # fmt: skip
        self._ended = bool(ending)
        self._samples, self._pictures, self._size = new_samples(), [], 0


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


def _shows(data: bytes) -> bool:
    """True where the picture has a slice; mostly its second NAL unit."""
    second = 8 + int.from_bytes(data[:4], "big")
    if second < len(data) and 1 <= data[second] & 31 <= NAL_IDR:
        return True
    return any(1 <= data[start] & 31 <= NAL_IDR for start, _ in _spans(data))


def _spans(data: bytes) -> list[tuple[int, int]]:
    """Start and end of each NAL unit of a picture, without the lengths."""
    spans = []
    at = 0
    while at + 4 < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        spans.append((at + 4, end))
        at = end
    return spans


def _ntp_us(seconds: int, fraction: int) -> int:
    """An NTP time as µs since 1970. Its seconds begin anew in 2036: what lies before 1968 is of the next era."""
    era = 0 if seconds & 0x8000_0000 else 1 << 32
    return (seconds + era - _NTP_EPOCH_S) * 1_000_000 + (fraction * 1_000_000 >> 32)
