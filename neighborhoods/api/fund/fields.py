"""Amounts in a request's body."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from neighborhoods.fund.amounts import amount_of
from neighborhoods.models import MOST_DONG


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MOST_DONG, "description": "whole đồng"})
class DongField(serializers.Field[Any, Any, Any, Any]):
    """A whole number of đồng."""

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        self.least = least
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        return amount_of(data, field=self.field_name or "amount", least=self.least)

    def to_representation(self, value: Any) -> int:
        return int(value)
