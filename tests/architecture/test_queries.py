"""What lists cost: the same number of statements however long they are, and no walk through a table that only grows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cameras.models import Camera, Case, Extraction, Rendition, Snapshot, ViewSession
from cameras.store.catalog import node_here
from cameras.viewers import watching_now
from neighborhoods.models import AccessCode, AuditEntry, Device, Household, Member
from notifications.models import Alert, AlertClip, AlertReport
from tests.cast import Cast, Person
from tests.neighborhoods.conftest import actor

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def grow(cast: Cast, start: int, end: int) -> None:
    """Households ``start`` to ``end``, each with a member, a code, a phone, a camera of its own, a kept moment and an
    alert whose clip it is, to which the next told the same, and a case for which it was looked through."""
    later = timezone.now() + timedelta(days=30)
    for n in range(start, end):
        household = Household.objects.create(
            neighborhood=cast.place, number=100 + n, name=f"Hộ {n}", address=f"Số {100 + n}"
        )
        member = Member.objects.create(household=household, name=f"Người {n}")
        code = AccessCode.objects.create(
            neighborhood=cast.place, household=household, typed_hmac=b"t%031d" % n, qr_hmac=b"q%031d" % n,
            slots_used=1, expires_at=later,
        )  # fmt: skip
        Device.objects.create(
            kind="phone", name="Máy", token_hash=b"h%031d" % n, household=household, member=member, code=code,
            slot=1, expires_at=later,
        )  # fmt: skip
        camera = Camera.objects.create(
            neighborhood=cast.place, node=node_here(), name=f"Ngõ {n}", state=Camera.State.ACTIVE,
            owner_household=household, ownership=Camera.Ownership.HOUSEHOLD, latitude=22.8, longitude=104.9,
        )  # fmt: skip
        Rendition.objects.create(camera=camera, source_url=f"rtsp://192.168.1.{n}/live")
        Snapshot.objects.create(
            camera=camera, device=cast.an.device, at=later, starts_at=later, ends_at=later, status="failed"
        )
        alert = Alert.objects.create(
            ward=cast.ward, neighborhood=cast.place, category="theft", source="resident", household=household,
            occurred_at=later, raised_at=later, expires_at=later,
        )  # fmt: skip
        alert.cameras.add(camera)
        clip = Snapshot.objects.create(camera=camera, at=later, starts_at=later, ends_at=later)
        AlertClip.objects.create(alert=alert, camera=camera, snapshot=clip)
        AlertReport.objects.create(alert=alert, source="resident", household=household, at=later)
        case = Case.objects.create(ward=cast.ward, case_number=f"2026/{n}", kind="theft", opened_at=later)
        Extraction.objects.create(
            case=case, camera=camera, starts_at=later - timedelta(hours=1), ends_at=later, reason="vehicle"
        )


LISTS = [
    ("an", "/api/v1/cameras/"), ("binh", "/api/v1/cameras/?status=offline"), ("an", "/api/v1/cameras/?q=ngo"),
    ("an", "/api/v1/cameras/?near=22.8,104.9"), ("binh", "/api/v1/households/"), ("binh", "/api/v1/members/"),
    ("binh", "/api/v1/codes/"), ("an", "/api/v1/snapshots/"), ("an", "/api/v1/me/devices/"),
    ("binh", "/api/v1/alerts/"),
    ("binh", "/api/v1/households/?q=nguoi"), ("binh", "/api/v1/members/?q=nguoi"), ("an", "/api/v1/wards/?q=ha giang"),
    ("binh", "/api/v1/watching/"), ("an", "/api/v1/neighborhoods/"), ("an", "/api/v1/wards/"),
    ("binh", "/api/v1/statistics/"), ("dung", "/api/v1/statistics/"), ("dung", "/figures/"),
    ("dung", "/room/"), ("dung", "/cases/"),
    ("an", "/cameras/"), ("binh", "/leader/"), ("binh", "/leader/households/"), ("binh", "/leader/cameras/"),
]  # fmt: skip


def _statements(client: Client, person: Person, path: str) -> tuple[int, int]:
    """How many statements an answer takes, and how long it is."""
    client.cookies["matpho"] = person.token
    client.get(path)  # what is only read once in a process
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return len(queries), len(answer.content)


def test_no_list_asks_for_each_of_its_rows(client: Client, cast: Cast) -> None:
    grow(cast, 0, 3)
    few = {path: _statements(client, getattr(cast, name), path) for name, path in LISTS}
    grow(cast, 3, 86)
    many = {path: _statements(client, getattr(cast, name), path) for name, path in LISTS}
    assert {path: found[0] for path, found in many.items()} == {path: found[0] for path, found in few.items()}
    grown = {path for path in many if many[path][1] > 2 * few[path][1]}
    assert {
        "/api/v1/cameras/",
        "/api/v1/households/",
        "/api/v1/codes/",
        "/api/v1/alerts/",
        "/cameras/",
        "/leader/cameras/",
    } <= grown


def test_what_is_asked_all_the_time_goes_by_an_index(cast: Cast) -> None:
    """Of the two tables that only grow: views, and the audit."""
    binh, long_ago = actor(cast.binh), timezone.now() - timedelta(days=7)
    ViewSession.objects.bulk_create(  # all views there ever were: an empty table may be read by any index
        ViewSession(device=cast.an.device, mode="live", ends_at=long_ago, ended_at=long_ago, last_used_at=long_ago)
        for _ in range(500)
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(chain="platform", seq=10_000 + n, at=long_ago, actor="system:test", action="code.issued",
                   subject=f"code:{n}", neighborhood_id=cast.place.id, previous_hash="0" * 64, hash="0" * 64)
        for n in range(500)
    )  # fmt: skip
    asked = [
        watching_now(binh, now=timezone.now()).order_by(),
        AuditEntry.objects.filter(action="code.guessing", neighborhood_id=cast.place.id, at__gt=timezone.now()),
    ]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE cameras_viewsession, neighborhoods_auditentry")
            cursor.execute("SET LOCAL enable_seqscan = off")  # the tables are short: a scan would be cheapest
    plans = [query.explain() for query in asked]
    for plan, index in zip(plans, ("view_in_use", "audit_by_action"), strict=True):
        assert index in plan, plan
