"""Packages: ordered by who asked, one for each release, whole and provable, given up when a yes is taken back."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import av
import jsonschema_rs
import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from backend.lib.config import ROOT
from backend.lib.errors import Absent, Conflict
from cameras.footage import decisions, packages, requests
from cameras.footage.inforce import POLICY
from cameras.models import EvidencePackage, FootageAsk, Slice
from cameras.store.journal import Close, Journal
from cameras.store.roots import slices_root
from neighborhoods import audit_chain, jobs
from neighborhoods.models import AuditEntry, Job
from tests.cameras.footage.parcels import (
    approved,
    asked,
    fetched,
    folder_of,
    made,
    manifest_of,
    ordered,
    packed,
    verdict,
)
from tests.cameras.footage.street import HOUR, Street

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("chain", "seq").values_list("action", flat=True))


def test_what_was_released_is_packed_and_anybody_can_check_it(filmed: Street) -> None:
    package = packed(filmed, filmed.gate, filmed.corner)
    assert verdict(folder_of(package)) == 0
    manifest = manifest_of(package)
    assert [camera["name"] for camera in manifest["cameras"]] == ["K1", "K2"]
    assert all(camera["footage"] and not camera["gaps"] and not camera["faults"] for camera in manifest["cameras"])
    assert all(span["proof"] for one in manifest["cameras"] for file in one["footage"] for span in file["slices"]), (
        "each slice stands in the audit"
    )
    assert {"footage.package_ordered", "footage.packaged", "slices.rooted"} <= set(actions())
    assert audit_chain.verify().faults == []


def test_its_manifest_is_as_the_published_schema_says(filmed: Street) -> None:
    schema = json.loads((ROOT / "docs" / "evidence" / "manifest.schema.json").read_bytes())
    jsonschema_rs.validator_for(schema).validate(manifest_of(packed(filmed, filmed.gate, filmed.corner)))


def test_the_manifest_says_who_asked_who_decided_and_what_is_on_record(filmed: Street) -> None:
    manifest = manifest_of(packed(filmed, filmed.gate, filmed.corner))
    assert manifest["request"]["case_number"] == "2026/17" and manifest["ward"]["code"] == filmed.cast.ward.code
    assert [person["role"] for person in manifest["people"]] == ["asked", "ordered"]
    assert [(one["camera"], one["how"], one["by"]) for one in manifest["decisions"]] == [
        ("K1", "approved", "owner"), ("K2", "approved", "leader"),
    ]  # fmt: skip
    told = {(one["what"], one["camera"]) for one in manifest["operations"]}
    assert {("footage.asked", None), ("footage.released", "K1"), ("footage.released", "K2")} <= told
    rows = {row.hash for row in AuditEntry.objects.all()}
    assert {one["entry"]["hash"] for one in manifest["operations"]} <= rows
    assert manifest["audit"]["head"]["hash"] in rows


def test_nobody_who_supplied_it_is_named_in_what_leaves(filmed: Street) -> None:
    package = packed(filmed, filmed.gate, filmed.corner)
    household = filmed.cast.an.household
    secret = [household.name, household.address, str(household.id), filmed.gate.name, filmed.corner.name]
    for path in folder_of(package).rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert not [word for word in secret if word.encode() in raw], path.name


def test_only_what_was_released_is_in_it_and_the_rest_in_the_next(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    first = ordered(filmed, request)
    with pytest.raises(Conflict) as refused:
        ordered(filmed, request)
    assert refused.value.code == "nothing_released"
    made(filmed, first)
    approved(filmed, request, filmed.corner)
    second = ordered(filmed, request)
    made(filmed, second)
    assert [one["name"] for one in manifest_of(first)["cameras"]] == ["K1"]
    assert [one["name"] for one in manifest_of(second)["cameras"]] == ["K2"]
    assert (first.number, second.number) == (1, 2)


def test_nothing_is_packed_of_what_was_not_released(filmed: Street) -> None:
    request = asked(filmed)
    decisions.ask_deny(actor=filmed.an, request_id=request.id, camera_id=filmed.gate.id, now=filmed.moment)
    with pytest.raises(Conflict) as refused:
        ordered(filmed, request)
    assert refused.value.code == "nothing_released" and not EvidencePackage.objects.exists()


def test_only_who_asked_orders_it_and_only_a_copy(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    for other in (filmed.chief, filmed.binh, filmed.an):
        with pytest.raises(Absent):
            packages.packages_order(actor=other, request_id=request.id, now=filmed.moment)
    looked_at = approved(filmed, asked(filmed, delivery="view"), filmed.gate)
    with pytest.raises(Conflict) as refused:
        ordered(filmed, looked_at)
    assert refused.value.code == "only_looked_at"


def test_a_part_that_was_given_is_all_that_leaves(filmed: Street) -> None:
    request = asked(filmed)
    part = decisions.Part(request.starts_at, request.starts_at + timedelta(seconds=6))
    decisions.ask_approve(
        actor=filmed.an, request_id=request.id, camera_id=filmed.gate.id, part=part, now=filmed.moment
    )
    package = ordered(filmed, request)
    made(filmed, package)
    (camera,) = manifest_of(package)["cameras"]
    frames = camera["covers"]
    assert frames["from"]["utc"] <= camera["granted"]["from"]["utc"] < frames["to"]["utc"]
    length = (part.ends_at - part.starts_at).total_seconds()
    begun, ended = (int(frames[edge]["utc"][17:19]) for edge in ("from", "to"))
    assert length <= (ended - begun) % 60 <= length + 3, "rounded outward to key frame and fragment, no further"


def test_footage_that_is_still_being_written_waits(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    Slice.objects.filter(camera=filmed.gate).update(state=Slice.State.OPEN)
    with pytest.raises(Conflict) as refused:
        ordered(filmed, request)
    assert refused.value.code == "still_recording" and not EvidencePackage.objects.exists()


def test_private_hours_and_lost_slices_are_gaps_with_their_reason(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    begins = filmed.moment - 3 * HOUR + timedelta(seconds=40)
    lost = Slice.objects.filter(camera=filmed.gate, starts_at__gte=begins - timedelta(seconds=3)).first()
    (settings.CONFIG.store_dir / lost.path).with_suffix(".idx").unlink()
    package = ordered(filmed, request)
    made(filmed, package)
    (camera,) = manifest_of(package)["cameras"]
    assert [gap["reason"] for gap in camera["gaps"]] == ["no_longer_there"]
    assert verdict(folder_of(package)) == 0


def test_a_changed_byte_on_the_disk_is_found_and_named(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    row = Slice.objects.filter(camera=filmed.gate).order_by("starts_at")[1]
    path = settings.CONFIG.store_dir / row.path
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    package = ordered(filmed, request)
    made(filmed, package)
    (fault,) = manifest_of(package)["cameras"][0]["faults"]
    assert (fault["slice"], fault["what"]) == (str(row.id), "changed since it was recorded")


def test_a_row_that_was_changed_with_its_files_does_not_fit_the_audit(filmed: Street) -> None:
    """Whoever forges a slice, its journal and its row has still the audit's entry against them."""
    slices_root(node_id=filmed.gate.node_id, now=filmed.moment)
    request = approved(filmed, asked(filmed), filmed.gate)
    row = Slice.objects.filter(camera=filmed.gate).order_by("starts_at")[1]
    forge(row)
    package = ordered(filmed, request)
    made(filmed, package)
    (fault,) = manifest_of(package)["cameras"][0]["faults"]
    assert (fault["slice"], fault["what"]) == (str(row.id), "its journal is not the one the database knows")


