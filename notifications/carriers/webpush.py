"""Web Push: one encrypted POST to the browser's own push service (RFC 8030), signed with our key.

Redirects are not followed, the body of an answer is not read, and a service that dawdles is left after ten seconds in
all. Only a status and ``Retry-After`` count. The address that was checked is the one that is dialled.
"""

import io
import json
import socket
import ssl
import time
from collections.abc import Collection
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, parse_headers

from backend.lib import clock
from notifications.carriers import endpoints
from notifications.carriers.base import Message, Outcome, Result
from notifications.carriers.encryption import encrypt
from notifications.carriers.endpoints import Endpoint, EndpointRefused
from notifications.carriers.vapid import Vapid

CONNECT_S, WHOLE_S = 4.0, 10.0
LONGEST_HEAD = 16 * 1024
LONGEST_WAIT_S = 3600.0
PASSING = frozenset({408, 425, 429})
"""With all of 5xx: the service may take the same message later."""
MOST_ADDRESSES_TRIED = 3


class WebPush:
    def __init__(
        self,
        *,
        vapid: Vapid,
        hosts: Collection[str],
        tls: ssl.SSLContext | None = None,
        whole_s: float = WHOLE_S,
        now: clock.Now = clock.now,
    ) -> None:
        """``hosts``: ``PUSH_HOSTS``. ``tls``: whom to believe, by default this system's authorities."""
        self._vapid, self._hosts, self._whole_s, self._now = vapid, hosts, whole_s, now
        self._tls = tls or ssl.create_default_context()

    def send(self, message: Message) -> Outcome:
        """Encrypt and deliver. What is wrong with the network is ``LATER``, what is wrong with the message is not."""
        try:
            endpoint = endpoints.endpoint_of(message.address["endpoint"], self._hosts)
            body = encrypt(_plain(message), p256dh=message.address["p256dh"], auth=message.address["auth"])
        except EndpointRefused:
            return Outcome(Result.REFUSED, "address")
        except ValueError:
            return Outcome(Result.REFUSED, "keys")
        try:
            request = self._request(endpoint, message, body)
            status, headers = _exchange(endpoint, request, self._tls, self._whole_s)
        except EndpointRefused:  # the name points elsewhere by now
            return Outcome(Result.REFUSED, "address")
        except TimeoutError:
            return Outcome(Result.LATER, "timeout")
        except ssl.SSLError:
            return Outcome(Result.LATER, "tls")
        except (OSError, HTTPException):
            return Outcome(Result.LATER, "network")
        return outcome_of(status, headers.get("retry-after", ""), now=self._now())

    def _request(self, endpoint: Endpoint, message: Message, body: bytes) -> bytes:
        lines = [
            f"POST {endpoint.path} HTTP/1.1",
            f"Host: {endpoint.authority}",
            f"Authorization: {self._vapid.header(endpoint.origin, now=self._now())}",
            f"TTL: {message.ttl_s}",
            f"Urgency: {message.urgency}",
            *([f"Topic: {message.topic}"] if message.topic else []),
            "Content-Type: application/octet-stream",
            "Content-Encoding: aes128gcm",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def outcome_of(status: int, retry_after: str, *, now: datetime) -> Outcome:
    """What a status says (RFC 8030, 5, 7.3 and 8.4). A redirect is refused: no push service needs one."""
    reason = f"http_{status}"
    if 200 <= status < 300:
        return Outcome(Result.SENT)
    if status in (404, 410):
        return Outcome(Result.GONE, reason)
    if status in PASSING or status >= 500:
        return Outcome(Result.LATER, reason, seconds_of(retry_after, now=now))
    return Outcome(Result.REFUSED, reason)


def seconds_of(retry_after: str, *, now: datetime) -> float | None:
    """``Retry-After`` (RFC 9110, 10.2.3), seconds or a date, an hour at the most. None where it says nothing."""
    text = retry_after.strip()
    try:
        wait = float(int(text)) if text.isdecimal() else (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, 0.0), LONGEST_WAIT_S)


def _plain(message: Message) -> bytes:
    return json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()


def _exchange(endpoint: Endpoint, request: bytes, tls: ssl.SSLContext, whole_s: float) -> tuple[int, dict[str, str]]:
    """Send and read the head of the answer. Raises ``OSError``, ``HTTPException``, ``EndpointRefused``."""
    ends = time.monotonic() + whole_s
    with _connect(endpoint, endpoints.addresses_of(endpoint), tls, ends) as line:
        line.settimeout(_left(ends))
        line.sendall(request)
        received = b""
        while True:
            head, found, rest = received.partition(b"\r\n\r\n")
            if found:
                status, headers = _parse(head)
                if status >= 200:
                    return status, headers
                received = rest  # an interim answer (RFC 9110, 15.2)
                continue
            line.settimeout(_left(ends))
            piece = line.recv(4096)
            if not piece or len(received) + len(piece) > LONGEST_HEAD:
                raise HTTPException("no answer that can be read")
            received += piece


def _connect(endpoint: Endpoint, addresses: list[str], tls: ssl.SSLContext, ends: float) -> socket.socket:
    trouble: OSError = OSError("no address")
    for address in addresses[:MOST_ADDRESSES_TRIED]:
        try:
            line = socket.create_connection((address, endpoint.port), min(CONNECT_S, _left(ends)))
        except OSError as error:
            trouble = error
            continue
        if endpoint.scheme == "http":
            return line
        try:
            line.settimeout(_left(ends))
            return tls.wrap_socket(line, server_hostname=endpoint.host)
        except BaseException:
            line.close()
            raise
    raise trouble


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, _line, rest = head.partition(b"\r\n")
    parts = first.split(None, 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit() or len(parts[1]) != 3:
        raise HTTPException("not HTTP")
    headers = parse_headers(io.BytesIO(rest + b"\r\n\r\n"))
    return int(parts[1]), {name.lower(): value for name, value in headers.items()}
