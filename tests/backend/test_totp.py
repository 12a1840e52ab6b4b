"""Codes of the second step, against the vectors of RFC 6238 (appendix B, SHA-1, cut to six digits)."""

import base64

import pytest

from backend.lib import totp

KEY = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "digits"),
    [
        (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)  # fmt: skip
def test_the_vectors_of_the_standard(at: int, digits: str) -> None:
    assert totp.code_at(KEY, at) == digits
    assert totp.code_at(KEY.lower(), at + 0.9) == digits


def test_a_code_is_shown_for_half_a_minute() -> None:
    assert [totp.seconds_left(at) for at in (0, 29.9, 30, 59)] == [30, 1, 30, 1]


def test_a_fresh_key_is_160_bits_and_never_the_same() -> None:
    keys = {totp.fresh_key() for _n in range(20)}
    assert len(keys) == 20
    assert {len(base64.b32decode(key)) for key in keys} == {20}
