"""Time stamps made by hand, byte by byte from RFC 3161 and RFC 5652: what no proper authority would give out."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.cameras.evidence.authority import certificate

DATA = b"the signature of a package"
NOW = datetime(2026, 11, 30, 5, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNED_DATA, TIME_STAMP = "2a864886f70d010702", "2a864886f70d0109100104"
SHA256, ECDSA_SHA256, ED25519 = "608648016503040201", "2a8648ce3d040302", "2b6570"
TYPE, DIGEST, SIGNED_WITH = "2a864886f70d010903", "2a864886f70d010904", "2a864886f70d010910022f"
ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
ROOT = certificate("Gốc", ROOT_KEY, begins=NOW - DAY, ends=NOW + DAY)


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size) + body


def oid(name: str) -> bytes:
    return der(0x06, bytes.fromhex(name))


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def one(kind: Any = None, **how: Any) -> tuple[Any, x509.Certificate]:
    """An authority's key and certificate."""
    key = kind or ec.generate_private_key(ec.SECP256R1())
    times = {"begins": NOW - DAY, "ends": NOW + DAY} | {
        name: how.pop(name) for name in ("begins", "ends") if name in how
    }
    return key, certificate(how.pop("name", "Làm bằng tay"), key, ROOT, ROOT_KEY, **times, **how)


