"""Input that is exactly what the route says: unknown fields are refused, times are aware and of our century."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a misspelt one would silently do nothing."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            raise serializers.ValidationError({str(name)[:40]: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class QuerySerializer(serializers.Serializer[Any]):
    """Parameters of a query; what it does not know (``cursor``, ``page_size``) is left to others."""


class Instant(serializers.DateTimeField):
    """ISO 8601 with ``Z`` or an offset, 2000 to 2099."""

    default_error_messages = {
        "naive": gettext_lazy("Give the time zone: Z, or an offset such as +07:00."),
        "range": gettext_lazy("That time is not possible."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        try:
            aware = value.astimezone(UTC)
        except (OverflowError, ValueError):
            self.fail("range")
        if not EARLIEST <= aware < LATEST:
            self.fail("range")
        return aware

    def to_representation(self, value: Any) -> Any:
        return iso_or_none(value)


def iso_or_none(value: datetime | None) -> str | None:
    """UTC with milliseconds and ``Z``."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
