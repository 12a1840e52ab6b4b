"""The schema is served, valid OpenAPI 3.1, says what the contract says, and briefly fuzzing it finds no 5xx."""

import json
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate

from backend import api_docs
from cameras.models import Camera, MediaNode, Rendition
from tests.cast import Cast

CONTRACT = [
    ("post", "/api/v1/sessions/"), ("delete", "/api/v1/sessions/current/"), ("get", "/api/v1/me/"),
    ("get", "/api/v1/me/devices/"), ("delete", "/api/v1/me/devices/{device_id}/"), ("post", "/api/v1/sessions/staff/"),
    ("get", "/api/v1/cameras/"), ("post", "/api/v1/cameras/"), ("patch", "/api/v1/cameras/{camera_id}/"),
    ("post", "/api/v1/cameras/{camera_id}/live/"), ("delete", "/api/v1/view-sessions/{session_id}/"),
    ("post", "/api/v1/cameras/{camera_id}/approve/"), ("post", "/api/v1/cameras/{camera_id}/retire/"),
    ("post", "/api/v1/cameras/probe/"), ("get", "/api/v1/cameras/{camera_id}/recordings/"),
    ("get", "/api/v1/cameras/{camera_id}/recordings/summary/"), ("post", "/api/v1/cameras/{camera_id}/playback/"),
    ("post", "/api/v1/cameras/{camera_id}/frame/"), ("post", "/api/v1/cameras/{camera_id}/snapshots/"),
    ("get", "/api/v1/snapshots/{snapshot_id}/"), ("get", "/api/v1/cameras/{camera_id}/viewers/"),
    ("post", "/api/v1/codes/"), ("get", "/api/v1/codes/"), ("post", "/api/v1/codes/{code_id}/revoke/"),
    ("get", "/api/v1/codes/{code_id}/sheet.pdf"), ("post", "/api/v1/codes/bulk/"), ("get", "/api/v1/jobs/{job_id}/"),
    ("post", "/api/v1/guest-codes/"),
    ("get", "/api/v1/wards/"), ("get", "/api/v1/neighborhoods/"), ("get", "/api/v1/households/"),
    ("get", "/api/v1/members/"), ("post", "/api/v1/alerts/"), ("get", "/api/v1/alerts/"),
    ("post", "/api/v1/alerts/{alert_id}/acknowledge/"), ("post", "/api/v1/alerts/{alert_id}/resolve/"),
    ("post", "/api/v1/alerts/{alert_id}/release/"), ("get", "/api/v1/events/"), ("post", "/api/v1/push-subscriptions/"),
    ("post", "/hooks/bank/{provider}/{endpoint_id}/"), ("get", "/api/v1/campaigns/{campaign_id}/qr/"),
]  # fmt: skip
"""Of api.md's table, what stands so far. A client codes against these: extend, never rename."""


EXAMPLES = 3
"""Requests of each operation, by two callers. There are over two hundred operations, and a new one is met every run."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """As it is served. It says nothing of the rows, so it is made once."""
    answer = Client().get("/api/schema/?format=json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def test_the_schema_is_served_and_valid(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    validate(schema)


def test_it_is_drawn_once_and_kept_in_our_languages_alone(client: Client) -> None:
    """Drawing it takes a second, and anybody may ask in any language."""
    api_docs._schema.cache_clear()
    for lang in ("vi", "en", "vi", "tlh", "x" * 30, ""):
        assert client.get("/api/schema/", {"lang": lang}).status_code == 200
    assert api_docs._schema.cache_info().currsize <= len(django_settings.LANGUAGES)


@pytest.mark.parametrize(("method", "path"), CONTRACT)
def test_the_contract_stands(schema: dict[str, Any], method: str, path: str) -> None:
    assert method in schema["paths"][path]


def test_the_readable_docs_name_every_route(schema: dict[str, Any], client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert [path for path in schema["paths"] if path not in page] == []


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.timeout(400)
def test_fuzzing_finds_no_server_error(live_cast: Cast, valkey: object, schema: dict[str, Any]) -> None:
    node = MediaNode.objects.create(name="default")
    camera = Camera.objects.create(
        neighborhood=live_cast.place, node=node, name="Cổng", state=Camera.State.ACTIVE, approved_at=timezone.now()
    )
    Rendition.objects.create(camera=camera, source_url="rtsp://192.168.1.20/live", keyframe_ms=2000)
    callers = [live_cast.binh.token, live_cast.an.token]
    faults: list[str] = []

    def ask(case: schemathesis.Case) -> None:
        parameters = case.path_parameters | ({"camera_id": camera.id} if "camera_id" in case.path_parameters else {})
        path = case.path.format(**{name: quote(str(value), safe="") for name, value in parameters.items()})
        body = json.dumps(case.body) if isinstance(case.body, dict | list | str | int | float) else "{}"
        for token in callers:
            answer = Client(raise_request_exception=False).generic(
                case.method, path, body, content_type="application/json",
                query_params=dict(case.query or {}), headers={"Authorization": f"Bearer {token}"},
            )  # fmt: skip
            if answer.status_code >= 500:
                faults.append(f"{case.method} {path} {case.query} {body[:200]}: {answer.status_code}")

    for found in schemathesis.openapi.from_dict(schema).get_all_operations():
        limits = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        limits(given(case=found.ok().as_strategy())(ask))()
    assert faults == []
