"""Alerts in figures: counted from their rows whenever somebody asks, never kept as counters.

Each alert counts once, under who told of it first, on the day it was raised; what became of it is what is known now.
``precision`` goes further: it counts those who said the same after the first.
"""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from django.db.models import Count

from neighborhoods.scopes import Scope, Span
from notifications.categories import CATEGORIES, Audience
from notifications.models import Alert

VERDICTS = tuple(Alert.Verdict.values)
FOR_EVERYONE = tuple(code for code, category in CATEGORIES.items() if category.audience is Audience.EVERYONE)
"""What is told to everybody may be counted for everybody: how often cameras fail is told to those who lead."""


@dataclass(frozen=True, slots=True)
class Line:
    """``verdicts``: used, not_used, false, duplicate; what is not judged yet, or withdrawn, is in none of them."""

    raised: int
    withdrawn: int
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class AlertFigures:
    total: Line
    categories: dict[str, Line]
    """Those with any."""
    sources: dict[str, Line]
    acknowledged: int
    minutes_to_acknowledge: float | None
    """The median; None where nobody acknowledged any."""


def alert_figures(scope: Scope, span: Span, *, every_category: bool) -> AlertFigures:
    """Alerts raised in the span. ``every_category``: also those that only who lead are told of."""
    rows = Alert.objects.filter(scope.q(ward="ward"), span.q("raised_at")).order_by()
    if not every_category:
        rows = rows.filter(category__in=FOR_EVERYONE)
    cells: dict[tuple[str, str], Counter[str]] = {}
    counted = rows.values("category", "source", "state", "verdict").annotate(n=Count("id"))
    for category, source, state, verdict, count in counted.values_list("category", "source", "state", "verdict", "n"):
        became = "withdrawn" if state == Alert.State.WITHDRAWN else verdict
        for cell in (("", ""), ("category", category), ("source", source)):
            cells.setdefault(cell, Counter()).update({"raised": count, became: count})
    taken = rows.exclude(acknowledged_at=None).values_list("raised_at", "acknowledged_at")
    waits = [(acknowledged - raised).total_seconds() / 60 for raised, acknowledged in taken if acknowledged]
    return AlertFigures(
        total=_line(cells.get(("", ""), Counter())),
        categories=_lines(cells, "category", CATEGORIES),
        sources=_lines(cells, "source", Alert.Source.values),
        acknowledged=len(waits),
        minutes_to_acknowledge=round(median(waits), 1) if waits else None,
    )


def _lines(cells: dict[tuple[str, str], Counter[str]], what: str, words: object) -> dict[str, Line]:
    return {word: _line(cells[what, word]) for word in words if (what, word) in cells}  # type: ignore[attr-defined]


def _line(found: Counter[str]) -> Line:
    return Line(found["raised"], found["withdrawn"], {verdict: found[verdict] for verdict in VERDICTS})
