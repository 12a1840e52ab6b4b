"""H.264 as far as recording needs it: NAL units, sequence parameter sets, the codec string.

Nothing here decodes a picture. Sources: ITU-T H.264 (08/2021), sections 7.3.2.1.1 (SPS), 7.3.2.1.1.1 (scaling lists),
7.4.1.1 (emulation prevention), E.1.1 (VUI), B.1 (byte stream); RFC 6381 section 3.3 (codec string).
"""

from collections.abc import Iterator
from dataclasses import dataclass

NAL_SLICE, NAL_IDR, NAL_SEI, NAL_SPS, NAL_PPS, NAL_AUD = 1, 5, 6, 7, 8, 9

WITH_CHROMA_FIELDS = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose SPS carries chroma format, bit depths and scaling lists (7.3.2.1.1)."""
_INTRA_CAPABLE = frozenset({44, 86, 100, 110, 122, 244})
_LONGEST_SPS = 4096
_WIDEST = 16_384
_EXTENDED_SAR = 255
_SAR = (
    (0, 0), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11),
    (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip
"""Table E-1: sample aspect ratios by ``aspect_ratio_idc``; (0, 0) is "unspecified"."""


class BadParameterSet(ValueError):
    """The bytes are no SPS this product can record; the message says where they stop making sense."""


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says. Sizes are in pixels after cropping."""

    profile: int
    constraints: int
    level: int
    width: int
    height: int
    chroma_format: int
    bit_depth_luma: int
    bit_depth_chroma: int
    poc_type: int
    sar: tuple[int, int]
    """Width and height of a sample; (1, 1) where the stream does not say."""
    reorder: int | None
    """Frames that may stand before another in decoding order and after it in output; None where it is not said."""


