"""What is said to a camera, word by word; no socket."""

import pytest

from cameras.demo.testcard import card
from cameras.ingest.dialogue import Dialogue
from cameras.ingest.faults import Redirected, SourceFault
from cameras.video import rtsp

URL = "rtsp://10.0.0.9:554/live"


def said(data):
    request, end = rtsp.read_request(data)
    assert end == len(data)
    return request


def answer(status=200, fields=(), body=b"", cseq="1"):
    message, _ = rtsp.read_response(rtsp.format_response(status, "x", cseq, fields, body))
    return message


def dialogue(user="", password=""):
    return Dialogue(URL, rtsp.ClientAuth(user, password, cnonce="c0ffee"))


def described(one, body=None):
    one.start()
    return one.hear(answer(fields=[("Content-Base", URL + "/")], body=card().sdp() if body is None else body))


def playing(one, session="s1;timeout=60", transport="RTP/AVP/TCP;unicast;interleaved=4-5"):
    described(one)
    one.hear(answer(fields=[("Session", session), ("Transport", transport)]))
    one.hear(answer())
    return one


def test_it_describes_sets_up_the_video_and_plays():
    one = dialogue()
    assert said(one.start()).method == "DESCRIBE"
    setup = said(described(one))
    assert (setup.method, setup.url) == ("SETUP", URL + "/trackID=0")
    assert setup.headers.get("transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    play = said(one.hear(answer(fields=[("Session", "s1;timeout=20"), ("Transport", "RTP/AVP/TCP;interleaved=4-5")])))
    assert (play.method, play.headers.get("session"), one.channel, one.keepalive_s) == ("PLAY", "s1", 4, 10.0)
    assert one.sent_play and not one.playing
    assert one.hear(answer()) == b"" and one.playing


def test_a_challenge_is_answered_once_for_each_request():
    one = dialogue("admin", "pw")
    one.start()
    challenge = answer(401, [("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    again = said(one.hear(challenge))
    assert again.method == "DESCRIBE" and again.headers.get("authorization").startswith("Digest ")
    with pytest.raises(SourceFault, match="unauthorized") as fault:
        one.hear(challenge)
    assert fault.value.slow


def test_without_a_user_a_challenge_is_a_refusal():
    one = dialogue()
    one.start()
    with pytest.raises(SourceFault, match="unauthorized"):
        one.hear(answer(401, [("WWW-Authenticate", 'Basic realm="r"')]))


@pytest.mark.parametrize(
    ("status", "reason", "slow"),
    [(404, "not_found", True), (453, "busy", False), (461, "no_tcp", True), (500, "rejected", False)],
)
def test_refusals_have_a_reason(status, reason, slow):
    one = dialogue()
    one.start()
    with pytest.raises(SourceFault) as fault:
        one.hear(answer(status))
    assert (fault.value.reason, fault.value.slow) == (reason, slow)


def test_a_redirect_is_not_followed_here():
    one = dialogue()
    one.start()
    with pytest.raises(Redirected) as redirect:
        one.hear(answer(302, [("Location", "rtsp://127.0.0.1/x")]))
    assert redirect.value.url == "rtsp://127.0.0.1/x"
    with pytest.raises(Redirected):
        playing(dialogue()).hear(rtsp.Request("REDIRECT", URL, rtsp.Headers([("Location", "rtsp://other/")])))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"v=0\r\nm=audio 0 RTP/AVP 8\r\n", "no_video"),
        (b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n", "unsupported_codec"),
    ],
)
def test_what_cannot_be_recorded_is_said(body, reason):
    with pytest.raises(SourceFault, match=reason):
        described(dialogue(), body)


def test_udp_where_tcp_was_asked_is_refused():
    one = dialogue()
    described(one)
    with pytest.raises(SourceFault, match="no_tcp"):
        one.hear(answer(fields=[("Transport", "RTP/AVP;unicast;client_port=5000-5001")]))


def test_keepalives_fall_back_to_options_and_notice_a_lost_session():
    one = playing(dialogue())
    assert said(one.keepalive()).method == "GET_PARAMETER"
    one.hear(answer(501))
    assert said(one.keepalive()).method == "OPTIONS"
    with pytest.raises(SourceFault, match="session_lost"):
        one.hear(answer(454))


def test_the_cameras_own_requests_are_answered():
    reply, _ = rtsp.read_response(
        playing(dialogue()).hear(rtsp.Request("OPTIONS", URL, rtsp.Headers([("CSeq", "77")])))
    )
    assert (reply.status, reply.cseq) == (200, "77")


def test_teardown_is_said_only_where_there_is_a_session():
    assert dialogue().teardown() == b""
    assert said(playing(dialogue()).teardown()).method == "TEARDOWN"


def test_a_track_whose_address_adds_a_header_is_refused():
    body = card().sdp().replace(b"a=control:trackID=0", b"a=control:x y")
    with pytest.raises(SourceFault, match="damaged"):
        described(dialogue(), body)