def forge(row: Slice) -> None:
    """Another picture in the slice's first fragment, and everything on our side made to fit it."""
    media = settings.CONFIG.store_dir / row.path
    journal = Journal.open(media.with_suffix(".idx"))
    first, *rest = journal.fragments
    raw = bytearray(media.read_bytes())
    raw[first.offset + first.length - 1] ^= 1
    media.write_bytes(raw)
    changed = sha256(raw[first.offset : first.offset + first.length]).digest()
    records = b"".join(one.pack() for one in [replace(first, sha256=changed), *rest])
    root = sha256(journal.header.pack() + records).digest()
    media.with_suffix(".idx").write_bytes(
        journal.header.pack() + records + Close(journal.close.length, root, None).pack()
    )
    Slice.objects.filter(id=row.id).update(root=root.hex())


def test_a_yes_taken_back_before_it_was_fetched_spoils_the_package(filmed: Street) -> None:
    package = packed(filmed, filmed.gate, filmed.corner)
    which = {"request_id": package.request_id, "camera_id": filmed.gate.id, "now": filmed.moment}
    with transaction.atomic():
        ask = decisions.ask_withdraw(actor=filmed.an, **which)
    packages.packages_expire(now=filmed.moment)  # what the commit does at once outside a test's transaction
    assert (ask.state, ask.how) == ("denied", "") and not folder_of(package).exists()
    with pytest.raises(Conflict) as refused:
        fetched(filmed, package)
    assert refused.value.code == "footage_settled"
    again = ordered(filmed, package.request)
    made(filmed, again)
    assert [one["name"] for one in manifest_of(again)["cameras"]] == ["K2"]
    assert "footage.yes_withdrawn" in actions()
    assert decisions.ask_withdraw(actor=filmed.an, **which).state == "denied"  # twice is once


