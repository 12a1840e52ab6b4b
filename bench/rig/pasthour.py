"""``python -m bench.rig.pasthour --minutes 60``: a further camera of the running demonstration, with real footage of
the last hour, in the product at ``DATA_DIR``. Prints its id and its window as JSON.

The film is muxed and written by the product's own ``Muxer`` and ``SliceWriter`` with wall
clocks of the past; the rows come from ``manage.py rebuild_index``, as after the loss of a database. The camera's
address leads nowhere, so that the recorder finds it down and adds no footage (it may complete rows of the newest
slices before ``rebuild_index`` does, as it would after a kill).
"""

import argparse
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from backend.lib.config import Config
from backend.prepared import demo_port

CONFIG = Config.from_env()
_NOWHERE = f"127.0.0.1:{demo_port(CONFIG)}"
os.environ["CAMERA_ALLOW"] = _NOWHERE
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from backend.lib import clock  # noqa: E402
from backend.lib.clock import from_us, to_us  # noqa: E402
from cameras import registration  # noqa: E402
from cameras.demo import loop  # noqa: E402
from cameras.demo.serve import FPS  # noqa: E402
from cameras.store.resume import Resume  # noqa: E402
from cameras.store.slices import SliceWriter  # noqa: E402
from cameras.store.sync import Syncer  # noqa: E402
from cameras.video.fmp4 import TIMESCALE, Frame, Muxer, init_segment  # noqa: E402
from cameras.video.h264 import sized  # noqa: E402
from neighborhoods import demonstration  # noqa: E402

NAME = "Kho một giờ"
AGO = timedelta(minutes=2)
"""The footage ends so long before now."""
SETTLE_S = 2.0
_SPS, _PPS, _IDR = 7, 8, 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.rig.pasthour", description="An hour of footage in the past")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument(
        "--film", type=Path, help="H.264, Annex B, 15 pictures a second; else one of the demonstration's"
    )
    options = parser.parse_args()
    place = demonstration.find()
    if place is None:
        print("The demonstration is not loaded there.", file=sys.stderr)
        return 1
    camera = registration.camera_add(
        actor=demonstration.leader(place), neighborhood_id=place.id, name=NAME, url=f"rtsp://{_NOWHERE}/khong-co",
        now=clock.now(),
    )  # fmt: skip
    starts_us = to_us(clock.now() - AGO - timedelta(minutes=options.minutes))
    film = options.film or next((CONFIG.data_dir / "demo").glob("*/*.h264"))
    frames, ends_us = write(CONFIG.store_dir, camera.id, film.read_bytes(), starts_us, options.minutes * 60)
    time.sleep(SETTLE_S + 1)  # rebuild_index leaves alone what may still be on its way to the database
    call_command("rebuild_index", settle=SETTLE_S, stdout=sys.stderr)
    window = {"from": from_us(starts_us).isoformat(), "to": from_us(ends_us).isoformat()}
    print(json.dumps({"camera": str(camera.id), "frames": frames, **window}))
    return 0


def write(root: Path, camera_id: UUID, film: bytes, starts_us: int, seconds: float) -> tuple[int, int]:
    """The film over and over, as many whole frames as fit; how many, and the end of the last in µs."""
    units = loop.access_units(film)
    sets = {nal[0] & 31: nal for nal in units[0]}
    init = init_segment([sets[_SPS]], [sets[_PPS]])
    pictures = [
        (sized([nal for nal in unit if nal[0] & 31 not in (_SPS, _PPS)]), any(nal[0] & 31 == _IDR for nal in unit))
        for unit in units
    ]
    sync = Syncer()
    writer = SliceWriter(
        root, camera_id=camera_id, rendition="main", generation=1, mask_version=0, resume=Resume(), sync=sync,
        news=lambda news: None,
    )  # fmt: skip
    muxer, step, count = Muxer(), TIMESCALE // FPS, int(seconds * FPS)
    for number in range(count):
        data, key = pictures[number % len(pictures)]
        at = number * step
        done = muxer.add(Frame(data, at, at, key), starts_us + at * 1_000_000 // TIMESCALE)
        if done is not None:
            writer.write(done, init)
    last = muxer.flush()
    if last is not None:
        writer.write(last, init)
    writer.close()
    sync.stop()
    return count, starts_us + count * step * 1_000_000 // TIMESCALE


if __name__ == "__main__":
    sys.exit(main())
