"""How an alert is told: the open view, which is everybody's, and the full one, for those who decide about it.

Both are plain JSON: the same dict stands in an event, behind a push message and in an answer of the API. Made of an
alert from ``alerts_with_facts()`` a view asks the database nothing more.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Count, Prefetch, QuerySet, Window

from backend.lib.clock import iso
from cameras import grid
from cameras.models import Snapshot
from neighborhoods.models import Account, Household
from notifications.categories import CATEGORIES, TEXT, Category, Severity
from notifications.models import Alert, AlertClip, AlertEndpoint, AlertReport

View = dict[str, Any]

MOST_JOINED = 20
"""Reports in a view: an alert of which a whole street tells is told anew with each, on every steward's phone."""
_NEWEST = "newest_joined"

LET_OUT = frozenset({Alert.State.RAISED, Alert.State.ACKNOWLEDGED, Alert.State.RESOLVED, Alert.State.EXPIRED})
"""States in which what was released is shown. A withdrawn alert takes its words and its clip back."""


class Said(Protocol):
    """Who says something: an alert or a report."""

    @property
    def household(self) -> Household | None: ...
    @property
    def account(self) -> Account | None: ...
    @property
    def endpoint(self) -> AlertEndpoint | None: ...


def alerts_with_facts() -> QuerySet[Alert]:
    """Alerts with all that their views say: one statement, and three more however many there are."""
    return Alert.objects.select_related(
        "household", "account", "endpoint", "acknowledged_by", "resolved_by"
    ).prefetch_related(
        "cameras",
        Prefetch("clips", AlertClip.objects.select_related("snapshot")),
        Prefetch("joined", _newest(AlertReport.objects.all())[:MOST_JOINED], to_attr=_NEWEST),
    )


def joined_of(alert: Alert) -> list[AlertReport]:
    """Its newest reports, ``MOST_JOINED`` at the most, or those that ``more_joined`` has read; newest first."""
    known: list[AlertReport] | None = getattr(alert, _NEWEST, None)
    return list(_newest(AlertReport.objects.filter(alert=alert))[:MOST_JOINED]) if known is None else known


def more_joined(alert: Alert, most: int) -> None:
    """Let the alert's full view say up to ``most`` of its reports."""
    if len(joined_of(alert)) >= MOST_JOINED:
        setattr(alert, _NEWEST, list(_newest(AlertReport.objects.filter(alert=alert))[:most]))


def _newest(reports: QuerySet[AlertReport]) -> QuerySet[AlertReport]:
    """With ``of``: how many its alert has in all."""
    counted = reports.annotate(of=Window(Count("id"), partition_by="alert_id"))
    return counted.select_related("household", "account", "endpoint").order_by("-at", "-id")


def open_view(alert: Alert) -> View:
    """What everybody of the alert's audience may see: no words before they are released, never a person's name."""
    category = CATEGORIES.get(alert.category)
    return {
        "id": str(alert.id),
        "version": alert.version,
        "view": "open",
        "category": alert.category,
        "severity": (category.severity if category else Severity.NOTICE).value,
        "state": str(alert.state),
        "source": str(alert.source),
        "neighborhood": str(alert.neighborhood_id) if alert.neighborhood_id else None,
        "ward": str(alert.ward_id),
        "place": alert.place,
        "location": _location(alert) if _exactly(category) else _about(alert),
        "cameras": sorted(str(camera.id) for camera in alert.cameras.all()),
        "occurred_at": iso(alert.occurred_at),
        "raised_at": iso(alert.raised_at),
        "expires_at": iso(alert.expires_at),
        "reports": alert.reports,
        "text": alert.text if text_is_out(alert) else None,
        "clip": clip_state(clip.snapshot for clip in alert.clips.all()),
        "clip_released": clip_is_out(alert),
        "acknowledged_at": _iso(alert.acknowledged_at),
        "resolved_at": _iso(alert.resolved_at),
        "verdict": str(alert.verdict),
        "withdrawn_reason": alert.withdrawn_reason,
    }


def full_view(alert: Alert) -> View:
    """The open view and, whatever is released, the words, who said them, and who has done what. Of what was joined the
    newest reports, the latest last, and how many there are in all."""
    newest = joined_of(alert)
    return {
        **open_view(alert),
        "view": "full",
        "location": _location(alert),
        "text": alert.text,
        "text_released": text_is_out(alert),
        "reporter": name_of(alert),
        "joined": [{"reporter": name_of(one), "text": one.text, "at": iso(one.at)} for one in reversed(newest)],
        "joined_count": getattr(newest[0], "of", 0) if newest else 0,
        "escalation": alert.escalation,
        "escalate_at": _iso(alert.escalate_at),
        "acknowledged_by": _account(alert.acknowledged_by),
        "resolved_by": _account(alert.resolved_by),
    }


def text_is_out(alert: Alert) -> bool:
    """Whether everybody may read the words."""
    return alert.text_released_at is not None and alert.state in LET_OUT


def clip_is_out(alert: Alert) -> bool:
    """Whether everybody may see the clip."""
    return alert.clip_released_at is not None and alert.state in LET_OUT


def clip_state(snapshots: Iterable[Snapshot | None]) -> str:
    """``none`` (also once its time is over), ``coming``, ``ready`` as soon as one camera's is, ``failed``."""
    states = {snapshot.status for snapshot in snapshots if snapshot is not None}
    if not states:
        return "none"
    if Snapshot.Status.DONE in states:
        return "ready"
    return "failed" if states == {Snapshot.Status.FAILED} else "coming"


def name_of(said: Said) -> str:
    """The household's name, the staff member's, or the other system's; empty for a camera."""
    if said.household is not None:
        return said.household.name
    if said.account is not None:
        return _account(said.account)
    return said.endpoint.name if said.endpoint is not None else ""


def _account(account: Account | None) -> str:
    return str(account) if account is not None else ""


def _location(alert: Alert) -> dict[str, float] | None:
    if alert.latitude is None or alert.longitude is None:
        return None
    return {"lat": alert.latitude, "lon": alert.longitude}


def _about(alert: Alert) -> dict[str, float] | None:
    """The place on the grid on which neighbours see each other's cameras: where a phone stands is whose house it is."""
    here = _location(alert)
    return {name: grid.on_grid(degrees) for name, degrees in here.items()} if here else None


def _exactly(category: Category | None) -> bool:
    """Where everybody has to find it (fire, flood, accident, power), the place is everybody's as the words are."""
    return category is not None and TEXT in category.released


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at is not None else None
