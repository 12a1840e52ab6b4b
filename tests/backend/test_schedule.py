"""What Celery runs by itself: that each task is there, and often enough for what it is for."""

from importlib import import_module

import pytest

from backend.celery import TICKS, app
from backend.lib.config import Config

LOADS = [(50, 1_200_000), (10, 8_000_000)]
"""Cameras and bits per second, as the ingest benchmark records them."""


@pytest.mark.parametrize("task", TICKS)
def test_every_task_of_the_schedule_exists(task: str) -> None:
    module, _dot, name = task.rpartition(".")
    assert getattr(import_module(module), name).name == task
    assert app.conf.beat_schedule[name]["task"] == task


@pytest.mark.parametrize(("cameras", "bits"), LOADS)
def test_the_headroom_holds_what_is_written_between_two_runs_of_retention(cameras: int, bits: int) -> None:
    """And between three, should one be late or fail."""
    written = cameras * bits / 8 * TICKS["cameras.tasks.retention_run"]
    assert 2 * written < int(Config().STORE_HEADROOM_BYTES)
