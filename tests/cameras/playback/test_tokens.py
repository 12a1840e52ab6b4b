"""The opaque id of a media path: only what we minted, in exactly our spelling."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from cameras.playback.tokens import LENGTH, token_mint, token_parse

KEY = b"k" * 32
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.uuids())
def test_what_is_minted_is_read_back(session_id: UUID) -> None:
    token = token_mint(session_id, KEY)
    assert len(token) == LENGTH
    assert token_parse(token, KEY) == session_id
    assert token_parse(token, b"another") is None


@given(st.uuids(), st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_no_other_spelling_counts(session_id: UUID, at: int, letter: str) -> None:
    token = token_mint(session_id, KEY)
    forged = token[:at] + letter + token[at + 1 :]
    assert (token_parse(forged, KEY) is None) == (forged != token)


@given(st.text())
def test_nonsense_is_nothing(text: str) -> None:
    assert token_parse(text, KEY) is None
