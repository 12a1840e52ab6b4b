"""What figures are about: a place (or all of them) and a span of days. Each part counts its own rows within them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from backend.lib.clock import VIETNAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A neighborhood, a ward, a province, or (none given) everything here. At most one of the three."""

    neighborhood_id: UUID | None = None
    ward_id: UUID | None = None
    province_code: str | None = None

    def q(self, neighborhood: str = "neighborhood", *, ward: str | None = None) -> Q:
        """The condition on rows whose way to their neighborhood is ``neighborhood`` (``camera__neighborhood``).

        ``ward``: a way to the ward of its own, for rows that name no neighborhood; "" where the row *is* a place.
        """
        ward = f"{neighborhood}__ward" if ward is None else ward
        if self.neighborhood_id is not None:
            return Q(**{f"{neighborhood}_id" if neighborhood else "id": self.neighborhood_id})
        if self.ward_id is not None:
            return Q(**{f"{ward}_id": self.ward_id})
        if self.province_code is not None:
            return Q(**{f"{ward}__province_code": self.province_code})
        return Q()


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in Việt Nam, ``last`` included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The first instant, UTC."""
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The first instant after it, UTC."""
        return midnight(self.last + timedelta(days=1))

    def q(self, field: str) -> Q:
        """The condition that the instant ``field`` lies in it."""
        return Q(**{f"{field}__gte": self.since, f"{field}__lt": self.until})


def month_of(year: int, month: int) -> Span:
    """The days of a calendar month."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return Span(date(year, month, 1), after - timedelta(days=1))


def midnight(day: date) -> datetime:
    """When ``day`` begins in Việt Nam, UTC."""
    return datetime.combine(day, time.min, VIETNAM).astimezone(UTC)
