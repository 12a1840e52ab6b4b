"""What goes with a package: the record to be signed, and the annex that only somebody in charge opens."""

import json

import pytest
from django.conf import settings

from backend.lib.errors import Absent, BadInput, Conflict
from cameras.evidence.package import fingerprint
from cameras.footage import annex, decisions, handover, requests
from cameras.models import AnnexOpening, EvidencePackage
from neighborhoods.access import Role
from neighborhoods.devices import actor_for
from neighborhoods.models import AuditEntry
from tests.architecture.fund_asks import PDF
from tests.cameras.footage.parcels import approved, asked, folder_of, made, manifest_of, ordered, packed
from tests.cameras.footage.street import Street
from tests.cast import make_staff
from tests.pdfs import pages_text

pytestmark = pytest.mark.django_db


def text_of(record: handover.Handover) -> str:
    return " ".join(" ".join(pages_text(handover.handover_paper(record))).split())


def test_the_record_names_the_package_by_hash_and_key_and_has_room_for_hands(filmed: Street) -> None:
    package = packed(filmed, filmed.gate, filmed.corner)
    record = handover.handover_of(filmed.dung, package.id, now=filmed.moment)
    said = text_of(record)
    assert "BIÊN BẢN GIAO NHẬN" in said and "2026/17" in said and "45/CV-CAP" in said
    assert package.manifest_sha256 in said and fingerprint(settings.SECRETS.signing_key) in said
    for file in (file for camera in manifest_of(package)["cameras"] for file in camera["footage"]):
        assert file["path"] in said and file["sha256"] in said
    assert said.index("1. Bên giao") < said.index("2. Bên nhận") < said.index("3. Người chứng kiến")
    household = filmed.cast.an.household
    for secret in (household.name, household.address, filmed.gate.name):
        assert secret not in said


def test_the_record_is_the_wards_alone_and_there_is_none_before_the_package(filmed: Street) -> None:
    package = ordered(filmed, approved(filmed, asked(filmed), filmed.gate))
    with pytest.raises(Conflict) as refused:
        handover.handover_of(filmed.dung, package.id, now=filmed.moment)
    assert refused.value.code == "not_ready"
    made(filmed, package)
    for stranger in (filmed.an, filmed.binh):
        with pytest.raises(Absent):
            handover.handover_of(stranger, package.id, now=filmed.moment)


def test_a_legal_demand_is_named_with_who_signed_it(filmed: Street) -> None:
    request = asked(filmed, kind="demand", signatory="Đại tá Nam")
    requests.request_scan(actor=filmed.dung, request_id=request.id, data=PDF, name="lenh.pdf", now=filmed.moment)
    for actor, camera in ((filmed.an, filmed.gate), (filmed.binh, filmed.corner)):
        decisions.demand_serve(
            actor=actor, request_id=request.id, camera_id=camera.id, objection="Quá rộng", now=filmed.moment
        )
    package = ordered(filmed, request)
    made(filmed, package)
    said = manifest_of(package)
    assert said["request"]["signatory"] == "Đại tá Nam" and len(said["request"]["scan_sha256"]) == 64
    assert [one["objected"] for one in said["decisions"]] == [True, True] and "Quá rộng" not in json.dumps(said)
    text = text_of(handover.handover_of(filmed.dung, package.id, now=filmed.moment))
    assert "Đại tá Nam" in text and "có ý kiến phản đối được ghi lại" in text


@pytest.fixture
def package(filmed: Street) -> EvidencePackage:
    return packed(filmed, filmed.gate, filmed.corner)


def test_the_annex_leaves_sealed_and_only_somebody_in_charge_opens_it(filmed: Street, package) -> None:
    sealed = (folder_of(package) / annex.NAME).read_bytes()
    household = filmed.cast.an.household
    assert household.name.encode() not in sealed and sealed == bytes(package.annex)
    which = {"package_id": package.id, "words": "Tòa yêu cầu làm chứng ngày 12/12", "now": filmed.moment}
    for other in (filmed.dung, filmed.an, filmed.binh):
        with pytest.raises(Absent):
            annex.annex_open(actor=other, **which)
    opened = annex.annex_open(actor=filmed.chief, **which)
    assert opened["K1"]["household"] == household.name and opened["K1"]["address"] == household.address
    assert opened["K2"] == opened["K2"] | {"camera": "Góc chợ", "household": "", "address": ""}


def test_opening_it_is_on_record_and_told_to_who_supplied(filmed: Street, package) -> None:
    words = "Tòa yêu cầu làm chứng ngày 12/12"
    annex.annex_open(actor=filmed.chief, package_id=package.id, words=words, now=filmed.moment)
    told = {one.action: one for one in AuditEntry.objects.filter(action__startswith="footage.annex_opened")}
    assert set(told) == {"footage.annex_opened", "footage.annex_opened_owner", "footage.annex_opened_leader"}
    assert told["footage.annex_opened_owner"].data["household"] == str(filmed.cast.an.household.id)
    assert words not in str([one.data for one in told.values()])
    assert AnnexOpening.objects.get().words == words


def test_without_a_reason_that_says_something_it_stays_closed(filmed: Street, package) -> None:
    with pytest.raises(BadInput) as refused:
        annex.annex_open(actor=filmed.chief, package_id=package.id, words="phục vụ điều tra", now=filmed.moment)
    assert list(refused.value.fields) == ["words"] and not AnnexOpening.objects.exists()


def test_another_wards_supervisor_opens_nothing(filmed: Street, package) -> None:
    ward = type(filmed.cast.ward).objects.create(code="00700", name="Khác", province_code="08", province_name="T")
    other = actor_for(make_staff("truong-khac", "Người khác", Role.SUPERVISOR, ward).device, now=filmed.moment)
    with pytest.raises(Absent):
        annex.annex_open(actor=other, package_id=package.id, words="Tòa yêu cầu làm chứng", now=filmed.moment)
