"""The officer's register: cases, extractions, what came of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.lib.errors import Absent, BadInput, Conflict
from cameras import cases
from cameras.models import Camera, Case, Extraction, MediaNode
from neighborhoods import access, wards
from neighborhoods.access import Grant, Role
from neighborhoods.devices import actor_for
from neighborhoods.models import AuditEntry, Ward
from tests.cast import Cast, make_cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def moment():
    return timezone.now()


@pytest.fixture
def dung(cast, moment):
    return actor_for(cast.dung.device, now=moment)


@pytest.fixture
def camera(cast, moment):
    node = MediaNode.objects.create(name="default")
    return Camera.objects.create(
        neighborhood=cast.place, node=node, name="Đầu ngõ", state=Camera.State.ACTIVE, approved_at=moment - 9 * HOUR
    )


@pytest.fixture
def case(dung, cast, moment):
    return cases.case_open(actor=dung, ward_id=cast.ward.id, case_number="2026/17", kind="theft", now=moment)


def record(dung, case, camera, moment, **changes):
    facts = {"starts_at": moment - 2 * HOUR, "ends_at": moment - HOUR, "reason": "vehicle"} | changes
    return cases.extraction_record(actor=dung, case_id=case.id, camera_id=camera.id, now=moment, **facts)


def test_an_officer_enters_a_case_what_was_looked_through_and_what_came_of_it(dung, cast, case, camera, moment):
    taken = record(dung, case, camera, moment)
    cases.extraction_outcome(
        actor=dung, extraction_id=taken.id, outcome="used", what_helped=["time", "vehicle"], now=moment
    )
    cases.case_resolve(actor=dung, case_id=case.id, outcome="clarified", offence_found=True, now=moment)
    found = Extraction.objects.select_related("case").get()
    assert (found.outcome, found.what_helped, found.taken_by) == ("used", ["vehicle", "time"], cast.dung.account)
    assert (found.case.outcome, found.case.offence_found) == ("clarified", True)
    said = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert said == ["case.opened", "extraction.recorded", "extraction.judged", "case.resolved"]
    assert "2026/17" not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_the_same_outcome_twice_is_once_and_another_corrects_it(dung, case, moment):
    for _twice in range(2):
        cases.case_resolve(actor=dung, case_id=case.id, outcome="dropped", now=moment)
    cases.case_resolve(actor=dung, case_id=case.id, outcome="clarified", now=moment)
    assert AuditEntry.objects.filter(action="case.resolved").count() == 2
    assert Case.objects.get().outcome == "clarified"


def test_a_case_number_stands_once_in_a_ward(dung, cast, case, moment):
    with pytest.raises(Conflict) as refused:
        cases.case_open(actor=dung, ward_id=cast.ward.id, case_number="2026/17", kind="fire", now=moment)
    assert refused.value.code == "case_exists"


def test_a_closed_case_takes_no_more_footage(dung, case, camera, moment):
    cases.case_resolve(actor=dung, case_id=case.id, outcome="not_clarified", now=moment)
    with pytest.raises(Conflict) as refused:
        record(dung, case, camera, moment)
    assert refused.value.code == "case_closed"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "investigation"}, "reason"),
        ({"ends_at": timezone.now() + 24 * HOUR}, "to"),
        ({"starts_at": timezone.now() - 60 * HOUR}, "to"),
        ({"starts_at": timezone.now() - 20 * HOUR, "ends_at": timezone.now() - 15 * HOUR}, "camera"),
    ],
)
def test_it_refuses_a_vague_reason_and_time_that_cannot_be(dung, case, camera, moment, changes, field):
    with pytest.raises(BadInput) as refused:
        record(dung, case, camera, moment, **changes)
    assert field in refused.value.fields
    assert not Extraction.objects.exists()


def test_it_refuses_a_camera_of_another_ward(dung, case, camera, moment):
    elsewhere = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    camera.neighborhood.ward = elsewhere
    camera.neighborhood.save()
    with pytest.raises(BadInput):
        record(dung, case, camera, moment)


def test_two_wards_that_become_one_keep_two_cases_of_one_number(dung, cast, case, moment):
    other = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    Case.objects.create(ward=other, series="00700", case_number="2026/17", kind="fire", opened_at=moment)
    chief = access.system("test", Grant(Role.ADMINISTRATOR))
    wards.ward_merge(actor=chief, ward_id=other.id, into_id=cast.ward.id, now=moment)
    found = cases.cases_for(dung).filter(case_number="2026/17")
    assert {one.series for one in found} == {"00691", "00700"}


def test_what_helped_is_said_where_it_was_used_and_only_there(dung, case, camera, moment):
    taken = record(dung, case, camera, moment)
    for outcome, helped in (("used", []), ("not_used", ["time"]), ("used", ["luck"])):
        with pytest.raises(BadInput):
            cases.extraction_outcome(
                actor=dung, extraction_id=taken.id, outcome=outcome, what_helped=helped, now=moment
            )


def test_only_the_wards_officer_writes_and_a_leader_sees_nothing(cast, dung, case, moment):
    binh = actor_for(cast.binh.device, now=moment)
    with pytest.raises(Absent):
        cases.case_resolve(actor=binh, case_id=case.id, outcome="dropped", now=moment)
    assert not cases.cases_for(binh).exists()
    assert cases.cases_for(dung).get() == case


def test_the_register_over_the_wire(cast, case, camera, moment):
    client, dung = Client(), cast.dung.bearer
    span = {"from": (moment - 2 * HOUR).isoformat(), "to": (moment - HOUR).isoformat()}
    body = {"camera": str(camera.id), "reason": "time_place", **span}
    made = client.post(f"/api/v1/cases/{case.id}/extractions/", body, "application/json", **dung)
    assert (made.status_code, made.json()["camera_name"]) == (201, "Đầu ngõ")
    answer = client.post(
        f"/api/v1/extractions/{made.json()['id']}/outcome/", {"outcome": "not_used"}, "application/json", **dung
    )
    assert (answer.status_code, answer.json()["outcome"]) == (200, "not_used")
    listed = client.get("/api/v1/cases/?open=true", **dung).json()["results"]
    assert [one["case_number"] for one in listed] == ["2026/17"]
    assert client.get("/api/v1/cases/?open=false", **dung).json()["results"] == []


def test_lists_ask_the_database_as_often_however_long_they_are(dung, cast, case, camera, moment):
    client, asked = Client(), []
    paths = ("/api/v1/cases/", f"/api/v1/cases/{case.id}/extractions/")
    for more in (1, 5):
        for n in range(more):
            cases.case_open(actor=dung, ward_id=cast.ward.id, case_number=f"{more}/{n}", kind="fire", now=moment)
            record(dung, case, camera, moment)
        for path in paths:
            client.get(path, **cast.dung.bearer)
            with CaptureQueriesContext(connection) as queries:
                client.get(path, **cast.dung.bearer)
            asked.append(len(queries))
    assert asked[:2] == asked[2:]
