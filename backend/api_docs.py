"""``/api/schema/`` and ``/api/docs/``. The page is rendered here from the same schema: no script, from us or others."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from backend.lib import public

_METHODS = ("get", "post", "put", "patch", "delete")


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 of the whole API."""

    action = public.PUBLIC
    authentication_classes: list[type] = []


@cache
def _operations() -> list[dict[str, Any]]:
    """Every operation, flat, in the order of its path: what the page shows of each."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return [
        {
            "id": operation["operationId"],
            "method": method.upper(),
            "path": route,
            "description": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
            "body": _body(operation, schema),
            "answers": _answers(operation),
        }
        for route, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]


def _answers(operation: dict[str, Any]) -> list[tuple[str, str]]:
    return [(status, _named(answer)) for status, answer in operation["responses"].items()]


def _named(holder: dict[str, Any]) -> str:
    """The component a body refers to, or its description."""
    for content in holder.get("content", {}).values():
        schema = content.get("schema", {})
        schema = schema.get("items", schema)
        if "$ref" in schema:
            return str(schema["$ref"].rsplit("/", 1)[-1])
    return str(holder.get("description", ""))


def _body(operation: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a request body: name, type, whether it must be there."""
    if "requestBody" not in operation:
        return []
    component = schema["components"]["schemas"].get(_named(operation["requestBody"]), {})
    needed = component.get("required", [])
    return [
        {"name": name, "type": _type(field), "required": name in needed, "description": field.get("description", "")}
        for name, field in component.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    kind = field.get("type") or field.get("$ref", "").rsplit("/", 1)[-1] or "one of several"
    kind = " | ".join(kind) if isinstance(kind, list) else kind
    return f"{kind} ({field['format']})" if "format" in field else kind


def docs(request: HttpRequest) -> HttpResponse:
    """Readable documentation of every route."""
    return render(request, "api_docs.html", {"operations": _operations()})


docs.action = public.PUBLIC  # type: ignore[attr-defined]

urlpatterns = [path("schema/", SchemaView.as_view(), name="schema"), path("docs/", docs, name="api_docs")]
