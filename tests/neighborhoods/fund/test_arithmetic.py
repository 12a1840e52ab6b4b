"""Sums of accounts and dues, for whatever amounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighborhoods.fund.arithmetic import ACCOUNTS, Standing, balance_of, dues, sums, two_thirds

amounts = st.integers(1, 10**12)
Moves = list[tuple[str, str, int]]
moves = st.lists(
    st.tuples(st.permutations(ACCOUNTS), amounts).map(lambda one: (one[0][0], one[0][1], one[1])), max_size=30
)


@given(moves)
def test_all_accounts_sum_to_nought_whatever_was_moved(written: Moves) -> None:
    assert sum(sums(written).values()) == 0


@given(moves)
def test_what_is_held_is_what_came_less_what_went(written: Moves) -> None:
    found = balance_of(written)
    assert found.held == found.cash + found.bank == found.received - found.spent


@given(moves, moves)
def test_moves_taken_back_leave_what_was(written: Moves, later: Moves) -> None:
    back = [(credit, debit, amount) for debit, credit, amount in later]
    assert balance_of([*written, *later, *back]) == balance_of(written)


@pytest.mark.parametrize(
    ("in_favour", "total", "passed"),
    [(58, 86, True), (57, 86, False), (2, 3, True), (1, 2, False), (1, 1, True), (0, 1, False), (66, 99, True),
     (66, 100, False), (67, 100, True)],
)  # fmt: skip
def test_two_thirds_of_all_households(in_favour: int, total: int, passed: bool) -> None:
    assert (in_favour >= two_thirds(total)) is passed


sums_of = st.fixed_dictionaries(
    {
        "suggestion": st.none() | amounts,
        "is_voluntary": st.booleans(),
        "pledged": st.none() | st.integers(0, 10**12),
        "paid": st.integers(0, 10**13),
        "excused": st.booleans(),
    }
)


@given(sums_of, st.integers(0, 100))
def test_dues_add_up(facts: dict[str, object], back: int) -> None:
    paid = int(str(facts["paid"]))
    found = dues(**facts, refunded=paid * back // 100)
    assert found.given == found.paid - found.refunded >= 0
    assert found.owes == 0 or found.over == 0
    assert found.given + found.owes >= found.due
    if found.due:
        assert found.given - found.due == found.over - found.owes
    if found.excused:
        assert (found.due, found.owes, found.standing) == (0, 0, Standing.EXCUSED)
    if facts["is_voluntary"]:
        assert found.due <= (found.pledged or 0)


@pytest.mark.parametrize(
    ("facts", "owes", "standing"),
    [
        ({"is_voluntary": False}, 350, Standing.OWES),
        ({"is_voluntary": False, "paid": 100}, 250, Standing.PART),
        ({"is_voluntary": False, "paid": 350}, 0, Standing.PAID),
        ({"is_voluntary": False, "paid": 500, "refunded": 200}, 50, Standing.PART),
        ({"is_voluntary": False, "pledged": 500}, 500, Standing.OWES),
        ({"is_voluntary": False, "pledged": 100}, 350, Standing.OWES),
        ({"is_voluntary": False, "excused": True}, 0, Standing.EXCUSED),
        ({"is_voluntary": True}, 0, Standing.FREE),
        ({"is_voluntary": True, "paid": 10}, 0, Standing.PAID),
        ({"is_voluntary": True, "pledged": 200, "paid": 10}, 190, Standing.PART),
        ({"is_voluntary": True, "pledged": 0}, 0, Standing.FREE),
    ],
)
def test_what_a_household_owes(facts: dict[str, object], owes: int, standing: Standing) -> None:
    plain = {"suggestion": 350, "pledged": None, "paid": 0, "refunded": 0, "excused": False}
    found = dues(**plain | facts)
    assert (found.owes, found.standing) == (owes, standing)
