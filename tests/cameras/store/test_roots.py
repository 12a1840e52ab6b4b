"""Slice roots in the audit: once each, provable alone, and whatever is changed later shows."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.lib import merkle
from backend.lib.errors import Absent
from cameras.models import Camera, MediaNode, Slice, SliceBatch
from cameras.store.roots import proof_of, slice_roots_verify, slices_root
from neighborhoods import audit_chain
from neighborhoods.models import AuditEntry, Ward
from tests.cameras.store.conftest import NOW, Record
from tests.cast import Cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="slices.rooted").order_by("chain", "seq"))


def root(node: MediaNode) -> int:
    return slices_root(node_id=node.id, now=NOW)


def test_every_closed_slice_stands_in_one_entry(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    count = Slice.objects.count()
    assert count >= 3 and (root(node), root(node)) == (count, 0)
    (entry,) = entries()
    assert entry.data["count"] == count and entry.ward_id == camera.neighborhood.ward_id
    assert slice_roots_verify() == [] and audit_chain.verify().faults == []


def test_each_is_shown_to_be_among_them_alone(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    root(node)
    for row in Slice.objects.all():
        proof = proof_of(row.id)
        leaf = merkle.leaf_of(row.id.bytes + bytes.fromhex(row.root))
        assert proof.root == row.root and merkle.climb(leaf, proof.path).hex() == proof.entry.data["root"]


def test_it_is_shown_when_the_others_are_deleted(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    root(node)
    kept, *others = Slice.objects.order_by("starts_at")
    Slice.objects.filter(id__in=[row.id for row in others]).delete()
    record(camera, wall_us=int(NOW.timestamp() * 1e6))
    root(node)
    leaf = merkle.leaf_of(kept.id.bytes + bytes.fromhex(kept.root))
    assert merkle.climb(leaf, proof_of(kept.id).path).hex() == entries()[0].data["root"]


def test_what_is_open_waits_and_goes_into_the_next(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    left = Slice.objects.order_by("starts_at").last()
    open_now = Slice.objects.filter(id=left.id)
    open_now.update(state="open", root="")
    with pytest.raises(Absent):
        proof_of(left.id)
    root(node)
    open_now.update(state="recovered", root="ab" * 32, ends_at=NOW)
    assert root(node) == 1 and proof_of(left.id).root == "ab" * 32


def test_wards_have_entries_of_their_own_and_another_node_does_its_own(
    cast: Cast, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
) -> None:
    ward = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    cast.other_place.ward = ward
    cast.other_place.save()
    record(camera)
    record(other_camera)
    elsewhere = MediaNode.objects.create(name="second")
    assert slices_root(node_id=elsewhere.id, now=NOW) == 0
    root(node)
    assert {entry.ward_id for entry in entries()} == {cast.ward.id, ward.id}


def test_a_root_that_is_changed_later_is_named(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    root(node)
    row = Slice.objects.first()
    Slice.objects.filter(id=row.id).update(root="0" * 64)
    assert slice_roots_verify() == [f"slice {row.id}: its root is not the one that was written into the audit"]
    batch = row.batch
    batch.leaves = bytes(batch.leaves).replace(bytes.fromhex(row.root), bytes(32))
    batch.save()
    assert slice_roots_verify() == [f"slices of batch {batch.id} are not those of its audit entry"]


def test_a_changed_root_is_not_hidden_by_rooting_it_anew(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    root(node)
    row = Slice.objects.first()
    Slice.objects.filter(id=row.id).update(root="0" * 64, batch=None)
    named = [f"slice {row.id}: its root is not the one that was written into the audit"]
    assert slice_roots_verify() == named
    root(node)  # now it stands in a second entry, with the root it has
    assert slice_roots_verify() == named


def test_a_row_that_is_rebuilt_as_it_was_fits_both_its_entries(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    root(node)
    Slice.objects.filter(id=Slice.objects.first().id).update(batch=None)  # as ``rebuild_index`` writes a lost row
    assert root(node) == 1 and slice_roots_verify() == []


def test_leaves_go_when_nothing_of_them_is_left(camera: Camera, node: MediaNode, record: Record) -> None:
    record(camera)
    root(node)
    Slice.objects.all().delete()
    assert slice_roots_verify() == []
    record(camera, wall_us=int((NOW + timedelta(hours=1)).timestamp() * 1e6))
    root(node)
    assert SliceBatch.objects.count() == 1 and len(entries()) == 2


def test_a_run_costs_the_same_however_many(camera: Camera, node: MediaNode, record: Record, tmp_path: Path) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            root(node)
        return len(asked)

    record(camera)
    few = cost()
    node_row = Slice.objects.first()
    Slice.objects.bulk_create(
        Slice(id=uuid4(), camera=camera, rendition="main", node=node, generation=1, path=f"{number}.mp4",
              init_hash="0" * 64, media_sequence=0, discontinuity_sequence=0, state="closed", starts_at=NOW,
              ends_at=NOW, root=node_row.root)
        for number in range(400)
    )  # fmt: skip
    assert cost() == few
