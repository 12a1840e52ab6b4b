"""What everybody may know of a ward in a month: sums, and nobody in them. No sign-in is asked.

A month that is over hardly changes and the present one slowly, so an answer is kept for some minutes in this process:
the page costs the database the same whether one reads it or a thousand do.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.figures.report import Report, report_of
from backend.lib.clock import VIETNAM
from backend.lib.errors import Absent
from neighborhoods.models import Neighborhood, Ward
from neighborhoods.scopes import Scope, Span, month_of

KEPT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OpenMonth:
    ward: Ward
    span: Span
    before: tuple[int, int] | None
    """Year and month of the page before this one, None for the first; ``after`` likewise."""
    after: tuple[int, int] | None
    report: Report


def open_wards() -> QuerySet[Ward]:
    """The wards with a neighborhood here, by province and name, diacritics aside."""
    places = Neighborhood.objects.filter(ward=OuterRef("id"), closed_at=None)
    return Ward.objects.filter(Exists(places), closed_at=None).order_by("province_code", "folded")


def open_ward(code: str) -> Ward:
    """The ward of that official code, a merged one too: its past stays public. Raises ``Absent``."""
    found = Ward.objects.filter(code=code, neighborhoods__isnull=False).distinct().first()
    if found is None:
        raise Absent()
    return found


def open_month(code: str, year: int, month: int, *, now: datetime) -> OpenMonth:
    """A ward's month, from the one in which it came here to the present one. Raises ``Absent``."""
    ward = open_ward(code)
    first, last = (_month(at) for at in (ward.created_at, now))
    if not (1 <= month <= 12 and first <= (year, month) <= last):
        raise Absent()
    return OpenMonth(
        ward=ward,
        span=month_of(year, month),
        before=_step(year, month, -1) if first < (year, month) else None,
        after=_step(year, month, 1) if (year, month) < last else None,
        report=_report(ward.id, year, month, int(now.timestamp() // KEPT.total_seconds())),
    )


def months_of(ward: Ward, *, most: int, now: datetime) -> list[date]:
    """The first days of the ward's newest months, the present one first; none of a ward that has no page yet."""
    if not ward.neighborhoods.exists():
        return []
    first, found = _month(ward.created_at), [_month(now)]
    while found[-1] > first and len(found) < most:
        found.append(_step(*found[-1], -1))
    return [date(*month, 1) for month in found]


@lru_cache(maxsize=256)
def _report(ward_id: UUID, year: int, month: int, slot: int) -> Report:
    """``slot``: which five minutes of all time it is; the report is as of their beginning."""
    at = datetime.fromtimestamp(slot * KEPT.total_seconds(), VIETNAM)
    return report_of(Scope(ward_id=ward_id), month_of(year, month), now=at)


def forget() -> None:
    """Count anew at the next look."""
    _report.cache_clear()


def _month(at: datetime) -> tuple[int, int]:
    local = at.astimezone(VIETNAM)
    return local.year, local.month


def _step(year: int, month: int, by: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + by
    return index // 12, index % 12 + 1
