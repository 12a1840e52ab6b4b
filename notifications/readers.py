"""Who reads which alert, and how: the one door to an alert, and the list that holds only what somebody may see.

What ``access`` cannot know are facts of the alert: one about a camera's health is the stewards' alone; the ward's duty
(officers, operators) reads what its category tells the officer, what nobody answered, and broadcasts; a broadcast is
read in the whole ward; what somebody raised themselves they read, wherever it was.
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from backend.lib.errors import Absent
from neighborhoods.access import RULES, Action, Actor, Grant, Place, Reach, Role, reach
from neighborhoods.models import Neighborhood
from notifications import telling
from notifications.categories import CATEGORIES, Audience
from notifications.models import Alert, AlertReport

DUTY = frozenset({Role.OFFICER, Role.OPERATOR})
MOST_REPORTED = 200
TO_OFFICER = 2
"""``Alert.escalation`` from which the ward's duty is told of whatever it is."""
_TELLS_OFFICER = [code for code, category in CATEGORIES.items() if category.tells_officer]
_EVERYONES = [code for code, category in CATEGORIES.items() if category.audience is Audience.EVERYONE]


def place_of(alert: Alert) -> Place:
    return Place(ward_id=alert.ward_id, neighborhood_id=alert.neighborhood_id)


def alert_for(actor: Actor, alert_id: UUID) -> Alert:
    """The alert, with all that its views say, where ``actor`` may read it. Raises ``Absent``."""
    alert = alerts_for(actor).filter(id=alert_id).first()
    if alert is None:
        raise Absent()
    return alert


def alert_held(actor: Actor, alert_id: UUID) -> Alert:
    """The bare row, held until commit, where ``actor`` decides about it. Raises ``Absent``."""
    alert = Alert.objects.select_for_update(of=("self",), no_key=True).filter(id=alert_id).first()
    if alert is None or not is_steward(actor, alert):
        raise Absent()
    return alert


def alerts_for(actor: Actor) -> QuerySet[Alert]:
    """Every alert that ``actor`` may read, newest first.

    What is looked up for it is put in as values, not as queries inside the query: PostgreSQL reads a condition with
    those in it row by row through all alerts of a city, at the very moment at which everybody opens the page.
    """
    return telling.alerts_with_facts().filter(_read(actor) | _own(actor))


def is_steward(actor: Actor, alert: Alert) -> bool:
    """Whether ``actor`` decides about it: reads what is not released, releases, acknowledges, resolves, withdraws."""
    place = place_of(alert)
    return any(
        Action.STEWARD_ALERTS in RULES[grant.role] and grant.covers(place) and _is_dutys(grant, alert)
        for grant in actor.grants
    )


def leads(actor: Actor, alert: Alert) -> bool:
    """Whether ``actor`` may take it back: who leads the neighborhood, or of a broadcast the ward's duty."""
    place = place_of(alert)
    return any(
        Action.STEWARD_ALERTS in RULES[grant.role]
        and grant.covers(place)
        and (grant.role not in DUTY or alert.neighborhood_id is None)
        for grant in actor.grants
    )


def view_for(actor: Actor, alert: Alert) -> telling.View:
    """The alert as this reader may see it: full, or open with the words they said themselves. ``mine`` says whether
    they were the first to tell of it, ``said`` whether they told of it at all."""
    first, own = is_own(actor, alert), _words(actor, alert)
    said = {"mine": first, "said": own is not None}
    if is_steward(actor, alert):
        return {**telling.full_view(alert), **said}
    view = telling.open_view(alert)
    if view["text"] is None and own is not None:
        view["text"] = own
    return {**view, **said}


def is_own(actor: Actor, told: Alert | AlertReport) -> bool:
    """Whether the actor's household (or account) said it. A guest has no household."""
    if actor.account_id is not None:
        return told.account_id == actor.account_id
    return actor.home_id is not None and told.household_id == actor.home_id


def _words(actor: Actor, alert: Alert) -> str | None:
    if is_own(actor, alert):
        return alert.text
    return next((report.text for report in alert.joined.all() if is_own(actor, report)), None)


def _is_dutys(grant: Grant, alert: Alert) -> bool:
    """Whether the alert is the ward's duty's, where the grant is of that kind."""
    if grant.role not in DUTY or alert.neighborhood_id is None:
        return True
    return alert.category in _TELLS_OFFICER or alert.escalation >= TO_OFFICER


def _read(actor: Actor) -> Q:
    sees, stewards = reach(actor, Action.SEE_ALERTS), reach(actor, Action.STEWARD_ALERTS)
    if sees.everywhere:
        return Q()
    to_duty = Q(category__in=_TELLS_OFFICER) | Q(escalation__gte=TO_OFFICER)
    return (
        Q(neighborhood_id__in=sees.neighborhood_ids, category__in=_EVERYONES)
        | Q(neighborhood_id__in=stewards.neighborhood_ids)
        | (Q(ward_id__in=sees.ward_ids) & to_duty)
        | Q(neighborhood_id=None, ward_id__in=_wards(actor, sees))
    )


def _wards(actor: Actor, sees: Reach) -> set[UUID]:
    """Of those neighborhoods, and those wards. Only of a leader of several neighborhoods the database is asked."""
    if not sees.neighborhood_ids:
        return set(sees.ward_ids)
    if sees.neighborhood_ids == {actor.neighborhood_id} and actor.ward_id is not None:
        return {*sees.ward_ids, actor.ward_id}
    found = Neighborhood.objects.filter(id__in=sees.neighborhood_ids).values_list("ward_id", flat=True)
    return {*sees.ward_ids, *found}


def _own(actor: Actor) -> Q:
    """What they raised themselves, and what others had told before them."""
    if actor.account_id is not None:
        return Q(account_id=actor.account_id) | Q(id__in=_reported(account_id=actor.account_id))
    if actor.home_id is not None:
        return Q(household_id=actor.home_id) | Q(id__in=_reported(household_id=actor.home_id))
    return Q(pk__in=[])


def _reported(**by: UUID) -> list[UUID]:
    """The latest ``MOST_REPORTED``; what is older is found only as everybody finds it."""
    found = AlertReport.objects.filter(**by).order_by("-id").values_list("alert_id", flat=True)[:MOST_REPORTED]
    return list(dict.fromkeys(found))
