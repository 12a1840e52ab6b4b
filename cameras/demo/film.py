"""Encode drawn pictures into a film for ``loop.cut``: H.264, Annex B, closed groups of pictures, one slice each."""

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2

from cameras.demo.paint.kit import HEIGHT, WIDTH, Picture

FPS = 15
GOP_S = 2


def packets(
    pictures: Iterable[Picture],
    *,
    fps: int = FPS,
    gop: int = FPS * GOP_S,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    bits_per_s: int = 0,
    b_frames: int = 0,
) -> Iterator[tuple[bytes, int]]:
    """Pictures (BGR, ``size``, even numbers) as Annex B access units in decoding order, each with its place on screen.

    ``bits_per_s`` 0 lets the picture decide, up to 1.6 Mbit/s. Parameter sets stand before every key frame.
    """
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, fps)
    context.framerate = Fraction(fps)
    context.gop_size = gop
    context.max_b_frames = b_frames
    context.thread_count = 1
    rate = {"crf": "26", "maxrate": "1600k", "bufsize": "1600k"}
    if bits_per_s:
        context.bit_rate = bits_per_s
        rate = {"maxrate": str(bits_per_s), "bufsize": str(bits_per_s)}
    fixed = f"scenecut=0:keyint={gop}:min-keyint={gop}:open-gop=0:repeat-headers=1:sliced-threads=0:slices=1"
    if bits_per_s:
        fixed += ":nal-hrd=cbr"
    if b_frames:
        fixed += f":bframes={b_frames}:b-adapt=0:b-pyramid=none"
    context.options = {"preset": "superfast", "profile": "main", "x264-params": fixed, **rate}
    for number, picture in enumerate(pictures):
        planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).astype("uint8", copy=False)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        yield from ((bytes(packet), packet.pts or 0) for packet in context.encode(frame))
    yield from ((bytes(packet), packet.pts or 0) for packet in context.encode(None))


def encode(
    pictures: Iterable[Picture],
    *,
    fps: int = FPS,
    gop: int = FPS * GOP_S,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    bits_per_s: int = 0,
) -> bytes:
    """The same as one Annex B stream, without B-frames: what ``loop.cut`` takes."""
    film = packets(pictures, fps=fps, gop=gop, size=size, bits_per_s=bits_per_s)
    return b"".join(packet for packet, _ in film)


def store(path: Path, film: bytes) -> None:
    """Write beside and rename, so that a film is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.part")
    draft.write_bytes(film)
    draft.replace(path)
