"""Of how much use the alerts of each source were: the statistics of verdicts.

Thanh Hoá's street cleaners sent 32, of which 12 were put to use: a precision of 0.375, once all 32 are judged. What was
joined to an earlier alert counts for its own source too, under that alert's verdict; a household that repeats itself
counts once.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from neighborhoods.access import Action, Actor, reach
from notifications import readers
from notifications.categories import CATEGORIES
from notifications.models import Alert, AlertReport

VERDICTS = [verdict.value for verdict in Alert.Verdict]
_TELLS_OFFICER = [code for code, category in CATEGORIES.items() if category.tells_officer]


def precision_of(actor: Actor, *, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Per source, in the order of ``Alert.Source``: ``raised``, a count per verdict, ``judged``, and ``precision`` =
    used / judged (None where nothing is judged), of the alerts raised in ``[since, until)`` where the actor leads."""
    told = set(_firsts(actor, since, until)) | set(_joined(actor, since, until))
    counts: dict[str, Counter[str]] = {source.value: Counter() for source in Alert.Source}
    for source, verdict, _alert, _holder in told:
        counts[source]["raised"] += 1
        counts[source][verdict] += 1
    return [_line(source, found) for source, found in counts.items()]


Told = tuple[str, str, Any, Any]
"""Source, verdict, alert, and who said it."""


def _firsts(actor: Actor, since: datetime, until: datetime) -> Iterable[Told]:
    rows = Alert.objects.filter(_led(actor), raised_at__gte=since, raised_at__lt=until)
    for source, verdict, alert, *holders in rows.values_list(
        "source", "verdict", "id", "household_id", "account_id", "endpoint_id"
    ):
        yield source, verdict, alert, next(filter(None, holders), None)


def _joined(actor: Actor, since: datetime, until: datetime) -> Iterable[Told]:
    rows = AlertReport.objects.filter(_led(actor, "alert__"), alert__raised_at__gte=since, alert__raised_at__lt=until)
    for source, verdict, alert, *holders in rows.values_list(
        "source", "alert__verdict", "alert_id", "household_id", "account_id", "endpoint_id"
    ):
        yield source, verdict, alert, next(filter(None, holders), None)


def _led(actor: Actor, prefix: str = "") -> Q:
    """Of the ward's duty those it reads (``readers``): counts of the others would tell of them too."""
    where = reach(actor, Action.STEWARD_ALERTS)
    dutys = (
        Q(**{f"{prefix}category__in": _TELLS_OFFICER})
        | Q(**{f"{prefix}escalation__gte": readers.TO_OFFICER})
        | Q(**{f"{prefix}neighborhood_id": None})
    )
    return Q(**{f"{prefix}neighborhood_id__in": where.neighborhood_ids}) | (
        Q(**{f"{prefix}ward_id__in": where.ward_ids}) & dutys
    )


def _line(source: str, found: Counter[str]) -> dict[str, Any]:
    judged = sum(found[verdict] for verdict in VERDICTS)
    return {
        "source": source,
        "raised": found["raised"],
        **{verdict: found[verdict] for verdict in VERDICTS},
        "judged": judged,
        "precision": found["used"] / judged if judged else None,
    }
