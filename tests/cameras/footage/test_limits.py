"""``FOOTAGE_LIMITS``: what a ward decides otherwise, what it may not, and what people are told of it."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from backend.lib.config import ROOT, Config
from cameras.footage import inforce
from cameras.footage.limits import LIMITS, NO_MORE_THAN, figure_of, policy_of
from cameras.footage.policy import Policy, limits_passed
from tests.cameras.footage.test_policy import ALONE
from tests.servers import free_port

TABLE = re.compile(r"^\| (\w+) \| ([\d.]+) \| ([\d.]+) to ([\d.]+) \|", re.MULTILINE)


def test_nothing_said_is_the_defaults() -> None:
    assert policy_of("") == Policy() == inforce.POLICY


def test_what_is_said_is_in_force_and_the_rest_stays() -> None:
    policy = policy_of(" window_hours=3,cameras = 20 , neighborhood_share=0.35, package_days=7,")
    assert (policy.window, policy.cameras) == (timedelta(hours=3), 20)
    assert (policy.neighborhood_share, policy.package_kept) == (0.35, timedelta(days=7))
    assert policy.longest_window == Policy().longest_window
    asked = ALONE | {"window": timedelta(hours=3), "cameras": 20, "policy": policy}
    assert limits_passed(**asked) == []
    assert limits_passed(**(asked | {"policy": Policy()})) == ["window", "cameras"]


def test_every_figure_can_be_said_and_reads_back() -> None:
    assert {limit.field for limit in LIMITS.values()} == set(Policy.__dataclass_fields__)
    for name, limit in LIMITS.items():
        value = limit.least if name in dict(NO_MORE_THAN) else limit.most
        assert figure_of(policy_of(f"{name}={value}"), name) == f"{value:g}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hours=3", "there is no 'hours'"),
        ("window_hours", "window_hours= is not allowed: a number from 0.25 to 24"),
        ("cameras=many", "cameras=many is not allowed: a whole number from 1 to 500"),
        ("cameras=12.5", "cameras=12.5 is not allowed: a whole number"),
        ("neighborhood_share=1.1", "neighborhood_share=1.1 is not allowed: a number from 0.01 to 1"),
        ("neighborhood_share=0", "a number from 0.01 to 1"),
        ("largest_km2=nan", "largest_km2=nan is not allowed"),
        ("held_hours=-1", "a whole number from 1 to 720"),
        ("places=2, places=3", "places is said twice"),
        ("window_hours=5, longest_window_hours=4", "window_hours is 5 and may be longest_window_hours at the most"),
        ("largest_km2=0.4", "extent_km2 is 0.5 and may be largest_km2 at the most, which is 0.4"),
        ("most_cameras=11", "cameras is 12 and may be most_cameras at the most, which is 11"),
    ],
)
def test_a_mistake_names_the_setting_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^FOOTAGE_LIMITS: ") as refused:
        policy_of(text)
    assert said in str(refused.value)


def test_a_mistake_stops_the_start_with_one_line(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in Config.__dataclass_fields__}
    env = kept | {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "FOOTAGE_LIMITS": "cameras=0"}
    started = subprocess.run(
        [sys.executable, "-m", "backend.run"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30
    )
    assert started.returncode == 1
    assert started.stderr == "FOOTAGE_LIMITS: cameras=0 is not allowed: a whole number from 1 to 500.\n"


def test_the_settings_page_has_every_figure_with_its_default_and_range() -> None:
    told = {name: tuple(rest) for name, *rest in TABLE.findall((ROOT / "docs" / "settings.md").read_text())}
    assert told == {
        name: (figure_of(Policy(), name), f"{limit.least:.8g}", f"{limit.most:.8g}") for name, limit in LIMITS.items()
    }
