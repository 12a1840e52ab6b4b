"""What an officer asks alone, and words that say something."""

from datetime import UTC, datetime, timedelta

import pytest

from cameras.footage.policy import Policy, limits_passed
from cameras.footage.vague import says_something

NOON = datetime(2026, 11, 30, 5, tzinfo=UTC)
ALONE = {"window": timedelta(hours=2), "extent_km2": 0.5, "places": 1, "cameras": 12, "urgent": False, "now": NOON,
         "duty": (6, 22), "policy": Policy()}  # fmt: skip


@pytest.mark.parametrize(
    "words",
    ["Xe máy Wave màu xanh, biển 23B1", "Áo mưa đỏ đi về phía chợ", "a white van with a dent", "cháu bé bảy tuổi"],
)
def test_words_that_say_what_is_looked_for(words: str) -> None:
    assert says_something(words)


@pytest.mark.parametrize(
    "words",
    ["", "investigation", "Điều tra", "phục vụ công tác điều tra", "ĐIỀU TRA vụ án", "Police work for the case",
     "xác minh vụ việc theo yêu cầu", "...", "trích xuất camera", "làm rõ vụ án"],
)  # fmt: skip
def test_words_that_say_nothing(words: str) -> None:
    assert not says_something(words)


def test_within_all_limits_an_officer_asks_alone() -> None:
    assert limits_passed(**ALONE) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"window": timedelta(hours=2, seconds=1)}, "window"),
        ({"extent_km2": 0.51}, "area"),
        ({"places": 2}, "area"),
        ({"cameras": 13}, "cameras"),
        ({"urgent": True}, "urgent"),
        ({"now": NOON.replace(hour=15)}, "off_duty"),  # 22:00 in Hà Nội
        ({"now": NOON.replace(hour=22)}, "off_duty"),  # 05:00
    ],
)
def test_above_each_limit_somebody_else_signs(change: dict, code: str) -> None:
    assert limits_passed(**(ALONE | change)) == [code]


@pytest.mark.parametrize("hour", [6, 21])
def test_the_first_and_the_last_hour_of_duty_are_duty(hour: int) -> None:
    there = NOON.replace(hour=(hour - 7) % 24)
    assert limits_passed(**(ALONE | {"now": there})) == []
