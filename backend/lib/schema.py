"""OpenAPI: every operation says that its errors are problem documents."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.mixins import ListModelMixin

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable; see docs/errors.md"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


class ProblemAutoSchema(AutoSchema):
    """Adds the ``default`` response and, where a ``POST`` is described, the ``Idempotency-Key`` header."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        # Our views' ``action`` names an access rule; drf-spectacular takes it for a ViewSet's method. This instance of
        # the view serves the schema alone, so it may be told what it would be there.
        method = str(kwargs["method"] if "method" in kwargs else args[3]).lower()
        self.view.action = "list" if method == "get" and isinstance(self.view, ListModelMixin) else method  # type: ignore[attr-defined]
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["responses"]["default"] = {
            "description": "What was wrong, and what to do",
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
        if self.method == "POST":
            operation.setdefault("parameters", []).append(
                {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "required": False,
                    "description": "The same key within 24 hours gets the answer of the act again, which happens once",
                    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9_-]+$"},
                }
            )
        return operation
