"""The legal record: signed before the first recording, twice confirmed, never changed."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from backend.lib.errors import Absent, BadInput, Conflict
from cameras import registration
from cameras.ingest.roster import roster
from cameras.models import Camera, MediaNode, Rendition
from cameras.store.catalog import node_here
from neighborhoods import legal
from neighborhoods.legal import Facts
from neighborhoods.models import AuditEntry, LegalRecord, Neighborhood, Paper
from tests.cast import Cast, Person, make_phuc
from tests.neighborhoods.conftest import NOW, actor

pytestmark = pytest.mark.django_db

FACTS = Facts(
    controller="board", controller_name="Ban tự quản tổ 7", processor_name="Anh Hải, 20 Nguyễn Trãi",
    purposes=["disaster", "security"], retention_days=14, contact="Tổ trưởng Bình, 0912 345 678",
)  # fmt: skip


def sign(cast: Cast, facts: Facts = FACTS, name: str = "Trần Thị Bình", sure: bool = True) -> LegalRecord:
    return legal.legal_sign(
        actor=actor(cast.binh), neighborhood_id=cast.place.id, facts=facts, signed_name=name, sure=sure, now=NOW
    )


@pytest.fixture
def unsigned(cast: Cast) -> Cast:
    Neighborhood.objects.update(legal_record=None)
    return cast


def proposed(cast: Cast) -> Camera:
    camera = Camera.objects.create(
        neighborhood=cast.place, node=node_here(), name="Ngõ 12", owner_household=cast.an.household,
        ownership=Camera.Ownership.HOUSEHOLD,
    )  # fmt: skip
    Rendition.objects.create(camera=camera, source_url="rtsp://8.8.8.8/live")
    return camera


def test_the_leader_signs_and_the_record_is_in_force(unsigned: Cast) -> None:
    record = sign(unsigned)
    assert (record.purposes, record.signed_name, record.signed_at) == (["security", "disaster"], "Trần Thị Bình", NOW)
    for person in (unsigned.an, unsigned.binh, unsigned.hoa):
        assert legal.legal_record_of(actor(person), unsigned.place.id) == record
    entry = AuditEntry.objects.get(action="legal_record.signed")
    assert entry.data["purposes"] == ["security", "disaster"] and "Bình" not in str(entry.data)


def test_a_new_one_takes_its_place_and_the_old_one_stays_readable(unsigned: Cast) -> None:
    first = sign(unsigned)
    second = sign(unsigned, replace(FACTS, retention_days=30))
    assert legal.legal_record_of(actor(unsigned.an), unsigned.place.id) == second
    assert set(legal.legal_records_for(actor(unsigned.an), unsigned.place.id)) >= {first, second}
    assert AuditEntry.objects.filter(action="legal_record.signed").last().data["before"] == str(first.id)


def test_without_the_second_confirmation_nothing_is_signed(unsigned: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        sign(unsigned, sure=False)
    assert refused.value.code == "not_sure"
    assert Neighborhood.objects.get(id=unsigned.place.id).legal_record is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"controller": "me"}, "controller"), ({"controller_name": " "}, "controller_name"),
        ({"purposes": []}, "purposes"), ({"purposes": ["watching people"]}, "purposes"),
        ({"retention_days": 0}, "retention_days"), ({"retention_days": 91}, "retention_days"),
        ({"contact": "a\u202eb"}, "contact"), ({"document_id": uuid4()}, "document"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_said_by_field(unsigned: Cast, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        sign(unsigned, replace(FACTS, **wrong))
    assert field in refused.value.fields


def test_a_scan_must_be_a_legal_paper_of_this_place(unsigned: Cast) -> None:
    facts = {"media_type": "application/pdf", "name": "x.pdf", "size": 9, "sha256": "0" * 64}
    elsewhere = Paper.objects.create(neighborhood=unsigned.other_place, kind="legal", **facts)
    receipt = Paper.objects.create(neighborhood=unsigned.place, kind="receipt", **facts)
    for paper in (elsewhere, receipt):
        with pytest.raises(BadInput):
            sign(unsigned, replace(FACTS, document_id=paper.id))
    scan = Paper.objects.create(neighborhood=unsigned.place, kind="legal", **facts)
    assert sign(unsigned, replace(FACTS, document_id=scan.id)).document == scan


def test_nobody_but_the_leader_signs(unsigned: Cast) -> None:
    for person in (unsigned.an, unsigned.hoa, unsigned.dung, unsigned.cuc, make_phuc(unsigned)):
        with pytest.raises(Absent):
            legal.legal_sign(
                actor=actor(person), neighborhood_id=unsigned.place.id, facts=FACTS, signed_name="Ai", sure=True,
                now=NOW,
            )  # fmt: skip
    with pytest.raises(Absent):
        legal.legal_record_of(actor(unsigned.cuc), unsigned.place.id)


def test_before_it_a_leaders_camera_is_refused_and_a_households_may_wait(unsigned: Cast) -> None:
    add = {"neighborhood_id": unsigned.place.id, "name": "Ngõ 12", "url": "rtsp://8.8.8.8/live", "now": NOW}
    with pytest.raises(Conflict) as refused:
        registration.camera_add(actor=actor(unsigned.binh), **add)
    assert refused.value.code == "legal_record_missing"
    waits = registration.camera_add(actor=actor(unsigned.an), owner_household_id=unsigned.an.household.id, **add)
    assert waits.state == Camera.State.PROPOSED


def test_before_it_no_camera_is_approved(unsigned: Cast) -> None:
    camera = proposed(unsigned)
    with pytest.raises(Conflict) as refused:
        registration.camera_approve(actor=actor(unsigned.binh), camera_id=camera.id, now=NOW)
    assert refused.value.code == "legal_record_missing"
    sign(unsigned)
    assert registration.camera_approve(actor=actor(unsigned.binh), camera_id=camera.id, now=NOW).state == "active"


def test_the_recorder_dials_nothing_before_it(unsigned: Cast) -> None:
    """Whatever state the camera's row is in."""
    camera = proposed(unsigned)
    Camera.objects.filter(id=camera.id).update(state=Camera.State.ACTIVE)
    node = MediaNode.objects.get(id=camera.node_id)
    assert roster(node.id) == {}
    sign(unsigned)
    assert [job.camera_id for job in roster(node.id).values()] == [camera.id]


