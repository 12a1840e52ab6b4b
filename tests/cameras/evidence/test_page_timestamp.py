"""Time stamps in the page: of each token it says what ``verify.py`` says, to the word."""

import base64
import hashlib
from collections.abc import Sequence

import pytest

from cameras.evidence.timestamp import TIMESTAMP, Unfit, token_of
from tests.cameras.evidence.authority import local_authority
from tests.cameras.evidence.clerk import Clerk
from tests.cameras.evidence.tokens import DATA, SPOILT, ByHand, strange_name

pytestmark = pytest.mark.browser

READ = """async ([tokens, data]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const said = [];
  for (const token of tokens) {
    try {
      const { at, subject, certificate } = await tokenOf(bytes(token), bytes(data));
      said.push([at, subject, certificate].join(" "));
    } catch (error) {
      const [which, ...more] = error.said;
      said.push(FAULTS[which](...more)[1]);
    }
  }
  return said;
}"""


def by_page(clerk: Clerk, tokens: Sequence[bytes]) -> list[str]:
    texts = [base64.b64encode(one).decode() for one in (*tokens, DATA)]
    return list(clerk.page.evaluate(READ, [texts[:-1], texts[-1]]))


def by_python(raw: bytes) -> str:
    try:
        return " ".join(token_of(raw, DATA))
    except Unfit as unfit:
        return f"{TIMESTAMP}: {unfit}"


def test_it_reads_each_kind_and_refuses_for_the_same_reason(clerk: Clerk) -> None:
    tokens = [by_hand.made() for by_hand, _said in SPOILT.values()] + [ByHand(strange_name()).made()]
    for kind, digest, ess in (("rsa", "sha256", "sha1"), ("rsa", "sha384", "sha512"), ("p256", "sha256", "sha256"),
                              ("p384", "sha384", "sha384"), ("p521", "sha512", "sha256")):  # fmt: skip
        tokens.append(local_authority(kind=kind, digest=digest, ess=ess).stamped(DATA))
    assert by_page(clerk, tokens) == [by_python(one) for one in tokens]


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_of_a_changed_bit_it_says_the_same_wherever_it_is(clerk: Clerk, kind: str) -> None:
    raw = local_authority(kind=kind).stamped(DATA)
    tokens = []
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << hashlib.sha256(at.to_bytes(4, "big")).digest()[0] % 8
        tokens.append(bytes(changed))
    assert by_page(clerk, tokens) == [by_python(one) for one in tokens]
