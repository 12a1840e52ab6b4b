"""The page's own arithmetic: Ed25519, SHA-256 and CRC-32 beside what others compute."""

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.cameras.evidence.clerk import Clerk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RFC_8032 = [  # 7.1: secret key, message, signature
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip
ORDER = 2**252 + 27742317777372353535851937790883648493
BY_THE_PAGE = """(all) => {
  const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
  return Promise.all(all.map((one) => ed25519Verify(...one.map(bytes))));
}"""


def by_python(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_ed25519_is_that_of_rfc_8032(clerk: Clerk) -> None:
    """The vectors; then whatever is not quite one of them, as OpenSSL sees it."""
    drawn, good, spoilt = random.Random(8032), [], []
    for secret, text, signed in RFC_8032:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw()
        message, signature = bytes.fromhex(text), bytes.fromhex(signed)
        good.append((key, signature, message))
        more = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")  # the same, modulo the order
        spoilt += [(key, signature[:32] + more, message), (key, signature, message + b"x")]
        spoilt += [(key, signature[:63], message), (b"\xff" * 32, signature, message)]
        for _n in range(8):
            parts = [bytearray(key), bytearray(signature)]
            parts[drawn.randrange(2)][drawn.randrange(32)] ^= 1 << drawn.randrange(8)
            spoilt.append((bytes(parts[0]), bytes(parts[1]), message))
    asked = good + spoilt
    answers = clerk.page.evaluate(BY_THE_PAGE, [[part.hex() for part in one] for one in asked])
    assert answers == [True] * len(good) + [False] * len(spoilt)
    assert answers == [by_python(*one) for one in asked]


IN_BLOCKS = """async ([sizes, steps]) => {
  const all = Uint8Array.from({ length: 70_000 }, (_none, at) => at * 7 + (at >> 8));
  const wrong = [];
  for (const size of sizes) for (const step of steps) {
    const [whole, hash] = [all.subarray(0, size), new Sha256()];
    let sum = 0;
    for (let at = 0; at < size; at += step) {
      const block = whole.subarray(at, at + step);
      hash.update(block);
      sum = crc32(block, sum);
    }
    if (hash.hex() !== await sha256(whole) || sum !== crc32(whole)) wrong.push([size, step]);
  }
  return [wrong, crc32(new TextEncoder().encode("123456789"))];
}"""


def test_sha256_and_crc32_take_blocks_of_any_size(clerk: Clerk) -> None:
    sizes, steps = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70_000], [1, 63, 64, 65, 70_000]
    assert clerk.page.evaluate(IN_BLOCKS, [sizes, steps]) == [[], 0xCBF43926]
