"""RTSP messages, addresses and authentication, as cameras write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.video import rtsp
from cameras.video.rtsp import ClientAuth, Headers, Request, Response, RtspDamaged, ServerAuth

OK = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"


def read(data: bytes | memoryview, start: int = 0, reader=rtsp.read_response):
    """A message that is complete."""
    taken = reader(data, start)
    assert taken is not None
    return taken


def response(status=401, **fields):
    return Response(status, "", Headers([(k.replace("_", "-"), v) for k, v in fields.items()]))


def test_it_reads_a_response_with_its_body_and_says_where_the_next_begins():
    message, end = read(b"\r\n" + OK + b"$\x00")
    assert (message.status, message.reason, message.cseq, message.body) == (200, "OK", "2", b"v=0\r\n")
    assert end == len(OK) + 2


@pytest.mark.parametrize("cut", range(len(OK)))
def test_it_waits_for_the_rest_of_a_message(cut):
    assert rtsp.read_response(OK[:cut]) is None


def test_it_takes_bare_line_feeds_folded_headers_and_no_reason():
    message, _ = read(b'RTSP/1.0 200\nCSEQ:7\nWWW-Authenticate: Digest realm="x",\n  nonce="y"\n\n')
    assert message.cseq == "7"
    assert message.headers.get("www-authenticate") == 'Digest realm="x", nonce="y"'


def test_it_reads_from_the_middle_of_a_receive_buffer():
    message, end = read(memoryview(b"####" + OK), 4, reader=rtsp.read_message)
    assert isinstance(message, Response) and end == 4 + len(OK)


def test_it_tells_a_cameras_own_request_from_a_response():
    message, _ = read(b"SET_PARAMETER rtsp://h/ RTSP/1.0\r\nCSeq: 9\r\n\r\n", reader=rtsp.read_message)
    assert isinstance(message, Request) and message.method == "SET_PARAMETER"


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"RTSP/1.0 abc\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 70000\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: " + b"a" * rtsp.MAX_HEAD,
        b"\n" * rtsp.MAX_HEAD,
    ],
)
def test_it_refuses_what_is_not_rtsp_or_too_large(garbage):
    with pytest.raises(RtspDamaged):
        rtsp.read_response(garbage)


QUICK_S = 0.2
"""Of processor time, for the largest message there can be: what a camera says must not hold the others up."""


@pytest.mark.parametrize(
    "offer",
    [b"Digest " + b"a" * 16_000, b"a " * 8_000, b'Digest a="' + b"\\" * 16_000, b'Digest a="a', b", basic " * 2_000],
    ids=["one word", "words", "backslashes", "no end", "schemes"],
)
def test_a_challenge_made_to_be_slow_is_read_quickly(offer):
    message, _ = read(b"RTSP/1.0 401 No\r\nWWW-Authenticate: " + offer + b"\r\n\r\n")
    began = time.thread_time()
    rtsp.challenges(message.headers)
    assert time.thread_time() - began < QUICK_S


@given(st.binary(max_size=400))
def test_any_bytes_are_read_awaited_or_refused(data):
    try:
        taken = rtsp.read_message(data)
    except RtspDamaged:
        return
    assert taken is None or 0 < taken[1] <= len(data)


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40))
def test_what_is_formatted_reads_back(value):
    message, _ = read(
        rtsp.format_request("PLAY", "rtsp://h/x", 3, [("X-Note", value)], b"body"), reader=rtsp.read_request
    )
    assert (message.method, message.url, message.cseq, message.body) == ("PLAY", "rtsp://h/x", "3", b"body")


@pytest.mark.parametrize("url", ["rtsp://h/a b", "rtsp://h/\r\nX: y", "rtsp://h/\x00"])
def test_an_address_cannot_add_headers(url):
    with pytest.raises(ValueError, match="white space"):
        rtsp.format_request("OPTIONS", url, 1)


def test_a_header_value_cannot_add_headers():
    with pytest.raises(ValueError, match="line break"):
        rtsp.format_request("OPTIONS", "rtsp://h/", 1, [("Session", "1\r\nX: y")])


@pytest.mark.parametrize(
    ("base", "control", "expected"),
    [
        ("rtsp://h/live/", "trackID=0", "rtsp://h/live/trackID=0"),
        ("rtsp://h/live", "trackID=0", "rtsp://h/live/trackID=0"),
        ("rtsp://h/live", "", "rtsp://h/live"),
        ("rtsp://h/live", "*", "rtsp://h/live"),
        ("rtsp://h/live", "rtsp://10.0.0.9/live/track1", "rtsp://10.0.0.9/live/track1"),
        ("rtsp://h/cam?ch=1&sub=0", "trackID=0", "rtsp://h/cam?ch=1&sub=0/trackID=0"),
        ("rtsp://h:554/live/", "/live/track1", "rtsp://h:554/live/track1"),
        ("rtsp://h:554/live", "/track1", "rtsp://h:554/live/track1"),
        ("rtsp://h", "track1", "rtsp://h/track1"),
        ("rtsp://h/live", "?track=1", "rtsp://h/live/?track=1"),
    ],
)
def test_control_addresses(base, control, expected):
    assert rtsp.control_url(base, control) == expected


def test_content_base_wins_where_it_is_an_rtsp_address():
    assert rtsp.base_url("rtsp://h/a", response(200, content_base="rtsp://h/b/")) == "rtsp://h/b/"
    assert rtsp.base_url("rtsp://h/a", response(200, content_base="/b/")) == "rtsp://h/a"
    assert rtsp.base_url("rtsp://h/a", response(200)) == "rtsp://h/a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("47112344;timeout=30", ("47112344", 30)),
        ("abc ; timeout = 90", ("abc", 90)),
        ("abc", ("abc", 60)),
        ("abc;timeout=0", ("abc", 60)),
        ("", ("", 60)),
    ],
)
def test_session(value, expected):
    assert rtsp.session_of(response(200, session=value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1", (2, 3)),
        ("RTP/AVP/TCP;unicast;interleaved=4", (4, 5)),
        ("RTP/AVP/TCP;unicast", (0, 1)),
        ("RTP/AVP;unicast;client_port=1-2", None),
        ("RTP/AVP/TCP;interleaved=900-901", None),
    ],
)
def test_interleaved_channels(value, expected):
    assert rtsp.interleaved_of(value) == expected


def test_digest_matches_rfc_2617_and_rfc_7616():
    old = rtsp.digest_response(
        user="Mufasa", realm="testrealm@host.com", password="Circle Of Life", method="GET", uri="/dir/index.html",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth", nc="00000001", cnonce="0a4f113b",
    )  # fmt: skip
    assert old == "6629fae49393a05397450978507c4ef1"
    new = {
        algorithm: rtsp.digest_response(
            user="Mufasa",
            realm="http-auth@example.org",
            password="Circle of Life",
            method="GET",
            uri="/dir/index.html",
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            algorithm=algorithm,
            qop="auth",
            nc="00000001",
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        )
        for algorithm in ("MD5", "SHA-256")
    }
    assert new == {
        "MD5": "8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    }


def test_the_strongest_offer_comes_first_even_from_one_header():
    offers = rtsp.challenges(
        Headers(
            [
                (
                    "WWW-Authenticate",
                    'Basic realm="cam", Digest realm="cam", nonce="n", stale=TRUE, qop="auth,auth-int"',
                ),
                ("WWW-Authenticate", 'Digest realm="cam", nonce="n", algorithm=SHA-256'),
                ("WWW-Authenticate", "Negotiate"),
                ("WWW-Authenticate", 'Digest realm="cam", nonce="n", algorithm=SHA-512-256'),
            ]
        )
    )
    assert [(o.scheme, o.algorithm) for o in offers] == [("digest", "SHA-256"), ("digest", "MD5"), ("basic", "MD5")]
    assert offers[1].stale and offers[1].qop == ("auth", "auth-int")


def dialogue(server, client, method="DESCRIBE", url="rtsp://h/x"):
    """One request as the two halves see it: the fields sent, and whether they were let in."""
    fields = client.header(method, url)
    request, _ = read(rtsp.format_request(method, url, 1, fields), reader=rtsp.read_request)
    return server.allows(request)


def refusal(server):
    message, _ = read(rtsp.format_response(401, "Unauthorized", "1", server.challenge()))
    return message


@pytest.mark.parametrize("schemes", [("MD5",), ("SHA-256",), ("SHA-256", "MD5", "Basic"), ("Basic",)])
@pytest.mark.parametrize("qop", [True, False])
@pytest.mark.parametrize(("user", "password"), [("admin", "mật khẩu"), ('a"b\\c', "p:w")])
def test_client_and_server_agree(schemes, qop, user, password):
    server = ServerAuth(user, password, nonce="n1", schemes=schemes, qop=qop)
    client = ClientAuth(user, password, cnonce="c1")
    assert not dialogue(server, client)
    assert client.challenged(refusal(server))
    assert dialogue(server, client)
    client.accepted()
    assert dialogue(server, client, "SETUP", "rtsp://h/x/trackID=0")


@pytest.mark.parametrize("scheme", ["MD5", "SHA-256", "Basic"])
def test_a_wrong_password_is_refused_and_not_tried_again(scheme):
    server, client = ServerAuth("u", "right", nonce="n", schemes=(scheme,)), ClientAuth("u", "wrong", cnonce="c")
    assert client.challenged(refusal(server))
    assert not dialogue(server, client)
    assert not client.challenged(refusal(server))


def test_a_new_nonce_in_the_middle_is_answered():
    client = ClientAuth("u", "p", cnonce="c")
    for nonce in ("n1", "n2", "n3"):
        server = ServerAuth("u", "p", nonce=nonce)
        assert client.challenged(refusal(server)) and dialogue(server, client)
        client.accepted()


def test_without_a_user_there_is_no_second_try():
    assert not ClientAuth("", "", cnonce="c").challenged(refusal(ServerAuth("u", "p", nonce="n")))


def test_an_answer_does_not_open_twice_nor_elsewhere():
    server, client = ServerAuth("u", "p", nonce="n"), ClientAuth("u", "p", cnonce="c")
    client.challenged(refusal(server))
    fields = client.header("PLAY", "rtsp://h/x")
    request = Request("PLAY", "rtsp://h/x", Headers(fields))
    assert not server.allows(Request("PLAY", "rtsp://h/other", Headers(fields)))
    assert not server.allows(Request("TEARDOWN", "rtsp://h/x", Headers(fields)))
    assert server.allows(request)
    assert not server.allows(request)


def test_secrets_stay_out_of_reprs():
    client = ClientAuth("u", "hunter2", cnonce="c")
    client.challenge = rtsp.Challenge("basic")
    assert "hunter2" not in repr(client) + repr(ServerAuth("u", "hunter2", nonce="n"))
    assert "dTpodW50ZXIy" not in repr(Headers(client.header("PLAY", "rtsp://h")))
