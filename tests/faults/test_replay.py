"""One camera for each fault of the field, all recorded at once by one real worker; then each is looked at.

That they share a worker is part of the test: a fault is its own camera's and nobody else's.
"""

import time
from dataclasses import dataclass

import pytest

from cameras.store.journal import INDEPENDENT, SEGMENT_END, SEGMENT_START, Journal
from tests.cameras.ingest.foreman import Foreman, foreman, journals, stored_frames
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera, Sent

SECONDS = 16.0
CAMERAS = {
    "good": faults.good(),
    "timestamp_jumps": faults.timestamp_jumps(),
    "single_wild_stamps": faults.single_wild_stamps(),
    "says_25_delivers_21": faults.says_25_delivers_21(),
    "clock_drifts": faults.clock_drifts(),
    "rtp_time_wraps": faults.rtp_time_wraps(),
    "backward_stamps": faults.backward_stamps(),
    "frozen_stamps": faults.frozen_stamps(),
    "audio_never_comes": faults.audio_never_comes(),
    "audio_first": faults.audio_never_comes(first=True),
    "g711_between": faults.g711_between(),
    "b_frames": faults.b_frames(),
    "no_sps_in_sdp": faults.no_sps_in_sdp(),
    "bad_base64_in_sdp": faults.bad_base64_in_sdp(),
    "wrong_sps_in_sdp": faults.wrong_sps_in_sdp(),
    "no_sps_in_band": faults.no_sps_in_band(),
    "annexb_joined": faults.annexb_in_rtp(),
    "annexb_apart": faults.annexb_in_rtp(joined=False),
    "aggregates": faults.aggregates(),
    "no_content_base": faults.no_content_base(),
    "resolution_changes": faults.resolution_changes(),
    "rare_key_frames": faults.rare_key_frames(),
    "loses_packets": faults.loses_packets(),
    "hangs_up": faults.hangs_up(times=1),
    "reset": faults.hangs_up(reset=True, times=1),
    "stalls": faults.stalls(times=1),
    "garbage_in_stream": faults.garbage_in_stream(times=1),
    "one_session": faults.hangs_up(times=1),
    "plays_nothing": faults.plays_nothing(),
    "garbage_handshake": faults.garbage_handshake(),
    "slow_handshake": faults.slow_handshake(),
    "silent": faults.silent(),
    "huge_headers": faults.huge_headers(),
    "huge_body": faults.huge_body(),
    "refuses_password": faults.refuses_password(),
    "redirects": faults.redirects("rtsp://refused.example:554/elsewhere"),
}
COMPLETE = [
    "good", "timestamp_jumps", "single_wild_stamps", "says_25_delivers_21", "clock_drifts", "rtp_time_wraps",
    "backward_stamps", "frozen_stamps", "audio_never_comes", "audio_first", "g711_between", "b_frames", "no_sps_in_sdp",
    "bad_base64_in_sdp", "wrong_sps_in_sdp", "no_sps_in_band", "annexb_joined", "annexb_apart", "aggregates",
    "no_content_base", "resolution_changes", "rare_key_frames", "loses_packets",
]  # fmt: skip
"""Faults through which every frame that left whole is stored."""
RECONNECTS = ["hangs_up", "reset", "stalls", "garbage_in_stream", "one_session"]


@dataclass
class Recorded:
    key: str
    sent: list[Sent]
    stored: list[int]
    journals: list[Journal]
    health: list[tuple[str, str]]
    requests: list[str]
    dials: int


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    store = tmp_path_factory.mktemp("replay")
    running: dict[str, FaultyCamera] = {}
    try:
        with foreman(store) as crew:
            for name, fault in CAMERAS.items():
                running[name] = FaultyCamera(fault).__enter__()
            keys = {name: _record(crew, name, camera) for name, camera in running.items()}
            time.sleep(SECONDS)
            crew.quit()
            sent = {name: list(camera.sent) for name, camera in running.items()}
            yield {
                name: Recorded(
                    key, sent[name], stored_frames(store, key), journals(store, key),
                    [(m["state"], m["reason"]) for m in crew.news("health", key)],
                    list(running[name].requests), crew.dials.get(key, 0),
                )
                for name, key in keys.items()
            }  # fmt: skip
    finally:
        for camera in running.values():
            camera.__exit__()


def _record(crew: Foreman, name: str, camera: FaultyCamera) -> str:
    user, password = ("cam", "wrong") if name == "refuses_password" else ("", "")
    return crew.record(camera.url, user=user, password=password)


