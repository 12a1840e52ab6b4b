"""``/api/schema/`` and ``/api/docs/``. The page is rendered here from the same schema: no script, from us or others."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from backend.lib import public

_METHODS = ("get", "post", "put", "patch", "delete")


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 of the whole API. Anybody may ask, and drawing it takes two seconds: it is drawn once."""

    action = public.PUBLIC
    authentication_classes: list[type] = []

    def _get_schema_response(self, request: Request) -> HttpResponse:
        media_type = request.accepted_renderer.media_type
        return HttpResponse(_rendered(media_type, _spoken()), content_type=media_type)


def _spoken() -> str:
    """One of our languages, whatever ``?lang=`` says: each that is asked for is kept."""
    language = get_language()
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@cache
def _rendered(media_type: str, language: str) -> str | bytes:
    renderer = next(one for one in SchemaView.renderer_classes if one.media_type == media_type)
    drawn: str | bytes = renderer().render(_schema(language), renderer_context={})
    return drawn


@cache
def _schema(language: str) -> dict[str, Any]:
    with override(language):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@cache
def _operations(language: str) -> list[dict[str, Any]]:
    """Every operation, flat, in the order of its path: what the page shows of each."""
    schema = _schema(language)
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
    return render(request, "api_docs.html", {"operations": _operations(_spoken())})


docs.action = public.PUBLIC  # type: ignore[attr-defined]

urlpatterns = [path("schema/", SchemaView.as_view(), name="schema"), path("docs/", docs, name="api_docs")]
