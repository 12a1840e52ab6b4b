"""Looking through what was released, where it lies: its asker's view of one camera's window, on record like any."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from cameras import viewing
from cameras.footage import extracting, telling
from cameras.footage.held import ask_held
from cameras.models import FootageAsk, FootageRequest
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require


def released_open(*, actor: Actor, request_id: UUID, number: int, address: str, now: datetime) -> viewing.Opened:
    """Open the footage of one camera, by its number: an HLS playlist of what was granted. From the first time on its
    owner's yes is final, and the register has a line of it.

    Raises ``Absent`` (also for what was not released); ``Conflict``: ``file_gone`` once it is no longer held for this,
    ``no_footage``, ``private_hours``; ``TooMany``.
    """
    with transaction.atomic():
        ask = ask_held(request_id, number=number)
        request = ask.request
        require(actor, Action.ASK_FOOTAGE, Place(ward_id=request.case.ward_id))
        released = ask.state == FootageAsk.State.RELEASED and request.state == FootageRequest.State.OPEN
        if request.asked_by_id != actor.account_id or not released:
            raise Absent()
        if request.concluded_at is not None or (ask.hold.expires_at and ask.hold.expires_at <= now):
            raise Conflict(_("It is no longer held for this request."), code="file_gone")
        opened = viewing.view_open_released(
            actor=actor, camera=ask.camera, reason=request.reason, starts_at=ask.starts_at, ends_at=ask.ends_at,
            address=address, now=now,
        )  # fmt: skip
        if ask.extraction is None:
            extracting.extraction_of(ask, actor.account_id, now=now)
            audit.record_all(actor=actor, acts=[telling.ask_act("footage.looked_at", ask)], now=now)
    return opened
