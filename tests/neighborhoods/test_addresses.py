"""One address, many spellings; two houses, never one key."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighborhoods.addresses import address_key

SAME = [
    ("Số 12A, ngõ 3, đường Nguyễn Huệ", "12 a ngo 3 duong nguyen hue", "SN 12a - ng. 3 - đ. Nguyễn Huệ",
     "số nhà 12A ngõ 03 Đường  Nguyễn Huệ"),
    ("Số 5/2", "5 / 2", "so 05/2"),
    ("Số 7, TDP 8", "7 tổ dân phố 8"),
    ("Ngách 5/11", "ngh. 5/11"),
    ("ул. Ленина, 5", "УЛ ЛЕНИНА 5"),
]  # fmt: skip
DIFFERENT = [
    ("Số 12", "Số 12A"), ("Số 12/3", "Số 123"), ("12/3", "12 3"), ("Số 1, ngõ 2", "Số 2, ngõ 1"),
    ("Số 5, Tổ 7", "Số 5, Tổ 8"), ("ул. Ленина, 5", "ул. Мира, 5"), ("Nhà bà Hoa", "Nhà bà Hòe"),
]  # fmt: skip


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_address_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({address_key(one) for one in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_houses_have_two_keys(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@given(
    st.integers(1, 999),
    st.sampled_from("ABCĐ "),
    st.integers(1, 99),
    st.sampled_from(["Nguyễn Huệ", "Đội Cấn", "Lò Đúc"]),
)
def test_case_tones_and_punctuation_never_make_another_house(number: int, letter: str, lane: int, street: str) -> None:
    written = f"Số {number}{letter.strip()}, ngõ {lane}, đường {street}"
    key = address_key(written)
    assert key == address_key(unicodedata.normalize("NFD", written).upper())
    assert key == address_key(f"{number} {letter} - ng. {lane}; đ. {street}.")
    assert key != address_key(f"Số {number + 1}{letter.strip()}, ngõ {lane}, đường {street}")
