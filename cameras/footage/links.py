"""Fetching a package: once, by who asked, in the session that asked for the link; broken off, it goes on where it was.

A link is used when its last byte has been handed out. What comes after that, or from another session, is refused and
on record. Who needs it a second time asks somebody in charge.
"""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.clock import Now
from backend.lib.errors import Absent, Conflict
from cameras.evidence.manifest import VIETNAM
from cameras.evidence.zipping import Zip, zip_of
from cameras.footage import extracting, telling
from cameras.footage.held import package_held
from cameras.footage.inforce import POLICY
from cameras.footage.packages import require_there, root
from cameras.models import EvidenceLink, EvidencePackage, FootageAsk
from cameras.viewminutes import view_minutes_export
from neighborhoods.access import Action, Actor, Role
from neighborhoods.devices import actor_by_id

LOOK_S = 2.0
"""So soon a session that is cut off gets no more of it."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A package to be handed out: its ``zip``, and what it is to be called. ``etag``: its manifest's hash."""

    link: EvidenceLink
    zip: Zip
    name: str
    etag: str


def link_make(*, actor: Actor, package_id: UUID, now: datetime) -> EvidenceLink:
    """A link for this session; an earlier one that was not used up ends.

    Raises ``Absent``; ``Conflict``: ``not_ready``, ``file_gone``, ``link_used`` (somebody in charge may allow one
    more).
    """
    with transaction.atomic():
        package = package_held(actor, Action.ASK_FOOTAGE, package_id)
        if package.request.asked_by_id != actor.account_id or actor.device_id is None:
            raise Absent()
        require_there(package, now)
        require_fetch(package)
        package.links.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
        link = EvidenceLink.objects.create(
            package=package, device_id=actor.device_id, made_at=now, expires_at=now + POLICY.link_open
        )
        telling.package_act(actor, "footage.link_made", package, now, link=link.id)
    return link


def fetch_allow(*, actor: Actor, package_id: UUID, now: datetime) -> EvidencePackage:
    """Let it be fetched once more, where it was fetched as often as it may. By somebody in charge who did not ask.

    Raises ``Absent``; ``Conflict``: ``not_oneself``, ``not_ready``, ``file_gone``, ``footage_settled`` (not used up).
    """
    with transaction.atomic():
        package = package_held(actor, Action.SIGN_FOOTAGE, package_id)
        if package.request.asked_by_id == actor.account_id:
            raise Conflict(_("You cannot sign what you asked yourself."), code="not_oneself")
        require_there(package, now)
        if package.links.exclude(used_at=None).count() < package.fetches:
            raise Conflict(_("It can still be fetched."), code="footage_settled")
        package.fetches += 1
        package.save(update_fields=["fetches"])
        telling.package_act(actor, "footage.fetch_allowed", package, now, fetches=package.fetches)
    return package


def link_open(*, actor: Actor, link_id: UUID, now: datetime) -> Fetch:
    """The package behind a link, to be handed out from any byte on. From the first time on nobody takes a yes back.

    Raises ``Absent`` (also for another session, which goes on record); ``Conflict``: ``link_used``, ``link_expired``,
    ``file_gone``.
    """
    refused: Absent | Conflict | None = None
    with transaction.atomic():
        link = EvidenceLink.objects.select_related("package").filter(id=link_id).first()
        if link is None:
            raise Absent()
        package = package_held(actor, Action.ASK_FOOTAGE, link.package_id)
        link = EvidenceLink.objects.get(id=link_id)  # as it stands now that the package is held
        if package.request.asked_by_id != actor.account_id:
            raise Absent()
        if link.device_id != actor.device_id:
            refused = Absent()
        elif link.used_at is not None:
            refused = _used()
        elif link.expires_at <= now:
            refused = Conflict(_("This link's time is over. Ask for a new one."), code="link_expired")
        if refused is None:
            require_there(package, now)
            EvidenceLink.objects.filter(id=link.id, opened_at=None).update(opened_at=now)
            package_taken(actor, package, now)
        else:
            telling.package_act(actor, "footage.link_refused", package, now, link=link.id)
    if refused is not None:
        raise refused
    assert package.made_at is not None  # noqa: S101  (it is there)
    name = f"{package.request.case.case_number}-goi-{package.number}.zip".replace("/", "-").replace(" ", "-")
    made = package.made_at.astimezone(VIETNAM)
    return Fetch(link, zip_of(root() / str(package.id), made), name, package.manifest_sha256)


async def handed_out(fetch: Fetch, start: int, end: int, *, actor: Actor, now: Now) -> AsyncIterator[bytes]:
    """The bytes ``[start, end)``; with the last one the link is used up. Raises ``Absent`` where the session has been
    cut off meanwhile, which breaks the answer off."""
    blocks, looked_at = fetch.zip.read(start, end), time.monotonic()
    while (block := await sync_to_async(_next)(blocks)) is not None:
        start += len(block)
        if start == fetch.zip.size:  # before it goes: what is not on record is not handed out
            await sync_to_async(link_used)(actor=actor, link=fetch.link, now=now())
        elif time.monotonic() - looked_at > LOOK_S:
            looked_at = time.monotonic()
            await sync_to_async(_actor_now)(actor, now())
        yield block


def link_used(*, actor: Actor, link: EvidenceLink, now: datetime) -> None:
    """The whole of it is about to be handed out. Twice is once.

    Raises ``Absent``; ``Conflict`` (``link_used``) where another of its links was quicker: an old one that was still
    being read must not give the package a second time.
    """
    with transaction.atomic():
        package = package_held(_actor_now(actor, now), Action.ASK_FOOTAGE, link.package_id)
        if EvidenceLink.objects.filter(id=link.id, used_at=None).exists():
            require_fetch(package)
            EvidenceLink.objects.filter(id=link.id).update(used_at=now)
            EvidencePackage.objects.filter(id=package.id, handed_at=None).update(handed_at=now)
            telling.package_act(actor, "footage.handed_over", package, now, link=link.id)


def require_fetch(package: EvidencePackage) -> None:
    """Raises ``Conflict`` (``link_used``) where it was fetched as often as it may be."""
    if package.links.exclude(used_at=None).count() >= package.fetches:
        raise _used()


def package_taken(actor: Actor, package: EvidencePackage, now: datetime) -> None:
    """The first byte is about to go: the register has a line of each camera, and the owners' yes is final. Inside the
    transaction that holds the package."""
    if package.taken_at is not None:
        return
    package.taken_at = now
    package.save(update_fields=["taken_at"])
    for ask in telling.asks_of(package):
        extracting.extraction_of(ask, package.request.asked_by_id, now=now)
        _count(ask, package, now)
    telling.package_act(actor, "footage.taken", package, now)


def _count(ask: FootageAsk, package: EvidencePackage, now: datetime) -> None:
    """Its owner finds it among those who watched, to the minute."""
    view_minutes_export(
        package_id=package.id, camera=ask.camera, account_id=package.request.asked_by_id, role=Role.OFFICER,
        purpose=package.request.reason, starts_at=ask.starts_at, ends_at=ask.ends_at, now=now,
    )  # fmt: skip


def _used() -> Conflict:
    return Conflict(
        _("It was fetched already, and each package is fetched once. Somebody in charge can allow it once more."),
        code="link_used",
    )


def _actor_now(actor: Actor, now: datetime) -> Actor:
    """The same session, as the rows say now. Raises ``Absent`` where it has been cut off."""
    found = actor_by_id(actor.device_id, now=now) if actor.device_id else None
    if found is None:
        raise Absent()
    return found


def _next(blocks: Iterator[bytes]) -> bytes | None:
    return next(blocks, None)
