"""What banks make of ``HG7 CAM H086``, and when money is booked by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighborhoods.fund import memo
from neighborhoods.fund.memo import Candidate, Certainty
from neighborhoods.fund.vietqr import LONGEST_PURPOSE

HOUSEHOLDS = frozenset(range(1, 87))
CODES = ("CAM", "DEN", "C2")


def read(content, households=HOUSEHOLDS, campaigns=CODES):
    return memo.read(content, selector="HG7", campaigns=campaigns, households=households)


@pytest.mark.parametrize(
    "content",
    [
        "HG7 CAM H086",
        "hg7camh86",
        "HG7.CAM.H086",
        "HG7-CAM-H86",
        "Hg7  cẮm   h 086",
        "ＨＧ７　ＣＡＭ　Ｈ０８６",
        "MBVCB.3278907687.HG7 CAM H086.CT tu 0123499999 NGUYEN VAN A toi 0011001932418 DO THI HOA",
        "CT DEN:406812345678 HG7 CAM H086",
        "IBFT HG7 CAM H086",
        "HG7 CAM H086-CHUYEN TIEN-OQCH0009gXyz-MOMO",
        "HG7CAMH086-180326-10:22:33 123456",
        "HG7 CAM H086 200000",
        "HG7 CA M H086",  # a bank's line ends where it likes
        "NGUYEN VAN A chuyen tien HG7 CAM H086 HG7 CAM H086",
        "Подарок HG7 CAM H086 谢谢 🎁",
        "QR - HG7 CAM H086 Ma giao dich Trace 123456 Trace 123456",
    ],
)
def test_it_is_sure_through_what_banks_do(content):
    assert read(content) == memo.Reading(Certainty.EXACT, (Candidate("CAM", 86),))


@pytest.mark.parametrize(
    ("content", "household"),
    [
        ("CAM H086", 86),  # no selector
        ("AHG7 CAM H086", 86),  # the end of another one's
        ("HG7 CAM HO86", 86),  # letter O
        ("HG7 CAM H0861234", 86),  # what follows ran into it
        ("HG8 CAM H086", 86),
        ("HG7 CAM H086 HG7 CAM H999", 86),
        ("nop tien cam h 5", 5),
    ],
)
def test_it_only_suggests_where_something_is_missing(content, household):
    assert read(content) == memo.Reading(Certainty.LIKELY, (Candidate("CAM", household),))


@pytest.mark.parametrize(
    ("content", "households"),
    [
        ("HG7 CAM H1 2", [1, 12]),
        ("HG7 CAM H8 6", [8, 86]),
        ("HG7 CAM H086 H085", [85, 86]),
        ("HG7 CAM H086 + HG7 CAM H012", [12, 86]),
        ("CAM H1 H2 H3", [1, 2, 3]),
    ],
)
def test_it_never_chooses_between_two(content, households):
    assert read(content) == memo.Reading(Certainty.AMBIGUOUS, tuple(Candidate("CAM", n) for n in households))


def test_two_campaigns_are_two_meanings():
    found = read("HG7 CAM H086 HG7 DEN H086")
    assert found.certainty is Certainty.AMBIGUOUS
    assert found.candidates == (Candidate("CAM", 86), Candidate("DEN", 86))


@pytest.mark.parametrize(
    "content", ["", "Ủng hộ tổ dân phố", "HG7 CAM H999", "H", "HG7 CAM", "谢谢", "0" * 5000, "HG7 CAM H" + "9" * 400]
)
def test_nothing_is_read_into_other_words(content):
    assert read(content) == memo.Reading(Certainty.NONE)


def test_a_household_alone_names_no_campaign():
    assert read("tien nha H012") == memo.Reading(Certainty.LIKELY, (Candidate("", 12),))


SELECTORS = st.from_regex(r"\A[A-Z]{1,6}[0-9]{0,4}\Z")
CODE = st.from_regex(r"\A[A-Z0-9]{2,6}\Z")
PREFIXES = st.sampled_from(
    ["", "MBVCB.3278907687.", "CT DEN:4068 ", "IBFT ", "QR - ", "FT23084-", "Нет ", "Chuyển tiền "]
)
SUFFIXES = st.sampled_from(["", "-CHUYEN TIEN-OQCHgXyz", ".CT tu 0123", " GD 123456789", " cảm ơn", "; 谢谢"])
BETWEEN = st.sampled_from(["", " ", "  ", ".", "-", "_", ". "])


@given(st.data(), SELECTORS, CODE, st.integers(1, 9999), PREFIXES, SUFFIXES)
def test_what_we_print_is_read_with_certainty_however_it_is_wrapped(data, selector, code, number, before, after):
    one, two = data.draw(BETWEEN), data.draw(BETWEEN)
    zeros = data.draw(st.sampled_from(["d", "03d"]))
    case = data.draw(st.sampled_from([str.upper, str.lower, str.title]))
    content = before + case(f"{selector}{one}{code}{two}H{number:{zeros}}") + after
    found = memo.read(content, selector=selector, campaigns=[code], households=[number])
    assert found == memo.Reading(Certainty.EXACT, (Candidate(code, number),))


@given(st.text(max_size=300), st.sets(st.integers(1, 200)), st.sets(CODE, max_size=3))
def test_no_text_names_what_is_not_there(content, households, codes):
    found = memo.read(content, selector="HG7", campaigns=codes, households=households)
    assert all(one.household in households and one.campaign in codes | {""} for one in found.candidates)
    if found.certainty is Certainty.EXACT:
        assert len(found.candidates) == 1


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(sorted(HOUSEHOLDS))), min_size=2, max_size=3))
def test_two_written_memos_that_differ_are_never_exact(pairs):
    content = " ".join(memo.build("HG7", code, number) for code, number in pairs)
    assert (read(content).certainty is Certainty.EXACT) == (len(set(pairs)) == 1)


def test_the_longest_memo_fits_a_qr():
    assert len(memo.build("A" * 12, "ABCDEF", 9999)) <= LONGEST_PURPOSE
