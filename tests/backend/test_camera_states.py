"""What the leader's pages say of a camera's health is true, whoever has died, and says what to do about it."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from backend.lib.clock import now
from backend.lib.config import ROOT
from backend.pages import words
from cameras.models import Camera, Rendition
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast

INGEST = ROOT / "cameras" / "ingest"


def page(client: Client, cast: Cast, path: str) -> str:
    client.cookies["matpho"] = cast.binh.token
    client.cookies["django_language"] = "en"
    return client.get(path).content.decode().replace("&#x27;", "'")


def set_main(camera: Camera, *, silent_s: float | None, **facts: object) -> None:
    last = None if silent_s is None else now() - timedelta(seconds=silent_s)
    Rendition.objects.filter(camera=camera).update(last_frame_at=last, **facts)


@pytest.mark.both_databases
@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def camera(self, cast: Cast) -> Camera:
        return make_camera(cast)

    def test_a_camera_whose_frames_arrive_is_recording(self, client: Client, cast: Cast, camera: Camera) -> None:
        set_main(camera, silent_s=3, health="live")
        assert "The camera is recording." in page(client, cast, "/leader/")
        assert "Recording" in page(client, cast, "/leader/cameras/")

    @pytest.mark.parametrize("path", ["/leader/", "/leader/cameras/", "/cameras/"])
    def test_what_a_dead_recorder_said_last_is_not_believed(
        self, client: Client, cast: Cast, camera: Camera, path: str
    ) -> None:
        set_main(camera, silent_s=300, health="live")
        said = page(client, cast, path)
        assert "Nothing is being recorded" in said
        assert "The camera is recording." not in said and ">Recording<" not in said
        assert path == "/cameras/" or "The recorder has said nothing for a while" in said

    def test_a_camera_that_nobody_begins_to_record_is_not_called_new_for_ever(
        self, client: Client, cast: Cast, camera: Camera
    ) -> None:
        set_main(camera, silent_s=None, health="new")
        assert "0 of 1 cameras are recording" in page(client, cast, "/leader/")
        Camera.objects.filter(id=camera.id).update(created_at=now() - timedelta(minutes=5), approved_at=None)
        assert "Nothing is being recorded" in page(client, cast, "/leader/")

    def test_an_outage_says_why_and_since_when(self, client: Client, cast: Cast, camera: Camera) -> None:
        set_main(camera, silent_s=7300, health="refused", health_reason="unsupported_codec")
        said = page(client, cast, "/leader/")
        assert "Set it to H.264 in the camera." in said
        assert "2 hours ago" in said
        assert "address and password" not in said

    def test_a_camera_of_a_household_that_left_is_no_fault(self, client: Client, cast: Cast, camera: Camera) -> None:
        set_main(camera, silent_s=7300, health="live")
        Camera.objects.filter(id=camera.id).update(owner_household=cast.an.household)
        type(cast.an.household).objects.filter(id=cast.an.household.id).update(left_at=now())
        assert "its household has moved away" in page(client, cast, "/leader/cameras/")
        assert "Nothing is being recorded" not in page(client, cast, "/leader/")


# --- reasons --------------------------------------------------------------------------------------------------------


def _sources() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(INGEST.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            yield path, node


def _sent() -> set[str]:
    """Every reason that ingest gives, found in its source: faults, RTSP answers, and what the guard refuses."""
    found: set[str] = set()
    unread: list[str] = []
    for path, node in _sources():
        match node:
            case ast.Call(func=ast.Name("SourceFault"), args=[ast.Constant(str(code)), *_]):
                found.add(code)
            case ast.Call(func=ast.Name("SourceFault"), args=[ast.Name("reason"), *_]):
                pass  # handed on: from _REASONS, or from a refusal below
            case ast.Call(func=ast.Name("SourceFault")):
                unread.append(f"{path.name}:{node.lineno}")
            case ast.Assign(targets=[ast.Name("_REASONS")], value=ast.Dict(values=answers)):
                found |= {answer.elts[0].value for answer in answers}
            case ast.Call(
                func=ast.Attribute(attr="get", value=ast.Name("_REASONS")), args=[_, ast.Tuple(elts=[code, _])]
            ):
                found.add(code.value)
            case ast.Dict() if _is_refusal(node):
                found |= _refused(dict(zip((key.value for key in node.keys), node.values, strict=True))["reason"])
    assert unread == [], "reasons that this test cannot read"
    return found


def _is_refusal(node: ast.Dict) -> bool:
    pairs = {
        key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    }
    return "reason" in pairs and getattr(pairs.get("op"), "value", "") == "refuse"


def _refused(reason: ast.expr) -> set[str]:
    if isinstance(reason, ast.Constant):
        return {reason.value}
    assert ast.unparse(reason) == "f'address_{refusal.reason}'"
    return {f"address_{code}" for code in _guards_reasons()}


def _guards_reasons() -> set[str]:
    """The guard says each of its reasons in words too, so that its table names them all."""
    for path, node in _sources():
        if path.name == "guard.py" and isinstance(node, ast.FunctionDef) and node.name == "_detail":
            return {key.value for table in ast.walk(node) if isinstance(table, ast.Dict) for key in table.keys}
    raise AssertionError("the guard has no table of reasons")


def test_every_reason_that_ingest_gives_has_words_in_both_languages() -> None:
    sent = _sent()
    assert {"unauthorized", "busy", "rejected", "unresolved", "tls_unsupported", "address_private"} <= sent
    for code in sorted(sent | {"recorder_silent"}):
        with translation.override("en"):
            english = words.health_reason(code)
        with translation.override("vi"):
            vietnamese = words.health_reason(code)
        assert english, f"{code} has no words"
        assert vietnamese != english, f"{code} has no Vietnamese"


def test_no_words_are_kept_for_a_reason_that_is_never_given() -> None:
    assert sorted(words.health_reasons().keys() - _sent()) == ["gave_way", "recorder_silent"]
