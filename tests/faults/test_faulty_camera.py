"""The faulty camera itself, seen by other people's clients: a good one is good, a faulty one only as faulty as said."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from cameras.demo.sei import stamps
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera

USER, PASSWORD = "admin", "mật"
CAMERAS = {
    "digest": FaultyCamera(faults.good(), user=USER, password=PASSWORD, schemes=("MD5",)),
    "basic": FaultyCamera(faults.good(), user=USER, password=PASSWORD, schemes=("Basic",)),
    "aggregates": FaultyCamera(faults.aggregates()),
    "g711_between": FaultyCamera(faults.g711_between()),
    "no_sps_in_band": FaultyCamera(faults.no_sps_in_band()),
    "no_content_base": FaultyCamera(faults.no_content_base()),
    "b_frames": FaultyCamera(faults.b_frames()),
    "loses_packets": FaultyCamera(faults.loses_packets(every=10)),
}


@dataclass(frozen=True, slots=True)
class Copied:
    """What ffmpeg stored of three seconds of a camera, as it came, and the numbers of the frames that left whole."""

    path: Path
    sent: list[int]

    @property
    def numbers(self) -> list[int]:
        return [frame for _, frame in stamps(self.path.read_bytes())]


def _copied(name: str, target: Path) -> Copied:
    with CAMERAS[name] as camera:
        url = camera.url.replace("rtsp://", "rtsp://admin:m%E1%BA%ADt@") if camera.user else camera.url
        subprocess.run(
            ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-map", "0:v", "-t", "3", "-c", "copy",
             "-f", "h264", target],
            check=True, timeout=40, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Copied(target, camera.frames())


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Copied]:
    """Of every camera, all at once: it is waiting, three seconds each."""
    folder = tmp_path_factory.mktemp("copies")
    with ThreadPoolExecutor(len(CAMERAS)) as pool:
        return dict(zip(CAMERAS, pool.map(lambda name: _copied(name, folder / f"{name}.h264"), CAMERAS), strict=True))


@pytest.mark.parametrize(
    "name", ["digest", "basic", "aggregates", "g711_between", "no_sps_in_band", "no_content_base"]
)  # fmt: skip
def test_ffmpeg_loses_nothing_of_it(copied: dict[str, Copied], name: str) -> None:
    one = copied[name]
    assert len(one.numbers) >= 40
    assert one.numbers == one.sent[: len(one.numbers)]


def test_b_frames_decode_in_order(copied: dict[str, Copied]) -> None:
    probe = ["ffprobe", "-v", "error", "-show_entries", "frame=pict_type", "-of", "csv=p=0", copied["b_frames"].path]
    types = subprocess.run(probe, check=True, capture_output=True, text=True, timeout=40).stdout.split()
    assert {"I", "P", "B"} <= {t.strip(",") for t in types}


def test_packets_that_never_leave_are_not_counted_as_sent(copied: dict[str, Copied]) -> None:
    numbers = copied["loses_packets"].sent
    assert numbers != list(range(numbers[0], numbers[-1] + 1))
