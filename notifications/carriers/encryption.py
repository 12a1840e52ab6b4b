"""A message only the phone can read: Web Push encryption (RFC 8291) in the ``aes128gcm`` content encoding (RFC 8188).

The push service carries bytes that it cannot open. Why not a library: ``docs/adr/0017-web-push-without-a-library.md``.
"""

import base64
import binascii
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""Record size; a push service need not take more (RFC 8030, 7.2), so a message is one record."""
HEADER = 16 + 4 + 1 + 65
MOST = RECORD - HEADER - 1 - 16
"""Bytes of plain text that fit: 3993 (RFC 8291, 4), less header, delimiter and tag."""


def b64(raw: bytes) -> str:
    """URL-safe base64 without padding, as browsers write keys."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The reverse, with or without padding. Raises ``ValueError``."""
    plain = text.rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("not URL-safe base64") from error


def receiver_key(p256dh: str) -> ec.EllipticCurvePublicKey:
    """The browser's key: an uncompressed point of P-256, 65 bytes. Raises ``ValueError``."""
    raw = unb64(p256dh)
    if len(raw) != 65:
        raise ValueError("not 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def auth_secret(auth: str) -> bytes:
    """The browser's authentication secret, 16 bytes. Raises ``ValueError``."""
    raw = unb64(auth)
    if len(raw) != 16:
        raise ValueError("not 16 bytes")
    return raw


def encrypt(
    plain: bytes,
    *,
    p256dh: str,
    auth: str,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The request's body: header, then one encrypted record. ``sender`` and ``salt`` are fresh for every message; only
    the RFC's own example names them. Raises ``ValueError`` for keys that are none and for more than ``MOST`` bytes.
    """
    if len(plain) > MOST:
        raise ValueError(f"{len(plain)} bytes are more than {MOST}")
    receiver, secret = receiver_key(p256dh), auth_secret(auth)
    sender, salt = sender or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    ours = _point(sender.public_key())
    shared = sender.exchange(ec.ECDH(), receiver)
    material = _derive(secret, shared, b"WebPush: info\0" + _point(receiver) + ours, 32)
    key = _derive(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(salt, material, b"Content-Encoding: nonce\0", 12)
    last = plain + b"\x02"  # the delimiter of the last record, here the only one
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, last, None)


def _derive(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
