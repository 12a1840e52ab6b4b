"""The time stamp of a package's signature (RFC 3161), read and checked without the authority and without its root.

``verify.py`` of a package is ``cameras/evidence/verify.py`` with this file in the place of its import
(``verifier.py``), so it needs what that needs: Python 3.9 and ``cryptography``. ``verify_page/timestamp.js`` goes the
same way, and both say the same. Only DER is read, and only one signer. Two things in the file are nobody's word and
are not looked into: what stands beside the status, and certificates besides the signer's.
"""

import hashlib
import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

TIMESTAMP = "manifest.tsr"
INTEGER, BITS, OCTETS, NULL, OID, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31
INSIDE, EXTENSIONS, UTC_TIME, GENERALIZED_TIME = 0xA0, 0xA3, 0x17, 0x18
GRANTED, VERSION_1, VERSION_3 = b"\x02\x01\x00", b"\x02\x01\x01", b"\x02\x01\x03"
SIGNED_DATA, TIME_STAMP = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010903", "2a864886f70d010904"
SIGNED_WITH, SIGNED_WITH_V2 = "2a864886f70d010910020c", "2a864886f70d010910022f"
"""``signingCertificate`` by its SHA-1 (RFC 2634, 5.4), and by another hash (RFC 5035, 3)."""
HASHES = {"608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512"}
METHODS = {
    "2a864886f70d010101": ("rsa", ""), "2a864886f70d01010b": ("rsa", "sha256"),
    "2a864886f70d01010c": ("rsa", "sha384"), "2a864886f70d01010d": ("rsa", "sha512"),
    "2a8648ce3d040302": ("ec", "sha256"), "2a8648ce3d040303": ("ec", "sha384"), "2a8648ce3d040304": ("ec", "sha512"),
}  # fmt: skip
"""RSA PKCS#1 v1.5 and ECDSA (RFC 5754, 3); RSA's plain name leaves the hash to ``digestAlgorithm``."""
CURVES = ("secp256r1", "secp384r1", "secp521r1")
USAGE, TIME_STAMPING, CRITICAL = "551d25", "300a06082b06010505070308", "0101ff"
NAMES = {"550403": "CN", "550406": "C", "550407": "L", "550408": "ST", "55040a": "O", "55040b": "OU"}
TEXTS = {0x0C: "utf-8", 0x13: "latin-1", 0x14: "latin-1", 0x16: "latin-1", 0x1E: "utf-16-be"}
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
UNCLEAR = "is no time stamp that can be read (RFC 3161)"


class Unfit(Exception):
    """Why a token shows nothing: how a sentence goes on that begins with its file."""


class Node(NamedTuple):
    """One value in DER (X.690, 8.1): its tag's byte, its contents, and both with the length between them."""

    tag: int
    body: bytes
    whole: bytes


class Token(NamedTuple):
    """What a token says that was found to be whole."""

    at: str
    """UTC, as ISO 8601."""
    subject: str
    """Of the certificate that signed it, such as ``C=VN, CN=…``."""
    certificate: str
    """SHA-256 of that certificate, hexadecimal."""


class Certificate(NamedTuple):
    """What is needed of one (RFC 5280, 4.1): values as they stand, moments as in ``moment``."""

    issuer: bytes
    serial: bytes
    begins: str
    ends: str
    subject: Node
    key: bytes
    extensions: bytes


def token_of(response: bytes, signature: bytes) -> Token:
    """The token in a ``TimeStampResp`` over ``signature``. Raises ``Unfit``."""
    try:
        return _checked(response, signature)
    except (ValueError, LookupError):
        raise Unfit(UNCLEAR) from None


