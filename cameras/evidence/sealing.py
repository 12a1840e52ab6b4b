"""The end of a package's making: the signature over the manifest, and the time stamp over the signature.

The token is over the signature, as CAdES has it (ETSI EN 319 122-1, 5.3): it covers the manifest through it, and shows
that the signing itself was done by then. So the manifest says that a token belongs to it before anybody was asked for
one; where none comes, that word is taken back, and the manifest signed anew. Until the token lies there the package is
not made and has not left, so of two manifests nobody has seen the first. Pure.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.lib import privatefile
from cameras.evidence.timestamp import TIMESTAMP
from cameras.evidence.verify import MANIFEST, SIGNATURE, stamp_of
from cameras.store.layout import fsync_path

NOT_SET_UP = "not_set_up"


class NoToken(Exception):
    """No time stamp is to be had: ``reason`` is the manifest's word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Authority:
    """Who is asked for time stamps. ``stamped``: gives the whole ``TimeStampResp`` over these bytes, checked; raises
    ``NoToken``, after which it is not asked again for this package."""

    name: str
    stamped: Callable[[bytes], bytes]


def promise(authority: Authority | None) -> dict[str, Any] | None:
    """The manifest's member ``timestamp`` before anybody was asked."""
    return {"authority": authority.name, "file": TIMESTAMP} if authority else None


def is_sealed(folder: Path) -> bool:
    """Whether it is signed, and has the time stamp that its manifest speaks of."""
    if not (folder / SIGNATURE).exists():
        return False
    return not _promised(_said(folder)) or (folder / TIMESTAMP).exists()


def drafts_forget(folder: Path) -> None:
    """What a kill left of ``privatefile``: names that the verifier would call strangers."""
    for draft in folder.glob(f"{Path(MANIFEST).stem}.*.*"):
        draft.unlink()


def seal(folder: Path, key: bytes, authority: Authority | None) -> None:
    """Sign the manifest that stands there, and have the signature stamped where it says so. Raises ``OSError``."""
    said = _said(folder)
    promised = _promised(said)
    name = authority.name if authority else None
    if promised is not None and promised["authority"] != name:  # the setting has changed since the last attempt
        _say(folder, said | {"timestamp": promise(authority) or _without(promised["authority"], NOT_SET_UP)})
    if not (folder / SIGNATURE).exists():
        _sign(folder, key)
    if authority is None or not _promised(_said(folder)):
        return
    try:
        token = authority.stamped((folder / SIGNATURE).read_bytes())
    except NoToken as error:
        _say(folder, said | {"timestamp": _without(authority.name, error.reason)})
        _sign(folder, key)
    else:
        privatefile.write(folder / TIMESTAMP, token)


def manifest_bytes(said: Mapping[str, Any]) -> bytes:
    """A manifest as it is written and signed."""
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _say(folder: Path, said: Mapping[str, Any]) -> None:
    """Another manifest. The signature goes first: it must never stand beside one that it is not of."""
    for name in (SIGNATURE, TIMESTAMP):
        (folder / name).unlink(missing_ok=True)
    fsync_path(folder)
    privatefile.write(folder / MANIFEST, manifest_bytes(said))


def _sign(folder: Path, key: bytes) -> None:
    signature = Ed25519PrivateKey.from_private_bytes(key).sign((folder / MANIFEST).read_bytes())
    privatefile.write(folder / SIGNATURE, signature)


def _without(authority: str, reason: str) -> dict[str, Any]:
    return {"authority": authority, "file": None, "reason": reason}


def _promised(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """What it says of a time stamp, where there is to be one."""
    stamp = stamp_of(dict(said))
    return stamp if stamp and stamp["file"] else None


def _said(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return said
