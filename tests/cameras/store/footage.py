"""Footage made by libx264 through PyAV, and slices written from it: what the store's tests stand on."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

import av
import numpy as np

from backend.lib.ids import new_id
from cameras.store.resume import Resume, resume_point
from cameras.store.slices import SliceNews, SliceWriter
from cameras.store.sync import Syncer
from cameras.video.fmp4 import TIMESCALE, Frame, MuxedFragment, Muxer, init_segment
from cameras.video.h264 import NAL_PPS, NAL_SPS, annexb_nals, sized

WALL_US = 1_795_000_000_000_000
"""2026-11-18: when the footage begins."""


@dataclass(frozen=True)
class Stream:
    """An encoded stream: access units with times in ticks, first decode time zero."""

    sps: bytes
    pps: bytes
    frames: tuple[Frame, ...]

    @property
    def init(self) -> bytes:
        return init_segment([self.sps], [self.pps])


@cache
def encoded(
    *, frames: int = 150, fps: int = 15, gop: int = 30, b_frames: int = 0, width: int = 320, height: int = 180
) -> Stream:
    """A picture that slides, one frame after the other; the same arguments give the same object."""
    out = io.BytesIO()
    with av.open(out, "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        profile = "high" if b_frames else "main"
        stream.options = {
            "preset": "veryfast", "profile": profile, "g": str(gop), "keyint_min": str(gop), "sc_threshold": "0",
            "bf": str(b_frames),
        }  # fmt: skip
        packets = [packet for picture in _pictures(frames, width, height) for packet in stream.encode(picture)]
        packets += stream.encode(None)
    ticks = TIMESCALE // fps
    times = [(packet.pts or 0, packet.dts or 0) for packet in packets]
    first = min(dts for _, dts in times)
    nals = [list(annexb_nals(bytes(packet))) for packet in packets]
    sets = {nal[0] & 0x1F: nal for nal in nals[0]}
    return Stream(
        sets[NAL_SPS],
        sets[NAL_PPS],
        tuple(
            Frame(sized(units), (pts - first) * ticks, (dts - first) * ticks, packet.is_keyframe)
            for packet, units, (pts, dts) in zip(packets, nals, times, strict=True)
        ),
    )


def _pictures(count: int, width: int, height: int) -> Iterator[av.VideoFrame]:
    line = np.tile(np.arange(width) * 3 % 256, (height, 1)).astype(np.uint8)
    for number in range(count):
        rolled = np.roll(line, number * 4, axis=1)
        frame = av.VideoFrame.from_ndarray(np.stack([rolled, rolled[::-1], rolled], axis=2), format="rgb24")
        frame.pts = number
        yield frame


def muxed(stream: Stream, *, at: int = 0, wall_us: int = WALL_US) -> list[MuxedFragment]:
    """The stream as fragments, its first decode time at tick ``at`` and at ``wall_us``."""
    muxer = Muxer()
    done: list[MuxedFragment | None] = []
    for frame in stream.frames:
        moved = Frame(frame.data, frame.pts + at, frame.dts + at, frame.key)
        done.append(muxer.add(moved, wall_us + frame.dts * 1_000_000 // TIMESCALE))
    done.append(muxer.flush())
    return [one for one in done if one is not None]


@dataclass
class Recording:
    """A writer with everything it needs; ``news`` collects what it tells."""

    root: Path
    camera_id: UUID = field(default_factory=new_id)
    rendition: str = "main"
    generation: int = 1
    slice_seconds: float = 4.0
    resume: Resume | None = None
    on_news: Callable[[SliceNews], None] | None = None
    news: list[SliceNews] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sync = Syncer(delay_s=0.05)
        self.writer = SliceWriter(
            self.root, camera_id=self.camera_id, rendition=self.rendition, generation=self.generation, mask_version=0,
            resume=self.resume or resume_point(self.root, self.camera_id, self.rendition), sync=self.sync,
            news=self.on_news or self.news.append, slice_seconds=self.slice_seconds,
        )  # fmt: skip

    def write(self, fragments: Iterable[MuxedFragment], init: bytes) -> "Recording":
        for fragment in fragments:
            self.writer.write(fragment, init)
        return self

    def close(self) -> "Recording":
        self.writer.close()
        self.sync.stop()
        return self

    def die(self) -> "Recording":
        """As a kill would: descriptors go, nothing more is written."""
        self.writer.abandon()
        self.sync.stop()
        return self


def recorded(root: Path, **options: object) -> Recording:
    """Ten seconds in slices of four, closed."""
    stream = encoded()
    return Recording(root, **options).write(muxed(stream), stream.init).close()  # type: ignore[arg-type]


def indexes(root: Path) -> list[Path]:
    return sorted(root.glob("*/*/*/*.idx"))
