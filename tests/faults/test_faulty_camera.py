"""The faulty camera itself, seen by other people's clients: a good one is good, a faulty one only as faulty as said."""

import subprocess

import pytest

from cameras.demo.sei import stamps
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera


def copied(url, tmp_path, *, seconds=3):
    """What ffmpeg stores of the stream, as it came."""
    target = tmp_path / "copy.h264"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-map", "0:v", "-t", str(seconds), "-c", "copy",
         "-f", "h264", target],
        check=True, timeout=40, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return target.read_bytes()


@pytest.mark.parametrize("schemes", [("MD5",), ("Basic",)])
def test_a_good_camera_loses_nothing(tmp_path, schemes):
    with FaultyCamera(faults.good(), user="admin", password="mật", schemes=schemes) as camera:
        url = camera.url.replace("rtsp://", "rtsp://admin:m%E1%BA%ADt@")
        numbers = [frame for _, frame in stamps(copied(url, tmp_path))]
    assert len(numbers) >= 40
    assert numbers == camera.frames()[: len(numbers)]


def test_b_frames_decode_in_order(tmp_path):
    with FaultyCamera(faults.b_frames()) as camera:
        data = copied(camera.url, tmp_path)
    (tmp_path / "b.h264").write_bytes(data)
    probe = ["ffprobe", "-v", "error", "-show_entries", "frame=pict_type", "-of", "csv=p=0", tmp_path / "b.h264"]
    types = subprocess.run(probe, check=True, capture_output=True, text=True, timeout=40).stdout.split()
    assert {"I", "P", "B"} <= {t.strip(",") for t in types}


@pytest.mark.parametrize(
    "fault", [faults.aggregates, faults.g711_between, faults.no_sps_in_band, faults.no_content_base]
)
def test_ffmpeg_takes_these_too(tmp_path, fault):
    with FaultyCamera(fault()) as camera:
        numbers = [frame for _, frame in stamps(copied(camera.url, tmp_path))]
    assert numbers == camera.frames()[: len(numbers)] and len(numbers) >= 40


def test_packets_that_never_leave_are_not_counted_as_sent(tmp_path):
    with FaultyCamera(faults.loses_packets(every=10)) as camera:
        copied(camera.url, tmp_path, seconds=2)
        numbers = camera.frames()
    assert numbers != list(range(numbers[0], numbers[-1] + 1))