@dataclass
class ByHand:
    """A token over ``DATA``; each field is what somebody may get wrong."""

    signer: tuple[Any, x509.Certificate] = field(default_factory=one)
    data: bytes = DATA
    at: bytes = b"20261130050000Z"
    method: str = ECDSA_SHA256
    digest: str = SHA256
    imprint: str = SHA256
    named: x509.Certificate | None = None
    """Whose number and issuer stand there, if not the signer's."""
    held: x509.Certificate | None = None
    """The one certificate in it, if not the signer's."""
    type: str = TIME_STAMP
    spoil: Callable[[bytes], bytes] = bytes
    """What is done to it at the end."""
    after: Callable[[bytes], bytes] = bytes
    """What is done to its statement after it was signed."""
    more: bytes = b""
    """Behind the signed attributes."""

    def made(self) -> bytes:
        key, own = self.signer
        raw = own.public_bytes(Encoding.DER)
        imprint = sequence(sequence(oid(self.imprint)), der(0x04, hashlib.sha256(self.data).digest()))
        said = sequence(b"\2\1\1", oid("2a03"), imprint, b"\2\1\7", der(0x18, self.at))
        identity = sequence(sequence(sequence(der(0x04, hashlib.sha256(raw).digest()))))
        values = ((TYPE, oid(self.type)), (DIGEST, der(0x04, hashlib.sha256(said).digest())), (SIGNED_WITH, identity))
        attributes = b"".join(sequence(oid(name), der(0x31, value)) for name, value in values) + self.more
        named = self.named or own
        number = named.serial_number.to_bytes(named.serial_number.bit_length() // 8 + 1)
        who = sequence(named.issuer.public_bytes(), der(0x02, number))
        signature = self._sign(key, der(0x31, attributes))
        info = sequence(b"\2\1\1", who, sequence(oid(self.digest)), der(0xA0, attributes), sequence(oid(self.method)),
                        der(0x04, signature))  # fmt: skip
        held = der(0xA0, (self.held or own).public_bytes(Encoding.DER))
        content = sequence(oid(TIME_STAMP), der(0xA0, der(0x04, self.after(said))))
        signed = sequence(b"\2\1\3", der(0x31, sequence(oid(self.digest))), content, held, der(0x31, info))
        return self.spoil(sequence(sequence(b"\2\1\0"), sequence(oid(SIGNED_DATA), der(0xA0, signed))))

    def _sign(self, key: Any, data: bytes) -> bytes:
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        return bytes(key.sign(data, ec.ECDSA(hashes.SHA256())))


PURPOSES = (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)
OTHER = one()
UNCLEAR = "is no time stamp that can be read (RFC 3161)"
NOT_SIGNED = "is not signed by the certificate in it"
PURPOSE = "is signed with a certificate that is not for time stamps"
SPOILT: dict[str, tuple[ByHand, str]] = {
    "none": (ByHand(), ""),
    "with a fraction of a second": (ByHand(at=b"20261130050000.25Z"), ""),
    "its last second": (ByHand(one(ends=NOW)), ""),
    "ended": (ByHand(one(ends=NOW - DAY / 2)), "is of 2026-11-30T05:00:00Z, when its certificate was not valid"),
    "not begun": (ByHand(one(begins=NOW + DAY / 2)), "is of 2026-11-30T05:00:00Z, when its certificate was not valid"),
    "no purpose": (ByHand(one(purpose=())), PURPOSE),
    "two purposes": (ByHand(one(purpose=PURPOSES)), PURPOSE),
    "another purpose": (ByHand(one(purpose=PURPOSES[1:])), PURPOSE),
    "purpose not critical": (ByHand(one(critical=False)), PURPOSE),
    "a method unheard of": (
        ByHand(one(ed25519.Ed25519PrivateKey.generate()), method=ED25519),
        "is signed in a way that this program does not know",
    ),
    "a digest unheard of": (
        ByHand(digest="2b0e03021a"), "is signed in a way that this program does not know",
    ),
    "a curve unheard of": (ByHand(one(ec.generate_private_key(ec.SECP256K1()))), NOT_SIGNED),
    "a method of another kind of key": (ByHand(method="2a864886f70d01010b"), NOT_SIGNED),
    "another's signature": (ByHand((OTHER[0], one()[1])), NOT_SIGNED),
    "another's name": (ByHand(named=OTHER[1]), "names two certificates that it is signed with"),
    "another's certificate": (ByHand(held=OTHER[1]), "does not hold the certificate that it is signed with"),
    "another statement": (ByHand(after=lambda said: said[:-2] + b"1Z"), "says something else than what was signed"),
    "another type": (ByHand(type=SIGNED_DATA), "says something else than what was signed"),
    "of something else": (ByHand(data=b"something else"), "is the time stamp of something else"),
    "another imprint's hash": (ByHand(imprint="608648016503040202"), UNCLEAR),
    "a time with a zone": (ByHand(at=b"20261130120000+0700"), UNCLEAR),
    "an attribute twice": (ByHand(more=sequence(oid(TYPE), der(0x31, oid(TIME_STAMP)))), UNCLEAR),
    "nothing": (ByHand(spoil=lambda _raw: b""), UNCLEAR),
    "no DER at all": (ByHand(spoil=lambda _raw: b"<html>sign in first</html>"), UNCLEAR),
    "endless lengths (BER)": (ByHand(spoil=lambda raw: b"\x30\x80" + raw[4:] + b"\0\0"), UNCLEAR),
    "a length longer than need be": (ByHand(spoil=lambda raw: b"\x30\x83\0" + raw[2:]), UNCLEAR),
    "a length of nothing": (ByHand(spoil=lambda raw: raw[:1]), UNCLEAR),
    "a thousand boxes": (ByHand(spoil=lambda _raw: b"\x30\x80" * 1000), UNCLEAR),
}  # fmt: skip
"""By what is wrong: a token over ``DATA``, and how a verifier's sentence goes on, empty where nothing is wrong."""


def strange_name() -> tuple[Any, x509.Certificate]:
    """A subject in letters of several kinds, over two lines."""
    key = ec.generate_private_key(ec.SECP256R1())
    kinds = x509.name._ASN1Type
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, "0101"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Cục", _type=kinds.BMPString),
        x509.NameAttribute(NameOID.COMMON_NAME, "một\n\x1b[31mhai\x85"),
    ])  # fmt: skip
    made = x509.CertificateBuilder(ROOT.subject, subject, key.public_key()).serial_number(7)
    made = made.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return key, made.add_extension(usage, critical=True).sign(ROOT_KEY, hashes.SHA256())
