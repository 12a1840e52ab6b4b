"""Cameras, watching and extractions in figures: counted from their rows whenever somebody asks, never kept as counters.

Planned is every camera that was entered and not retired; deployed is one that was approved; working is a deployed one
that is not told to be silent (``health.health_tick``). Planned and deployed are known for any past instant, from the
camera's own dates. Working is known of the present alone.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from backend.lib.text import folded
from cameras.cases import HELPS
from cameras.models import Camera, Case, Extraction, ViewMinute
from neighborhoods.scopes import Scope, Span

NOT_WATCHED = (ViewMinute.Mode.GRID, ViewMinute.Mode.KEPT, ViewMinute.Mode.EXPORT)


@dataclass(frozen=True, slots=True)
class CameraFigures:
    planned: int
    """Entered and not retired, whether deployed or not."""
    deployed: int
    working: int | None
    """None for a past instant."""
    ownership: dict[str, int]
    """Of those planned, as are ``purpose`` and ``kind``."""
    purpose: dict[str, int]
    kind: dict[str, int]
    makes: dict[str, int] = field(default_factory=dict)
    """Of those deployed, by the commonest spelling, the most frequent first; "" is not said."""
    retention_hours: tuple[int, int] | None = None
    """The shortest and the longest of those deployed; None where there is none."""


@dataclass(frozen=True, slots=True)
class WatchFigures:
    """Minutes of footage served, each once per view. Looks at the grid of all cameras are no minutes, nor is what was
    kept or taken along without being watched."""

    minutes: int
    households: int
    by_role: dict[str, int]


@dataclass(frozen=True, slots=True)
class CaseFigures:
    opened: int
    clarified: int
    offences: int
    helped: int
    """Cases to which footage judged in the span was of use."""
    extractions: int
    used: int
    not_used: int
    what_helped: dict[str, int]


def camera_figures(scope: Scope, *, at: datetime, now: datetime) -> CameraFigures:
    """As they stood at ``at``; a household's camera leaves with its household."""
    rows = Camera.objects.filter(scope.q(), created_at__lt=at).filter(
        Q(retired_at=None) | Q(retired_at__gte=at),
        Q(owner_household__left_at=None) | Q(owner_household__left_at__gte=at),
    )
    totals: dict[str, Counter[str]] = {name: Counter() for name in ("ownership", "purpose", "kind")}
    standing: Counter[str] = Counter()
    kept: list[int] = []
    deployed = Q(approved_at__lt=at)
    counted: Any = rows.order_by().values("ownership", "purpose", "kind").annotate(
        planned=Count("id"), deployed=Count("id", filter=deployed),
        working=Count("id", filter=deployed & Q(offline_since=None)),
        shortest=Min("retention_hours", filter=deployed), longest=Max("retention_hours", filter=deployed),
    )  # fmt: skip
    for row in counted:
        for name, counter in totals.items():
            counter[row[name]] += row["planned"]
        standing.update({name: row[name] for name in ("planned", "deployed", "working")})
        kept += [hours for hours in (row["shortest"], row["longest"]) if hours is not None]
    return CameraFigures(
        planned=standing["planned"],
        deployed=standing["deployed"],
        working=standing["working"] if at >= now else None,
        makes=_makes(rows.filter(deployed)),
        retention_hours=(min(kept), max(kept)) if kept else None,
        **{name: {word: counter[word] for word in _words(name)} for name, counter in totals.items()},
    )


def watch_figures(scope: Scope, span: Span) -> WatchFigures:
    """By when it was watched, not by what it shows."""
    watched = ViewMinute.objects.filter(scope.q("camera__neighborhood"), span.q("watched_at"))
    rows = watched.exclude(mode__in=NOT_WATCHED).order_by()
    by_role = dict(rows.values("role").annotate(n=Count("id")).values_list("role", "n"))
    households = rows.exclude(household_id=None).aggregate(n=Count("household_id", distinct=True))["n"]
    return WatchFigures(minutes=sum(by_role.values()), households=households, by_role=by_role)


def case_figures(scope: Scope, span: Span) -> CaseFigures:
    """Each thing by when it was done: opened, taken, judged. A neighborhood has the cases that asked its cameras."""
    taken = Extraction.objects.filter(scope.q("camera__neighborhood")).order_by()
    if scope.neighborhood_id is None:
        cases = Case.objects.filter(scope.q("", ward="ward"))
    else:
        cases = Case.objects.filter(id__in=taken.values("case_id"))
    ended = cases.filter(span.q("outcome_at"), outcome=Case.Outcome.CLARIFIED)
    judged = taken.filter(span.q("outcome_at"))
    used = judged.filter(outcome=Extraction.Outcome.USED)
    return CaseFigures(
        opened=cases.filter(span.q("opened_at")).count(),
        clarified=ended.count(),
        offences=ended.filter(offence_found=True).count(),
        helped=used.aggregate(n=Count("case_id", distinct=True))["n"],
        extractions=taken.filter(span.q("taken_at")).count(),
        used=used.count(),
        not_used=judged.filter(outcome=Extraction.Outcome.NOT_USED).count(),
        what_helped=_helped(used),
    )


def _words(name: str) -> list[str]:
    choices: Any = {"ownership": Camera.Ownership, "purpose": Camera.Purpose, "kind": Camera.Kind}[name]
    return list(choices.values)


def _makes(rows: QuerySet[Camera]) -> dict[str, int]:
    """ "HIKVISION" and "Hikvision" are one make."""
    spellings: dict[str, Counter[str]] = {}
    for make, count in rows.order_by().values("make").annotate(n=Count("id")).values_list("make", "n"):
        spellings.setdefault(folded(make), Counter())[make] += count
    found = {names.most_common(1)[0][0]: names.total() for names in spellings.values()}
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _helped(used: QuerySet[Extraction]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for words, count in used.values("what_helped").annotate(n=Count("id")).values_list("what_helped", "n"):
        found.update(dict.fromkeys(words, count))
    return {word: found[word] for word in HELPS}
