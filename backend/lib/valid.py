"""What came in, as its shape has it."""

from typing import Any

from rest_framework.serializers import Serializer


def valid(shape: type[Serializer[Any]], data: Any, **how: Any) -> dict[str, Any]:
    """The validated fields of ``data``; ``how`` is the serializer's own (``partial``). Raises ``ValidationError`` with
    what is wrong, field by field."""
    asked = shape(data=data, **how)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
