"""What every way of raising an alert ends in: it is joined to one that stands, or stands itself from now on.

The neighborhood's row is held from the look for an earlier one to the commit, so that five who tell of one fire in the
same second make one alert.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from neighborhoods import audit
from neighborhoods.access import Actor, Role
from neighborhoods.models import Neighborhood
from notifications import joining, life, moments
from notifications.categories import CLIP, TEXT
from notifications.claims import Claim
from notifications.facing import Place
from notifications.joining import Telling
from notifications.models import Alert, AlertReport
from notifications.scenes import Scene

_SOURCES = {
    Role.LEADER: Alert.Source.LEADER,
    Role.DEPUTY: Alert.Source.LEADER,
    Role.OFFICER: Alert.Source.OFFICER,
    Role.OPERATOR: Alert.Source.OFFICER,
    Role.STREET_WORKER: Alert.Source.STREET_WORKER,
}


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of it. ``joined``: it was told before, and ``alert`` is that earlier one."""

    alert: Alert
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who tells, as the row keeps it. ``endpoint_event`` is the other system's id of the event."""

    source: Alert.Source
    device_id: UUID | None = None
    household_id: UUID | None = None
    account_id: UUID | None = None
    endpoint_id: UUID | None = None
    endpoint_event: str = ""

    def facts(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def teller_of(actor: Actor, role: Role) -> Teller:
    """A person: the household's, or of an account. ``role``: under which they may raise there."""
    return Teller(
        source=_SOURCES.get(role, Alert.Source.RESIDENT),
        device_id=actor.device_id,
        household_id=actor.home_id,
        account_id=actor.account_id,
    )


def reports_by(teller: Teller, alert: Alert) -> QuerySet[AlertReport]:
    """What the teller's household, or account, said after the first."""
    if teller.account_id is not None:
        return alert.joined.filter(account_id=teller.account_id)
    if teller.household_id is not None:
        return alert.joined.filter(household_id=teller.household_id)
    return alert.joined.none()


def report_put(teller: Teller, alert: Alert, text: str, *, now: datetime) -> AlertReport:
    """Words in a report of the teller's own: in the one that has none yet, or a further one. The alert is held."""
    silent = reports_by(teller, alert).filter(text="").first() if text else None
    if silent is None:
        return AlertReport.objects.create(alert=alert, text=text, at=now, **teller.facts())
    silent.text, silent.at = text, now
    silent.save(update_fields=["text", "at"])
    return silent


def neighborhood_hold(neighborhood_id: UUID) -> None:
    """Others who raise there wait until this transaction ends."""
    Neighborhood.objects.select_for_update(of=("self",), no_key=True).get(id=neighborhood_id)


def tell(actor: Actor, teller: Teller, claim: Claim, scene: Scene, *, now: datetime) -> Raised:
    """Join or create, and record it: the end of the raising verb, in its transaction, the neighborhood held."""
    earlier = _earlier(claim, scene)
    if earlier is not None:
        return Raised(_join(actor, teller, claim, earlier, now), joined=True)
    return Raised(_create(actor, teller, claim, scene, now))


def _earlier(claim: Claim, scene: Scene) -> Alert | None:
    """The oldest open alert of the same thing, its row held: nobody ends it while this joins it."""
    new = Telling(
        category=claim.category.code,
        neighborhood_id=scene.neighborhood.id,
        occurred_at=claim.occurred_at,
        place=scene.place,
        cameras=frozenset(camera.id for camera in scene.named),
    )
    found = Alert.objects.select_for_update(of=("self",), no_key=True).filter(
        neighborhood_id=scene.neighborhood.id,
        category=claim.category.code,
        state__in=life.OPEN,
        occurred_at__range=(claim.occurred_at - joining.SOON, claim.occurred_at + joining.SOON),
    )
    return next((each for each in found.order_by("id") if joining.same(_telling(each), new)), None)


def _telling(alert: Alert) -> Telling:
    assert alert.neighborhood_id is not None  # noqa: S101  (asked for by neighborhood)
    here = alert.latitude is not None and alert.longitude is not None
    return Telling(
        category=alert.category,
        neighborhood_id=alert.neighborhood_id,
        occurred_at=alert.occurred_at,
        open=alert.state in life.OPEN,
        place=Place(alert.latitude, alert.longitude) if here else None,  # type: ignore[arg-type]
        cameras=frozenset(alert.cameras.values_list("id", flat=True)),
    )


def _join(actor: Actor, teller: Teller, claim: Claim, alert: Alert, now: datetime) -> Alert:
    """Who has said it and says it again without words says nothing new: no row, and nobody is told."""
    if not claim.text and _told_it(teller, alert):
        return alert
    report = report_put(teller, alert, claim.text, now=now)
    alert.reports = _voices(alert)
    alert.version += 1
    alert.save(update_fields=["reports", "version"])
    audit.record(
        actor=actor,
        action="alert.joined",
        subject=("alert", alert.id),
        ward_id=alert.ward_id,
        neighborhood_id=alert.neighborhood_id,
        data={"alert": alert.id, "report": report.id, "source": str(teller.source)},
        now=now,
    )
    return alert


def _told_it(teller: Teller, alert: Alert) -> bool:
    """Not of other systems: each of their events has its row, by which it is known when it comes again."""
    if teller.account_id is not None:
        return alert.account_id == teller.account_id or reports_by(teller, alert).exists()
    if teller.household_id is not None:
        return alert.household_id == teller.household_id or reports_by(teller, alert).exists()
    return False


def _voices(alert: Alert) -> int:
    """How many say so: a household that says it from three phones is one."""
    others = alert.joined.annotate(who=Coalesce("household_id", "account_id", "endpoint_id"))
    first = alert.household_id or alert.account_id or alert.endpoint_id
    if first is not None:
        others = others.exclude(who=first)
    return 1 + others.order_by().values("who").distinct().count()


def _create(actor: Actor, teller: Teller, claim: Claim, scene: Scene, now: datetime) -> Alert:
    category = claim.category
    alert = Alert.objects.create(
        ward_id=scene.neighborhood.ward_id,
        neighborhood=scene.neighborhood,
        category=category.code,
        text=claim.text,
        latitude=scene.place.lat if scene.place else None,
        longitude=scene.place.lon if scene.place else None,
        place=scene.words,
        occurred_at=claim.occurred_at,
        raised_at=now,
        expires_at=now + category.lives,
        text_released_at=now if TEXT in category.released else None,
        clip_released_at=now if CLIP in category.released else None,
        escalate_at=now + category.escalates_after if category.escalates_after else None,
        **teller.facts(),
    )
    alert.cameras.add(*scene.named)
    asked = moments.clips_ask(alert, scene.named, scene.place, now=now) if category.keeps_moment else []
    raised = audit.Act(
        action="alert.raised",
        subject=("alert", alert.id),
        ward_id=alert.ward_id,
        neighborhood_id=alert.neighborhood_id,
        data={"alert": alert.id, "category": category.code, "source": str(teller.source), "clips": len(asked)},
    )
    audit.record_all(actor=actor, acts=[raised, *asked], now=now)
    return alert
