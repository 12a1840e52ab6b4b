"""Writing a package: footage and journals, then what stands beside them, then the manifest, and the signature last.

Whatever kills it, the next attempt goes on: a finished file of footage has its facts under ``.work`` and is not copied
again; a manifest that stands is signed as it stands, so that there are never two (what the end may take back, and why
nobody sees that, stands in ``sealing``). Pure: no database, no clock.
"""

import fcntl
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.lib import privatefile
from backend.lib.config import private_folder
from cameras.evidence import sealing, verify
from cameras.evidence.copying import BLOCK, Claim, run_copy
from cameras.evidence.manifest import FORMAT, camera_facts, footage_facts, instant, us_of
from cameras.evidence.page import verifier_page
from cameras.evidence.takes import Run, Take
from cameras.evidence.timestamp import TIMESTAMP
from cameras.evidence.verifier import verifier
from cameras.store.copy import Piece
from cameras.store.layout import fsync_path

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "key.pub"
VERIFIER, VERIFIER_PAGE = "verify.py", "verify.html"
WORK, VIEWING = ".work", "viewing"

Progress = Callable[[int, int], None]
Viewed = Callable[[Path, Path, int], bool]
"""Writes a copy to look at: of which file, where to, and when its first picture was taken (µs since 1970). False where
that file cannot be decoded: then it has none."""
Claims = Callable[[Run, Take], Claim]
"""What each file of footage says of itself (``c2pa_claim``)."""


def fingerprint(key: bytes) -> str:
    """Of the public half of a private ``key`` (32 bytes), in groups as it stands on paper."""
    return verify.fingerprint(_public(key))


