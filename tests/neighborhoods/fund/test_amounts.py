"""Amounts as people type them: đồng in groups of three, and nothing of another currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.errors import BadInput
from neighborhoods.fund.amounts import read_amount


@pytest.mark.parametrize(
    "text",
    ["350000", "350.000", "350,000", "350 000", "350.000 đ", "350.000đ", "350.000 đồng", "350 000 VND", "350.000 ₫",
     " 350.000 ", "350\u00a0000 vnđ", "000350000"],
)  # fmt: skip
def test_it_reads(text: str) -> None:
    assert read_amount(text) == 350_000


@pytest.mark.parametrize(
    "text",
    ["", "đ", "-350000", "350.00", "3500.000", "350.000,50", "350.000 000", "1,5", "1e6", "0", "$20", "20 USD", "€20",
     "20 EUR", "350k", "ba trăm", "٣٥٠", "0x10", "1" * 30, "1.000.000.000.001", "350_000", "¥350000"],
)  # fmt: skip
def test_it_refuses(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_amount(text)
    assert refused.value.code == "amount"


@given(st.integers(1, 10**12), st.sampled_from([".", ",", " ", ""]))
def test_what_is_written_in_groups_is_read_back(amount: int, mark: str) -> None:
    assert read_amount(f"{amount:,}".replace(",", mark)) == amount


@given(st.text(max_size=12))
def test_whatever_is_typed_is_an_amount_or_a_refusal(text: str) -> None:
    try:
        assert 1 <= read_amount(text) <= 10**12
    except BadInput as refused:
        assert refused.code == "amount"