class _Bits:
    """Reads an RBSP bit by bit; a read past the end is a BadParameterSet, never silent zeros."""

    __slots__ = ("_at", "_length", "_value")

    def __init__(self, rbsp: bytes) -> None:
        self._value = int.from_bytes(rbsp, "big")
        self._length = len(rbsp) * 8
        self._at = 0

    def u(self, count: int) -> int:
        self._at += count
        if self._at > self._length:
            raise BadParameterSet(f"SPS ends after {self._length} bits")
        return (self._value >> (self._length - self._at)) & ((1 << count) - 1)

    def ue(self) -> int:
        """Unsigned Exp-Golomb (9.1)."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise BadParameterSet(f"Exp-Golomb code of more than 32 zeros at bit {self._at}")
        return (1 << zeros) - 1 + (self.u(zeros) if zeros else 0)

    def se(self) -> int:
        """Signed Exp-Golomb (9.1.1)."""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def annexb_nals(stream: bytes) -> Iterator[bytes]:
    """NAL units of a byte stream with start codes (Annex B), without trailing zeros; empty ones are left out."""
    start = stream.find(b"\0\0\1")
    while start >= 0:
        after = stream.find(b"\0\0\1", start + 3)
        nal = stream[start + 3 : after if after >= 0 else len(stream)].rstrip(b"\0")
        if nal:
            yield nal
        start = after


def sized_nals(payload: bytes | bytearray | memoryview) -> Iterator[memoryview]:
    """NAL units of a sample as MP4 holds them (four-byte lengths); raises ValueError on a length past the end."""
    view = memoryview(payload)
    at = 0
    while at < len(view):
        size = int.from_bytes(view[at : at + 4], "big")
        end = at + 4 + size
        if at + 4 > len(view) or end > len(view):
            raise ValueError(f"NAL of {size} bytes at {at} passes the end of a sample of {len(view)} bytes")
        yield view[at + 4 : end]
        at = end


def sized(nals: list[bytes]) -> bytes:
    """NAL units with four-byte lengths before them, as MP4 holds them."""
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)


def unescape(nal: bytes) -> bytes:
    """The RBSP: ``nal`` without its header byte and without emulation prevention bytes (7.4.1.1)."""
    return nal[1:].replace(b"\0\0\3", b"\0\0")


def parse_sps(nal: bytes) -> Sps:
    """Read a sequence parameter set, NAL header included; raises BadParameterSet."""
    if not 4 <= len(nal) <= _LONGEST_SPS or nal[0] & 0x1F != NAL_SPS:
        raise BadParameterSet(f"{len(nal)} bytes starting with {nal[:1].hex()} are no SPS")
    bits = _Bits(unescape(nal))
    profile, constraints, level = bits.u(8), bits.u(8), bits.u(8)
    bits.ue()  # seq_parameter_set_id
    chroma, depth_luma, depth_chroma = 1, 8, 8
    if profile in WITH_CHROMA_FIELDS:
        chroma, depth_luma, depth_chroma = _chroma_fields(bits)
    bits.ue()  # log2_max_frame_num_minus4
    poc_type = _picture_order(bits)
    bits.ue()  # max_num_ref_frames
    bits.u(1)  # gaps_in_frame_num_value_allowed_flag
    width, height = _size(bits, chroma)
    sar, reorder = _vui(bits) if bits.u(1) else ((1, 1), None)
    if profile == 66 or poc_type == 2 or (reorder is None and profile in _INTRA_CAPABLE and constraints & 0x10):
        reorder = 0  # no B slices in Baseline; type 2 means output order is decoding order; intra-only by E.2.1
    return Sps(
        profile, constraints, level, width, height, chroma, depth_luma, depth_chroma, poc_type, sar, reorder
    )  # fmt: skip


def codec_string(sps: bytes) -> str:
    """RFC 6381 name of a stream by its SPS NAL unit, such as ``avc1.64001f``."""
    return f"avc1.{sps[1:4].hex()}"


def _chroma_fields(bits: _Bits) -> tuple[int, int, int]:
    chroma = bits.ue()
    if chroma > 3:
        raise BadParameterSet(f"chroma_format_idc {chroma}")
    if chroma == 3:
        bits.u(1)  # separate_colour_plane_flag
    depth_luma, depth_chroma = 8 + bits.ue(), 8 + bits.ue()
    if depth_luma > 14 or depth_chroma > 14:
        raise BadParameterSet(f"bit depths {depth_luma} and {depth_chroma}")
    bits.u(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.u(1):  # seq_scaling_matrix_present_flag
        for index in range(8 if chroma != 3 else 12):
            if bits.u(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, depth_luma, depth_chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _picture_order(bits: _Bits) -> int:
    kind = bits.ue()
    if kind == 0:
        bits.ue()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.u(1)  # delta_pic_order_always_zero_flag
        bits.se()  # offset_for_non_ref_pic
        bits.se()  # offset_for_top_to_bottom_field
        cycle = bits.ue()
        if cycle > 255:
            raise BadParameterSet(f"num_ref_frames_in_pic_order_cnt_cycle {cycle}")
        for _ in range(cycle):
            bits.se()
    elif kind > 2:
        raise BadParameterSet(f"pic_order_cnt_type {kind}")
    return kind


def _size(bits: _Bits, chroma: int) -> tuple[int, int]:
    """Width and height after cropping (7-13 to 7-22); the crop unit depends on chroma format and interlacing."""
    width = (bits.ue() + 1) * 16
    map_units = bits.ue() + 1
    frame_mbs_only = bits.u(1)
    height = map_units * 16 * (2 - frame_mbs_only)
    if not frame_mbs_only:
        bits.u(1)  # mb_adaptive_frame_field_flag
    bits.u(1)  # direct_8x8_inference_flag
    if bits.u(1):  # frame_cropping_flag
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1) * (2 - frame_mbs_only)
    if not (0 < width <= _WIDEST and 0 < height <= _WIDEST):
        raise BadParameterSet(f"picture of {width}x{height}")
    return width, height


def _vui(bits: _Bits) -> tuple[tuple[int, int], int | None]:
    """Sample aspect ratio and ``max_num_reorder_frames`` (E.1.1). Some cameras cut the VUI short: then what could
    be read counts."""
    sar = (1, 1)
    try:
        if bits.u(1):  # aspect_ratio_info_present_flag
            code = bits.u(8)
            sar = (bits.u(16), bits.u(16)) if code == _EXTENDED_SAR else _SAR[code] if code < len(_SAR) else (0, 0)
            sar = sar if all(sar) else (1, 1)
        if bits.u(1):  # overscan_info_present_flag
            bits.u(1)
        if bits.u(1):  # video_signal_type_present_flag
            bits.u(4)
            if bits.u(1):  # colour_description_present_flag
                bits.u(24)
        if bits.u(1):  # chroma_loc_info_present_flag
            bits.ue()
            bits.ue()
        if bits.u(1):  # timing_info_present_flag
            bits.u(65)
        nal_hrd = _skip_hrd(bits)
        vcl_hrd = _skip_hrd(bits)
        if nal_hrd or vcl_hrd:
            bits.u(1)  # low_delay_hrd_flag
        bits.u(1)  # pic_struct_present_flag
        if not bits.u(1):  # bitstream_restriction_flag
            return sar, None
        bits.u(1)  # motion_vectors_over_pic_boundaries_flag
        for _ in range(4):  # max bytes and bits per picture and macroblock, motion vector lengths
            bits.ue()
        reorder = bits.ue()
    except BadParameterSet:
        return sar, None
    return sar, reorder if reorder <= 16 else None


def _skip_hrd(bits: _Bits) -> bool:
    if not bits.u(1):
        return False
    schedules = bits.ue() + 1
    if schedules > 32:
        raise BadParameterSet(f"cpb_cnt_minus1 {schedules - 1}")
    bits.u(8)  # bit_rate_scale, cpb_size_scale
    for _ in range(schedules):
        bits.ue()
        bits.ue()
        bits.u(1)
    bits.u(20)  # delay lengths
    return True
