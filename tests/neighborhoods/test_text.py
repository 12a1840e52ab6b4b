"""Names: any Vietnamese, nothing that cannot be seen."""

import unicodedata

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.errors import BadInput
from backend.lib.text import clean_name

VIETNAMESE = (
    "Nguyễn Thị Ngọc Ánh", "Đỗ Hữu Lượng", "Phạm Ỷ Vỹ", "Hộ bà Hoa (số 12/3B)", "Tổ dân phố 7", "Lỗ Ẵm Ừ Ặc Ễ Ỡ Ữ Ỹ",
    "Y Ngông Niê Kđăm", "Trần Văn 'Tư' – Sáu", "🏠 Nhà bà nội",
)  # fmt: skip


@pytest.mark.parametrize("name", VIETNAMESE)
def test_any_vietnamese_is_a_name(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("name", VIETNAMESE)
def test_it_is_kept_in_one_spelling(name: str) -> None:
    assert clean_name(unicodedata.normalize("NFD", name)) == clean_name(name) == unicodedata.normalize("NFC", name)


def test_spaces_are_trimmed_and_collapsed() -> None:
    assert clean_name("  Hộ \u00a0 bà   Hoa ") == "Hộ bà Hoa"


@pytest.mark.parametrize(
    "sign",
    ["\x00", "\x07", "\n", "\t", "\x7f", "\x85", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e",
     "\u2066", "\u2069", "\u2060", "\ufeff", "\u00ad", "\u061c", "\u2028", "\u2029", "\ue000", "\ud800", "\u3164",
     "\u115f", "\u2800", "\U000e0041", "\uffff", "\u180b", "\ufe00", "\U000e0100"],
)  # fmt: skip
def test_what_cannot_be_seen_or_turns_the_text_is_refused(sign: str) -> None:
    with pytest.raises(BadInput) as caught:
        clean_name(f"Hộ{sign}bà", field="address")
    assert caught.value.code == "bad_name"
    assert f"U+{ord(sign):04X}" in caught.value.fields["address"][0]


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 121, "a" + "\u0323\u0331\u0332\u0333\u0330" * 2, "a" + "\u20dd" * 5, "\ufe0f"]
)
def test_empty_long_and_stacked_are_refused(name: str) -> None:
    with pytest.raises(BadInput):
        clean_name(name)


def test_a_heart_stays_a_heart_without_the_sign_that_only_colours_it() -> None:
    assert clean_name("Máy của An \u2764\ufe0f") == clean_name("Máy của An \u2764") == "Máy của An \u2764"


def test_the_reason_is_in_the_readers_language() -> None:
    with translation.override("vi"), pytest.raises(BadInput) as caught:
        clean_name("x" * 121)
    assert "120 ký tự" in caught.value.detail


@given(st.text(max_size=60))
def test_what_passes_is_stable(text: str) -> None:
    try:
        once = clean_name(text)
    except BadInput:
        return
    assert clean_name(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not {unicodedata.category(sign) for sign in once} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
