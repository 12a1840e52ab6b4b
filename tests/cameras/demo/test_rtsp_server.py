"""The demonstration's RTSP server, as clients of several kinds meet it."""

import subprocess
import time

import pytest

from cameras.demo import sei, testcard
from cameras.demo.rtsp_server import CameraServer
from cameras.video import rtsp, sdp
from tests.cameras.demo.client import TCP, Client

USER, PASSWORD = "matpho", "mật khẩu"


@pytest.fixture
def server():
    one = CameraServer(user=USER, password=PASSWORD, session_timeout_s=60)
    one.add("cong", testcard.card())
    one.add("cho")
    with one.running():
        yield one


def client(server, **more):
    return Client(server.port, **{"user": USER, "password": PASSWORD, **more})


def test_it_describes_itself_so_that_our_own_reader_understands(server):
    with client(server) as one:
        answer = one.ask("DESCRIBE", server.url("cong"))
    track = sdp.video_track(sdp.parse(answer.body))
    assert track is not None
    assert (track.codec, track.fps, len(track.parameter_sets)) == ("H264", 15.0, 2)
    assert rtsp.base_url("", answer) == server.url("cong") + "/"


def test_without_the_password_nothing_but_options(server):
    with client(server, user="", password="") as one:
        assert one.ask("OPTIONS", server.url("cong")).ok
        for method in ("DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "TEARDOWN"):
            assert one.ask(method, server.url("cong")).status == 401
    with client(server, password="sai") as one:
        assert one.ask("DESCRIBE", server.url("cong")).status == 401


@pytest.mark.parametrize(("path", "status"), [("khong-co", 404), ("cong/../cho", 404), ("cho", 503), ("cong", 200)])
def test_paths(server, path, status):
    with client(server) as one:
        assert one.ask("DESCRIBE", server.url(path)).status == status


def test_udp_is_refused_and_play_needs_a_session(server):
    with client(server) as one:
        udp = [("Transport", "RTP/AVP;unicast;client_port=5000-5001")]
        assert one.ask("SETUP", server.url("cong") + "/trackID=0", udp).status == 461
        assert one.ask("PLAY", server.url("cong")).status == 454
        assert one.ask("RECORD", server.url("cong")).status == 501


def test_two_clients_see_the_same_stream_beginning_with_a_key_frame(server):
    with client(server) as one, client(server) as two:
        assert one.play(server.url("cong")).ok
        one.read_for(2.3)
        assert two.play(server.url("cong")).ok
        for _ in range(8):
            one.read_for(0.3)
            two.read_for(0.3)
    frames = [[n for _, n in sei.stamps(b"".join(c.rtp()))] for c in (one, two)]
    for numbers in frames:
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert numbers[0] % 30 == 0 and len(numbers) > 5
    by_number = [{p[2:8]: p for p in c.rtp()} for c in (one, two)]
    shared = by_number[0].keys() & by_number[1].keys()
    assert shared and all(by_number[0][k] == by_number[1][k] for k in shared)


def test_it_keeps_its_pace_and_says_its_clock(server):
    with client(server) as one:
        one.play(server.url("cong"))
        one.read_for(5.5)
    stamps = sei.stamps(b"".join(one.rtp()))
    took = (stamps[-1][0] - stamps[0][0]) / 1e6
    assert took == pytest.approx((stamps[-1][1] - stamps[0][1]) / 15, abs=0.15)
    reports = [p for channel, p in one.packets if channel == 1]
    assert reports and reports[0][1] == 200
    wall_s = int.from_bytes(reports[0][8:12], "big") - 2_208_988_800
    assert abs(wall_s - time.time()) < 10


@pytest.mark.parametrize("method", ["OPTIONS", "GET_PARAMETER"])
def test_keep_alive_answers_between_frames(server, method):
    with client(server) as one:
        one.play(server.url("cong"))
        one.read_for(0.5)
        assert one.ask(method, server.url("cong")).ok
        one.read_for(2.0)
        assert one.rtp()


def test_a_silent_client_is_dropped_after_its_timeout():
    one = CameraServer(session_timeout_s=-4.5)  # half a second, with the five of grace
    one.add("cong", testcard.card())
    with one.running(), Client(one.port) as quiet:
        quiet.play(one.url("cong"))
        with pytest.raises((EOFError, ConnectionError)):
            for _ in range(40):
                quiet.read_for(0.25)


def test_one_that_does_not_read_loses_whole_frames_and_disturbs_nobody():
    card = testcard.card(size=(640, 360), noise=40.0)
    one = CameraServer(fps=150.0)
    one.add("cong", card)
    with one.running(), Client(one.port) as slow, Client(one.port) as quick:
        slow.play(one.url("cong"))
        quick.play(one.url("cong"))
        quick.read_for(6)
        slow.read_for(1.5)
        watchers = one.watchers("cong")
        slow.read_for(1.5)
    assert any(watcher.dropped for watcher in watchers), "it has to be slow enough to lose something"
    numbers = [n for _, n in sei.stamps(b"".join(quick.rtp()))]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    sequence = [int.from_bytes(p[2:4], "big") for p in slow.rtp()]
    ends = [bool(p[1] & 0x80) for p in slow.rtp()]
    for before, after, whole in zip(sequence, sequence[1:], ends, strict=False):
        assert whole or (after - before) & 0xFFFF == 1, "a gap inside a frame"


def test_hanging_up_and_garbage(server):
    with client(server) as one:
        one.play(server.url("cong"))
        server.call(lambda: server.hang_up("cong"))
        with pytest.raises((EOFError, ConnectionError)):
            for _ in range(20):
                one.read_for(0.2)
    for garbage in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"A" * 40_000):
        with client(server) as one:
            one.sock.sendall(garbage)
            with pytest.raises((EOFError, ConnectionError)):
                one._more()
    with client(server) as one:
        assert one.ask("DESCRIBE", server.url("cong")).ok


def test_two_requests_in_one_packet_and_a_request_in_pieces(server):
    with client(server, user="", password="") as one:
        both = rtsp.format_request("OPTIONS", server.url("cong"), 1) + rtsp.format_request("OPTIONS", "*", 2)
        for at in range(0, len(both), 7):
            one.sock.sendall(both[at : at + 7])
            time.sleep(0.002)
        while one.data.count(b"\r\n\r\n") < 2:
            one._more()
        assert one.data.count(b"RTSP/1.0 200") == 2


def test_teardown_ends_the_connection(server):
    with client(server) as one:
        one.play(server.url("cong"))
        assert one.ask("TEARDOWN", server.url("cong")).ok
        with pytest.raises((EOFError, ConnectionError)):
            one._more()


def test_setup_twice_keeps_the_session(server):
    with client(server) as one:
        first = one.ask("SETUP", server.url("cong") + "/trackID=0", TCP)
        one.session = [("Session", rtsp.session_of(first)[0])]
        second = one.ask("SETUP", server.url("cong") + "/trackID=0", TCP)
        assert rtsp.session_of(first) == rtsp.session_of(second)
        assert rtsp.session_of(first)[1] == 60


@pytest.mark.slow
def test_gstreamer_plays_it(server):
    command = [
        "gst-launch-1.0", "-q", "rtspsrc", f"location={server.url('cong')}", f"user-id={USER}", f"user-pw={PASSWORD}",
        "protocols=tcp", "!", "rtph264depay", "!", "h264parse", "!", "fakesink", "num-buffers=40",
    ]  # fmt: skip
    assert subprocess.run(command, timeout=40, capture_output=True).returncode == 0
