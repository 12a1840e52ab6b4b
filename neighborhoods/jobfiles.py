"""Files that jobs make: under ``<DATA_DIR>/jobs``, mode 0600, for whoever asked, and only for a while.

A file that holds secrets (sheets of codes) is encrypted on disk, given out once, and gone an hour after it was made;
others stay a day. A draft is renamed once, and its name is its attempt's own, so that a worker that was taken for dead
never changes the file its successor made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib import privatefile
from backend.lib.config import private_folder
from backend.lib.errors import Absent, Conflict
from neighborhoods import audit, sealing
from neighborhoods.access import Actor
from neighborhoods.models import Job

KEPT = timedelta(days=1)
SECRET_KEPT = timedelta(hours=1)
PURPOSE = "job-file"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is on disk and not yet the row's."""

    path: str
    name: str
    media_type: str
    size: int
    secret: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    data: bytes
    name: str
    media_type: str

    def __repr__(self) -> str:
        return f"Fetched({self.name!r}, …)"


def root() -> Path:
    path: Path = settings.CONFIG.job_dir
    return path


def file_write(job_id: UUID, attempt: str, data: bytes, *, name: str, media_type: str, secret: bool) -> Kept:
    """Put the bytes on disk, synced; the row names them later, when the job is settled."""
    private_folder(root())
    path = f"{job_id}.{attempt}"
    privatefile.write(root() / path, sealing.seal(PURPOSE, data) if secret else data)
    return Kept(path, name, media_type, len(data), secret)


def columns(kept: Kept | None, *, now: datetime) -> dict[str, object]:
    """What the row says of the file."""
    if kept is None:
        return {}
    return {
        "file_path": kept.path,
        "file_name": kept.name,
        "file_type": kept.media_type,
        "file_bytes": kept.size,
        "file_secret": kept.secret,
        "file_expires_at": now + (SECRET_KEPT if kept.secret else KEPT),
    }


def file_fetch(*, actor: Actor, job: Job, now: datetime) -> Fetched:
    """The bytes, for whoever asked for the job (``jobs.job_for``). A file with secrets is gone after this.

    Raises ``Conflict`` (``not_ready``, ``file_gone``), ``Absent`` where the job makes no file.
    """
    require_file(job, now=now)
    try:
        raw = (root() / job.file_path).read_bytes()
    except FileNotFoundError:
        raise _gone() from None
    if not job.file_secret:
        return Fetched(raw, job.file_name, job.file_type)
    with transaction.atomic():
        if not Job.objects.filter(id=job.id, file_path=job.file_path).update(file_path=""):
            raise _gone()  # another request was faster: once is once
        transaction.on_commit(lambda: _remove(job.file_path))
        audit.record(
            actor=actor,
            action="job.file_fetched",
            subject=("job", job.id),
            ward_id=job.neighborhood.ward_id if job.neighborhood else None,
            neighborhood_id=job.neighborhood_id,
            data={"kind": job.kind},
            now=now,
        )
    return Fetched(sealing.unseal(PURPOSE, raw), job.file_name, job.file_type)


def require_file(job: Job, *, now: datetime) -> None:
    """Raise where there is nothing to fetch, and say why."""
    if not job.is_over:
        raise Conflict(_("It is still being made. Wait a moment."), code="not_ready")
    if job.file_expires_at is None:
        raise Absent()
    if not job.file_path or job.file_expires_at <= now:
        raise _gone()


def files_expire(*, now: datetime) -> int:
    """Remove files whose time is over, and what dead workers left; returns how many."""
    over = list(Job.objects.filter(file_expires_at__lte=now).exclude(file_path="")[:500])
    for job in over:
        Job.objects.filter(id=job.id).update(file_path="")
        _remove(job.file_path)
    named = set(Job.objects.exclude(file_path="").values_list("file_path", flat=True))
    stray = [path for path in root().glob("*") if path.name not in named and _age(path, now) > SECRET_KEPT]
    for path in stray:
        _remove(path.name)
    return len(over) + len(stray)


def _age(path: Path, now: datetime) -> timedelta:
    try:
        return timedelta(seconds=now.timestamp() - path.stat().st_mtime)
    except FileNotFoundError:
        return timedelta()


def _remove(path: str) -> None:
    if path:
        (root() / path).unlink(missing_ok=True)


def _gone() -> Conflict:
    return Conflict(_("The file is no longer here. Have it made again."), code="file_gone")
