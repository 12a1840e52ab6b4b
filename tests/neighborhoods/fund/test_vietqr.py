"""VietQR: the vectors of banks, strictness, and what an independent reader sees in our pictures."""

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from neighborhoods.fund import vietqr
from neighborhoods.fund.banks import BANKS
from neighborhoods.fund.vietqr import VietQr, VietQrError, build, crc, parse

STATIC = "00020101021138540010A00000072701240006970423011001234567890208QRIBFTTA53037045802VN6304F64B"
ORDER = (
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
    "62340107NPS68690819thanh toan don hang63042E2E"
)
FLOOD = (
    "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN"
    "62170813ung ho lu lut6304C15C"
)
BROKEN = (
    "00020101021238570010A0000007270127000697040301200011012345678"
    "0208QRIBFTTA530370454061800005802VN62340107NPS68690819thanh toan don hang6304F4E5"
)


def sealed(text: str) -> str:
    """``text`` with a right checksum: what is refused then is refused for what it says."""
    return f"{text}6304{crc(text + '6304'):04X}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STATIC, VietQr("970423", "0123456789")),
        (ORDER, VietQr("970403", "0011012345678", 180_000, "thanh toan don hang", "NPS6869")),
        (FLOOD, VietQr("970415", "0011001932418", 120_000, "ung ho lu lut")),
    ],
)
def test_it_reads_and_writes_the_vectors(text, said):
    assert parse(text) == said
    assert build(said) == text


def test_the_checksum_is_the_one_of_the_standard():
    assert crc("123456789") == 0x29B1


def test_it_refuses_a_length_that_says_more_than_is_there_whatever_the_checksum():
    with pytest.raises(VietQrError) as refused:
        parse(sealed(BROKEN[:-8]))
    assert refused.value.tag == "38.01.01"
    assert BROKEN[refused.value.offset :].startswith("20")


BODY = FLOOD[:-8]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (FLOOD[:-4] + FLOOD[-4:].lower(), "63"),  # EMVCo writes capitals
        (FLOOD + " ", " "),
        (FLOOD + "6304C15C", "63"),
        (sealed(BODY + "5802VN"), "58"),
        (sealed(BODY.replace("5802VN", "5802VN5802VN")), "58"),
        (sealed(BODY.replace("5802VN", "5802US")), "58"),
        (sealed(BODY.replace("5303704", "5303840")), "53"),
        (sealed(BODY.replace("5303704", "")), "53"),
        (sealed(BODY.replace("5802VN", "5802VN9903abc")), "99"),
        (sealed(BODY.replace("5406120000", "5406012000")), "54"),
        (sealed(BODY.replace("5406120000", "5406-12000")), "54"),
        (sealed(BODY.replace("5406120000", "540812000.00")), "54"),
        (sealed(BODY.replace("5406120000", "54139999999999999")), "54"),
        (sealed(BODY.replace("A000000727", "A000000728")), "38.00"),
        (sealed(BODY.replace("QRIBFTTA", "QRIBFTTX")), "38.02"),
        (sealed(BODY.replace("970415", "97041X")), "38.01.00"),
        (sealed(BODY.replace("0011001932418", "0011 01932418")), "38.01.01"),
        (sealed(BODY.replace("62170813ung ho lu lut", "62300826" + "x" * 26)), "62.08"),
        (sealed(BODY.replace("62170813ung ho lu lut", "6200")), "62"),
        (sealed(BODY.replace("000201", "", 1) + "000201"), "01"),
        (FLOOD.replace("lu lut", "lũ lụt"), ""),
        (FLOOD.replace("lu lut", "lu\x00lut"), ""),
        ("", "00"),
        ("0", "0"),
        ("00", "00"),
        ("٠٠02", ""),
    ],
)
def test_it_refuses_and_says_which_tag(text, tag):
    with pytest.raises(VietQrError) as refused:
        parse(text)
    assert refused.value.tag == tag


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=25).map(
    lambda text: " ".join(text.split())
)
TRANSFERS = st.builds(
    VietQr,
    bank_bin=st.sampled_from(sorted(BANKS)),
    account=st.from_regex(r"\A[0-9A-Za-z]{1,19}\Z"),
    amount=st.none() | st.integers(1, vietqr.MOST_DONG),
    purpose=WORDS,
    bill=WORDS,
    service=st.sampled_from([vietqr.TO_ACCOUNT, vietqr.TO_CARD]),
)


@given(TRANSFERS)
def test_what_is_built_is_read_back(qr):
    text = build(qr)
    assert parse(text) == qr
    assert build(parse(text)) == text


@settings(max_examples=200)
@given(st.data())
def test_one_wrong_sign_anywhere_is_refused(data):
    text = data.draw(st.sampled_from([STATIC, ORDER, FLOOD]))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda sign: sign != text[at]))
    with pytest.raises(VietQrError):
        parse(text[:at] + other + text[at + 1 :])


@given(st.text(max_size=200))
def test_nothing_else_comes_of_any_text(text):
    with pytest.raises(VietQrError):
        parse(text)


def test_vietnamese_is_folded_and_what_does_not_fit_is_refused():
    assert parse(build(VietQr("970436", "1", 1, "Đợt vận động: Cẩm"))).purpose == "Dot van dong: Cam"
    for bad in (
        VietQr("970436", "1", 0), VietQr("970436", "1", -5), VietQr("970436", "1", 10**12 + 1),
        VietQr("97043", "1"), VietQr("970436", ""), VietQr("970436", "1" * 20), VietQr("970436", "12 3"),
        VietQr("970436", "1", purpose="x" * 26), VietQr("970436", "1", service="QRPUSH"),
    ):  # fmt: skip
        with pytest.raises(VietQrError):
            build(bad)


@pytest.mark.parametrize("text", [STATIC, ORDER, FLOOD, build(VietQr("970436", "0123499999", 350_000, "HG7 CAM H086"))])
def test_two_independent_readers_read_our_picture(text):
    picture = cv2.imdecode(np.frombuffer(vietqr.png(text), np.uint8), cv2.IMREAD_COLOR)
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == text
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == text


def test_the_svg_stands_alone_and_has_its_own_colours():
    drawn = vietqr.svg(ORDER)
    assert drawn.startswith("<svg") and 'xmlns="http://www.w3.org/2000/svg"' in drawn
    assert "#000" in drawn and "#fff" in drawn and "script" not in drawn
