"""Broadcasts: what the ward's duty tells everybody in the ward, such as a coming flood or a fraud that goes round."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require
from notifications import alert_limits, claims
from notifications.categories import Audience
from notifications.models import Alert


def alert_broadcast(
    *, actor: Actor, ward_id: UUID, category: str, text: str, occurred_at: datetime | None = None, now: datetime
) -> Alert:
    """Tell the whole ward. Its words are everybody's at once; it has no place, no clip, and waits for nobody.

    Raises ``Absent`` (not the actor's ward), ``BadInput`` by field, ``TooMany``.
    """
    require(actor, Action.BROADCAST_ALERT, Place(ward_id=ward_id))
    claim = claims.claim_of(category=category, text=text, occurred_at=occurred_at, now=now)
    if claim.category.audience is not Audience.EVERYONE:
        raise claims.refuse("category", _("There is no such category."))
    if not claim.text:
        raise claims.refuse("text", _("Say what everybody should know."))
    with transaction.atomic():
        alert_limits.broadcast_charge(actor, now=now)
        alert = Alert.objects.create(
            ward_id=ward_id,
            category=claim.category.code,
            source=Alert.Source.OFFICER,
            device_id=actor.device_id,
            account_id=actor.account_id,
            text=claim.text,
            text_released_at=now,
            occurred_at=claim.occurred_at,
            raised_at=now,
            expires_at=now + claim.category.lives,
        )
        audit.record(
            actor=actor,
            action="alert.raised",
            subject=("alert", alert.id),
            ward_id=ward_id,
            neighborhood_id=None,
            data={"alert": alert.id, "category": alert.category, "source": str(alert.source), "broadcast": True},
            now=now,
        )
    return alert
