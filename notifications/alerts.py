"""Alerts (cảnh báo): raised, let out, taken, ended. What leads to what: ``life``; who may: ``readers``.

Every verb writes its act last, ``alert.…`` with the alert's id; the dispatcher makes everybody's events of it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from cameras import rules, viewing
from cameras.models import Camera
from neighborhoods import audit
from neighborhoods.access import Action, Actor, require, system
from neighborhoods.places import place_of as place_of_neighborhood
from notifications import alert_limits, claims, life, raising, readers, scenes, telling
from notifications.categories import CATEGORIES
from notifications.facing import Place
from notifications.life import Act
from notifications.models import Alert, AlertClip, AlertReport
from notifications.raising import Raised, Teller

view_for = readers.view_for
MOST_REPORTS = 200
"""Of one alert, asked for by itself."""

HEALTH, MOTION = "camera_health", "motion"
_PARTS = {HEALTH: "health", MOTION: "motion"}
"""Which part of the product speaks for the camera, in the audit."""
LONGEST_REASON = 300
BATCH = 200


def alert_raise(
    *,
    actor: Actor,
    category: str,
    text: str = "",
    camera_ids: Collection[UUID] = (),
    location: Place | None = None,
    occurred_at: datetime | None = None,
    neighborhood_id: UUID | None = None,
    now: datetime,
) -> Raised:
    """Tell of something. Near and soon the same thing is joined to what was told before.

    Raises ``Absent`` (not the actor's neighborhood; guests read, and do not raise), ``BadInput`` by field, ``TooMany``.
    """
    if actor.account_id is None and actor.home_id is None:
        raise Absent()
    claim = claims.claim_of(
        category=category, text=text, camera_ids=camera_ids, location=location, occurred_at=occurred_at, now=now
    )
    with transaction.atomic():
        alert_limits.raise_charge(actor, now=now)
        scene = scenes.scene_of(actor, claim, neighborhood_id)
        place = place_of_neighborhood(scene.neighborhood)
        role = require(actor, Action.RAISE_ALERT, place)
        if claims.only_stewards(claim.category) and actor.role_at(place, Action.STEWARD_ALERTS) is None:
            raise claims.refuse("category", _("Only those who lead raise this warning. Tell your leader."))
        raising.neighborhood_hold(scene.neighborhood.id)
        return raising.tell(actor, raising.teller_of(actor, role), claim, scene, now=now)


def alerts_for(actor: Actor) -> QuerySet[Alert]:
    """Every alert that ``actor`` may read, newest first, each with the reports that are the actor's own."""
    if actor.account_id is not None:
        own = AlertReport.objects.filter(account_id=actor.account_id)
    elif actor.home_id is not None:
        own = AlertReport.objects.filter(household_id=actor.home_id)
    else:
        own = AlertReport.objects.none()
    return readers.alerts_for(actor).prefetch_related(Prefetch("joined", own))


def alert_for(actor: Actor, alert_id: UUID, *, reports: int = telling.MOST_JOINED) -> Alert:
    """The alert where ``actor`` may read it; its full view says up to so many reports. Raises ``Absent``."""
    alert = alerts_for(actor).filter(id=alert_id).first()
    if alert is None:
        raise Absent()
    if reports > telling.MOST_JOINED:
        telling.more_joined(alert, reports)
    return alert


def alert_release(*, actor: Actor, alert_id: UUID, text: bool = True, clip: bool = True, now: datetime) -> Alert:
    """Let everybody read the words, see the clip, or both. What is out stays out. Raises ``Absent``, ``Conflict``."""
    with transaction.atomic():
        alert = readers.alert_held(actor, alert_id)
        _may(alert, Act.RELEASE)
        wanted = {"text": text and alert.text_released_at is None, "clip": clip and alert.clip_released_at is None}
        if any(wanted.values()):
            changed = {f"{name}_released_at": now for name, fresh in wanted.items() if fresh}
            _change(actor, alert, "alert.released", changed, now, **wanted)
    return alert


def alert_acknowledge(*, actor: Actor, alert_id: UUID, now: datetime) -> Alert:
    """Somebody is on it: it escalates no further. The first who says so stays. Raises ``Absent``, ``Conflict``."""
    with transaction.atomic():
        alert = readers.alert_held(actor, alert_id)
        state = _may(alert, Act.ACKNOWLEDGE)
        if alert.state != state:
            taken = {"acknowledged_at": now, "acknowledged_by_id": actor.account_id, "escalate_at": None}
            _change(actor, alert, "alert.acknowledged", {"state": state, **taken}, now)
    return alert


def alert_resolve(*, actor: Actor, alert_id: UUID, verdict: str, now: datetime) -> Alert:
    """It is over, and was ``used``, ``not_used``, ``false`` or a ``duplicate``. Another verdict later corrects it.

    Raises ``Absent``, ``BadInput``, ``Conflict``.
    """
    if verdict not in Alert.Verdict.values:
        raise BadInput(_("There is no such verdict."), fields={"verdict": [", ".join(Alert.Verdict.values)]})
    with transaction.atomic():
        alert = readers.alert_held(actor, alert_id)
        state = _may(alert, Act.RESOLVE)
        if (alert.state, alert.verdict) != (state, verdict):
            done = {"resolved_at": now, "resolved_by_id": actor.account_id, "verdict": verdict, "escalate_at": None}
            _change(actor, alert, "alert.resolved", {"state": state, **done}, now, verdict=verdict)
    return alert


def alert_withdraw(*, actor: Actor, alert_id: UUID, reason: str, now: datetime) -> Alert:
    """Take an alert back, for good: its words and its clip are nobody's but the stewards' again. Everybody reads why.

    By the leader or a deputy; a broadcast by the ward's duty. Raises ``Absent``, ``BadInput`` without a reason.
    """
    why = claims.clean_text(reason, field="reason", longest=LONGEST_REASON)
    if not why:
        raise claims.refuse("reason", _("Say why, in a few words: everybody reads it."))
    with transaction.atomic():
        alert = readers.alert_held(actor, alert_id)
        if not readers.leads(actor, alert):
            raise Absent()
        state = _may(alert, Act.WITHDRAW)
        if alert.state != state:
            clips = AlertClip.objects.filter(alert=alert, snapshot__isnull=False).values_list("snapshot_id", flat=True)
            viewing.snapshot_views_end(list(clips), keep_devices=[actor.device_id] if actor.device_id else [], now=now)
            taken_back = {"state": state, "withdrawn_reason": why, "escalate_at": None}
            _change(actor, alert, "alert.withdrawn", taken_back, now)
    return alert


def alerts_expire(*, now: datetime) -> int:
    """End what is no news any more and nobody ended; returns how many. Run every minute; twice does no harm."""
    over = Alert.objects.filter(state__in=life.OPEN, expires_at__lte=now).order_by("expires_at")
    count = 0
    for alert in over[:BATCH]:
        with transaction.atomic():
            state = life.after(alert.state, Act.EXPIRE)
            same = Alert.objects.filter(id=alert.id, state=alert.state, version=alert.version)
            if same.update(state=state, escalate_at=None, version=F("version") + 1):
                count += 1
                _record(system("alerts"), alert, "alert.expired", now)
    return count


def alert_raise_by_camera(
    *, camera_id: UUID, category: str = HEALTH, occurred_at: datetime | None = None, now: datetime
) -> Raised | None:
    """A camera gives no picture, or something moves before it: its stewards are told, by one open alert a camera and
    category. None where nobody shares it now."""
    with transaction.atomic():
        camera = Camera.objects.select_related("neighborhood", "owner_household").filter(id=camera_id).first()
        if camera is None or not rules.shared(camera):
            return None
        raising.neighborhood_hold(camera.neighborhood_id)
        earlier = _of_camera(camera_id, category).first()
        if earlier is not None:
            return Raised(earlier, joined=True)
        claim = claims.Claim(
            category=CATEGORIES[category], text="", place=None, camera_ids=(camera_id,), occurred_at=occurred_at or now
        )
        scene = scenes.Scene(neighborhood=camera.neighborhood, named=(camera,), words=camera.name)
        return raising.tell(system(_PARTS[category]), Teller(source=Alert.Source.CAMERA), claim, scene, now=now)


def alert_resolve_by_camera(*, camera_id: UUID, category: str = HEALTH, now: datetime) -> Alert | None:
    """The camera is back: its alert is over. Without a verdict, for nobody judged it; None where there is none."""
    with transaction.atomic():
        alert = _of_camera(camera_id, category).select_for_update(of=("self",), no_key=True).first()
        if alert is not None:
            over = {"state": life.State.RESOLVED, "resolved_at": now, "escalate_at": None}
            _change(system("health"), alert, "alert.resolved", over, now)
    return alert


def _of_camera(camera_id: UUID, category: str) -> QuerySet[Alert]:
    return Alert.objects.filter(
        source=Alert.Source.CAMERA, category=category, state__in=life.OPEN, cameras=camera_id
    ).order_by("id")


def _may(alert: Alert, act: Act) -> life.State:
    """The state it leads to. Raises ``Conflict``."""
    state = life.after(alert.state, act)
    if state is not None:
        return state
    if alert.state == Alert.State.WITHDRAWN:
        raise Conflict(_("This alert has been withdrawn."), code="alert_withdrawn")
    raise Conflict(_("This alert is over."), code="alert_over")


def _change(
    actor: Actor, alert: Alert, action: str, fields: Mapping[str, object], now: datetime, **facts: object
) -> None:
    for name, value in fields.items():
        setattr(alert, name, value)
    alert.version += 1
    alert.save(update_fields=["version", *fields])
    _record(actor, alert, action, now, **facts)


def _record(actor: Actor, alert: Alert, action: str, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("alert", alert.id),
        ward_id=alert.ward_id,
        neighborhood_id=alert.neighborhood_id,
        data={"alert": alert.id, **facts},
        now=now,
    )
