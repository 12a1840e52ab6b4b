"""An auditor takes their ward's chain along; nobody else's, and nobody else."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from neighborhoods import jobs
from neighborhoods.access import Role
from neighborhoods.auditing import export_job, heads, verify
from neighborhoods.auditing.copies import Way
from neighborhoods.models import AuditCopy, AuditEntry, AuditHead, RoleGrant
from tests.cast import Cast, Person, make_staff
from tests.neighborhoods.auditing.conftest import acts

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
FINGERPRINT = verify.fingerprint(heads.public_of(settings.SECRETS.signing_key))


@pytest.fixture
def mai(cast: Cast) -> Person:
    """An auditor of the ward, in which something happened yesterday and today."""
    acts(cast.ward.id, 2, timezone.now() - timedelta(days=1))
    heads.heads_sign(key=settings.SECRETS.signing_key, now=timezone.now())
    acts(cast.ward.id, 1, timezone.now())
    acts(uuid4(), 1, timezone.now())
    return make_staff("mai", "Vũ Thị Mai", Role.AUDITOR, cast.ward)


def ask(client: Client, who: Person, ward: UUID, **body: Any) -> Any:
    url = f"/api/v1/wards/{ward}/audit-export/"
    return client.post(url, json.dumps(body), content_type="application/json", **who.bearer)


def made(client: Client, who: Person, job_id: str) -> list[bytes]:
    assert jobs.job_run(UUID(job_id), now=timezone.now)
    answer = client.get(f"/api/v1/jobs/{job_id}/file/", **who.bearer)
    assert answer.status_code == 200
    return list(answer.content.splitlines(keepends=True))


def test_the_file_is_the_wards_chain_and_valid(client: Client, cast: Cast, mai: Person) -> None:
    answer = ask(client, mai, cast.ward.id)
    assert answer.status_code == 202
    check = verify.Check().run(made(client, mai, answer.json()["id"]))
    check.expect([FINGERPRINT])
    assert check.faults == []
    assert list(check.ends) == [f"ward:{cast.ward.id}"]
    assert check.entries == 4  # that it was asked for is the last
    told = AuditEntry.objects.get(action="audit.exported")
    assert (told.actor, told.ward_id) == (f"account:{mai.account.id}", cast.ward.id)


def test_it_may_begin_after_a_day(client: Client, cast: Cast, mai: Person) -> None:
    day = AuditHead.objects.get(chain=f"ward:{cast.ward.id}").day.isoformat()
    check = verify.Check().run(made(client, mai, ask(client, mai, cast.ward.id, since=day).json()["id"]))
    assert (check.faults, check.entries) == ([], 2)
    refused = ask(client, mai, cast.ward.id, since="2020-01-01")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_head_that_day")


def test_more_than_a_file_holds_is_refused(
    client: Client, cast: Cast, mai: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_job, "MOST_ENTRIES", 2)
    refused = ask(client, mai, cast.ward.id)
    assert (refused.status_code, refused.json()["code"]) == (409, "export_too_long")


def test_another_wards_is_not_there(client: Client, cast: Cast, mai: Person) -> None:
    stranger = make_staff("nga", "Ngô Nga", Role.AUDITOR, cast.ward)
    RoleGrant.objects.filter(account=stranger.account).update(ward=None, neighborhood=cast.place)
    for who in (cast.binh, cast.an, cast.dung, stranger):
        assert ask(client, who, cast.ward.id).status_code == 404
    assert ask(client, mai, uuid4()).status_code == 404


def test_who_is_no_auditor_any_more_gets_no_file(client: Client, cast: Cast, mai: Person) -> None:
    job_id = ask(client, mai, cast.ward.id).json()["id"]
    made(client, mai, job_id)
    RoleGrant.objects.filter(account=mai.account).update(role=Role.OPERATOR)
    assert client.get(f"/api/v1/jobs/{job_id}/file/", **mai.bearer).status_code == 404


def test_the_heads_are_listed_as_they_were_signed(client: Client, cast: Cast, mai: Person) -> None:
    (row,) = client.get(f"/api/v1/wards/{cast.ward.id}/audit-heads/", **mai.bearer).json()["results"]
    assert (row["seq"], row["fingerprint"]) == (2, FINGERPRINT)


class TestPage:
    @pytest.fixture
    def page(self, client: Client, mai: Person) -> Client:
        client.cookies["matpho"] = mai.token
        return client

    def test_it_shows_the_heads_the_paper_and_the_program(self, page: Client, cast: Cast) -> None:
        head = AuditHead.objects.get(chain=f"ward:{cast.ward.id}")
        said = page.get("/audit/").content.decode()
        assert all(part in said for part in (FINGERPRINT, head.hash[:8], "Mã niêm phong đã ký"))
        assert page.get(f"/audit/heads/{head.id}.pdf").content.startswith(b"%PDF")
        assert page.get("/audit/verify.py").content.startswith('"""Kiểm tra bản xuất nhật ký.'.encode())

    def test_a_head_of_the_platform_is_not_the_wards_auditors(self, page: Client) -> None:
        acts(None, 1, timezone.now())
        heads.heads_sign(key=settings.SECRETS.signing_key, now=timezone.now() + timedelta(days=1))
        head = AuditHead.objects.get(chain="platform")
        assert page.get(f"/audit/heads/{head.id}.pdf").status_code == 404

    @pytest.mark.parametrize("path", ["/audit/", "/leader/cameras/"])
    def test_heads_that_do_not_leave_are_told(self, page: Client, cast: Cast, settings: Any, path: str) -> None:
        if path != "/audit/":
            page.cookies["matpho"] = cast.binh.token
        words = "chưa đến được kho thứ hai"
        AuditCopy.objects.create(way=Way.FOLDER, day=timezone.now().date(), trouble="FileNotFoundError")
        assert words not in page.get(path).content.decode()  # the way is not in use
        settings.CONFIG = replace(settings.CONFIG, AUDIT_COPY_DIR="/nowhere")
        assert words in page.get(path).content.decode()
