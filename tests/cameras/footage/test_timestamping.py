"""Asking a real authority on loopback for a time stamp, and one that is down, slow, endless, or says something else."""

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from backend import run
from backend.lib.config import Config
from cameras.evidence.sealing import NoToken
from cameras.evidence.timestamp import token_of
from cameras.footage import timestamping
from cameras.footage.timestamping import LONGEST, WAITS_S, authority_of_settings
from tests.cameras.evidence.authority import AuthorityServer, LocalAuthority, local_authority
from tests.servers import free_port

SIGNATURE = b"\x05" * 64
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[AuthorityServer]:
    one = AuthorityServer(local_authority())
    yield one
    one.stop()


@pytest.fixture
def ask(settings: Any, server: AuthorityServer) -> Callable[..., tuple[bytes | str, list[float]]]:
    """Asks, by the settings given; the token, or why there is none, and the waits before each try."""

    def asked(*, whole_s: float = 5.0, **changes: str) -> tuple[bytes | str, list[float]]:
        settings.CONFIG = replace(settings.CONFIG, **{"TSA_URL": server.url} | changes)
        waits: list[float] = []
        authority = authority_of_settings(lambda: None, sleep=waits.append, whole_s=whole_s)
        assert authority and authority.name == "127.0.0.1"
        try:
            return authority.stamped(SIGNATURE), waits
        except NoToken as none:
            return none.reason, waits

    return asked


def request_of(data: bytes) -> bytes:
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def test_nobody_is_asked_where_no_authority_is_named(settings: Any) -> None:
    assert settings.CONFIG.TSA_URL == "" and authority_of_settings(lambda: None) is None


def test_it_gives_a_token_over_the_signature(ask: Any, server: AuthorityServer) -> None:
    raw, waits = ask(TSA_CA_FILE=str(local_authority().root_file))
    assert token_of(raw, SIGNATURE).subject == "C=VN, CN=Cơ quan cấp dấu thời gian" and waits == [0.0]


def test_what_leaves_is_a_hash_and_a_random_number(ask: Any, server: AuthorityServer) -> None:
    ask()
    ask()
    (path, headers, first), (_path, _headers, second) = server.asked
    digest = sha256(SIGNATURE).digest()
    assert path == "/tsr" and len(first) < 80 and first != second
    assert digest in first and digest in second and SIGNATURE[:8] not in first
    assert sorted(headers) == ["Accept", "Connection", "Content-Length", "Content-Type", "Host"]
    assert headers["Content-Type"] == "application/timestamp-query"


def test_an_answer_by_another_root_is_not_taken(ask: Any) -> None:
    other = LocalAuthority()
    assert ask(TSA_CA_FILE=str(other.root_file)) == ("wrong_answer", list(WAITS_S))


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_what_cannot_be_verified_is_not_asked_for(
    ask: Any, server: AuthorityServer, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "root.pem"
    if content:
        path.write_bytes(content)
    assert ask(TSA_CA_FILE=str(path)) == ("not_set_up", []) and server.asked == []


def test_down_it_is_tried_a_few_times(ask: Any) -> None:
    assert ask(TSA_URL=f"http://127.0.0.1:{free_port()}/") == ("no_answer", list(WAITS_S))


def test_up_again_in_time_it_is_taken(ask: Any, server: AuthorityServer) -> None:
    server.answers = lambda body, _handler: (
        (503, b"") if len(server.asked) < 3 else (200, local_authority().reply(body))
    )
    raw, waits = ask()
    assert token_of(raw, SIGNATURE).at and waits == list(WAITS_S)


@pytest.mark.parametrize("status", [301, 302, 307, 401, 404])
def test_a_refusal_and_a_redirect_end_it_at_once(ask: Any, server: AuthorityServer, status: int) -> None:
    elsewhere = AuthorityServer(local_authority())

    def redirect(_body: bytes, handler: Any) -> None:
        handler.send_response(status)
        handler.send_header("Location", elsewhere.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answers = redirect
    assert ask() == ("refused", [0.0]) and len(server.asked) == 1 and elsewhere.asked == []
    elsewhere.stop()


def test_a_refusal_of_the_authority_itself_is_one(ask: Any, server: AuthorityServer) -> None:
    """It does not know SHA-1 (RFC 3161, 2.4.2: ``badAlg``), and says so by a well-formed answer."""
    query = bytes.fromhex("302602010130213009 06052b0e03021a0500 0414") + bytes(20)
    refusal = local_authority().reply(query)
    assert refusal.startswith(b"\x30") and b"\x02\x01\x02" in refusal[:10]
    server.answers = lambda _body, _handler: (200, refusal)
    assert ask() == ("refused", [0.0])


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _body: b"",
    "a page": lambda _body: b"<html>Sign in to this network first</html>",
    "half of it": lambda body: local_authority().reply(body)[:700],
    "another hash": lambda body: local_authority().reply(body.replace(sha256(SIGNATURE).digest(), bytes(32))),
    "another nonce": lambda _body: local_authority().reply(request_of(SIGNATURE)),
    "no certificate": lambda body: local_authority().reply(body.replace(b"\x01\x01\xff", b"\x01\x01\x00")),
    "another signature": lambda body: local_authority().reply(body)[:-3] + b"\1\2\3",
}


@pytest.mark.parametrize("which", ANSWERS)
def test_an_answer_to_something_else_is_not_taken(ask: Any, server: AuthorityServer, which: str) -> None:
    server.answers = lambda body, _handler: (200, ANSWERS[which](body))
    assert ask() == ("wrong_answer", list(WAITS_S))


def dripping(handler: Any, head: bytes) -> None:
    handler.wfile.write(head)
    for _byte in range(100):
        time.sleep(0.05)
        handler.wfile.write(b"x")


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"]
)
def test_byte_by_byte_it_is_left_after_the_whole_time(ask: Any, server: AuthorityServer, head: bytes) -> None:
    """Each read for itself would have been quick enough."""

    def answer(_body: bytes, handler: Any) -> None:
        with pytest.raises(OSError):  # until we hang up
            dripping(handler, head)

    server.answers = answer
    begun = time.monotonic()
    assert ask(whole_s=0.3) == ("no_answer", list(WAITS_S))
    assert time.monotonic() - begun < 3


