"""Words that come after the alert: nobody types while something burns. They never make an alert, and ring nowhere.

Whoever told of it, first or later, adds to what they said; those who lead read it at once, the others as before.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from neighborhoods import audit
from neighborhoods.access import Action, Actor, require
from notifications import alert_limits, claims, raising, readers
from notifications.categories import CATEGORIES, TEXT
from notifications.models import Alert, AlertReport


def alert_words_add(*, actor: Actor, alert_id: UUID, text: str, now: datetime) -> Alert:
    """Add words to an alert that the actor's household (or account) told of; also once it is over.

    Raises ``Absent`` (not theirs), ``BadInput`` without words, ``Conflict`` once it is withdrawn, ``TooMany``.
    """
    said = claims.clean_text(text)
    if not said:
        raise claims.refuse("text", _("Say it in a few words."))
    with transaction.atomic():
        alert_limits.words_charge(actor, alert_id, now=now)
        alert = Alert.objects.select_for_update(of=("self",), no_key=True).filter(id=alert_id).first()
        if alert is None:
            raise Absent()
        role = require(actor, Action.RAISE_ALERT, readers.place_of(alert))
        teller = raising.teller_of(actor, role)
        first = readers.is_own(actor, alert)
        if not (first or raising.reports_by(teller, alert).exists()):
            raise Absent()
        if alert.state == Alert.State.WITHDRAWN:
            raise Conflict(_("This alert has been withdrawn."), code="alert_withdrawn")
        report = None if first and _may_be_the_alerts(alert) else raising.report_put(teller, alert, said, now=now)
        if report is None:
            alert.text = said
        alert.version += 1
        alert.save(update_fields=["text", "version"])
        _record(actor, alert, report, now)
    return alert


def _may_be_the_alerts(alert: Alert) -> bool:
    """Whether they become its own words: it has none, and nobody let "its words" out before there were any, for then
    these would go out unread. Of a fire they do, as everything that is said of it at once."""
    category = CATEGORIES.get(alert.category)
    by_itself = category is not None and TEXT in category.released
    return not alert.text and (by_itself or alert.text_released_at is None)


def _record(actor: Actor, alert: Alert, report: AlertReport | None, now: datetime) -> None:
    audit.record(
        actor=actor,
        action="alert.words",
        subject=("alert", alert.id),
        ward_id=alert.ward_id,
        neighborhood_id=alert.neighborhood_id,
        data={"alert": alert.id, **({"report": report.id} if report else {})},
        now=now,
    )
