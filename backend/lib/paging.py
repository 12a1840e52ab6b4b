"""Cursor pagination: ``{"next": …, "results": […]}``."""

from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from backend.lib.errors import BadInput


class CursorPages(CursorPagination):
    """Orders by primary key (UUIDv7, so by time of birth) unless the view names ``ordering``."""

    ordering = "id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise BadInput(_("The cursor is not one this list gave out."), code="bad_cursor") from None

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, FieldError, OverflowError, ValidationError):
            raise BadInput(_("The cursor is not one this list gave out."), code="bad_cursor") from None

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.get_next_link(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri-reference"},
                "results": schema,
            },
        }