def test_a_yes_is_final_once_something_has_left(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    fetched(filmed, package)
    which = {"request_id": package.request_id, "camera_id": filmed.gate.id, "now": filmed.moment}
    with pytest.raises(Conflict) as refused:
        decisions.ask_withdraw(actor=filmed.an, **which)
    assert refused.value.code == "footage_taken"
    with pytest.raises(Conflict) as refused:
        requests.request_withdraw(actor=filmed.dung, request_id=package.request_id, now=filmed.moment)
    assert refused.value.code == "footage_taken"


def test_nobody_takes_back_what_the_law_or_danger_released(filmed: Street) -> None:
    request = asked(filmed, urgent=True)
    requests.request_sign(actor=filmed.chief, request_id=request.id, now=filmed.moment)
    with pytest.raises(Conflict) as refused:
        decisions.ask_withdraw(actor=filmed.an, request_id=request.id, camera_id=filmed.gate.id, now=filmed.moment)
    assert refused.value.code == "footage_settled"


def test_a_request_taken_back_gives_its_packages_up(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    requests.request_withdraw(actor=filmed.dung, request_id=package.request_id, now=filmed.moment)
    packages.packages_expire(now=filmed.moment)
    package.refresh_from_db()
    assert package.withdrawn_at and not folder_of(package).exists()


def test_a_yes_taken_back_while_it_is_packed_leaves_no_package(filmed: Street, monkeypatch) -> None:
    package = ordered(filmed, approved(filmed, asked(filmed), filmed.gate))
    write = packages.root  # the owner's tap comes between two of the worker's steps

    def tap_then(*args, **facts) -> None:
        from cameras.evidence.package import package_write

        package_write(*args, **facts)
        decisions.ask_withdraw(
            actor=filmed.an, request_id=package.request_id, camera_id=filmed.gate.id, now=filmed.moment
        )

    monkeypatch.setattr("cameras.footage.packing.package_write", tap_then)
    job = made(filmed, package)
    assert (job.state, job.problem["code"]) == ("failed", "footage_settled")
    assert package.made_at is None and not (write() / str(package.id)).exists()
    assert "footage.packaged" not in actions()


def test_a_full_disk_says_so_and_the_next_attempt_completes_it(filmed: Street, monkeypatch) -> None:
    package = ordered(filmed, approved(filmed, asked(filmed), filmed.gate))
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
        job = made(filmed, package)
    assert (job.state, job.problem["code"]) == ("failed", "disk_full")
    (again,) = packages.packages_order(actor=filmed.dung, request_id=package.request_id, now=filmed.moment)
    assert again.id == package.id and made(filmed, package).state == "done"
    assert verdict(folder_of(package)) == 0


def test_a_copy_to_look_at_has_time_and_reader_burnt_in_and_is_no_evidence(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    which = {"actor": filmed.dung, "request_id": request.id, "now": filmed.moment}
    (package,) = packages.packages_order(viewing_copies=True, **which)
    assert made(filmed, package).state == "done" and verdict(folder_of(package)) == 0
    manifest = manifest_of(package)
    (operation,) = [one for one in manifest["operations"] if one["what"] == "viewing_copy"]
    files = {one["path"]: one["sha256"] for one in manifest["files"]}
    assert operation["parents"] == [files["footage/K1.mp4"]] and operation["results"] == [files["viewing/K1.mp4"]]
    pictures = []
    for name in ("footage/K1.mp4", "viewing/K1.mp4"):
        with av.open(str(folder_of(package) / name)) as container:
            pictures.append([frame.to_ndarray(format="gray") for frame in container.decode(video=0)])
    original, copy = pictures
    assert len(original) == len(copy) and original[0].shape == copy[0].shape
    top = copy[0][:20].astype(int)
    assert top.min() < 60 and top.max() > 200, "white letters on a dark strip"
    assert (abs(copy[0][:20].astype(int) - copy[-1][:20]) > 60).any(), "the time goes on"


def test_what_cannot_be_decoded_has_no_copy_and_is_packed_all_the_same(filmed: Street) -> None:
    for row in Slice.objects.filter(camera=filmed.gate):
        path = settings.CONFIG.store_dir / row.path
        raw = path.read_bytes()
        path.write_bytes(raw[:1000] + bytes(len(raw) - 1000))
    request = approved(filmed, asked(filmed), filmed.gate)
    which = {"actor": filmed.dung, "request_id": request.id, "now": filmed.moment}
    (package,) = packages.packages_order(viewing_copies=True, **which)
    assert made(filmed, package).state == "done" and verdict(folder_of(package)) == 0
    assert not (folder_of(package) / "viewing" / "K1.mp4").exists()


def test_it_is_told_how_far_it_is(filmed: Street) -> None:
    package = ordered(filmed, approved(filmed, asked(filmed), filmed.gate))
    job = made(filmed, package)
    assert job.done == job.total > 10_000


def test_while_a_job_is_at_it_nothing_is_ordered_twice(filmed: Street) -> None:
    request = approved(filmed, asked(filmed), filmed.gate)
    package = ordered(filmed, request)
    with pytest.raises(Conflict):
        ordered(filmed, request)
    assert Job.objects.filter(kind=packages.KIND).count() == 1
    made(filmed, package)
    jobs.jobs_expire(now=filmed.moment + timedelta(days=2))
    with pytest.raises(Conflict) as refused:  # its job is long gone, and it is made
        ordered(filmed, request)
    assert refused.value.code == "nothing_released"


def test_a_release_stands_in_one_package_whatever_is_written(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidencePackage.objects.create(
            request=package.request, number=1, node=package.node, ordered_by=package.ordered_by, annex=b""
        )
    assert FootageAsk.objects.get(camera=filmed.gate).package_id == package.id


def test_its_files_go_when_their_time_is_over_and_strays_with_them(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    stray = packages.root() / "0192d3a4-0000-7000-8000-00000000dead"
    stray.mkdir()
    (packages.root() / "lost+found").mkdir()
    assert packages.packages_expire(now=filmed.moment + POLICY.package_kept - timedelta(seconds=1)) == 0
    assert folder_of(package).exists() and not stray.exists() and (packages.root() / "lost+found").exists()
    assert packages.packages_expire(now=filmed.moment + POLICY.package_kept) == 1
    package.refresh_from_db()
    assert package.removed_at and not folder_of(package).exists() and actions()[-1] == "footage.package_removed"
    assert packages.packages_expire(now=filmed.moment + POLICY.package_kept) == 0
