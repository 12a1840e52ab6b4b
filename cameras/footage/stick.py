"""A package on a USB stick, copied at the machine itself for who has no line to download it over.

It counts as a fetch like any other: once, unless somebody in charge allows one more. Every file is read back from the
stick before it counts.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from cameras.evidence.verify import MANIFEST, unlisted
from cameras.footage import links, telling
from cameras.footage.packages import require_there, root
from cameras.models import EvidenceLink, EvidencePackage, FootageRequest

BLOCK = 1 << 20
Progress = Callable[[str], None]


def package_copy(package_id: UUID, target: Path, *, now: datetime, progress: Progress = lambda name: None) -> Path:
    """Copy a package into a new folder under ``target``; gives that folder.

    Raises ``Absent``; ``Conflict``: ``not_ready``, ``file_gone``, ``footage_settled``, ``link_used``, ``stick`` (what
    was read back is not what was written); ``OSError``, also where the folder is there already. What was begun and
    failed is removed and does not count.
    """
    package = _opened(package_id, now)
    source, folder = root() / str(package.id), target / f"goi-hinh-{package.id}"
    folder.mkdir()
    with ExitStack() as undone:
        undone.callback(shutil.rmtree, folder, ignore_errors=True)
        for name, digest in _files(source):
            progress(name)
            _copy(source / name, folder / name)
            if _digest(folder / name) != digest:
                raise Conflict(_("What was read back from the stick is not what was written: take another one."),
                               code="stick")  # fmt: skip
        _count(package_id, now)
        undone.pop_all()
    return folder


def _opened(package_id: UUID, now: datetime) -> EvidencePackage:
    """From here on nobody takes a yes back."""
    with transaction.atomic():
        package = _held(package_id)
        require_there(package, now)
        links.require_fetch(package)
        links.package_taken(telling.ITSELF, package, now)
    return package


def _count(package_id: UUID, now: datetime) -> None:
    """Asked once more: two sticks at once are two fetches."""
    with transaction.atomic():
        package = _held(package_id)
        links.require_fetch(package)
        link = EvidenceLink.objects.create(package=package, made_at=now, expires_at=now, opened_at=now, used_at=now)
        EvidencePackage.objects.filter(id=package_id, handed_at=None).update(handed_at=now)
        telling.package_act(telling.ITSELF, "footage.handed_over", package, now, link=link.id, stick=True)


def _held(package_id: UUID) -> EvidencePackage:
    found = EvidencePackage.objects.filter(id=package_id).values_list("request_id", flat=True).first()
    if found is None:
        raise Absent()
    request = FootageRequest.objects.select_for_update(of=("self",), no_key=True).select_related("case").get(id=found)
    package = EvidencePackage.objects.select_for_update(of=("self",), no_key=True).get(id=package_id)
    package.request = request
    return package


def _files(source: Path) -> list[tuple[str, str]]:
    manifest = json.loads((source / MANIFEST).read_bytes())
    return [(one["path"], one["sha256"]) for one in manifest["files"]] + [
        (name, _digest(source / name)) for name in unlisted(manifest)
    ]


def _copy(source: Path, target: Path) -> None:
    """Written, synced, and dropped from the cache, so that what is read back comes from the stick."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file, target.open("xb") as out:
        shutil.copyfileobj(file, out, BLOCK)
        out.flush()
        os.fsync(out.fileno())
        os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