@pytest.mark.parametrize("name", COMPLETE)
def test_every_frame_sent_is_stored(recorded, name):
    one = recorded[name]
    sent = [frame.frame for frame in one.sent]
    assert len(one.stored) > (SECONDS - 4) * 15 * 0.9
    stored = [number for number in one.stored if number in sent] if name == "loses_packets" else one.stored
    assert stored == sent[: len(stored)]  # (a key frame that lost only its PPS, which is known, is kept all the same)
    assert len(sent) - len(stored) <= 8  # those still on their way when the worker stopped


@pytest.mark.parametrize("name", COMPLETE)
def test_media_time_goes_forward_without_phantom_gaps(recorded, name):
    for journal in recorded[name].journals:
        ends = None
        for part in journal.fragments:
            assert part.duration > 0
            if ends is not None:
                assert part.tfdt == ends
            ends = part.tfdt + part.duration


@pytest.mark.parametrize("name", COMPLETE)
def test_media_time_keeps_to_the_wall_clock(recorded, name):
    one = recorded[name]
    first, last = one.journals[0].fragments[0], one.journals[-1].fragments[-1]
    media_s = (last.tfdt + last.duration - first.tfdt) / 90_000
    wall = {frame.frame: frame.wall_us for frame in one.sent}
    stored = [number for number in one.stored if number in wall]
    real_s = (wall[stored[-1]] - wall[stored[0]]) / 1e6
    assert media_s == pytest.approx(real_s, abs=0.8)
    assert abs(first.wall_us - wall[stored[0]]) < 600_000
    assert abs(last.wall_us + last.duration * 100 // 9 - wall[stored[-1]]) < 900_000


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "resolution_changes"])
def test_one_connection_is_one_line_of_footage(recorded, name):
    one = recorded[name]
    assert one.dials == 1
    assert {journal.header.discontinuity_sequence for journal in one.journals} == {0}
    assert one.health == [("connecting", ""), ("live", "")]


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "rare_key_frames"])
def test_segments_begin_with_a_key_frame(recorded, name):
    for journal in recorded[name].journals:
        starts = [part for part in journal.fragments if part.flags & SEGMENT_START]
        assert starts and all(part.flags & INDEPENDENT for part in starts)


def test_a_stream_without_key_frames_is_cut_at_ten_seconds(recorded):
    segments = recorded["rare_key_frames"].journals[0].segments()
    assert max(segment.seconds for segment in segments) <= 10.1
    assert not all(segment.independent for segment in segments)


def test_changed_parameters_are_a_seam(recorded):
    one = recorded["resolution_changes"]
    assert [journal.header.discontinuity_sequence for journal in one.journals] == [0, 1]
    assert len({journal.header.init_hash for journal in one.journals}) == 2
    assert one.journals[0].fragments[-1].flags & SEGMENT_END


def test_parameters_in_the_stream_win(recorded):
    assert {j.header.init_hash for j in recorded["wrong_sps_in_sdp"].journals} == {
        j.header.init_hash for j in recorded["good"].journals
    }


@pytest.mark.parametrize("name", RECONNECTS)
def test_it_comes_back_and_marks_the_seam(recorded, name):
    one = recorded[name]
    assert [journal.header.discontinuity_sequence for journal in one.journals] == [0, 1]
    assert one.health[-1] == ("live", "")
    assert "retrying" in {state for state, _ in one.health}
    second = [frame.frame for frame in one.sent if frame.connection == 1]
    assert set(second[: len(second) - 8]) <= set(one.stored)
    numbers = [journal.header.media_sequence for journal in one.journals]
    assert numbers[1] == numbers[0] + len(one.journals[0].segments(ended=True))


def test_a_dropped_connection_costs_no_frame_that_arrived(recorded):
    one = recorded["hangs_up"]
    first = [frame.frame for frame in one.sent if frame.connection == 0]
    assert [number for number in one.stored if number <= first[-1]] == first


def test_a_stall_is_noticed_by_media_time(recorded):
    assert ("retrying", "no_media") in recorded["stalls"].health


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("refuses_password", ("refused", "unauthorized")),
        ("redirects", ("refused", "address_refused")),
        ("garbage_handshake", ("retrying", "damaged")),
        ("huge_headers", ("retrying", "damaged")),
        ("huge_body", ("retrying", "damaged")),
        ("silent", ("retrying", "no_answer")),
        ("plays_nothing", ("retrying", "no_media")),
    ],
)
def test_it_says_why_a_camera_cannot_be_recorded(recorded, name, said):
    assert said in recorded[name].health
    assert recorded[name].stored == []


def test_a_wrong_password_is_offered_once_a_minute_at_most(recorded):
    asked = [request for request in recorded["refuses_password"].requests if request.startswith("DESCRIBE")]
    assert len(asked) == 2  # without, then with the answer to the challenge


def test_a_camera_is_bidden_farewell(recorded):
    assert recorded["good"].requests[-1].startswith("TEARDOWN")
    assert not any("trackID=1" in request for request in recorded["audio_never_comes"].requests)
