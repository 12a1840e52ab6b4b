"""Whatever JSON a messenger sends: a transfer that can be kept as it is, nothing for us, or a plain refusal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.errors import BadInput
from neighborhoods.fund.bank_messages import Casso, SePay, clean, in_time
from neighborhoods.models import MOST_DONG
from tests.neighborhoods.conftest import NOW
from tests.neighborhoods.fund.bank_cast import casso, casso_headers, sepay, sepay_headers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
    | st.sampled_from(["in", "out", "2026-03-18 10:22:33", "99999999999999999999", "1e9", "\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def read(messenger, said):
    try:
        told = messenger.read(said)
    except BadInput as refused:
        assert refused.code == "bank_message"
        return
    if told.transfer is None:
        return
    one = told.transfer
    assert type(one.amount) is int and 1 <= one.amount <= MOST_DONG
    assert one.occurred_at.tzinfo is not None
    assert len(one.content) <= 500 and len(one.reference) <= 80 and 1 <= len(one.provider_id) <= 80
    (one.content + one.reference + one.provider_id).encode()
    assert not any(ord(sign) < 32 for sign in one.content + one.reference + one.provider_id)


@given(JSON)
def test_any_json_is_read_or_refused(said):
    for messenger in (SePay(), Casso()):
        read(messenger, said)


@given(st.sampled_from(sorted(sepay())), JSON)
def test_any_field_of_sepay_may_be_anything(name, value):
    read(SePay(), sepay() | {name: value})


@given(st.sampled_from(sorted(casso()["data"])), JSON)
def test_any_field_of_casso_may_be_anything(name, value):
    read(Casso(), casso(**{name: value}))


@given(st.binary(max_size=60), st.text(max_size=40))
def test_no_bytes_and_no_header_pass_for_a_proof(body, header):
    for messenger in (SePay(), Casso()):
        for name in ("Authorization", "X-SePay-Signature", "X-Casso-Signature"):
            assert not messenger.proven(b"k" * 32, {name: header}, body)
            assert not in_time(messenger.sent_at({"X-Casso-Signature": header, "X-SePay-Signature": "x"}), NOW)


@pytest.mark.parametrize("extra", [{"a": 1.0}, {"b": 1e21}, {"c": [1.5, {"y": None, "x": "đ\u2028/"}]}, {"d": -0.5}])
def test_casso_signs_what_javascript_would_write(extra):
    said = casso(**extra)
    written = json.loads(json.dumps(said), parse_float=lambda text: int(float(text)) if text == "1.0" else float(text))
    proof = casso_headers("k" * 32, written)
    assert Casso().proven(b"k" * 32, proof, json.dumps(said, indent=1).encode())


def test_one_changed_byte_is_another_message():
    body = json.dumps(sepay()).encode()
    proof = sepay_headers("k" * 32, body)
    assert SePay().proven(b"k" * 32, proof, body)
    for at in range(0, len(body), 7):
        assert not SePay().proven(b"k" * 32, proof, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])


@given(st.text(max_size=2000))
def test_words_are_kept_visible_short_and_once_cleaned_stay(text):
    kept = clean(text, 500)
    assert len(kept) <= 500 and clean(kept, 500) == kept
