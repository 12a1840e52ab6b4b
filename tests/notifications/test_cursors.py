"""Cursors: what is packed is unpacked, and nothing else is."""

import base64
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.cursors import HIGHEST_ID, Cursor, pack, unpack

AT = datetime(2026, 11, 20, 4, 5, 6, tzinfo=UTC)


@example(1, datetime(4147, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))  # a float takes it for the next second
@given(
    st.integers(0, HIGHEST_ID),
    st.datetimes(datetime(1970, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_is_packed_is_unpacked_to_the_second(event_id: int, at: datetime) -> None:
    text = pack(event_id, at)
    assert unpack(text) == Cursor(event_id, at.replace(microsecond=0))
    assert text.isascii() and len(text) == 23 and not set(text) & set("+/=&?#")


@given(st.text(max_size=40) | st.text(alphabet="ABCDwxyz0189-_+/=", min_size=22, max_size=24))
def test_only_what_pack_would_give_is_a_cursor(text: str) -> None:
    try:
        cursor = unpack(text)
    except ValueError:
        return
    assert pack(cursor.event_id, cursor.at) == text


def raw(version: int, event_id: int, seconds: int) -> str:
    return base64.urlsafe_b64encode(struct.pack(">BQQ", version, event_id, seconds)).rstrip(b"=").decode()


GOOD = pack(7, AT)
BAD = [
    "", "0", "7", GOOD[:-1], GOOD + "A", GOOD + "=", " " + GOOD[1:], GOOD[:-1] + "é", GOOD[:-1] + "\n", "A" * 23,
    GOOD[:-1] + chr(ord(GOOD[-1]) + 1), raw(2, 7, 0), raw(0, 7, 0), raw(1, 2**63, 0), raw(1, 2**64 - 1, 0),
    raw(1, 7, 2**63), raw(1, 7, 253_370_764_801), "٣" * 23,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        unpack(text)


@pytest.mark.parametrize(("event_id", "at"), [(-1, AT), (2**63, AT), (1, datetime(1969, 12, 31, tzinfo=UTC))])
def test_out_of_bounds_is_not_packed(event_id: int, at: datetime) -> None:
    with pytest.raises(ValueError):
        pack(event_id, at)


def test_the_form_does_not_change_under_phones_that_hold_one() -> None:
    assert pack(1_234_567, AT) == "AQAAAAAAEtaHAAAAAGr_xvI"
