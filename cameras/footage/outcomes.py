"""After the case: which footage helped, that copies are deleted, and the end of the hold. Each owner is told."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput, Conflict
from cameras import cases
from cameras.footage import holds, packages, telling
from cameras.footage.held import own_request_held
from cameras.models import Extraction, FootageAsk, FootageRequest
from neighborhoods.access import Actor

Outcome = Extraction.Outcome


def request_conclude(
    *, actor: Actor, request_id: UUID, helped: Collection[int] = (), what_helped: Collection[str] = (),
    copies_deleted: bool, now: datetime,
) -> FootageRequest:  # fmt: skip
    """Close a request; its packages are deleted here.

    ``helped``: numbers of the cameras whose footage was of use; ``what_helped``: what of it (``cases.HELPS``). Once, by
    who asked, and only with the word that no copy is kept outside the case's own file.

    Raises ``Absent``; ``BadInput`` with fields; ``Conflict``: ``footage_settled``.
    """
    what = [word for word in cases.HELPS if word in what_helped]
    if len(what) != len(set(what_helped)) or bool(what) != bool(helped):
        raise _wrong("what_helped", _("Say what helped, and only where it was used: %(all)s.")
                     % {"all": ", ".join(cases.HELPS)})  # fmt: skip
    if not copies_deleted:
        raise _wrong("copies_deleted", _("Delete the copies that do not belong to the case's file, then confirm it."))
    with transaction.atomic():
        request = own_request_held(actor, request_id)
        if request.concluded_at is not None or request.state != FootageRequest.State.OPEN:
            raise Conflict(_("That is settled already."), code="footage_settled")
        taken = list(
            request.asks.exclude(extraction=None).select_related("camera__neighborhood", "camera__owner_household")
        )
        if unknown := set(helped) - {ask.number for ask in taken}:
            wrong = ", ".join(f"K{number}" for number in sorted(unknown))
            raise _wrong("helped", _("Nothing was taken of %(which)s.") % {"which": wrong})
        lines = Extraction.objects.filter(ask__in=taken)
        lines.filter(ask__number__in=helped).update(outcome=Outcome.USED, what_helped=what, outcome_at=now)
        lines.exclude(ask__number__in=helped).update(outcome=Outcome.NOT_USED, what_helped=[], outcome_at=now)
        request.concluded_at = now
        request.save(update_fields=["concluded_at"])
        holds.holds_release(request, now=now)
        packages.packages_end(request, now=now)
        told = [telling.ask_news("footage.outcome", ask, used=ask.number in helped) for ask in taken]
        about = {"taken": len(taken), "used": len(set(helped)), "deleted": True}
        telling.request_act(actor, "footage.concluded", request, now, asks=told, **about)
    return request


def outcome_of(ask: FootageAsk) -> str:
    """What its owner is told: ``used``, ``not_used``, or nothing yet."""
    return (ask.extraction.outcome or "") if ask.extraction else ""


def _wrong(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})
