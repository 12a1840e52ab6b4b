"""The limiter, pure: an injected clock, every cap at its edge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighborhoods.limits import (
    NEIGHBORHOOD_RULE,
    PER_NEIGHBORHOOD,
    PER_SOURCE,
    SOURCE_RULE,
    TELL_LEADER_AT,
    Rule,
    decide,
    source_of,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_a_source_is_an_address_or_a_64(address: str, source: str) -> None:
    assert source_of(address) == source


def test_twenty_are_allowed_and_the_twenty_first_is_not() -> None:
    start = SOURCE_RULE.window_start(NOON)
    assert decide(SOURCE_RULE, {start: PER_SOURCE}, NOON).allowed
    refused = decide(SOURCE_RULE, {start: PER_SOURCE + 1}, NOON)
    assert not refused.allowed
    assert refused.retry_after_s == 65 * 60 + 1


def test_waiting_as_long_as_it_says_is_enough() -> None:
    steps = {NOON - 50 * MINUTE: 5, NOON - 10 * MINUTE: 12, NOON: 4}
    refused = decide(SOURCE_RULE, steps, NOON)
    later = NOON + timedelta(seconds=refused.retry_after_s)
    assert not refused.allowed
    assert decide(SOURCE_RULE, steps, later).allowed
    assert not decide(SOURCE_RULE, steps, later - timedelta(seconds=2)).allowed


def test_a_clock_hour_that_turns_gives_nothing_back() -> None:
    steps = {NOON - 5 * MINUTE: PER_SOURCE, NOON: 1}
    assert not decide(SOURCE_RULE, steps, NOON + MINUTE).allowed


def test_the_neighborhood_has_two_thousand_a_day_and_the_leader_is_told_at_two_hundred() -> None:
    start = NEIGHBORHOOD_RULE.window_start(NOON)
    assert not decide(NEIGHBORHOOD_RULE, {start: TELL_LEADER_AT - 1}, NOON).tell_leader
    assert decide(NEIGHBORHOOD_RULE, {start: TELL_LEADER_AT}, NOON).tell_leader
    assert decide(NEIGHBORHOOD_RULE, {start: PER_NEIGHBORHOOD}, NOON).allowed
    assert not decide(NEIGHBORHOOD_RULE, {start: PER_NEIGHBORHOOD + 1}, NOON).allowed


def test_a_source_never_tells_the_leader() -> None:
    assert not decide(SOURCE_RULE, {SOURCE_RULE.window_start(NOON): PER_SOURCE}, NOON).tell_leader


def test_the_arithmetic_of_the_docstring() -> None:
    assert 20**8 == 25_600_000_000
    assert pytest.approx(6.7e-6, rel=0.01) == PER_NEIGHBORHOOD * 86 / 20**8
    assert pytest.approx(400, rel=0.05) == 1 / (PER_NEIGHBORHOOD * 86 / 20**8) / 365
    assert pytest.approx(1.6e-6, rel=0.02) == PER_SOURCE * 24 * 86 / 20**8


@given(tries=st.lists(st.integers(0, 3 * 3600), min_size=1, max_size=120))
def test_no_span_of_an_hour_ever_holds_more_than_twenty(tries: list[int]) -> None:
    rule = Rule(20, timedelta(hours=1), timedelta(minutes=5))
    steps: dict[datetime, int] = {}
    let_through: list[int] = []
    for second in sorted(tries):
        now = NOON + timedelta(seconds=second)
        start = rule.window_start(now)
        charged = steps | {start: steps.get(start, 0) + 1}
        if decide(rule, charged, now).allowed:
            steps = charged
            let_through.append(second)
    for second in let_through:
        assert sum(second - 3600 < other <= second for other in let_through) <= 20
