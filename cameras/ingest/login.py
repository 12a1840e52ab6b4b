"""What may be told to whoever answers at an address: one rule for the recorder and for the probe. Pure.

A camera's password was given for one host and for the way that was typed. A camera may redirect us, so who asks for the
password is not always who it is for.
"""

from urllib.parse import urlsplit

from cameras.ingest.faults import SourceFault


def needs_tls(url: str) -> bool:
    """Whether TLS was asked for, which our client does not speak yet: nothing may go there in the clear instead.

    Asked before the guard too, hence of any text: it takes nothing apart.
    """
    return url.lower().startswith("rtsps:")


def login_for(target: str, *, camera: str, user: str, password: str) -> tuple[str, str]:
    """User and password to dial ``target`` with: the ones given for ``camera`` at its own host, none at another.

    Both are addresses that the dial guard has passed. Raises ``SourceFault`` (``tls_unsupported``).
    """
    if needs_tls(target):
        raise SourceFault("tls_unsupported", slow=True)
    return (user, password) if urlsplit(target).hostname == urlsplit(camera).hostname else ("", "")
