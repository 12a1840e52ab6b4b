"""Who sends: Voluntary Application Server Identification (RFC 8292), by the installation's own key."""

import ipaddress
import re
import threading
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notifications.carriers.encryption import b64

LASTS = timedelta(hours=12)
"""At most 24 hours are allowed (RFC 8292, 2)."""
RENEWED_BEFORE_END = timedelta(hours=6)


class Vapid:
    """Signs for every push service (its origin, the audience) and keeps the signature for some hours. Thread-safe."""

    def __init__(self, key: bytes, subject: str) -> None:
        """``key``: P-256 private key, 32 bytes. ``subject``: whom a push service writes to, ``mailto:`` or https."""
        self._key = ec.derive_private_key(int.from_bytes(key, "big"), ec.SECP256R1())
        self._subject = subject
        self._signed: dict[str, tuple[datetime, str]] = {}
        self._lock = threading.Lock()
        self.public_key = public_key(key)

    def header(self, origin: str, *, now: datetime) -> str:
        """The ``Authorization`` header for a service at ``origin`` (``https://host``)."""
        with self._lock:
            ends, token = self._signed.get(origin, (now, ""))
            if not now + RENEWED_BEFORE_END < ends <= now + LASTS:  # also where the clock was set back
                ends = now + LASTS
                claims = {"aud": origin, "exp": int(ends.timestamp()), "sub": self._subject}
                token = jwt.encode(claims, self._key, algorithm="ES256")
                self._signed[origin] = (ends, token)
        return f"vapid t={token}, k={self.public_key}"


def public_key(key: bytes) -> str:
    """What a page hands to ``pushManager.subscribe``: the uncompressed point, 65 bytes in URL-safe base64."""
    private = ec.derive_private_key(int.from_bytes(key, "big"), ec.SECP256R1())
    return b64(private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def subject_trouble(subject: str) -> str:
    """Why push services would not take ``subject``; empty where they do. Apple's drops what names localhost unsaid."""
    if subject.startswith("mailto:"):
        match = re.fullmatch(r"mailto:[^@\s,]+@([^@\s,]+)", subject)
        host = match[1] if match else ""
    elif subject.startswith("https://"):
        host = _host(subject)
    else:
        return "it starts neither with mailto: nor with https:"
    if not host:
        return "it names no address"
    if _is_local(host.lower().rstrip(".")):
        return "it names this machine or a name that is only known here"
    return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".test", ".invalid", ".example"))
