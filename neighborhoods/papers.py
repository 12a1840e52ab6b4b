"""Papers kept for the fund and the law: receipts, resolutions, signed records. Files of mode 0600 beside their rows.

What is kept is never what was sent, where that is a picture: it is drawn anew (``pictures``). A PDF is kept as it is,
and is only ever handed out as a download, because it can hold scripts and what its maker wrote into it.
"""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib import privatefile
from backend.lib.errors import Absent, BadInput, TooLarge
from backend.lib.ids import new_id
from backend.lib.pictures import picture_clean
from backend.lib.sizes import FILE
from backend.lib.text import clean_name
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Paper, Ward
from neighborhoods.places import neighborhood_for, place_of

Kind = Paper.Kind
MediaType = Paper.MediaType

KEEPS = {
    Kind.RESOLUTION: Action.PLAN_FUND, Kind.RECEIPT: Action.KEEP_FUND, Kind.LEGAL: Action.SIGN_LEGAL_RECORD,
    Kind.DEMAND: Action.ASK_FOOTAGE,
}  # fmt: skip
"""Who may bring which kind."""
SEES = {
    Kind.RESOLUTION: Action.SEE_FUND, Kind.RECEIPT: Action.SEE_FUND, Kind.LEGAL: Action.SEE_LEGAL_RECORD,
    Kind.DEMAND: Action.SEE_FOOTAGE_REQUESTS,
}  # fmt: skip
ENDINGS = {MediaType.JPEG: "jpg", MediaType.PDF: "pdf"}
ABANDONED_AFTER = timedelta(days=1)


def path_of(paper: Paper) -> Path:
    return _folder() / f"{paper.id}.{ENDINGS[MediaType(paper.media_type)]}"


def paper_keep(
    *, actor: Actor, kind: Kind | str, data: bytes, name: str, now: datetime, neighborhood_id: UUID | None = None,
    ward_id: UUID | None = None,
) -> Paper:  # fmt: skip
    """Keep a picture or a PDF of at most 10 MB for a neighborhood, or for a ward.

    Raises ``Absent``, ``TooLarge``, ``BadInput`` with ``picture_unreadable`` or ``picture_too_large``.

    The file is on disk before its row: a crash between them leaves a file that nobody names, and ``sweep`` takes it.
    """
    kind = Kind(kind)
    place = _place_for(actor, KEEPS[kind], neighborhood_id, ward_id)
    if len(data) > FILE:
        raise TooLarge()
    is_pdf = data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]
    kept = data if is_pdf else picture_clean(data)
    paper = Paper(
        id=new_id(),
        neighborhood_id=neighborhood_id,
        ward_id=ward_id,
        kind=kind,
        media_type=MediaType.PDF if is_pdf else MediaType.JPEG,
        name=_readable(name),
        size=len(kept),
        sha256=hashlib.sha256(kept).hexdigest(),
        kept_by_id=actor.account_id,
        kept_at=now,
    )
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    privatefile.write(path_of(paper), kept)
    with transaction.atomic():
        _place_for(actor, KEEPS[kind], neighborhood_id, ward_id)  # decoding takes a while; the role may have ended
        paper.save(force_insert=True)
        audit.record(
            actor=actor,
            action="paper.kept",
            subject=("paper", paper.id),
            ward_id=place.ward_id,
            neighborhood_id=place.neighborhood_id,
            data={"kind": kind.value, "size": paper.size, "sha256": paper.sha256},
            now=now,
        )
    return paper


def paper_for(actor: Actor, paper_id: UUID) -> Paper:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    paper = Paper.objects.select_related("neighborhood").filter(id=paper_id).first()
    if paper is None:
        raise Absent()
    place = place_of(paper.neighborhood) if paper.neighborhood else Place(ward_id=paper.ward_id)
    require(actor, SEES[Kind(paper.kind)], place)
    return paper


def paper_of(neighborhood_id: UUID, kind: Kind, paper_id: UUID | None, *, field: str) -> Paper | None:
    """The paper that a verb is about to hang on something of that neighborhood. Raises ``BadInput`` for any other."""
    if paper_id is None:
        return None
    paper = Paper.objects.filter(id=paper_id, neighborhood_id=neighborhood_id, kind=kind).first()
    if paper is None:
        reason = _("That paper is not here. Send it again.")
        raise BadInput(reason, fields={field: [reason]})
    return paper


def bytes_of(paper: Paper) -> bytes:
    """What is on disk. Raises ``Absent`` where it is gone, which ``ledger_verify`` tells."""
    try:
        return path_of(paper).read_bytes()
    except FileNotFoundError:
        raise Absent() from None


def sweep(*, now: datetime) -> int:
    """Remove files of a day ago and older that have no row; returns how many."""
    removed = 0
    for path in _folder().glob("*"):
        old = datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo) < now - ABANDONED_AFTER
        paper_id = _id_in(path.stem)
        if old and not (paper_id and Paper.objects.filter(id=paper_id).exists()):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def faults() -> list[str]:
    """A sentence for each paper whose bytes are gone or are not those that were kept."""
    found = []
    for paper in Paper.objects.iterator(chunk_size=500):
        try:
            kept = path_of(paper).read_bytes()
        except OSError:
            found.append(f"paper {paper.id}: its file is gone")
            continue
        if hashlib.sha256(kept).hexdigest() != paper.sha256:
            found.append(f"paper {paper.id}: its file was changed")
    return found


def _place_for(actor: Actor, action: Action, neighborhood_id: UUID | None, ward_id: UUID | None) -> Place:
    """The neighborhood or the ward, where ``actor`` may do ``action``. Raises ``Absent``."""
    if neighborhood_id is not None:
        return place_of(neighborhood_for(actor, action, neighborhood_id))
    if ward_id is None or not Ward.objects.filter(id=ward_id).exists():
        raise Absent()
    place = Place(ward_id=ward_id)
    require(actor, action, place)
    return place


def _folder() -> Path:
    return settings.CONFIG.paper_dir


def _id_in(stem: str) -> UUID | None:
    try:
        return UUID(stem)
    except ValueError:
        return None


def _readable(name: str) -> str:
    """A file's name is whatever a phone called it: worth keeping, never worth refusing for."""
    try:
        return clean_name(name.replace("\\", "/").rpartition("/")[2][-120:])
    except BadInput:
        return ""
