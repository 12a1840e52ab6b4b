"""Real footage for playback tests: frames encoded once with PyAV, written with the product's own muxer and writer."""

import threading
import time
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from django.conf import settings
from django.db import connection

from backend.lib.clock import from_us, now, to_us
from cameras.models import Camera, Slice
from cameras.store.catalog import node_here
from cameras.store.resume import resume_point
from cameras.store.slices import SliceClosed, SliceOpened, SliceWriter
from cameras.store.sync import Syncer
from cameras.video import fmp4
from cameras.video.h264 import parse_sps

WIDTH, HEIGHT = 320, 240
FPS = 10
GOP = 2 * FPS
LOOP_S = 10
TICKS = fmp4.TIMESCALE // FPS


@cache
def encoded(pad: int = 0) -> tuple[bytes, list[tuple[bytes, bool]]]:
    """An init segment and ten seconds of length-prefixed access units with a key frame every two.

    ``pad`` bytes of filler data (H.264, 7.4.1: NAL unit type 12) are added to each, for segments of any size.
    """
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt, codec.framerate = WIDTH, HEIGHT, "yuv420p", Fraction(FPS)
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "bf": "0",
        "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0",
    }
    filler = [b"\x0c" + b"\xff" * pad + b"\x80"] if pad else []
    units: list[tuple[bytes, bool]] = []
    sps, pps = b"", b""
    for number in range(LOOP_S * FPS):
        frame = av.VideoFrame.from_ndarray(_bars(number, WIDTH, HEIGHT), format="rgb24")
        frame.pts = number
        for packet in codec.encode(frame):
            nals = _nals(bytes(packet))
            sps = next((nal for nal in nals if nal[0] & 31 == 7), sps)
            pps = next((nal for nal in nals if nal[0] & 31 == 8), pps)
            slices = [nal for nal in nals if nal[0] & 31 in (1, 5)]
            data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in [*slices, *filler])
            units.append((data, bool(packet.is_keyframe)))
    assert parse_sps(sps).width == WIDTH
    assert sum(key for _data, key in units) == LOOP_S * FPS // GOP
    return fmp4.init_segment([sps], [pps]), units


def _bars(number: int, width: int, height: int) -> np.ndarray:
    picture = np.full((height, width, 3), 40, dtype=np.uint8)
    at = (number * 7) % (width - 20)
    picture[:, at : at + 20] = (220, 180, 40)
    return picture


def _nals(annex_b: bytes) -> list[bytes]:
    parts = annex_b.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


class Recorder:
    """Writes one camera's slices and their rows, as the recorder does: any stretch of the past at once, or live."""

    def __init__(self, camera: Camera, *, generation: int = 1, slice_seconds: float = 60.0, pad: int = 0) -> None:
        self.camera = camera
        self.init, self.units = encoded(pad)
        self.root: Path = settings.CONFIG.store_dir
        resume = resume_point(self.root, camera.id, "main")
        self._sync = Syncer(delay_s=0.2)
        self._node = node_here()
        self._opened: list[SliceOpened] = []
        self._closed: list[SliceClosed] = []
        self.writer = SliceWriter(
            self.root, camera_id=camera.id, rendition="main", generation=generation, mask_version=camera.mask_version,
            resume=resume, sync=self._sync, news=self._news, slice_seconds=slice_seconds,
        )  # fmt: skip
        self._muxer = fmp4.Muxer()
        self._count = 0
        self._tfdt = resume.tfdt
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def _news(self, news: SliceOpened | SliceClosed) -> None:
        if isinstance(news, SliceOpened):
            self._opened.append(news)
        else:
            self._closed.append(news)

    def past(self, starts_at: datetime, seconds: float) -> None:
        """Write that stretch now."""
        for number in range(int(seconds * FPS)):
            self._frame(to_us(starts_at) + number * 1_000_000 // FPS)
        self._rows()

    def seam(self) -> None:
        done = self._muxer.flush()
        if done is not None:
            self.writer.write(done, self.init)
        self.writer.seam()
        self._rows()

    def live(self) -> None:
        """Go on in real time, in a thread, until ``close``."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
        done = self._muxer.flush()
        if done is not None:
            self.writer.write(done, self.init)
        self.writer.close()
        self._sync.stop()
        self._rows()

    def _run(self) -> None:
        begun, first = time.monotonic(), to_us(now())
        number = 0
        while not self._stop.wait(max(0.0, begun + number / FPS - time.monotonic())):
            self._frame(first + number * 1_000_000 // FPS)
            self._rows()
            number += 1
        connection.close()

    def _frame(self, wall_us: int) -> None:
        data, key = self.units[self._count % len(self.units)]
        at = self._tfdt + self._count * TICKS
        done = self._muxer.add(fmp4.Frame(data, at, at, key), wall_us)
        if done is not None:
            self.writer.write(done, self.init)
        self._count += 1

    def _rows(self) -> None:
        while self._opened:
            one = self._opened.pop(0)
            Slice.objects.create(
                id=one.slice_id, camera_id=one.camera_id, rendition=one.rendition, node=self._node,
                generation=one.generation, path=one.path, init_hash=one.init_hash, mask_version=one.mask_version,
                media_sequence=one.media_sequence, discontinuity_sequence=one.discontinuity_sequence,
                starts_at=from_us(one.starts_us),
            )  # fmt: skip
        while self._closed:
            end = self._closed.pop(0)
            Slice.objects.filter(id=end.slice_id).update(
                state=Slice.State.CLOSED, ends_at=from_us(end.ends_us), bytes=end.bytes, root=end.root
            )


def ago(seconds: float) -> datetime:
    return now() - timedelta(seconds=seconds)
