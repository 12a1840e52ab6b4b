"""The demonstration's scenes and the process that serves them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from cameras.demo import sei, serve
from cameras.demo.paint.kit import HEIGHT, WIDTH, lettering
from cameras.demo.paint.scenes import SCENES
from cameras.demo.street import PASSWORD, STREET, USER
from tests.cameras.demo.client import Client
from tests.pace import PATIENCE_S, allowed

ROOT = Path(__file__).resolve().parents[3]


def test_every_camera_of_the_street_has_a_scene_with_its_name():
    assert [camera.path for camera in STREET] == list(SCENES)
    assert len({camera.name for camera in STREET}) == 8
    for camera in STREET[:2]:
        assert SCENES[camera.path]().name == camera.name


def test_vietnamese_letters_are_drawn_not_boxed():
    boxed = lettering("\U000e0001", 32, (255, 255, 255)).alpha
    for letter in "ổẩẵữợđẸ":
        drawn = lettering(letter, 32, (255, 255, 255)).alpha
        assert drawn.shape != boxed.shape or not np.array_equal(drawn, boxed)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["cong-chao", "bo-song", "nguyen-trai"])
def test_the_joint_of_the_loop_does_not_show(path):
    """The step from the last picture to the first is no larger than those around it."""
    count = 300
    scene = SCENES[path]()
    pictures = dict(enumerate(scene.pictures(count)))
    assert pictures[0].shape == (HEIGHT, WIDTH, 3)

    def step(a, b):
        return float(np.abs(pictures[a].astype(int) - pictures[b]).mean())

    usual = [step(n, n + 1) for n in range(0, count - 1, 13)]
    assert 0 < step(count - 1, 0) <= max(usual) * 1.1


def start(folder, *more):
    command = [sys.executable, "-m", "cameras.demo.serve", "--port", "0", "--folder", str(folder), *more]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "LOG_LEVEL": "INFO"}
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, int(line.split("127.0.0.1:")[1].split("/")[0])


def stop(process, number=signal.SIGTERM):
    children = psutil.Process(process.pid).children(recursive=True)
    began = time.monotonic()
    process.send_signal(number)
    code = process.wait(10)
    gone = not psutil.wait_procs(children, timeout=2)[1]
    return code, time.monotonic() - began, gone


def describe(port, path):
    with Client(port, user=USER, password=PASSWORD) as one:
        return one.ask("DESCRIBE", f"rtsp://127.0.0.1:{port}/{path}").status


@pytest.mark.slow
def test_a_camera_serves_once_its_film_is_made_and_at_once_the_next_time(tmp_path):
    process, port = start(tmp_path, "--only", "cong-chao,truong-hoc")
    try:
        assert describe(port, "cong-chao") in (503, 200)
        end = time.monotonic() + 2 * PATIENCE_S
        while describe(port, "cong-chao") != 200:
            assert time.monotonic() < end
            time.sleep(0.2)
        url = f"rtsp://127.0.0.1:{port}/cong-chao"
        with Client(port, user=USER, password=PASSWORD) as one:
            one.play(url)
            one.read_for(3)
        numbers = [n for _, n in sei.stamps(b"".join(one.rtp()))]
        assert len(numbers) > 10 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    finally:
        code, took, gone = stop(process)
    assert (code, gone) == (0, True) and took < allowed(5)
    serve.make(tmp_path, "cong-chao")  # it is there: nothing happens
    began = time.monotonic()
    process, port = start(tmp_path, "--only", "cong-chao")
    try:
        assert describe(port, "cong-chao") == 200
        assert time.monotonic() - began < allowed(4)
    finally:
        assert stop(process, signal.SIGINT)[0] == 0


@pytest.mark.slow
def test_stopped_while_it_paints_it_leaves_no_process_and_no_half_film(tmp_path):
    process, _ = start(tmp_path)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2.5)
    code, took, gone = stop(process)
    assert (code, gone) == (0, True) and took < allowed(5)
    assert not list(tmp_path.rglob("*.h264")) or all(p.stat().st_size > 100_000 for p in tmp_path.rglob("*.h264"))


def test_films_of_another_version_are_thrown_away(tmp_path):
    old = tmp_path / "0123456789ab"
    old.mkdir()
    (old / "cong-chao.h264").write_bytes(b"old")
    process, _ = start(tmp_path, "--only", "ngo-12")
    try:
        end = time.monotonic() + PATIENCE_S
        while old.exists() and time.monotonic() < end:
            time.sleep(0.1)
        assert not old.exists()
    finally:
        stop(process)
