"""The writer: what stands on the disk, who is told what, and what a full or slow disk does."""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from cameras.store.journal import HEADER_LENGTH, RECORD_LENGTH, SEGMENT_START, Journal
from cameras.store.layout import alone
from cameras.store.recover import mismatches
from cameras.store.resume import Resume, resume_point
from cameras.store.slices import SliceClosed, SliceOpened, StoreFault
from cameras.store.sync import Syncer
from tests.cameras.store.footage import WALL_US, Recording, encoded, indexes, muxed, recorded
from tests.pace import allowed


def journals(root: Path) -> list[Journal]:
    return sorted((Journal.open(path) for path in indexes(root)), key=lambda one: one.header.media_sequence)


def test_slices_hold_every_fragment_byte_for_byte_behind_their_init_segment(tmp_path: Path):
    stream = encoded(b_frames=2)
    fragments = muxed(stream)
    recording = Recording(tmp_path).write(fragments, stream.init).close()
    found = journals(tmp_path)
    assert [record.sha256 for journal in found for record in journal.fragments] == [one.sha256 for one in fragments]
    for journal in found:
        media = journal.path.with_suffix(".mp4")
        assert mismatches(journal, media) == []
        assert media.read_bytes()[: journal.header.init_length] == stream.init
        assert media.stat().st_size == journal.media_length
        assert (tmp_path / "init" / f"{journal.header.init_hash}.mp4").read_bytes() == stream.init
    assert sum(isinstance(news, SliceOpened) for news in recording.news) == len(found) == 3


def test_an_old_slice_hands_over_at_a_segment_boundary_without_a_discontinuity(tmp_path: Path):
    recorded(tmp_path)
    found = journals(tmp_path)
    assert [journal.header.discontinuity_sequence for journal in found] == [0, 0, 0]
    assert [journal.header.media_sequence for journal in found] == [0, 2, 4]
    for before, after in pairwise(found):
        assert before.close is not None
        assert before.close.next_slice == after.header.slice_id
        assert after.header.previous_slice == before.header.slice_id
        assert before.fragments[-1].tfdt + before.fragments[-1].duration == after.header.first_tfdt
    assert found[-1].close is not None
    assert found[-1].close.next_slice is None


def test_news_carry_what_rows_need_and_closed_comes_after_the_sync(tmp_path: Path):
    synced: list[int] = []
    recording = Recording(tmp_path, slice_seconds=60)
    recording.sync.stop()
    recording.sync = recording.writer._sync = Syncer(delay_s=60, fdatasync=synced.append)
    stream = encoded()
    closed_after: list[int] = []
    recording.writer._news = lambda news: closed_after.append(len(synced)) if isinstance(news, SliceClosed) else None
    recording.write(muxed(stream), stream.init).close()
    assert closed_after == [2]  # media and journal


def test_the_first_and_last_news(tmp_path: Path):
    recording = recorded(tmp_path)
    opened = [news for news in recording.news if isinstance(news, SliceOpened)]
    closed = {news.slice_id: news for news in recording.news if isinstance(news, SliceClosed)}
    assert opened[0].starts_us == WALL_US
    for news in opened:
        end = closed[news.slice_id]
        media = tmp_path / news.path
        assert end.bytes == media.stat().st_size
        assert end.root == sha256(media.with_suffix(".idx").read_bytes()[:-RECORD_LENGTH]).hexdigest()
    assert closed[opened[-1].slice_id].ends_us == WALL_US + 10_000_000


def test_a_seam_or_another_init_segment_opens_a_slice_after_a_discontinuity(tmp_path: Path):
    first, second = encoded(frames=45), encoded(frames=45, width=354, height=290)
    recording = Recording(tmp_path, slice_seconds=60)
    recording.write(muxed(first), first.init)
    recording.writer.seam()
    recording.writer.seam()  # a reconnect that brought nothing is not another one
    recording.write(muxed(first, at=10**6), first.init)
    recording.write(muxed(second, at=2 * 10**6), second.init).close()
    found = journals(tmp_path)
    assert [journal.header.discontinuity_sequence for journal in found] == [0, 1, 2]
    assert [journal.header.media_sequence for journal in found] == [0, 2, 4]
    assert len({journal.header.init_hash for journal in found}) == 2
    assert all(journal.close and journal.close.next_slice is None for journal in found)


def test_the_first_fragment_of_a_slice_starts_a_segment_whatever_it_says(tmp_path: Path):
    stream = encoded()
    recording = Recording(tmp_path, slice_seconds=60)
    recording.write(muxed(stream)[1:2], stream.init).close()  # the second half of a segment: no SEGMENT_START
    journal = journals(tmp_path)[0]
    assert journal.fragments[0].flags & SEGMENT_START
    assert [segment.sequence for segment in journal.segments()] == [0]


