"""The stamp on every frame."""

from hypothesis import given
from hypothesis import strategies as st

from cameras.demo import sei


def stamped(wall_us, frame):
    nal = sei.nal()
    at = nal.index(sei.UUID) + len(sei.UUID)
    return nal[:at] + sei.digits(wall_us, frame) + nal[at + sei.DIGITS :]


@given(st.integers(0, 2**63), st.integers(0, 2**32 - 1))
def test_what_is_stamped_reads_back_and_never_looks_like_a_start_code(wall_us, frame):
    nal = stamped(wall_us, frame)
    assert len(nal) == len(sei.nal())
    assert sei.stamps(b"\x00\x00\x01" + nal) == [(wall_us, frame)]
    assert b"\x00\x00" not in nal


@given(st.lists(st.tuples(st.integers(0, 2**50), st.integers(0, 2**32 - 1)), max_size=6), st.binary(max_size=60))
def test_stamps_are_found_in_order_between_anything(pairs, between):
    data = between + between.join(stamped(*pair) for pair in pairs) + between
    assert sei.stamps(data) == pairs


def test_the_frame_number_wraps():
    assert sei.stamps(stamped(1, 2**32 + 5)) == [(1, 5)]


def test_it_is_a_user_data_sei_of_the_right_size():
    nal = sei.nal()
    assert (nal[0] & 31, nal[1], nal[2], nal[-1]) == (6, 5, len(nal) - 4, 0x80)