def test_the_roster_still_asks_once(cast: Cast) -> None:
    node = MediaNode.objects.get(id=proposed(cast).node_id)
    with connection.execute_wrapper(lambda execute, *args: _count(execute, *args)):
        COUNTED.clear()
        roster(node.id)
    assert len(COUNTED) == 1


COUNTED: list[str] = []


def _count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    COUNTED.append(sql)
    return execute(sql, params, many, context)


def test_pages_show_it_to_residents_and_the_form_to_the_leader(client: Client, unsigned: Cast) -> None:
    client.cookies["matpho"] = unsigned.an.token
    assert "Chưa ai ký nhận trách nhiệm" in client.get("/legal/").content.decode()
    sign(unsigned)
    seen = client.get("/legal/").content.decode()
    assert "Ban tự quản tổ 7" in seen and "KHU VỰC CÓ CAMERA GHI HÌNH" in seen and "signed_name" not in seen
    assert "cháy nổ" in seen and "14 ngày" in seen
    client.cookies["matpho"] = unsigned.binh.token
    assert "signed_name" in client.get("/legal/").content.decode()


def test_the_leader_sends_the_scan_then_names_it(client: Client, unsigned: Cast) -> None:
    one = f"/api/v1/neighborhoods/{unsigned.place.id}/legal-record/"

    def sends(person: Person) -> Any:
        scan = SimpleUploadedFile("bien-ban.pdf", b"%PDF-1.4\n%%EOF")
        return client.post(f"{one}scans/", {"file": scan}, **person.bearer)

    assert [sends(person).status_code for person in (unsigned.an, unsigned.cuc, unsigned.hoa)] == [404] * 3
    kept = sends(unsigned.binh)
    assert (kept.status_code, kept.json()["kind"]) == (201, "legal")
    assert sign(unsigned, replace(FACTS, document_id=UUID(kept.json()["id"]))).document.kind == "legal"
    read = f"/api/v1/papers/{kept.json()['id']}/"
    assert client.get(read, **unsigned.an.bearer).content == b"%PDF-1.4\n%%EOF"
    assert client.get(read, **unsigned.cuc.bearer).status_code == 404
