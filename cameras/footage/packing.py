"""Making a package: the job's work, begun again as often as it is killed and ending in the same package.

The bytes are ``cameras.evidence``'s; here they are found, and the row says when they are whole.
"""

import errno
import logging
import shutil
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.clock import to_us
from backend.lib.errors import Absent, Conflict, Unavailable
from cameras.evidence import zipping
from cameras.evidence.gaps import Away
from cameras.evidence.manifest import VIETNAM
from cameras.evidence.package import package_write
from cameras.evidence.takes import Source, Take
from cameras.footage import annex, facts, telling
from cameras.footage.packages import package_forget, root
from cameras.footage.timestamping import authority_of_settings
from cameras.footage.viewingcopy import viewing_copy_of
from cameras.models import EvidencePackage, FootageAsk, Slice
from cameras.store import catalog, roots
from cameras.stretch import Stretch, stretch_of
from neighborhoods.jobs import JobRun
from neighborhoods.models import AuditEntry

log = logging.getLogger(__name__)


def package_make(run: JobRun) -> dict[str, Any]:
    """The runner. Raises ``Conflict``: ``footage_settled`` (given up meanwhile), ``disk_full``, ``no_footage``; and
    ``Unavailable`` where another worker, taken for dead, is still at it."""
    package = _package(UUID(run.arguments["package"]))
    result = {"package": str(package.id)}
    if package.made_at is not None:
        return result
    _require_wanted(package)
    if package.node_id != catalog.node_here().id:
        raise Unavailable(_("Its footage is on another machine, which has to make it. Try again in a minute."))
    moment = run.now()
    roots.slices_root(node_id=package.node_id, now=moment)  # so that the newest slices can be proven, too
    takes, proofs = _takes(telling.asks_of(package))
    said = facts.facts_of(package, telling.asks_of(package), proofs, now=moment)
    folder = root() / str(package.id)
    _write(run, package, takes, said)
    _require_wanted(_package(package.id))
    size = zipping.zip_of(folder, moment.astimezone(VIETNAM)).size
    with transaction.atomic():
        package_made(package, sha256((folder / "manifest.json").read_bytes()).hexdigest(), size, now=run.now())
        run.settle(result)
    return result


def package_made(package: EvidencePackage, manifest_sha256: str, size: int, *, now: datetime) -> None:
    """It is whole, and can be fetched. Raises ``Conflict`` where it was given up at the last moment."""
    rows = EvidencePackage.objects.filter(id=package.id, made_at=None, withdrawn_at=None)
    if not rows.update(made_at=now, manifest_sha256=manifest_sha256, bytes=size):
        raise _given_up(package)
    telling.package_act(telling.ITSELF, "footage.packaged", package, now, manifest=manifest_sha256, bytes=size)


def _write(run: JobRun, package: EvidencePackage, takes: Sequence[Take], said: dict[str, Any]) -> None:
    folder = root() / str(package.id)
    need = sum(piece.fragment.length for take in takes for piece in take.pieces)
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    there = sum(path.stat().st_size for path in folder.rglob("*.mp4")) if folder.exists() else 0
    headroom = int(settings.CONFIG.STORE_HEADROOM_BYTES or 0)
    if shutil.disk_usage(root()).free < need - there + headroom:
        raise _disk_full()
    extras, claims = {annex.NAME: bytes(package.annex)}, None
    if settings.CONFIG.c2pa:
        from cameras.evidence import c2pa_claim  # noqa: PLC0415  (its library takes 25 MB, and few want it)

        extras[c2pa_claim.ANCHOR] = c2pa_claim.anchor_of(settings.SECRETS.signing_key)
        claims = c2pa_claim.claims_of(said, key=settings.SECRETS.signing_key, product=facts.product())
    viewed = viewing_copy_of(package, lambda: run.progress(0, need)) if package.viewing_copies else None
    authority = authority_of_settings(lambda: run.progress(need, need))
    try:
        package_write(
            folder, takes, said, key=settings.SECRETS.signing_key, extras=extras, viewed=viewed, claims=claims,
            authority=authority, progress=run.progress,
        )  # fmt: skip
    except BlockingIOError:
        raise Unavailable(_("Another worker is still at it. Try again in a minute.")) from None
    except OSError as error:
        log.error("package %s: %s", package.id, error.strerror)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise _disk_full() from None
        raise


def _takes(asks: Sequence[FootageAsk]) -> tuple[list[Take], list[AuditEntry]]:
    """Each camera's footage, and the audit entries that its slices stand in."""
    entries: dict[str, AuditEntry] = {}
    takes = []
    for ask in asks:
        found = stretch_of(ask.camera, ask.starts_at, ask.ends_at)
        used = {piece.header.slice_id for piece in found.pieces}
        known = dict(Slice.objects.filter(id__in=used).values_list("id", "root"))
        sources = []
        for media, journal in found.journals:
            slice_id = journal.header.slice_id
            if slice_id in used:
                root_, proof = known.get(slice_id, ""), None
                try:
                    shown = roots.proof_of(slice_id)
                except Absent:
                    log.warning("slice %s stands in no audit entry", slice_id)
                else:
                    entries[shown.entry.hash] = shown.entry
                    root_, proof = shown.root, {"entry": shown.entry.hash, "path": [list(step) for step in shown.path]}
                sources.append(Source(media, journal, root_, proof))
        window = (to_us(ask.starts_at), to_us(ask.ends_at))
        about = facts.camera_facts_of(ask.camera)
        takes.append(Take(f"K{ask.number}", tuple(sources), tuple(found.pieces), about, window, tuple(_away(found))))
    if not any(take.pieces for take in takes):
        raise Conflict(_("Nothing of it is left on the disk."), code="no_footage")
    return takes, sorted(entries.values(), key=lambda entry: entry.seq)


def _away(found: Stretch) -> list[Away]:
    """What is left out, and why."""
    reasons = {
        "private_hours": found.private, "other_masks": found.masked_otherwise, "no_longer_there": found.unreadable,
    }  # fmt: skip
    return [(start, end, why) for why, spans in reasons.items() for start, end in spans]


def _package(package_id: UUID) -> EvidencePackage:
    rows = EvidencePackage.objects.select_related(
        "request__case__ward", "request__asked_by", "request__signed_by", "request__reviewed_by", "request__scan",
        "ordered_by",
    )  # fmt: skip
    package = rows.filter(id=package_id).first()
    if package is None:
        raise Absent()
    return package


def _require_wanted(package: EvidencePackage) -> None:
    if package.withdrawn_at is not None:
        raise _given_up(package)


def _given_up(package: EvidencePackage) -> Conflict:
    package_forget(package)
    return Conflict(_("An owner has taken their yes back. Order what is left anew."), code="footage_settled")


def _disk_full() -> Conflict:
    return Conflict(_("The disk is full. What is done stays; begin again when there is room."), code="disk_full")
