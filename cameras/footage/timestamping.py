"""Time stamps of packages from the authority that ``TSA_URL`` names (RFC 3161): one POST, its answer checked.

What leaves is the SHA-256 of a signature, and a random number. Redirects are not followed, an answer has a size and a
time in which it must be there as a whole. Where nothing comes of it the package is made without (``NoToken``).
"""

import io
import logging
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.parse import SplitResult

from cryptography.x509 import Certificate, load_pem_x509_certificates
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from cameras.evidence.sealing import NOT_SET_UP, Authority, NoToken
from cameras.evidence.timestamp import Unfit, token_of

log = logging.getLogger(__name__)

WAITS_S = (0.0, 2.0, 5.0)
"""Before each try. An officer waits for this, so it is over within a minute, whatever the authority does."""
CONNECT_S, WHOLE_S = 4.0, 10.0
LONGEST = 64 * 1024
"""Bytes of an answer; with its certificates one has some 3 to 8 KB."""
GRANTED = 0
NO_ANSWER, REFUSED, WRONG_ANSWER = "no_answer", "refused", "wrong_answer"
PASSING = frozenset({408, 425, 429})
"""With all of 5xx: asked again in a few seconds."""

Sleep = Callable[[float], None]


def authority_of_settings(
    alive: Callable[[], None], *, sleep: Sleep = time.sleep, whole_s: float = WHOLE_S
) -> Authority | None:
    """Whom the settings name, or None. ``alive`` is called before each try, and may raise to stop it. ``whole_s``:
    seconds for one answer. Raises ``ValueError`` for a ``TSA_URL`` that may not be."""
    url = settings.CONFIG.tsa
    if url is None:
        return None
    return Authority(str(url.hostname), partial(_stamped, url, alive, sleep, whole_s))


def _stamped(url: SplitResult, alive: Callable[[], None], sleep: Sleep, whole_s: float, signature: bytes) -> bytes:
    roots = _roots(settings.CONFIG.TSA_CA_FILE)
    trouble = NoToken(NO_ANSWER)
    for wait in WAITS_S:
        sleep(wait)
        alive()
        try:
            return _once(url, roots, whole_s, signature)
        except NoToken as error:
            trouble = error
            log.warning("no time stamp from %s: %s (%s)", url.hostname, error.reason, error.__cause__ or "")
        if trouble.reason == REFUSED:
            break
    raise trouble


def _roots(path: str) -> list[Certificate]:
    """Raises ``NoToken``: what was to be verified is not accepted unverified."""
    if not path:
        return []
    try:
        return load_pem_x509_certificates(Path(path).expanduser().read_bytes())
    except (OSError, ValueError) as error:
        log.error("TSA_CA_FILE %s: %s", path, error)
        raise NoToken(NOT_SET_UP) from None


def _once(url: SplitResult, roots: Sequence[Certificate], whole_s: float, signature: bytes) -> bytes:
    """Ask once. Raises ``NoToken``."""
    builder = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    try:
        status, raw = _exchange(url, request.as_bytes(), whole_s)
    except (OSError, HTTPException) as error:
        raise NoToken(NO_ANSWER) from error
    if status in PASSING or status >= 500:
        raise NoToken(NO_ANSWER)
    if status != 200:  # a redirect, too
        raise NoToken(REFUSED)
    if len(raw) > LONGEST:
        raise NoToken(WRONG_ANSWER)
    try:
        _check(decode_timestamp_response(raw), request, roots, signature)
        token_of(raw, signature)  # what the package's own verifier will say of it
    except (ValueError, VerificationError, Unfit) as error:
        raise NoToken(WRONG_ANSWER) from error
    return raw


def _check(
    response: TimeStampResponse, request: TimeStampRequest, roots: Sequence[Certificate], signature: bytes
) -> None:
    """That it grants what was asked (RFC 3161, 2.4.2). Raises ``NoToken``, ``ValueError``, ``VerificationError``."""
    if response.status != GRANTED:
        raise NoToken(REFUSED)
    if response.tst_info.nonce != request.nonce:
        raise ValueError("another nonce")
    if roots:
        verifier = VerifierBuilder(roots=list(roots), nonce=request.nonce).build()
        verifier.verify_message(response, signature)


class _Timed(io.RawIOBase):
    """What comes by a socket until a moment, however slowly: each read waits for what is left of the whole time."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line, self._ends = line, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._line.settimeout(_left(self._ends))
        return self._line.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)


def _exchange(url: SplitResult, body: bytes, whole_s: float) -> tuple[int, bytes]:
    """Status and body, of which no more is read than shows that it is too long (3.4 for the types).

    Raises ``OSError``, ``HTTPException``.
    """
    ends = time.monotonic() + whole_s
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {url.netloc}",
        "Content-Type: application/timestamp-query",
        "Accept: application/timestamp-reply",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    with _connected(url, ends) as line:
        line.settimeout(_left(ends))
        line.sendall("\r\n".join([*head, "", ""]).encode("ascii") + body)
        answer = HTTPResponse(cast(socket.socket, _Timed(line, ends)), method="POST")
        answer.begin()
        return answer.status, answer.read(LONGEST + 1)


def _connected(url: SplitResult, ends: float) -> socket.socket:
    port = url.port or {"https": 443, "http": 80}[url.scheme]
    line = socket.create_connection((str(url.hostname), port), min(CONNECT_S, _left(ends)))
    if url.scheme == "http":
        return line
    try:
        line.settimeout(_left(ends))
        return ssl.create_default_context().wrap_socket(line, server_hostname=url.hostname)
    except BaseException:
        line.close()
        raise


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
