"""Users and passwords of cameras: taken out of the address, kept encrypted, opened only for the dial.

They never stand in an answer, a log, an error or a process list. Keys are ``SECRETS.camera_keys``, newest first
(``cryptography``'s MultiFernet: all decrypt, the first encrypts), so a key can be changed without losing a camera.
"""

import re
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from cameras.ingest import guard

MAX_LENGTH = 128
_SECRET_IN_ADDRESS = re.compile(r"(?i)(?:^|[?&;/_])(?:pass|passwd|password|pwd|psw)=")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Source:
    """A camera's address without what opens it, and what opens it."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)


def seal(user: str, password: str) -> bytes:
    """``user:password`` encrypted; empty bytes where there is neither."""
    if not user and not password:
        return b""
    return _keys().encrypt(f"{user}:{password}".encode())


def unseal(sealed: bytes | memoryview) -> tuple[str, str]:
    """User and password of a rendition's ``credentials``. Raises ``ValueError`` where no key of ours opens them."""
    raw = bytes(sealed)
    if not raw:
        return "", ""
    try:
        user, _colon, password = _keys().decrypt(raw).decode().partition(":")
    except InvalidToken:
        raise ValueError("camera credentials were encrypted under a key that is not in secrets.json") from None
    return user, password


def split_source(url: str, user: str = "", password: str = "") -> Source:
    """Take user and password out of ``url``; the fields win over what stands there. Nothing is looked up.

    Raises ``guard.AddressRefused`` on the form of the address and ``BadInput`` on ``url``, ``user`` or ``password``.
    The messages never quote what was sent: a password with a slash lands in the wrong part of an address.
    """
    target = guard.split(url)
    if _SECRET_IN_ADDRESS.search(target.path):
        raise _refuse("url", _("The address holds a password. Put user and password into their own fields."))
    user, password = user or target.user, password or target.password
    for name, value in (("user", user), ("password", password)):
        if len(value) > MAX_LENGTH or _CONTROL.search(value):
            raise _refuse(name, _("At most 128 characters, none of them a control character."))
    if ":" in user:  # RFC 7617, section 2: what is before the first colon is the user
        raise _refuse("user", _("A user name has no colon."))
    return Source(target.url, user, password)


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SECRETS.camera_keys])


def _refuse(field_name: str, reason: str) -> BadInput:
    return BadInput(reason, code="bad_source", fields={field_name: [reason]})
