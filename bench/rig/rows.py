"""Registers the simulator's cameras the way a leader does: ``python -m bench.rig.rows PORT CAMERAS``, after migrate."""

import sys

import django

django.setup()

from backend.lib import clock  # noqa: E402
from bench.rig.names import path_of  # noqa: E402
from cameras import registration  # noqa: E402
from neighborhoods import demonstration  # noqa: E402


def main() -> None:
    port, cameras = int(sys.argv[1]), int(sys.argv[2])
    place, _ = demonstration.demonstration_create(now=clock.now())
    leader = demonstration.leader(place)
    for number in range(cameras):
        camera = registration.camera_add(
            actor=leader, neighborhood_id=place.id, name=path_of(number),
            url=f"rtsp://127.0.0.1:{port}/{path_of(number)}", now=clock.now(),
        )  # fmt: skip
        print(camera.id, flush=True)


if __name__ == "__main__":
    main()
