"""Cameras for benchmarks: one process that serves one film under many paths, each from another place in it.

``python -m bench.rig.simcam --cameras 50 --bits 1200000`` prints ``port N``, then answers each line on standard input
with one line of JSON: ``reset`` forgets the worst lateness, ``state`` tells it and, for each camera, what was sent to
whom.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.rig.names import path_of
from cameras.demo import film, loop, testcard
from cameras.demo.rtsp_server import CameraServer

FPS = 15
SECONDS = 20
SIZE = (1280, 720)
NOISE = 9.0
"""Grain of the test picture: enough that no encoder gets below the bit rate asked."""


def film_for(bits_per_s: int, *, size: tuple[int, int] = SIZE, seconds: int = SECONDS) -> loop.Loop:
    """A film of that bit rate, encoded once and kept in the machine's temporary folder."""
    kept = Path(tempfile.gettempdir()) / f"matpho-bench-{bits_per_s}-{size[0]}x{size[1]}-{seconds}.h264"
    if not kept.exists():
        noise = NOISE * (1 + bits_per_s / 4_000_000)
        drawn = testcard.pictures(FPS * seconds, size, noise=noise)
        film.store(kept, film.encode(drawn, fps=FPS, size=size, bits_per_s=bits_per_s))
    return loop.cut(kept.read_bytes(), FPS)


def state(server: CameraServer, cameras: int) -> dict[str, object]:
    sent = []
    for number in range(cameras):
        for watcher in server.watchers(path_of(number)):
            sent.append({"camera": number, "first": watcher.first, "last": watcher.last, "dropped": watcher.dropped})
    return {"worst_late_ms": server.worst_late_s * 1000, "sent": sent}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.rig.simcam", description="Many cameras for a benchmark")
    parser.add_argument("--cameras", type=int, default=50)
    parser.add_argument("--bits", type=int, default=1_200_000)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    film_loop = film_for(options.bits)
    server = CameraServer(port=options.port, fps=FPS, phases=max(1, min(options.cameras, 50)))
    for number in range(options.cameras):
        # each camera somewhere else in the film, so that key frames do not come together
        server.add(path_of(number), film_loop, offset=number * 41 % len(film_loop.frames))

    def command() -> None:
        line = sys.stdin.readline()
        if not line:
            server.stop()
            return
        if line.strip() == "reset":
            server.worst_late_s = 0.0
        print(json.dumps(state(server, options.cameras)), flush=True)

    server.on_readable(sys.stdin.fileno(), command)
    rate = sum(len(frame.wire) for frame in film_loop.frames) * 8 * FPS / len(film_loop.frames)
    print(f"port {server.port} bits {rate:.0f}", flush=True)
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
