"""Starts ``bench.rig.pasthour`` beside a product; apart from it, because that module sets Django up when imported."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from backend.lib.config import ROOT, Config


def footage_make(data_dir: Path, *options: str) -> dict[str, Any]:
    """``camera``, ``from``, ``to`` (ISO 8601) and ``frames`` of the footage made for the product at ``data_dir``."""
    names = set(Config.__dataclass_fields__) | {"DJANGO_SETTINGS_MODULE"}
    env = {name: value for name, value in os.environ.items() if name not in names} | {"DATA_DIR": str(data_dir)}
    done = subprocess.run(
        [sys.executable, "-m", "bench.rig.pasthour", *options], cwd=ROOT, env=env, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made
