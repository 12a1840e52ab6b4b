"""``python -m tests.cameras.playback.scene N``: fill an empty database with a minute of heavy footage, open N replays
and a live view of it, and print their paths as JSON.

For tests that freeze the database (it must not be the one the test itself uses) and for the benchmark.
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from backend.lib.clock import now  # noqa: E402
from cameras import viewing  # noqa: E402
from tests.cameras.playback.conftest import actor_of, make_camera  # noqa: E402
from tests.cameras.playback.footage import Recorder, ago  # noqa: E402
from tests.cast import make_cast  # noqa: E402


def main(replays: int) -> None:
    cast = make_cast()
    camera = make_camera(cast)
    recorder = Recorder(camera, pad=100_000)
    recorder.past(ago(60), 60)
    recorder.close()
    who: dict[str, Any] = {"actor": actor_of(cast.an), "camera_id": camera.id, "address": "127.0.0.1"}
    opened = [
        viewing.view_open_playback(**who, starts_at=ago(50), ends_at=ago(5), now=now()).url for _ in range(replays)
    ]
    live = viewing.view_open_live(**who, now=now()).url
    media = str(next((recorder.root / str(camera.id)).rglob("*.mp4")))
    print(json.dumps({"replays": opened, "live": live, "media": media}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
