"""Heads leave the machine: a file a day in a second store, a mail a day. What fails is tried again every hour and told.

The store's file is written once. What stands there says what was signed then, whoever may have written the database and
its heads anew since: ``folder_faults`` is one of the daily check's comparisons. A day that is missing there is written
again, so that a new store gets every day. The folder is never made: a disk that is not mounted must not look like one.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F

from backend.lib.clock import vietnam_day
from neighborhoods.auditing import heads, letters
from neighborhoods.models import AuditCopy

log = logging.getLogger(__name__)

STEM, ENDING = "matpho-heads-", ".jsonl"
NEWS = timedelta(days=31)
"""A day older than this is no news: it is not mailed any more, nor told to have failed."""
Way = AuditCopy.Way


class StoreDiffers(OSError):
    """The second store has other heads for a day than the database. Nothing is written over them."""


def ways() -> dict[str, Callable[[date], None]]:
    """The ways that the operator has set up."""
    config = settings.CONFIG
    found: dict[str, Callable[[date], None]] = {}
    if config.AUDIT_COPY_DIR:
        found[Way.FOLDER] = lambda day: file_write(Path(config.AUDIT_COPY_DIR), day)
    if config.AUDIT_MAIL:
        found[Way.MAIL] = letters.letter_send
    return found


def copies_leave(*, now: datetime) -> list[AuditCopy]:
    """Try what has not left yet, and give what failed. Telling a day twice does no harm."""
    failed = []
    for way, leave in ways().items():
        for day in _due(way, now):
            copy, _made = AuditCopy.objects.get_or_create(way=way, day=day)
            try:
                leave(day)
            except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
                copy.trouble = _told(error)
                AuditCopy.objects.filter(id=copy.id).update(
                    trouble=copy.trouble, attempts=F("attempts") + 1, left_at=None
                )
                failed.append(copy)
                break  # the next day would meet the same
            AuditCopy.objects.filter(id=copy.id).update(left_at=now, trouble="", attempts=F("attempts") + 1)
    return failed


def copies_failing(*, now: datetime) -> list[AuditCopy]:
    """Of the ways in use, what has not left at its last try, the oldest day first."""
    if not ways():
        return []
    recent = AuditCopy.objects.filter(way__in=list(ways()), day__gte=vietnam_day(now) - NEWS)
    return list(recent.filter(left_at=None).exclude(trouble=""))


def copies_left() -> dict[str, AuditCopy | None]:
    """Of each way in use the newest day that has left; None where none has yet."""
    left = AuditCopy.objects.filter(left_at__isnull=False).order_by("-day")
    return {way: left.filter(way=way).first() for way in ways()}


def _due(way: str, now: datetime) -> list[date]:
    if way == Way.FOLDER:
        return _missing(Path(settings.CONFIG.AUDIT_COPY_DIR))
    news = list(heads.days_signed(first=vietnam_day(now) - NEWS))
    tried = dict(AuditCopy.objects.filter(way=way).values_list("day", "left_at"))
    if not tried:
        return news[-1:]  # switched on today: what was before is not news
    return [day for day in news if day >= min(tried) and tried.get(day) is None]


def _missing(folder: Path) -> list[date]:
    """Days that the store lacks, and the newest, which says whether the store is there and told well again."""
    signed = list(heads.days_signed())
    try:
        sizes = {entry.name: entry.stat().st_size for entry in os.scandir(folder)}
    except OSError:
        return signed[-1:]
    return [day for day in signed if day == signed[-1] or not sizes.get(file_name(day))]


def file_name(day: date) -> str:
    return f"{STEM}{day.isoformat()}{ENDING}"


def file_write(folder: Path, day: date) -> None:
    """Put the heads of ``day`` into the store, synced, once.

    A file that begins as it should and ends early was cut by a kill: the rest is appended. Raises ``StoreDiffers``
    where it says something else, ``OSError`` where the store is not there or full.
    """
    wanted = heads.day_file(day)
    handle = os.open(folder / file_name(day), os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o640)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        there = file.readall()
        if not wanted.startswith(there):
            raise StoreDiffers(f"{file_name(day)} is not what was signed")
        if there != wanted:
            file.write(wanted[len(there) :])
            os.fsync(file.fileno())
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folder_faults() -> list[str]:
    """Every file of the store that is not what our heads say; none where there is no store, or it cannot be reached."""
    if not settings.CONFIG.AUDIT_COPY_DIR:
        return []
    try:
        return list(_differing(Path(settings.CONFIG.AUDIT_COPY_DIR)))
    except OSError as error:
        log.warning("audit: the second store cannot be read: %s", _told(error))
        return []


def _differing(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob(f"{STEM}*{ENDING}")):
        try:
            day = date.fromisoformat(path.name.removeprefix(STEM).removesuffix(ENDING))
        except ValueError:
            continue
        if not (wanted := heads.day_file(day)).startswith(path.read_bytes()) or not wanted:
            yield f"the second store's {path.name} is not what the database says was signed"


def _told(error: Exception) -> str:
    """What a page and a log may say: no address, no password, which a server's answer might repeat."""
    if isinstance(error, OSError) and not isinstance(error, StoreDiffers):
        return f"{type(error).__name__}: {error.strerror or 'refused'}"[:200]
    return str(error)[:200]