def _checked(response: bytes, signature: bytes) -> Token:
    """RFC 3161, 2.4.2; RFC 5652, 5. Raises ``Unfit``; ``ValueError`` and ``LookupError`` where it is unclear."""
    (whole,) = shape(response, SEQUENCE)
    status, content = shape(whole.body, SEQUENCE, SEQUENCE)
    kind, inside = shape(content.body, OID, INSIDE)
    (signed,) = shape(inside.body, SEQUENCE)
    version, digests, encapsulated, certificates, signers = shape(signed.body, INTEGER, SET, SEQUENCE, INSIDE, SET)
    what, held = shape(encapsulated.body, OID, INSIDE)
    (said,) = shape(held.body, OCTETS)
    (signer,) = shape(signers.body, SEQUENCE)
    number, whose, digest, bag, method, seal = shape(signer.body, INTEGER, SEQUENCE, SEQUENCE, INSIDE, SEQUENCE, OCTETS)
    issuer, serial = shape(whose.body, SEQUENCE, INTEGER)
    attributes = attributes_of(bag.body)
    fixed = (nodes(status.body)[0].whole, version.whole, number.whole, kind.body.hex(), what.body.hex())
    if fixed != (GRANTED, VERSION_3, VERSION_1, SIGNED_DATA, TIME_STAMP):
        raise ValueError
    hashed, (family, own) = algorithm(digest), METHODS.get(algorithm(method), ("", ""))
    if [algorithm(one) for one in nodes(digests.body)] != [hashed]:
        raise ValueError
    if not family or hashed not in HASHES:
        raise Unfit("is signed in a way that this program does not know")
    found = signer_of(nodes(certificates.body), attributes)
    if not found:
        raise Unfit("does not hold the certificate that it is signed with")
    certificate = certificate_of(found)
    if (certificate.issuer, certificate.serial) != (issuer.whole, serial.whole):
        raise Unfit("names two certificates that it is signed with")
    if (
        attributes[CONTENT_TYPE] != what
        or attributes[MESSAGE_DIGEST].body != hashlib.new(HASHES[hashed], said.body).digest()
    ):
        raise Unfit("says something else than what was signed")
    # What is signed is the SET of attributes, which stands there under another tag (RFC 5652, 5.4).
    if not fits(certificate.key, family, own or HASHES[hashed], seal.body, bytes([SET]) + bag.whole[1:]):
        raise Unfit("is not signed by the certificate in it")
    if not for_time_stamps(certificate.extensions):
        raise Unfit("is signed with a certificate that is not for time stamps")
    imprint, at, tail = said_of(said.body)
    if not certificate.begins <= at <= certificate.ends:
        raise Unfit(f"is of {written(at, tail)}, when its certificate was not valid")
    if imprint != hashlib.sha256(signature).digest():
        raise Unfit("is the time stamp of something else")
    return Token(written(at, tail), name_of(certificate.subject), hashlib.sha256(found).hexdigest())


def nodes(raw: bytes) -> "list[Node]":
    """The values that stand one behind the other. Raises ``ValueError`` where they are not DER, or do not fill it."""
    found, at = [], 0
    while at < len(raw):
        begins, tag, length = at, raw[at], raw[at + 1] if at + 1 < len(raw) else 0xFF
        at += 2
        if length > 0x7F:
            size = length & 0x7F
            number = raw[at : at + size]
            length = int.from_bytes(number, "big")
            at += size
            if not 0 < size <= 4 or length < max(0x80, 1 << 8 * (size - 1)):  # in fewer bytes, or in none
                raise ValueError
        if tag & 0x1F == 0x1F or at + length > len(raw):
            raise ValueError
        found.append(Node(tag, raw[at : at + length], raw[begins : at + length]))
        at += length
    return found


def shape(raw: bytes, *tags: int) -> "list[Node]":
    """The same, with just these tags. Raises ``ValueError``."""
    found = nodes(raw)
    if [one.tag for one in found] != list(tags):
        raise ValueError
    return found


def algorithm(node: Node) -> str:
    """The name in an ``AlgorithmIdentifier`` without parameters. Raises ``ValueError``."""
    name, *rest = nodes(node.body)
    if node.tag != SEQUENCE or name.tag != OID or [one.whole for one in rest] not in ([], [bytes([NULL, 0])]):
        raise ValueError
    return name.body.hex()


def attributes_of(raw: bytes) -> "dict[str, Node]":
    """Signed attributes by name, each with its one value (RFC 5652, 5.3). Raises ``ValueError``."""
    found = {}
    for one in nodes(raw):
        name, values = shape(one.body, OID, SET)
        (value,) = nodes(values.body)
        if name.body.hex() in found:
            raise ValueError
        found[name.body.hex()] = value
    return found


