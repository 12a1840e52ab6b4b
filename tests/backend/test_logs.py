"""What must never reach a log."""

import logging

import pytest

from backend.lib.logs import RedactingFormatter, redact

SECRETS = [
    ("mp_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6", "Bearer {}"),
    ("AZpB3kQ0cXaTq1s0m1l2a3x4y5z6w7v8u9", "GET /hls/{}/live.m3u8 HTTP/1.1"),
    ("mat:khau@o-duong/pho", "rtsp://{}@192.168.1.20:554/stream1"),
    ("BCDF-GHJK", "tried HG7-{} again"),
    ("bcdf-ghjk", "tried hg7-{} again"),
    ("BCDF GHJK", "tried HG7 {} again"),
    ("bcdfghjk", "tried hg7{} again"),
    ("BCDFGHJK", "tried HG7-{}."),
    ("BCDF – GHJK", "tried HG7 – {} again"),
    ("mpq_Zm9vYmFyYmF6cXV4Zm9vYg", "bad code {}"),
    ("mpq_Zm9vYmFyYmF6cXV4Zm9vYg", "/join#{}"),
    ("AZpB3kQ0cXaTq1s0m1l2a3x4y5z6w7v8u9", "Not Found: /HLS/{}/live.m3u8"),
    ("AZpB3kQ0cXaTq1s0m1l2a3x4y5z6w7v8u9", "http://127.0.0.1:8080/setup#{}"),
    ("inep3ev0JNASF9jf3-Z8ID9Vi5jnplHAJLvLFw8VIOo", "https://mat.pho/invite#{}"),
    ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "otpauth://totp/binh?secret={}&issuer=x"),
    ("hunter2hunter2", "{{'password': '{}', 'x': 1}}"),
    ("hunter2hunter2", "password={}&user=a"),
    ("dXNlcjpwYXNz", "Authorization: Basic {}"),
    ("8f3c1e", 'Authorization: Digest username="a", realm="b", response="{}"'),
]


@pytest.mark.parametrize(("secret", "line"), SECRETS)
def test_it_redacts(secret: str, line: str) -> None:
    written = redact(line.format(secret))
    assert secret not in written
    assert "<" in written


def test_it_leaves_plain_words_alone() -> None:
    for line in (
        "slice 0198f3a2-1111-7000-8000-000000000000 closed after 60.1 s, 9034512 bytes, camera Cổng chợ",
        "GET /api/v1/cameras/ HTTP/1.1 200, Camera thử ở ngõ 12, /static/pages/js/watch.js",
        "camera HG7-12: RTSP over TCP, avc1.64001f, tổ dân phố 7, Trần Thị Bình",
        f"root {'0123456789abcdef' * 4}",
    ):
        assert redact(line) == line


def test_a_traceback_is_redacted_too() -> None:
    formatter = RedactingFormatter("%(message)s")
    try:
        raise OSError("cannot dial rtsp://admin:bimat@10.0.0.9/live")
    except OSError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "dial %s", ("failed",), (type(error), error, None))
    assert "bimat" not in formatter.format(record)
