"""One report: what every part counts of a place and a span, put side by side.

Numbers of few people tell of each: how long three households watched is told to nobody (``FEW``). How often cameras
fail is told to those who look after them; everybody else is told of places with enough cameras not to see which.
What the police looked at is told to others by the month and the ward, when the month is over: else whoever they look
for could watch the figure.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cameras.footage.figures import FootageFigures, footage_figures
from cameras.statistics import CameraFigures, CaseFigures, WatchFigures, camera_figures, case_figures, watch_figures
from neighborhoods.scopes import Scope, Span
from neighborhoods.statistics import HouseholdFigures, MoneyFigures, household_figures, money_figures
from notifications.statistics import AlertFigures, alert_figures

FEW = 5
"""Below so many households no watching is told (as statistics offices do with small cells)."""
MANY_CAMERAS = 20
MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Sees:
    """What the reader is told besides what everybody is."""

    outages: bool = False
    stewards_alerts: bool = False
    cases: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    scope: Scope
    span: Span
    at: datetime
    """The instant of ``households`` and ``cameras``: the span's end, or now where that is still to come."""
    households: HouseholdFigures
    cameras: CameraFigures
    watching: WatchFigures | None
    """None where so few households watched that it would tell of each."""
    alerts: AlertFigures
    cases: CaseFigures | None
    """None where it is too soon, or too near, to be told (``_tells_of_cases``)."""
    footage: FootageFigures | None
    """None where ``cases`` is."""
    money: MoneyFigures

    def plain(self) -> dict[str, Any]:
        """Every figure as nested dicts of numbers."""
        parts = ("households", "cameras", "watching", "alerts", "cases", "footage", "money")
        return {name: asdict(part) if (part := getattr(self, name)) else None for name in parts}


def report_of(scope: Scope, span: Span, *, now: datetime, sees: Sees = Sees()) -> Report:
    """Count everything. The caller has asked who may see ``scope``."""
    at = min(span.until, now)
    tells_of_cases = sees.cases or _tells_of_cases(scope, span, now)
    return Report(
        scope=scope,
        span=span,
        at=at,
        households=household_figures(scope, at=at),
        cameras=_without_outages(camera_figures(scope, at=at, now=now), sees),
        watching=_not_of_few(watch_figures(scope, span)),
        alerts=alert_figures(scope, span, every_category=sees.stewards_alerts),
        cases=case_figures(scope, span) if tells_of_cases else None,
        footage=footage_figures(scope, span) if tells_of_cases else None,
        money=money_figures(scope, span),
    )


def _tells_of_cases(scope: Scope, span: Span, now: datetime) -> bool:
    """To everybody: of a ward or more, of a month or more, and none of it is still to come."""
    return scope.neighborhood_id is None and span.until - span.since >= MONTH and span.until <= now


def _without_outages(found: CameraFigures, sees: Sees) -> CameraFigures:
    if sees.outages or found.deployed >= MANY_CAMERAS:
        return found
    return replace(found, working=None)


def _not_of_few(found: WatchFigures) -> WatchFigures | None:
    """The sum goes too: less what staff watched it would be the households'."""
    return None if 0 < found.households < FEW else found