def test_a_restart_goes_on_counting(tmp_path: Path):
    stream = encoded()
    first = Recording(tmp_path).write(muxed(stream), stream.init).close()
    assert resume_point(tmp_path, first.camera_id, "sub") == Resume()
    point = resume_point(tmp_path, first.camera_id, "main")
    assert (point.media_sequence, point.discontinuity_sequence, point.tfdt) == (5, 1, 900_000)
    second = Recording(tmp_path, camera_id=first.camera_id, generation=2)
    second.write(muxed(stream, at=point.tfdt, wall_us=WALL_US + 20_000_000), stream.init).close()
    found = journals(tmp_path)
    assert [journal.header.media_sequence for journal in found] == [0, 2, 4, 5, 7, 9]
    assert [journal.header.discontinuity_sequence for journal in found] == [0, 0, 0, 1, 1, 1]
    assert found[3].header.previous_slice == found[2].header.slice_id
    assert resume_point(tmp_path, first.camera_id, "main").media_sequence == 10


def test_a_journal_without_a_whole_record_uses_no_number(tmp_path: Path):
    recording = recorded(tmp_path)
    whole = resume_point(tmp_path, recording.camera_id, "main")
    last = journals(tmp_path)[-1].path
    last.write_bytes(last.read_bytes()[: HEADER_LENGTH + RECORD_LENGTH - 1])
    point = resume_point(tmp_path, recording.camera_id, "main")
    assert (whole.media_sequence, point.media_sequence) == (5, 4)
    last.write_bytes(b"MPIX")
    assert resume_point(tmp_path, recording.camera_id, "main") == point


def test_the_journal_is_locked_while_somebody_writes_and_free_afterwards(tmp_path: Path):
    stream = encoded()
    recording = Recording(tmp_path, slice_seconds=60).write(muxed(stream), stream.init)
    [path] = indexes(tmp_path)
    with alone(path) as mine:
        assert not mine
    recording.close()
    with alone(path) as mine:
        assert mine


def test_whoever_lost_the_lease_writes_not_one_more_byte(tmp_path: Path):
    stream = encoded()
    recording = Recording(tmp_path, slice_seconds=60).write(muxed(stream), stream.init)
    [path] = indexes(tmp_path)
    before = path.read_bytes(), path.with_suffix(".mp4").read_bytes()
    recording.die()
    assert (path.read_bytes(), path.with_suffix(".mp4").read_bytes()) == before
    assert Journal.open(path).close is None
    assert not any(isinstance(news, SliceClosed) for news in recording.news)