def test_of_an_endless_answer_no_more_is_read_than_shows_it(ask: Any, server: AuthorityServer) -> None:
    written = [0]

    def answer(_body: bytes, handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with pytest.raises(OSError):
            while written[0] < 1 << 30:
                written[0] += handler.wfile.write(bytes(LONGEST))

    server.answers = answer
    assert ask() == ("wrong_answer", list(WAITS_S))
    assert written[0] < 64 << 20  # what the sockets between hold, of a gigabyte


def test_whoever_lost_the_job_meanwhile_asks_no_more(server: AuthorityServer, settings: Any) -> None:
    settings.CONFIG = replace(settings.CONFIG, TSA_URL=server.url)

    def lost() -> None:
        raise LookupError

    authority = authority_of_settings(lost, sleep=lambda _wait: None)
    with pytest.raises(LookupError):
        authority.stamped(SIGNATURE)
    assert server.asked == []


def test_over_tls_the_server_must_be_who_it_says(
    ask: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - DAY, now + DAY)
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
    own = made.add_extension(x509.BasicConstraints(True, None), critical=True).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "tls.pem").write_bytes(own.public_bytes(Encoding.PEM) + private)
    (tmp_path / "none.pem").write_bytes(b"")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "tls.pem")
    server = AuthorityServer(local_authority(), tls)
    assert ask(TSA_URL=server.url)[0] == "no_answer" and server.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.pem"))
    assert token_of(ask(TSA_URL=server.url)[0], SIGNATURE).at
    server.stop()


def test_it_is_over_within_a_minute_whatever_it_does() -> None:
    assert sum(WAITS_S) + len(WAITS_S) * timestamping.WHOLE_S < 60


@pytest.mark.parametrize(
    "url",
    ["https://tsa.example.vn", "https://tsa.example.vn:8443/tsr?policy=1", "http://127.0.0.1:3161/", "http://[::1]/"],
)
def test_tls_or_this_machine_is_an_address(url: str) -> None:
    assert Config(TSA_URL=url).tsa.geturl() == url


@pytest.mark.parametrize(
    "url",
    ["http://tsa.example.vn/tsr", "ftp://127.0.0.1/", "tsa.example.vn", "https://", "https://a:b@tsa.example.vn/",
     "https://tsa.example.vn/#x", "https://tsa.example.vn/ tsr", "https://tsa.example.vn:port/", "https://mốc.vn/"],
)  # fmt: skip
def test_anything_else_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="is not like"):
        assert Config(TSA_URL=url).tsa


def test_what_is_none_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATA_DIR", tmp_path), ("PORT", free_port()), ("TSA_URL", "http://tsa.example.vn/")):
        monkeypatch.setenv(name, str(value))
    assert run.main() == 1
    assert capsys.readouterr().err == "TSA_URL=http://tsa.example.vn/ is not like https://tsa.example.vn/tsr\n"
