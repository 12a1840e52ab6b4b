"""Whatever a recorder goes through, its numbers never go back and every playlist made of it holds together."""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lib.ids import new_id
from cameras.store.journal import HEADER_LENGTH, RECORD_LENGTH, Journal
from cameras.store.playlists import live_playlist
from cameras.store.resume import Resume, resume_point
from tests.cameras.store.footage import WALL_US, Recording, encoded, indexes, muxed
from tests.cameras.store.test_playlists import Urls, numbers

acts = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 10)),
        st.tuples(st.just("seam"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("kill"), st.just(0)),
        st.tuples(st.just("power cut"), st.integers(1, 3 * RECORD_LENGTH)),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(acts)
def test_numbers_go_on_after_any_life(life: list[tuple[str, int]]):
    root = Path(tempfile.mkdtemp(prefix="mp-resume-"))
    try:
        live(root, life)
        check(root)
    finally:
        shutil.rmtree(root)


def live(root: Path, life: list[tuple[str, int]]) -> None:
    stream = encoded()
    camera_id, generation, wall_us = new_id(), 1, WALL_US
    recording = Recording(root, camera_id=camera_id)
    tfdt = 0
    for act, much in life:
        if act == "write":
            fragments = muxed(stream, at=tfdt, wall_us=wall_us)[:much]
            recording.write(fragments, stream.init)
            tfdt = fragments[-1].tfdt + fragments[-1].duration
            wall_us += 11_000_000
        elif act == "seam":
            recording.writer.seam()
        else:
            recording.close() if act == "restart" else recording.die()
            if act == "power cut":
                cut(root, much)
            generation += 1
            recording = Recording(root, camera_id=camera_id, generation=generation)
            tfdt = max(tfdt, resume_point(root, camera_id, "main").tfdt)
    recording.close()


def cut(root: Path, length: int) -> None:
    """The newest journal loses its last bytes, its header never: that was written long before."""
    newest = max(indexes(root), key=lambda path: path.name, default=None)
    if newest is not None:
        raw = newest.read_bytes()
        newest.write_bytes(raw[: max(HEADER_LENGTH, len(raw) - length)])


def check(root: Path) -> None:
    journals = [one for one in map(Journal.open, indexes(root)) if one.fragments]
    journals.sort(key=lambda one: (one.header.generation, one.header.media_sequence))
    for before, after in pairwise(journals):
        last = before.segments(ended=True)[-1]
        assert after.header.media_sequence == last.sequence + 1
        assert after.header.first_tfdt >= last.tfdt + last.duration
        step = after.header.discontinuity_sequence - before.header.discontinuity_sequence
        follows = before.close is not None and before.close.next_slice == after.header.slice_id
        assert step == 0 if follows else step >= 1
    segments = [one for journal in journals for one in journal.segments(ended=True)]
    assert [one.sequence for one in segments] == list(range(len(segments)))
    listed = numbers(live_playlist(segments, target_s=2, url=Urls()).splitlines())
    for one in segments[-len(listed) :] if listed else []:
        assert listed[one.sequence][1] == one.discontinuity_sequence


def test_a_first_start_begins_at_zero(tmp_path: Path):
    assert resume_point(tmp_path, new_id(), "main") == Resume(0, 0, 0, None)


def test_a_day_folder_of_a_clock_that_was_wrong_does_not_hide_the_newest(tmp_path: Path):
    stream = encoded()
    future = Recording(tmp_path).write(muxed(stream, wall_us=WALL_US + 400 * 86_400_000_000), stream.init).close()
    Recording(tmp_path, camera_id=future.camera_id, generation=2).write(muxed(stream, at=900_000), stream.init).close()
    point = resume_point(tmp_path, future.camera_id, "main")
    assert (point.media_sequence, point.discontinuity_sequence, point.tfdt) == (10, 2, 1_800_000)


@pytest.mark.parametrize("junk", ["not-a-journal.idx", "x.g.idx", "00000000-0000-0000-0000-000000000000.gx.idx"])
def test_junk_in_the_folder_is_passed_over(tmp_path: Path, junk: str):
    stream = encoded()
    recording = Recording(tmp_path).write(muxed(stream), stream.init).close()
    (indexes(tmp_path)[0].parent / junk).write_bytes(b"junk")
    assert resume_point(tmp_path, recording.camera_id, "main").media_sequence == 5
