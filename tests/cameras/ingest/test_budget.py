"""What a camera may use up. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from cameras.ingest.budget import Budget


def test_what_is_used_comes_back_with_time_up_to_the_most():
    budget = Budget(most=10, per_s=2, now=100.0)
    for at, used, spent in (
        (100.0, 10, True),
        (101.0, 0, False),
        (101.0, 2, True),
        (1000.0, 9, False),
        (1000.0, 1, True),
    ):
        budget.refill(at)
        budget.take(used)
        assert budget.spent is spent, at


@given(
    st.floats(1, 100), st.floats(0.1, 10),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), max_size=200),
)  # fmt: skip
def test_no_more_is_given_than_the_most_and_what_time_brings(most, per_s, uses):
    budget, now, used, largest = Budget(most=most, per_s=per_s, now=0.0), 0.0, 0.0, 0.0
    for wait, amount in uses:
        now += wait
        budget.refill(now)
        if not budget.spent:
            budget.take(amount)
            used, largest = used + amount, max(largest, amount)
    assert used <= most + now * per_s + largest + 1e-6
