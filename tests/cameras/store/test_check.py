"""``check_store``: rows = files = journals, and repair of everything a kill or a power cut leaves."""

import os
import shutil
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command

from backend.lib.ids import new_id
from cameras.models import Camera, MediaNode, Slice
from cameras.store.catalog import slices_between
from cameras.store.check import Report, store_check
from cameras.store.journal import HASHED_LATE, HEADER_LENGTH, RECORD_LENGTH, SEGMENT_END, Journal
from cameras.store.recover import mismatches
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.store.conftest import NOW, Record, agrees
from tests.cameras.store.footage import Recording, encoded, indexes, muxed

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def check(root: Path, node: MediaNode, *, repair: bool = True, hashes: bool = False) -> Report:
    return store_check(
        actor=system("check_store"), root=root, node_id=node.id, now=NOW, repair=repair, hashes=hashes, settle_s=-1
    )


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


def open_index(root: Path) -> Path:
    [path] = [path for path in indexes(root) if Journal.open(path).close is None]
    return path


def test_a_store_in_order_has_no_findings(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    report = check(tmp_path, node, hashes=True)
    assert (report.slices, report.writing, kinds(report)) == (3, 0, [])
    assert agrees(tmp_path)
    assert not AuditEntry.objects.filter(action="store.checked").exists()


def test_what_a_kill_left_open_is_closed_as_recovered(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die")
    index = open_index(tmp_path)
    before, media = index.read_bytes(), index.with_suffix(".mp4").read_bytes()
    report = check(tmp_path, node)
    assert kinds(report) == ["recovered", "row_completed"]
    assert agrees(tmp_path)
    assert index.read_bytes()[: len(before)] == before
    assert index.with_suffix(".mp4").read_bytes() == media
    row = Slice.objects.get(id=Journal.open(index).header.slice_id)
    assert row.state == Slice.State.RECOVERED
    entry = AuditEntry.objects.get(action="store.checked")
    assert entry.data == {"recovered": 1, "row_completed": 1, "unrepaired": 0}
    assert kinds(check(tmp_path, node)) == []


def test_a_torn_tail_is_cut_off(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die")
    media = open_index(tmp_path).with_suffix(".mp4")
    whole = media.read_bytes()
    media.write_bytes(whole + whole[-500:-100])
    report = check(tmp_path, node)
    assert "cut 400 bytes" in report.findings[0].detail
    assert media.read_bytes() == whole
    assert agrees(tmp_path)


def test_a_whole_fragment_without_its_record_is_taken_in_and_flagged(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera, ends="die", slice_seconds=60)
    index = open_index(tmp_path)
    whole, truth = index.read_bytes(), Journal.open(index).fragments
    index.write_bytes(whole[: -2 * RECORD_LENGTH - 7])  # the kill came before three records were written
    report = check(tmp_path, node)
    assert "late 3" in report.findings[0].detail
    journal = Journal.open(index)
    late = [one for one in journal.fragments if one.flags & HASHED_LATE]
    assert late == journal.fragments[-3:]
    assert [(one.sha256, one.offset, one.tfdt, one.duration, one.frames) for one in journal.fragments] == [
        (one.sha256, one.offset, one.tfdt, one.duration, one.frames) for one in truth
    ]
    assert [one.wall_us for one in journal.fragments] == pytest.approx([one.wall_us for one in truth], abs=2)
    assert agrees(tmp_path)


@pytest.mark.parametrize("cut", [1, 700, 3000])
def test_a_media_file_shorter_than_its_journal_loses_only_what_is_not_there(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, cut: int
):
    record(camera, ends="die", slice_seconds=60)
    index = open_index(tmp_path)
    media = index.with_suffix(".mp4")
    size = media.stat().st_size - cut
    os.truncate(media, size)
    kept = [one for one in Journal.open(index).fragments if one.offset + one.length <= size]
    check(tmp_path, node)
    journal = Journal.open(index)
    assert journal.fragments == kept
    assert mismatches(journal, media) == []
    assert agrees(tmp_path)


def test_zeros_where_the_power_cut_took_the_bytes_are_cut_off(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera, ends="die", slice_seconds=60)
    index = open_index(tmp_path)
    media, last = index.with_suffix(".mp4"), Journal.open(index).fragments[-1]
    with media.open("r+b") as file:
        file.seek(last.offset + last.length // 2)
        file.write(bytes(last.length - last.length // 2))
    report = check(tmp_path, node)
    assert "lost 1" in report.findings[0].detail
    assert media.stat().st_size == last.offset
    assert agrees(tmp_path)


def test_a_changed_byte_in_the_middle_is_reported_and_nothing_is_thrown_away(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    index = indexes(tmp_path)[0]
    media, second = index.with_suffix(".mp4"), Journal.open(index).fragments[1]
    raw = bytearray(media.read_bytes())
    raw[second.offset + 200] ^= 1
    media.write_bytes(raw)
    assert kinds(check(tmp_path, node)) == []  # sizes and roots are right; only reading all of it tells
    report = check(tmp_path, node, hashes=True)
    assert [(one.kind, one.repaired) for one in report.findings] == [("hash_mismatch", False)]
    assert media.read_bytes() == raw


def test_a_journal_changed_after_its_row_was_completed_is_reported(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    Slice.objects.filter(media_sequence=0).update(root="00" * 32)
    report = check(tmp_path, node)
    assert [(one.kind, one.repaired) for one in report.findings] == [("row_root_differs", False)]


def test_a_slice_that_a_recorder_writes_is_never_touched(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    recording = record(camera, ends="writing", slice_seconds=60)
    index = open_index(tmp_path)
    before = index.read_bytes()
    report = check(tmp_path, node)
    assert (report.writing, kinds(report)) == (1, [])
    assert index.read_bytes() == before
    Slice.objects.all().delete()
    assert (check(tmp_path, node).writing, Slice.objects.count()) == (1, 0)
    recording.close()


def test_what_was_written_a_moment_ago_is_left_for_the_next_run(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera, ends="die")
    report = store_check(actor=system("check_store"), root=tmp_path, node_id=node.id, now=NOW)
    assert (report.writing, kinds(report)) == (3, [])


def test_files_without_rows_get_their_rows_back(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    before = list(Slice.objects.order_by("id").values())
    Slice.objects.filter(media_sequence=2).delete()
    assert kinds(check(tmp_path, node)) == ["file_without_row"]
    assert list(Slice.objects.order_by("id").values()) == before


def test_rows_without_files_go(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    index = indexes(tmp_path)[1]
    index.unlink()
    index.with_suffix(".mp4").unlink()
    assert kinds(check(tmp_path, node)) == ["row_without_files"]
    assert agrees(tmp_path)


def test_a_journal_without_media_goes_to_quarantine_with_its_row(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    index = indexes(tmp_path)[0]
    index.with_suffix(".mp4").unlink()
    assert kinds(check(tmp_path, node)) == ["orphan_index"]
    assert (tmp_path / "quarantine" / index.relative_to(tmp_path)).exists()
    assert agrees(tmp_path)


def test_media_without_journal_is_footage_and_is_not_thrown_away(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    index = indexes(tmp_path)[0]
    index.unlink()
    media = index.with_suffix(".mp4")
    report = check(tmp_path, node)
    assert [(one.kind, one.repaired) for one in report.findings] == [("journal_missing", False)]
    assert media.exists()
    Slice.objects.filter(path=media.relative_to(tmp_path).as_posix()).delete()
    assert kinds(check(tmp_path, node)) == ["orphan_media"]
    assert (tmp_path / "quarantine" / media.relative_to(tmp_path)).exists()


def test_a_journal_that_was_never_renamed_is_used(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die")
    index = open_index(tmp_path)
    index.rename(index.with_suffix(".idx.new"))
    Slice.objects.filter(state="open").delete()
    assert kinds(check(tmp_path, node)) == ["recovered", "file_without_row"]
    assert agrees(tmp_path)


@pytest.mark.parametrize("how", ["cut", "flipped", "other name"])
def test_a_damaged_header_is_quarantined_whole(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, how: str
):
    record(camera)
    index = indexes(tmp_path)[0]
    raw = bytearray(index.read_bytes())
    if how == "cut":
        del raw[HEADER_LENGTH - 1 :]
    elif how == "flipped":
        raw[20] ^= 1
    else:
        raw = bytearray(indexes(tmp_path)[1].read_bytes())
    index.write_bytes(raw)
    assert kinds(check(tmp_path, node)) == ["journal_damaged"]
    quarantined = tmp_path / "quarantine" / index.relative_to(tmp_path)
    assert quarantined.exists()
    assert quarantined.with_suffix(".mp4").exists()
    assert agrees(tmp_path)


def test_a_slice_with_no_whole_fragment_leaves_no_row(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die", slice_seconds=60)
    media = open_index(tmp_path).with_suffix(".mp4")
    os.truncate(media, 900)
    assert kinds(check(tmp_path, node)) == ["recovered", "empty"]
    assert not Slice.objects.exists()


def test_footage_of_an_unknown_camera_is_quarantined(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    stream = encoded()
    stranger = Recording(tmp_path, camera_id=new_id()).write(muxed(stream), stream.init).close()
    record(camera)
    assert kinds(check(tmp_path, node)) == ["unknown_camera"] * 3
    assert len(list((tmp_path / "quarantine" / str(stranger.camera_id)).rglob("*.idx"))) == 3
    assert agrees(tmp_path)


def test_a_lost_init_segment_is_written_again_and_a_stranger_moved(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    [init] = (tmp_path / "init").iterdir()
    before = init.read_bytes()
    init.write_bytes(b"")
    (tmp_path / "notes.txt").write_text("somebody's notes")
    assert kinds(check(tmp_path, node)) == ["init_missing", "stranger"]
    assert init.read_bytes() == before
    assert (tmp_path / "quarantine" / "notes.txt").read_text() == "somebody's notes"


def test_a_dry_run_changes_nothing(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die")
    indexes(tmp_path)[0].with_suffix(".mp4").unlink()
    Slice.objects.filter(media_sequence=2).delete()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    report = check(tmp_path, node, repair=False)
    assert sorted(kinds(report)) == ["file_without_row", "left_open", "orphan_index"]
    assert not any(finding.repaired for finding in report.findings)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert Slice.objects.count() == 2


def test_every_truncation_of_both_files_recovers_to_agreement(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    """The picture of a kill or a power cut, at many places of the media file and of the journal."""
    record(camera, ends="die", slice_seconds=60)
    index = open_index(tmp_path)
    media = index.with_suffix(".mp4")
    journal_raw, media_raw, row = index.read_bytes(), media.read_bytes(), Slice.objects.get()
    truth = Journal.open(index).fragments
    for media_length in range(1000, len(media_raw) + 1, len(media_raw) // 12):
        for index_length in range(HEADER_LENGTH, len(journal_raw) + 1, 53):
            index.write_bytes(journal_raw[:index_length])
            media.write_bytes(media_raw[:media_length])
            row.save()
            check(tmp_path, node)
            assert agrees(tmp_path)
            whole = [one for one in truth if one.offset + one.length <= media_length]
            if Slice.objects.exists():
                recovered = Journal.open(index)
                assert [one.sha256 for one in recovered.fragments] == [one.sha256 for one in whole]
                assert mismatches(recovered, media) == []
            Slice.objects.all().delete()
            shutil.rmtree(tmp_path / "quarantine", ignore_errors=True)
            media.unlink(missing_ok=True)


def test_the_command_reports_and_fails_where_something_is_left(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch, capsys
):
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    record(camera, ends="die")
    call_command("check_store", "--settle", "-1")
    out = capsys.readouterr().out
    assert "recovered: " in out
    assert "3 slices compared, 0 being written, 2 findings, 0 not repaired" in out
    Slice.objects.filter(media_sequence=0).update(root="11" * 32)
    with pytest.raises(SystemExit):
        call_command("check_store", "--settle", "-1")
    assert "NOT REPAIRED" in capsys.readouterr().out


def test_the_catalog_finds_slices_by_time(tmp_path: Path, camera: Camera, record: Record, monkeypatch):
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    record(camera)
    rows = list(Slice.objects.order_by("starts_at"))
    assert rows[0].ends_at is not None
    found = slices_between(camera.id, "main", rows[0].ends_at, rows[2].starts_at)
    assert [one.slice_id for one in found] == [rows[1].id]
    assert found[0].media == tmp_path / rows[1].path
    assert slices_between(camera.id, "main", rows[2].starts_at, rows[0].starts_at) == []
    assert slices_between(camera.id, "sub", rows[0].starts_at, NOW) == []
    assert slices_between(UUID(int=5), "main", rows[0].starts_at, NOW) == []
    assert Journal.open(found[0].index).fragments[-1].flags & SEGMENT_END
