"""Amounts read aloud: the hard cases of Vietnamese numbers, and that what is read is the number again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neighborhoods.fund.words_vi import DIGITS, read_amount, read_number

HARD = {
    0: "không",
    4: "bốn",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    91: "chín mươi mốt",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    1_000: "một nghìn",
    1_005: "một nghìn không trăm linh năm",
    1_015: "một nghìn không trăm mười lăm",
    21_000: "hai mươi mốt nghìn",
    100_001: "một trăm nghìn không trăm linh một",
    350_000: "ba trăm năm mươi nghìn",
    1_000_000: "một triệu",
    1_000_500: "một triệu năm trăm",
    1_050_000: "một triệu không trăm năm mươi nghìn",
    2_004_005: "hai triệu không trăm linh bốn nghìn không trăm linh năm",
    30_120_000: "ba mươi triệu một trăm hai mươi nghìn",
    1_000_000_000: "một tỷ",
    1_000_000_015: "một tỷ không trăm mười lăm",
    25_600_000_000: "hai mươi lăm tỷ sáu trăm triệu",
    1_000_000_000_000: "một nghìn tỷ",
    1_001_000_000_000: "một nghìn không trăm linh một tỷ",
}


@pytest.mark.parametrize(("number", "words"), HARD.items())
def test_a_number_is_read_as_schools_teach_it(number: int, words: str) -> None:
    assert read_number(number) == words


def test_an_amount_on_paper_begins_with_a_capital_and_ends_in_dong() -> None:
    assert read_amount(350_000) == "Ba trăm năm mươi nghìn đồng"


def test_a_negative_amount_is_not_read() -> None:
    with pytest.raises(ValueError, match="-5"):
        read_number(-5)


SAID = {word: value for value, word in enumerate(DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5}


def understood(words: str) -> int:
    """What a listener makes of it: an independent reading of the grammar."""
    total = group = digit = 0
    for word in words.split():
        if word in SAID:
            digit = SAID[word]
        elif word == "trăm":
            group, digit = digit * 100, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "mười":
            group, digit = group + 10, 0
        elif word in ("nghìn", "triệu"):
            total += (group + digit) * {"nghìn": 10**3, "triệu": 10**6}[word]
            group = digit = 0
        elif word == "tỷ":
            total, group, digit = (total + group + digit) * 10**9, 0, 0
        else:
            assert word == "linh"
    return total + group + digit


@settings(max_examples=300)
@given(st.one_of(st.integers(0, 2_000), st.integers(0, 10**12)))
def test_what_is_read_aloud_is_understood_as_the_same_number(number: int) -> None:
    assert understood(read_number(number)) == number
