"""The one file of secrets: ``<DATA_DIR>/secrets.json``, mode 0600, made at the first start. Back it up apart."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass(frozen=True, slots=True)
class Secrets:
    django_key: str
    pepper: bytes
    """Keys the HMAC of access codes."""
    session_key: bytes
    """Keys the short MAC in view-session paths."""
    camera_keys: tuple[str, ...]
    """Fernet keys, newest first, for camera credentials and the keys of staff's second step."""
    signing_key: bytes
    """Ed25519 private key, 32 raw bytes, for the audit head and evidence."""
    vapid_key: bytes
    """P-256 private key, 32 raw bytes, by which push services know us (RFC 8292). Phones subscribe to it: with another
    one they must subscribe anew."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def _fresh() -> dict[str, object]:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return {
        "django_key": secrets.token_urlsafe(50),
        "pepper": base64.b64encode(secrets.token_bytes(32)).decode(),
        "session_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "camera_keys": [Fernet.generate_key().decode()],
        "signing_key": base64.b64encode(key).decode(),
        "vapid_key": _fresh_vapid(),
    }


def _fresh_vapid() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.b64encode(number.to_bytes(32, "big")).decode()


def load(data_dir: Path) -> Secrets:
    """Read the secrets of ``data_dir``; make them where there are none. Two processes may race: the first wins."""
    path = data_dir / "secrets.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _draft(data_dir, _fresh())
        try:
            os.link(draft, path)  # fails where another process was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    raw = json.loads(path.read_text())
    if "vapid_key" not in raw:
        raw = _completed(path)
    return Secrets(
        django_key=raw["django_key"],
        pepper=base64.b64decode(raw["pepper"]),
        session_key=base64.b64decode(raw["session_key"]),
        camera_keys=tuple(raw["camera_keys"]),
        signing_key=base64.b64decode(raw["signing_key"]),
        vapid_key=base64.b64decode(raw["vapid_key"]),
    )


def _draft(data_dir: Path, content: dict[str, object]) -> Path:
    draft = data_dir / f"secrets.json.{os.getpid()}.{secrets.token_hex(4)}"
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(content, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    return draft


def _completed(path: Path) -> dict[str, str]:
    """The file of an installation from before there was push, with a key for it. One process adds it, under a lock on
    the folder; the others read what it wrote."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        raw: dict[str, str] = json.loads(path.read_text())
        if "vapid_key" not in raw:
            raw["vapid_key"] = _fresh_vapid()
            _draft(path.parent, {**raw}).replace(path)
            os.fsync(folder)
        return raw
    finally:
        os.close(folder)  # lets go of the lock
