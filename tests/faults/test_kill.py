"""kill -9 of recorder workers at random moments: what has a journal record stays, byte for byte, and nothing is torn.

Five kills in the suite, two hundred in ``make faults``.
"""

import os
import random
import signal
import time
from hashlib import sha256
from uuid import UUID

import pytest

from cameras.demo import sei
from cameras.demo.rtsp_server import CameraServer
from cameras.demo.testcard import card
from cameras.ingest import aftermath
from cameras.store.journal import RECORD_LENGTH, SEGMENT_START, Journal
from cameras.store.recover import mismatches
from tests.cameras.ingest.foreman import foreman, journals, stored_bytes, stored_frames
from tests.pace import allowed

CAMERAS = 6


@pytest.fixture
def street():
    server = CameraServer(user="cam", password="secret")
    for number in range(CAMERAS):
        server.add(f"c{number}", card(gop=15), offset=number * 5)
    with server.running():
        yield server


def _complete_parts(store, key):
    """Every part that a reader may have seen: (slice, offset) → hash of its bytes."""
    parts = {}
    for journal in journals(store, key):
        media = journal.path.with_suffix(".mp4").read_bytes()
        for part in journal.fragments:
            raw = media[part.offset : part.offset + part.length]
            assert sha256(raw).digest() == part.sha256
            parts[journal.header.slice_id, part.offset] = part.sha256
    return parts


def _assert_sound(store, key):
    """No torn segment, no media without a journal, numbers that go on, a seam for each break."""
    found = journals(store, key)
    names = {path.name.rpartition(".")[0] for path in (store / key).rglob("*.mp4")}
    assert names == {journal.path.stem for journal in found}
    assert not list((store / key).rglob("*.new"))
    following = None
    for journal in found:
        assert not mismatches(journal, journal.path.with_suffix(".mp4"))
        assert journal.close is not None
        assert journal.path.with_suffix(".mp4").stat().st_size == journal.close.length
        assert journal.fragments[0].flags & SEGMENT_START
        if following is not None:
            assert journal.header.media_sequence == following
        following = journal.header.media_sequence + len(journal.segments())
    seams = [journal.header.discontinuity_sequence for journal in found]
    assert seams == sorted(seams)


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(5, marks=pytest.mark.timeout(300)),
        pytest.param(200, marks=[pytest.mark.faults, pytest.mark.timeout(1800)]),
    ],
)
def test_killed_workers_lose_nothing_that_was_recorded(street, tmp_path, kills):
    with foreman(tmp_path) as crew:
        keys = [
            crew.record(street.url(f"c{n}"), user="cam", password="secret", slice_seconds=3) for n in range(CAMERAS)
        ]
        crew.wait(lambda: all(_newest_us(tmp_path, key) for key in keys))  # each has something to lose
        for _ in range(kills):
            time.sleep(random.uniform(0.5, 3.5))
            crew.process.send_signal(signal.SIGSTOP)  # so that what is on the disk now can be read in peace
            before = {key: _complete_parts(tmp_path, key) for key in keys}
            killed_us = time.time_ns() // 1000
            crew.kill()
            for key in keys:
                after = _complete_parts(tmp_path, key)
                assert before[key].items() <= after.items()
            crew.wait(lambda at=killed_us: all(_newest_us(tmp_path, key) > at for key in keys))
            for key in keys:
                assert _first_after(tmp_path, key, killed_us) - killed_us < allowed(3) * 1e6
        crew.quit()
    for key in keys:
        _assert_sound(tmp_path, key)
        numbers = stored_frames(tmp_path, key)
        assert numbers == sorted(set(numbers))
        assert len({j.header.discontinuity_sequence for j in journals(tmp_path, key)}) == kills + 1


def _stamps(store, key):
    return [at for journal in journals(store, key) for at, _ in sei.stamps(stored_bytes(journal))]


def _newest_us(store, key):
    return max(_stamps(store, key), default=0)


def _first_after(store, key, us):
    return min(at for at in _stamps(store, key) if at > us)


def _cut(journal, how):
    """What a power cut leaves: the end of a file that had not reached the disk is gone."""
    media, last = journal.path.with_suffix(".mp4"), journal.fragments[-1]
    size = journal.path.stat().st_size
    cuts = {
        "media": (media, last.offset),
        "media_mid_fragment": (media, last.offset + last.length // 2),
        "journal": (journal.path, size - RECORD_LENGTH),
        "journal_mid_record": (journal.path, size - RECORD_LENGTH // 2),
    }
    os.truncate(*cuts[how])


def test_a_truncated_tail_costs_only_itself(street, tmp_path):
    """What had not reached the disk is gone, what stands before it is not."""
    with foreman(tmp_path) as crew:
        hows = ("media", "media_mid_fragment", "journal", "journal_mid_record")
        keys = {
            how: crew.record(street.url(f"c{number}"), user="cam", password="secret")
            for number, how in enumerate(hows)
        }  # fmt: skip
        crew.wait(lambda: all(crew.news("opened", key) for key in keys.values()))
        time.sleep(3)
        crew.process.send_signal(signal.SIGKILL)
        crew.process.wait()
        before = {}
        for how, key in keys.items():
            (before[how],) = journals(tmp_path, key)
            _cut(before[how], how)
        crew.kill()
        for how, journal in before.items():
            again = Journal.open(journal.path)
            whole = 0 if how.startswith("journal") else 1  # the media is whole: the part is found and hashed late
            assert len(again.fragments) == len(journal.fragments) - whole, how
            assert [part.sha256 for part in again.fragments[: len(journal.fragments) - 1]] == [
                part.sha256 for part in journal.fragments[:-1]
            ], how
        crew.wait(lambda: all(len(journals(tmp_path, key)) == 2 for key in keys.values()))
        crew.quit()
    for key in keys.values():
        _assert_sound(tmp_path, key)


def test_a_worker_whose_lease_ran_out_writes_nothing_when_it_wakes(street, tmp_path):
    with foreman(tmp_path) as first:
        first.valid_s = 4.0  # half of the real one: the worker knows no other deadline than the one it is told
        key = first.record(street.url("c0"), user="cam", password="secret")
        first.wait(lambda: first.news("opened", key))
        time.sleep(2)
        first.process.send_signal(signal.SIGSTOP)
        first.renewing = False
        before = {path: path.stat().st_size for path in (tmp_path / key).rglob("*.*")}
        time.sleep(first.valid_s + 0.5)  # its deadline passes
        with foreman(tmp_path) as second:
            order = {**first._orders[key], "generation": 2}
            second._orders[key] = order
            second._start(order)
            second.wait(lambda: second.news("opened", key))
            first.process.send_signal(signal.SIGCONT)
            first.wait(lambda: first.news("stopped", key))
            time.sleep(2)
            assert first.news("stopped", key)[0]["reason"] == "lapsed"
            assert {path: path.stat().st_size for path in before} == before
            second.quit()
    aftermath.settle(tmp_path, UUID(key), "main")
    numbers = stored_frames(tmp_path, key)
    assert len(numbers) == len(set(numbers)), "footage is doubled"
    assert {journal.header.generation for journal in journals(tmp_path, key)} == {1, 2}