def package_write(
    folder: Path,
    takes: Sequence[Take],
    facts: Mapping[str, Any],
    *,
    key: bytes,
    extras: Mapping[str, bytes] | None = None,
    viewed: Viewed | None = None,
    claims: Claims | None = None,
    authority: sealing.Authority | None = None,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Write the package into ``folder`` and give its manifest's path; once it is sealed, nothing is written any more.

    ``facts``: the manifest's members that are not read from the footage.
    ``extras``: files besides, by their path in the package. ``viewed``: makes a copy to look at of each file, where
    one is wanted. ``claims``: where each file is to carry a claim. ``authority``: who stamps the time, where one is
    wanted. ``progress``: bytes of footage done, and in all.

    Raises ``OSError`` (a full disk, say: the next call goes on; ``BlockingIOError`` where another process is at it),
    ``ValueError`` for a slice that is not closed.
    """
    manifest = folder / MANIFEST
    private_folder(folder)
    with _alone(folder):
        if sealing.is_sealed(folder):
            return manifest
        sealing.drafts_forget(folder)
        if not manifest.exists():
            for name in ("footage", "journal", WORK):
                private_folder(folder / name)
            cameras = _footage(folder, takes, progress, claims)
            made = _copies(folder, cameras, viewed, facts["package"]["made_at"]) if viewed else []
            our_own = {VERIFIER: verifier(), VERIFIER_PAGE: verifier_page(), KEY: _public_pem(key)}
            for path, data in {**(extras or {}), **our_own}.items():
                _put(folder / path, data)
            said = {"format": FORMAT, **facts, "cameras": cameras, "files": _files(folder)}
            said["operations"] = [*facts.get("operations", []), *made]
            said["timestamp"] = sealing.promise(authority)
            _put(manifest, sealing.manifest_bytes(said))
        sealing.seal(folder, key, authority)
        shutil.rmtree(folder / WORK, ignore_errors=True)
    return manifest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time: one that was taken for dead and wakes must not write into its successor's drafts."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)  # lets go of the lock, as the process's end does


def _footage(folder: Path, takes: Sequence[Take], progress: Progress, claims: Claims | None) -> list[dict[str, Any]]:
    total = sum(piece.fragment.length for take in takes for piece in take.pieces)
    done, passes = 0, 2 if claims else 1

    def tell(size: int) -> None:
        nonlocal done
        done += size
        progress(done // passes, total)

    cameras = []
    for take in takes:
        whole, gone = _present(take)
        offsets = _journal(folder / take.journal_path, take)
        files = [_run(folder, run, take, offsets, tell, claims) for run in whole.runs()]
        cameras.append(camera_facts(whole, files, gone))
    return cameras


def _run(
    folder: Path, run: Run, take: Take, offsets: Mapping[UUID, tuple[int, int]], tell: Callable[[int], None],
    claims: Claims | None,
) -> dict[str, Any]:  # fmt: skip
    """One file's facts; where an earlier attempt has finished it, those it left."""
    kept, target = folder / WORK / f"{Path(run.path).stem}.json", folder / run.path
    if kept.exists() and target.exists():
        found: dict[str, Any] = json.loads(kept.read_bytes())
        if target.stat().st_size == found["bytes"]:
            tell(sum(piece.fragment.length for piece in run.pieces) * (2 if claims else 1))
            return found
    found = footage_facts(run_copy(run, target, tell, claims(run, take) if claims else None), take, offsets)
    _put(kept, json.dumps(found).encode())
    return found


def _copies(folder: Path, cameras: Sequence[Mapping[str, Any]], viewed: Viewed, at: str) -> list[dict[str, Any]]:
    """Make what is not there yet; gives each as an operation: made of which bytes, and what came of it."""
    made = []
    for camera in cameras:
        for one in camera["footage"]:
            target = folder / VIEWING / Path(one["path"]).name
            if not target.exists():
                private_folder(target.parent)
                draft = target.with_name(f".{target.name}")
                if not viewed(folder / one["path"], draft, us_of(one["from"]["utc"])):
                    draft.unlink(missing_ok=True)
                    continue
                fsync_path(draft)
                draft.rename(target)
            digest = _hashes(target)["sha256"]
            made.append({"what": "viewing_copy", "at": instant(us_of(at)), "camera": camera["name"], "entry": None,
                         "parents": [one["sha256"]], "results": [digest]})  # fmt: skip
    return made


def _present(take: Take) -> tuple[Take, list[Piece]]:
    """The take without what its files do not hold any more, and that."""
    sizes = {source.media: source.media.stat().st_size if source.media.exists() else 0 for source in take.sources}
    present: list[Piece] = []
    gone: list[Piece] = []
    for one in take.pieces:
        (present if one.fragment.offset + one.fragment.length <= sizes[one.media] else gone).append(one)
    return replace(take, pieces=tuple(present)), gone


def _journal(target: Path, take: Take) -> dict[UUID, tuple[int, int]]:
    """The journals of the take's slices, one behind the other; where each begins, and its length."""
    offsets: dict[UUID, tuple[int, int]] = {}
    parts: list[bytes] = []
    at = 0
    for source in take.sources:
        if source.journal.close is None:
            raise ValueError(f"slice {source.id} is not closed")
        raw = source.journal.path.read_bytes()[: source.journal.length]
        offsets[source.id] = (at, len(raw))
        at += len(raw)
        parts.append(raw)
    _put(target, b"".join(parts))
    return offsets


def _files(folder: Path) -> list[dict[str, Any]]:
    """Every file but the manifest and what is made over it, by path. Footage was hashed while it was copied."""
    known = {found["path"]: found for found in map(json.loads, _notes(folder))}
    out = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.split("/")[0] == WORK or name in (MANIFEST, SIGNATURE, TIMESTAMP):
            continue
        one = known.get(name) or _hashes(path)
        out.append({"path": name, "bytes": path.stat().st_size, "sha256": one["sha256"], "crc32": one["crc32"]})
    return out


def _hashes(path: Path) -> dict[str, Any]:
    digest, crc = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            crc = zlib.crc32(block, crc)
    return {"sha256": digest.hexdigest(), "crc32": crc}


def _notes(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / WORK).glob("*.json"))]


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    privatefile.write(path, data)


def _public(key: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _public_pem(key: bytes) -> bytes:
    public = Ed25519PrivateKey.from_private_bytes(key).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
