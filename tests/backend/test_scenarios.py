"""The five stories, told small: the statistics give back what they add up to, and the audit chain holds."""

from fractions import Fraction

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from backend.scenarios.expected import HA_NOI, THANH_HOA
from backend.scenarios.scale import scaled, shares
from backend.scenarios.stories import STORIES, NotEmpty, scenario_check, scenario_replay
from neighborhoods import audit_chain
from tests.cast import make_cast

SMALL = {name: max(Fraction("0.005"), story.expected.least) for name, story in STORIES.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("name", STORIES)
def test_a_story_adds_up_to_what_its_article_says(name):
    scenario_replay(name, scale=SMALL[name])
    assert scenario_check(name, scale=SMALL[name]) == []
    assert audit_chain.verify().faults == []
    assert [fault for compare in audit_chain.COMPARISONS for fault in compare()] == []


@pytest.mark.django_db
def test_a_figure_that_differs_is_named():
    scenario_replay("thanh_hoa", scale=Fraction("0.002"))
    wrong = {one.name: (one.expected, one.counted) for one in scenario_check("thanh_hoa", scale=Fraction("0.004"))}
    assert wrong["cameras.planned"] == (8, 4)


@pytest.mark.django_db
def test_it_refuses_a_database_in_which_somebody_lives():
    make_cast()
    with pytest.raises(NotEmpty):
        scenario_replay("ha_noi", scale=Fraction("0.01"))


@pytest.mark.django_db
def test_the_command_tells_counts_and_refuses(capsys):
    for scale in ("0.01", "2"):
        with pytest.raises(CommandError, match="told at scales"):
            call_command("scenario", "shakhtinsk", f"--scale={scale}")
    call_command("scenario", "thanh_hoa", "--scale=0.002", "--check")
    assert "14 figures are the story's" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Set DATA_DIR to an empty folder"):
        call_command("scenario", "ha_noi", "--scale=0.01")
    with pytest.raises(CommandError, match="figures differ"):
        call_command("scenario", "ha_noi", "--scale=0.01", "--only-check")


@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_a_total_is_rounded_half_up_and_never_vanishes(count, thousandths):
    scale = Fraction(thousandths, 1000)
    found = scaled(count, scale)
    assert found == 0 if count == 0 else found >= 1
    assert abs(found - count * scale) <= Fraction(1, 2) or found == 1


@given(st.integers(0, 10**5), st.lists(st.integers(0, 10**5), min_size=1, max_size=9).filter(any))
def test_shares_add_up_and_stay_within_one_of_their_part(whole, parts):
    found = shares(whole, dict(enumerate(parts)))
    assert sum(found.values()) == whole
    for index, part in enumerate(parts):
        assert abs(found[index] - Fraction(whole * part, sum(parts))) < 1


def test_at_full_scale_the_table_is_the_articles_own():
    assert HA_NOI.at(Fraction(1))["cameras.kind.ptz"] == 12_000
    assert THANH_HOA.at(Fraction(1))["alerts.sources.street_worker.verdicts.used"] == 12
    small = HA_NOI.at(Fraction("0.01"))
    assert (small["cameras.planned"], small["cameras.kind.ptz"], small["cameras.makes"]) == (402, 120, 33)