@contextmanager
def files_no_longer_than(limit: int) -> Iterator[None]:
    """The kernel refuses to let a file of this process grow past ``limit`` bytes, after a short write up to it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_takes_half_a_fragment_leaves_whole_ones_and_names_the_camera(tmp_path: Path):
    stream = encoded()
    fragments = muxed(stream)
    recording = Recording(tmp_path, slice_seconds=60).write(fragments[:3], stream.init)
    [path] = indexes(tmp_path)
    size = path.with_suffix(".mp4").stat().st_size
    with files_no_longer_than(size + fragments[3].length // 2), pytest.raises(StoreFault) as caught:
        recording.write(fragments[3:4], stream.init)
    assert (caught.value.camera_id, caught.value.errno) == (recording.camera_id, errno.EFBIG)
    assert str(recording.camera_id) in str(caught.value)
    assert path.with_suffix(".mp4").stat().st_size == size
    journal = Journal.open(path)
    assert (len(journal.fragments), journal.media_length) == (3, size)
    assert journal.close is not None
    recording.write(fragments[4:], stream.init).close()  # the disk has room again
    later = journals(tmp_path)[1]
    assert later.header.discontinuity_sequence == 1
    assert later.header.media_sequence == len(journal.segments())
    assert len(later.fragments) == len(fragments) - 4


def test_a_journal_that_takes_no_record_takes_its_media_back(tmp_path: Path):
    stream = encoded()
    fragments = muxed(stream)
    recording = Recording(tmp_path, slice_seconds=60).write(fragments[:3], stream.init)
    [path] = indexes(tmp_path)
    size = path.with_suffix(".mp4").stat().st_size
    broken = os.open(path, os.O_RDONLY)  # a descriptor that cannot be written
    assert recording.writer._open is not None
    good, recording.writer._open.index_fd = recording.writer._open.index_fd, broken
    with pytest.raises(StoreFault):
        recording.write(fragments[3:4], stream.init)
    os.close(good)
    assert path.with_suffix(".mp4").stat().st_size == size
    assert len(Journal.open(path).fragments) == 3
    recording.close()


def test_a_folder_that_cannot_be_made_is_one_camera_fault_and_leaves_nothing(tmp_path: Path):
    stream = encoded()
    other = Recording(tmp_path)
    recording = Recording(tmp_path)
    (tmp_path / str(recording.camera_id)).write_text("a file where a folder belongs")
    with pytest.raises(StoreFault, match=str(recording.camera_id)):
        recording.write(muxed(stream), stream.init)
    other.write(muxed(stream), stream.init).close()
    recording.close()
    assert len(indexes(tmp_path)) == 3
    assert not list(tmp_path.rglob("*.new"))


def test_a_disk_that_cannot_take_the_first_fragment_leaves_no_file(tmp_path: Path):
    stream = encoded()
    recording = Recording(tmp_path)
    with files_no_longer_than(len(stream.init) + 10), pytest.raises(StoreFault):
        recording.write(muxed(stream)[:1], stream.init)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == list((tmp_path / "init").iterdir())
    assert recording.news == []
    recording.close()


def test_a_slow_disk_stalls_no_writer_and_the_age_of_the_oldest_byte_is_told(tmp_path: Path):
    stream = encoded()
    fragments = muxed(stream)
    recording = Recording(tmp_path, slice_seconds=60)
    recording.sync.stop()
    entered = threading.Event()

    def slow(fd: int) -> None:
        entered.set()
        time.sleep(0.3)

    recording.sync = recording.writer._sync = Syncer(delay_s=0.01, fdatasync=slow)
    recording.write(fragments[:1], stream.init)
    assert entered.wait(5)
    began = time.monotonic()
    recording.write(fragments[1:], stream.init)
    assert time.monotonic() - began < allowed(0.2)
    time.sleep(0.1)
    assert recording.sync.oldest_unsynced_s() > 0.05
    recording.close()
    assert recording.sync.oldest_unsynced_s() == 0
    assert len(journals(tmp_path)[0].fragments) == len(fragments)


def test_a_failed_sync_leaves_the_slice_open_and_is_counted(tmp_path: Path):
    stream = encoded()
    recording = Recording(tmp_path, slice_seconds=60)
    recording.sync.stop()

    def broken(fd: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    recording.sync = recording.writer._sync = Syncer(delay_s=60, fdatasync=broken)
    recording.write(muxed(stream), stream.init).close()
    assert recording.sync.faults == 1
    assert not any(isinstance(news, SliceClosed) for news in recording.news)


def test_a_listener_that_is_gone_stops_nobody_elses_sync(tmp_path: Path):
    sync = Syncer(delay_s=0.02)
    stream = encoded()
    deaf, heard = Recording(tmp_path, slice_seconds=60), Recording(tmp_path, slice_seconds=60)

    def gone(news: object) -> None:
        if isinstance(news, SliceClosed):
            raise BrokenPipeError

    for one in (deaf, heard):
        one.sync.stop()
        one.sync = one.writer._sync = sync
        one.write(muxed(stream), stream.init)
    deaf.writer._news = gone
    deaf.writer.close()
    heard.close()
    assert sync.faults == 1
    assert any(isinstance(news, SliceClosed) for news in heard.news)


def test_syncs_are_coalesced_oldest_first(tmp_path: Path):
    counted: list[int] = []
    sync = Syncer(delay_s=30, fdatasync=counted.append)
    stream = encoded()
    recordings = [Recording(tmp_path) for _ in range(3)]
    for one in recordings:
        one.sync.stop()
        one.writer._sync = sync
        one.writer._slice_ticks = 10**9
    for fragment in muxed(stream):
        for one in recordings:
            one.write([fragment], stream.init)
    fds = [one.writer._open.media_fd for one in recordings if one.writer._open]
    sync.stop()
    assert counted[::2] == fds  # two syncs a slice, though each got five fragments
    for one in recordings:
        one.writer.abandon()


KILLED = """
import sys, time
from pathlib import Path
from tests.cameras.store.footage import Recording, encoded, muxed
stream = encoded(b_frames=2)
recording = Recording(Path(sys.argv[1]), slice_seconds=4)
at = 0
print("ready", flush=True)
while True:
    for one in muxed(stream, at=at, wall_us=1_795_000_000_000_000 + at * 100 // 9):
        recording.writer.write(one, stream.init)
    at += 900_000
"""


@pytest.mark.parametrize("wait_s", [0.02, 0.05, 0.11, 0.2, 0.37])
def test_after_kill_9_every_complete_record_is_there_byte_identical(tmp_path: Path, wait_s: float):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(wait_s)
        child.kill()
    found = journals(tmp_path)
    assert found
    assert sum(len(journal.fragments) for journal in found) > 1
    known = {one.sha256 for one in muxed(encoded(b_frames=2))}
    assert known & {record.sha256 for record in found[0].fragments}
    for journal in found:
        assert mismatches(journal, journal.path.with_suffix(".mp4")) == []
        with alone(journal.path) as mine:
            assert mine
    assert sum(journal.close is None for journal in found) <= 2  # two where the kill came while one handed over