def signer_of(certificates: "list[Node]", attributes: "dict[str, Node]") -> bytes:
    """The certificate whose hash is signed along (RFC 5816, 2.2.1), or nothing. Raises ``ValueError``, ``KeyError``."""
    second = SIGNED_WITH_V2 in attributes
    listed = nodes(attributes[SIGNED_WITH_V2 if second else SIGNED_WITH].body)[0]
    identity = nodes(nodes(listed.body)[0].body)
    how = "sha256" if second else "sha1"
    if second and identity[0].tag == SEQUENCE:  # SHA-256 goes without saying
        how = HASHES[algorithm(identity.pop(0))]
    return next((one.whole for one in certificates if hashlib.new(how, one.whole).digest() == identity[0].body), b"")


def certificate_of(raw: bytes) -> Certificate:
    """Raises ``ValueError``."""
    (whole,) = shape(raw, SEQUENCE)
    fields = nodes(shape(whole.body, SEQUENCE, SEQUENCE, BITS)[0].body)
    if fields[0].tag == INSIDE:  # its version
        fields.pop(0)
    serial, _algorithm, issuer, validity, subject, key, *rest = fields
    begins, ends = (moment(one) for one in nodes(validity.body))
    extensions = [one.body for one in rest if one.tag == EXTENSIONS]
    return Certificate(
        issuer.whole, serial.whole, begins[0], ends[0], subject, key.whole, extensions[0] if extensions else b""
    )


def moment(node: Node) -> "tuple[str, str]":
    """``UTCTime`` or ``GeneralizedTime``: fourteen digits, which sort as they follow, and a second's fraction.

    Raises ``ValueError``.
    """
    text = node.body.decode("latin-1")
    if node.tag == UTC_TIME:  # RFC 5280, 4.1.2.5.1
        text = ("20" if text < "50" else "19") + text
    found = re.fullmatch(r"([0-9]{14})(\.[0-9]{1,9})?Z", text)
    if not found or node.tag not in (UTC_TIME, GENERALIZED_TIME):
        raise ValueError
    return found[1], found[2] or ""


def written(at: str, tail: str) -> str:
    return f"{at[:4]}-{at[4:6]}-{at[6:8]}T{at[8:10]}:{at[10:12]}:{at[12:]}{tail}Z"


def said_of(raw: bytes) -> "tuple[bytes, str, str]":
    """A ``TSTInfo``'s SHA-256, and its time as in ``moment``. Raises ``ValueError``."""
    (info,) = shape(raw, SEQUENCE)
    version, _policy, imprint, _serial, at, *_rest = nodes(info.body)
    how, digest = shape(imprint.body, SEQUENCE, OCTETS)
    if version.whole != VERSION_1 or HASHES.get(algorithm(how)) != "sha256":
        raise ValueError
    return (digest.body, *moment(at))


def for_time_stamps(extensions: bytes) -> bool:
    """Whether the key is for time stamps and for nothing else (RFC 3161, 2.3). Raises ``ValueError``."""
    for one in nodes(extensions)[:1]:
        for extension in nodes(one.body):
            name, *rest = nodes(extension.body)
            if name.body.hex() == USAGE:
                return [part.whole.hex() for part in rest] == [CRITICAL, f"040c{TIME_STAMPING}"]
    return False


def fits(key: bytes, family: str, how: str, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` is over ``data``. ``key``: ``SubjectPublicKeyInfo``."""
    digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[how]
    try:
        public = load_der_public_key(key)
        if family == "rsa" and isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), digest)
            return True
        if family == "ec" and isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in CURVES:
            public.verify(signature, data, ec.ECDSA(digest))
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        pass
    return False


def name_of(subject: Node) -> str:
    """``C=VN, O=…, CN=…`` in the certificate's order, on one line. Raises ``ValueError``."""
    parts = []
    for several in nodes(subject.body):
        for one in nodes(several.body):
            kind, value = nodes(one.body)
            text = value.body.decode(TEXTS[value.tag], "replace") if value.tag in TEXTS else value.body.hex()
            parts.append(f"{NAMES.get(kind.body.hex(), kind.body.hex())}={CONTROLS.sub('?', text)}")
    return ", ".join(parts)
