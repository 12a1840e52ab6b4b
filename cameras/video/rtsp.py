"""RTSP 1.0 messages and their authentication, as pure functions of bytes: no sockets, no clocks.

RFC 2326 for messages, RFC 2617 and RFC 7616 for Basic and Digest. The readers take what real cameras send (bare line
feeds, no reason phrase, folded headers, empty lines between messages) and refuse only what would cost memory.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

MAX_HEAD = 16 * 1024
"""Bytes of start line and headers. Cameras send under 1 KB; what never ends is an attack or not RTSP."""
MAX_BODY = 64 * 1024
"""Bytes of a body. An SDP of a camera is under 4 KB."""
DEFAULT_SESSION_TIMEOUT_S = 60
VERSION = "RTSP/1.0"


class RtspDamaged(ValueError):
    """The peer does not speak RTSP, or sends a message larger than any camera does."""


class Headers:
    """Header fields of a message: names compare without case, a name may stand more than once."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = [(name.lower(), value) for name, value in fields]

    def get(self, name: str, default: str = "") -> str:
        """The first value of ``name``."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self._fields if key == wanted]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __repr__(self) -> str:  # Authorization never reaches a log this way
        return f"Headers({sorted({name for name, _ in self._fields})})"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Headers
    body: bytes = b""

    @property
    def cseq(self) -> str:
        return self.headers.get("cseq")


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    reason: str
    headers: Headers
    body: bytes = b""

    @property
    def cseq(self) -> str:
        return self.headers.get("cseq")

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def redirect(self) -> str:
        """Where a 3xx points, empty otherwise. Never followed here: the address goes through the dial guard."""
        return self.headers.get("location") if 300 <= self.status < 400 else ""


Bytes = bytes | bytearray | memoryview
_BLANK = re.compile(rb"[\r\n]*")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


def _take(data: Bytes, start: int) -> tuple[str, Headers, bytes, int] | None:
    """The message at ``start``: start line, headers, body, offset behind it; None where it is not complete yet."""
    size, limit = len(data), start + MAX_HEAD
    blank = _BLANK.match(data, start, limit)  # searched in place: the buffer may hold thousands of messages
    start = blank.end() if blank else start
    end = _HEAD_END.search(data, start, limit)
    if end is None:
        if size >= limit:
            raise RtspDamaged(f"no end of headers within {MAX_HEAD} bytes")
        return None
    head = bytes(data[start : end.start()]).decode("latin-1")
    lines = _FOLD.sub(" ", head).splitlines()
    pairs = (line.partition(":") for line in lines[1:])
    headers = Headers((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    length = _content_length(headers)
    body_at = end.end()
    if body_at + length > size:
        return None
    return lines[0] if lines else "", headers, bytes(data[body_at : body_at + length]), body_at + length


def _content_length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise RtspDamaged(f"Content-Length is {text[:20]!r}")
    if len(text) > 9 or int(text) > MAX_BODY:
        raise RtspDamaged(f"Content-Length is {text[:20]}, more than {MAX_BODY} bytes")
    return int(text)


def read_response(data: Bytes, start: int = 0) -> tuple[Response, int] | None:
    """Read a response (or a server's own request, see ``read_message``) at ``start`` of a receive buffer.

    Returns the response and the offset behind it, or None where more bytes are needed.
    Raises ``RtspDamaged`` where the bytes are not a response or are larger than a camera sends.
    """
    taken = _take(data, start)
    if taken is None:
        return None
    line, headers, body, end = taken
    return _response(line, headers, body), end


def read_request(data: Bytes, start: int = 0) -> tuple[Request, int] | None:
    """Like ``read_response``, for the server's side."""
    taken = _take(data, start)
    if taken is None:
        return None
    line, headers, body, end = taken
    return _request(line, headers, body), end


def read_message(data: Bytes, start: int = 0) -> tuple[Request | Response, int] | None:
    """Either kind: some cameras send OPTIONS, ANNOUNCE or SET_PARAMETER to their client while they play."""
    taken = _take(data, start)
    if taken is None:
        return None
    line, headers, body, end = taken
    if line.upper().startswith("RTSP/"):
        return _response(line, headers, body), end
    return _request(line, headers, body), end


def _response(line: str, headers: Headers, body: bytes) -> Response:
    match = re.match(r"RTSP/\d\.\d\s+(\d{3})(?:\s+(.*))?$", line.strip(), re.IGNORECASE)
    if match is None:
        raise RtspDamaged(f"not an RTSP response: {line[:40]!r}")
    return Response(int(match[1]), (match[2] or "").strip(), headers, body)


def _request(line: str, headers: Headers, body: bytes) -> Request:
    match = re.match(r"([A-Z_]{3,20})\s+(\S+)\s+RTSP/\d\.\d$", line.strip())
    if match is None:
        raise RtspDamaged(f"not an RTSP request: {line[:40]!r}")
    return Request(match[1], match[2], headers, body)


def _format(line: str, fields: Iterable[tuple[str, str]], body: bytes) -> bytes:
    out = [line]
    for name, value in fields:
        if "\r" in value or "\n" in value:
            raise ValueError(f"a line break in header {name}")  # a value of ours or of the peer must not add headers
        out.append(f"{name}: {value}")
    if body:
        out.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*out, "", ""]).encode("latin-1", "replace") + body


def format_request(
    method: str, url: str, cseq: int, fields: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> bytes:
    """A request on the wire. ``url`` must carry no userinfo. Raises ValueError where a line break would slip in."""
    if re.search(r"[\s\x00-\x1f]", url):
        raise ValueError("white space in an RTSP address")
    return _format(f"{method} {url} {VERSION}", [("CSeq", str(cseq)), *fields], body)


def format_response(
    status: int, reason: str, cseq: str, fields: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> bytes:
    """A response on the wire."""
    return _format(f"{VERSION} {status} {reason}", [("CSeq", cseq), *fields], body)


# --- addresses and header values ------------------------------------------------------------------------------------


def base_url(request_url: str, response: Response) -> str:
    """What relative control addresses of a DESCRIBE answer hang on (RFC 2326, C.1.1).

    Content-Base, then Content-Location, then the address asked; one that is not an RTSP address is passed over.
    """
    for name in ("content-base", "content-location"):
        value = response.headers.get(name)
        if re.match(r"rtsps?://[^\s]+$", value, re.IGNORECASE):
            return value
    return request_url


def control_url(base: str, control: str) -> str:
    """The address for SETUP or PLAY from ``a=control`` (RFC 2326, C.1.1, as cameras mean it).

    Cameras append: ``rtsp://h/live?ch=1`` and ``trackID=0`` mean ``rtsp://h/live?ch=1/trackID=0``, not what RFC 3986
    would make of it. An address that names another host is kept: it goes down the same, checked connection.
    """
    control = control.strip()
    if control in ("", "*"):
        return base
    if re.match(r"rtsps?://", control, re.IGNORECASE):
        return control
    if control.startswith("/"):
        match = re.match(r"(rtsps?://[^/]*)(/[^?]*)?", base, re.IGNORECASE)
        path = (match[2] or "/").rstrip("/") if match else ""
        if match and path and control.startswith(path + "/"):
            return match[1] + control  # the whole path was given
        return base.rstrip("/") + control
    return base + control if base.endswith("/") else f"{base}/{control}"


def session_of(response: Response) -> tuple[str, int]:
    """Session id and timeout in seconds from SETUP's answer; ``("", 60)`` where the camera names none."""
    ident, _, rest = response.headers.get("session").partition(";")
    match = re.search(r"timeout\s*=\s*\"?(\d{1,6})", rest, re.IGNORECASE)
    seconds = int(match[1]) if match else DEFAULT_SESSION_TIMEOUT_S
    return ident.strip(), seconds if seconds > 0 else DEFAULT_SESSION_TIMEOUT_S


def session_of_request(request: Request) -> str:
    """Session id a client names."""
    return request.headers.get("session").partition(";")[0].strip()


def interleaved_of(transport: str, asked: tuple[int, int] = (0, 1)) -> tuple[int, int] | None:
    """RTP and RTCP channel a SETUP answer grants; what was ``asked`` where it says none; None where it is not TCP."""
    match = re.search(r"interleaved\s*=\s*\"?(\d{1,3})(?:\s*-\s*(\d{1,3}))?", transport, re.IGNORECASE)
    if match is None:
        return asked if "TCP" in transport.upper() or not transport else None
    rtp = int(match[1])
    rtcp = int(match[2]) if match[2] else rtp + 1
    return (rtp, rtcp) if rtp < 256 and rtcp < 256 else None


# --- authentication -------------------------------------------------------------------------------------------------

_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "SHA-256": hashlib.sha256,
}
_PARAM = re.compile(r'(?<![A-Za-z0-9_-])([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """One ``WWW-Authenticate`` a camera offers."""

    scheme: str  # "basic" or "digest"
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    stale: bool = False


def params(text: str) -> dict[str, str]:
    """``name=value`` and ``name="value"`` pairs, names in lower case."""
    return {m[1].lower(): re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3] for m in _PARAM.finditer(text)}


def challenges(headers: Headers) -> list[Challenge]:
    """What the camera takes, best first: Digest SHA-256, Digest MD5, Basic. Unknown schemes are left out."""
    found = []
    for value in headers.all("www-authenticate"):
        for scheme, rest in _split_schemes(value):
            got = params(rest)
            if scheme == "basic":
                found.append(Challenge("basic", got.get("realm", "")))
            elif scheme == "digest" and got.get("algorithm", "MD5").upper() in _HASHES:
                found.append(_digest_challenge(got))
    order = {("digest", "SHA-256"): 0, ("digest", "MD5"): 1}
    return sorted(found, key=lambda c: order.get((c.scheme, c.algorithm), 2))


def _split_schemes(value: str) -> list[tuple[str, str]]:
    """Cameras put several challenges into one header, too."""
    marks = list(re.finditer(r"(?:^|,\s*)(basic|digest)\s+(?=[A-Za-z])", value, re.IGNORECASE))
    ends = [*(m.start() for m in marks[1:]), len(value)]
    return [(m[1].lower(), value[m.end() : end]) for m, end in zip(marks, ends, strict=False)]


def _digest_challenge(got: dict[str, str]) -> Challenge:
    return Challenge(
        "digest",
        got.get("realm", ""),
        got.get("nonce", ""),
        got.get("opaque"),
        got.get("algorithm", "MD5").upper(),
        tuple(part.strip().lower() for part in got.get("qop", "").split(",") if part.strip()),
        got.get("stale", "").lower() == "true",
    )


def digest_response(
    *, user: str, realm: str, password: str, method: str, uri: str, nonce: str,
    algorithm: str = "MD5", qop: str = "", nc: str = "", cnonce: str = "",
) -> str:  # fmt: skip
    """The ``response`` of RFC 7616, section 3.4.1 (RFC 2069 where ``qop`` is empty), in hex."""
    digest = _HASHES[algorithm]

    def h(text: str) -> str:
        return digest(text.encode()).hexdigest()

    middle = f":{nc}:{cnonce}:{qop}:" if qop else ":"
    return h(f"{h(f'{user}:{realm}:{password}')}:{nonce}{middle}{h(f'{method}:{uri}')}")


@dataclass(slots=True)
class ClientAuth:
    """The client's half: remembers the camera's challenge and writes an ``Authorization`` for each request.

    ``cnonce`` is given by the caller (random, once per connection), so that this stays a function of its inputs.
    """

    user: str
    password: str = field(repr=False)
    cnonce: str = field(repr=False)
    challenge: Challenge | None = None
    _count: int = 0
    _tries: int = 0

    def challenged(self, response: Response) -> bool:
        """Take the challenge of a 401. False where trying again is pointless: no user, or the answer was refused.

        A camera may change its nonce at any request, so only a second 401 in a row (a third where it says ``stale``)
        means a wrong password.
        """
        offers = challenges(response.headers)
        if not offers or not self.user:
            return False
        self.challenge, self._count = offers[0], 0
        self._tries += 1
        return self._tries <= (2 if offers[0].stale else 1)

    def accepted(self) -> None:
        """To be called at each 2xx: the next 401 is then a new question, not a refusal."""
        self._tries = 0

    def header(self, method: str, url: str) -> list[tuple[str, str]]:
        """``[("Authorization", …)]``, or nothing where the camera has not asked."""
        offer = self.challenge
        if offer is None:
            return []
        self._count += 1
        if offer.scheme == "basic":
            token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return [("Authorization", f"Basic {token}")]
        return [("Authorization", self._digest(offer, method, url))]

    def _digest(self, offer: Challenge, method: str, url: str) -> str:
        qop = "auth" if "auth" in offer.qop else ""
        nc, cnonce = (f"{self._count:08x}", self.cnonce) if qop else ("", "")
        answer = digest_response(
            user=self.user, realm=offer.realm, password=self.password, method=method, uri=url, nonce=offer.nonce,
            algorithm=offer.algorithm, qop=qop, nc=nc, cnonce=cnonce,
        )  # fmt: skip
        quoted = {"username": self.user, "realm": offer.realm, "nonce": offer.nonce, "uri": url, "response": answer}
        if offer.opaque is not None:
            quoted["opaque"] = offer.opaque
        if qop:
            quoted["cnonce"] = cnonce
        parts = [f'{name}="{_quote(value)}"' for name, value in quoted.items()]
        if offer.algorithm != "MD5":  # old cameras fail on an algorithm they did not name
            parts.append(f"algorithm={offer.algorithm}")
        if qop:
            parts += [f"qop={qop}", f"nc={nc}"]
        return "Digest " + ", ".join(parts)


def _quote(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(slots=True)
class ServerAuth:
    """The server's half, for one connection: challenges and checks. ``nonce`` is random and fresh per connection."""

    user: str
    password: str = field(repr=False)
    nonce: str
    realm: str = "Mat Pho"
    schemes: tuple[str, ...] = ("MD5",)
    """Of ``SHA-256``, ``MD5``, ``Basic``; offered in this order."""
    qop: bool = True
    _highest: int = 0

    def challenge(self) -> list[tuple[str, str]]:
        """The ``WWW-Authenticate`` fields of a 401."""
        out = []
        for scheme in self.schemes:
            if scheme == "Basic":
                out.append(("WWW-Authenticate", f'Basic realm="{self.realm}"'))
                continue
            named = "" if scheme == "MD5" else f", algorithm={scheme}"
            asked = ', qop="auth"' if self.qop else ""
            out.append(("WWW-Authenticate", f'Digest realm="{self.realm}", nonce="{self.nonce}"{named}{asked}'))
        return out

    def allows(self, request: Request) -> bool:
        """True where the request proves the password. A used ``nc`` does not prove it twice (RFC 7616, 3.4)."""
        scheme, _, rest = request.headers.get("authorization").partition(" ")
        if scheme.lower() == "basic" and "Basic" in self.schemes:
            want = base64.b64encode(f"{self.user}:{self.password}".encode())
            return hmac.compare_digest(want, rest.strip().encode("latin-1", "replace"))
        return scheme.lower() == "digest" and self._digest_allows(request, params(rest))

    def _digest_allows(self, request: Request, got: dict[str, str]) -> bool:
        algorithm = got.get("algorithm", "MD5").upper()
        qop, nc = got.get("qop", ""), got.get("nc", "")
        if (
            algorithm not in self.schemes
            or algorithm not in _HASHES
            or qop not in ("", "auth")
            or got.get("username") != self.user
            or got.get("nonce") != self.nonce
            or got.get("uri", "").rstrip("/") != request.url.rstrip("/")
        ):
            return False
        if qop and not (re.fullmatch(r"[0-9a-fA-F]{8}", nc) and int(nc, 16) > self._highest):
            return False
        want = digest_response(
            user=self.user, realm=self.realm, password=self.password, method=request.method, uri=got["uri"],
            nonce=self.nonce, algorithm=algorithm, qop=qop, nc=nc, cnonce=got.get("cnonce", ""),
        )  # fmt: skip
        if not hmac.compare_digest(want, got.get("response", "").lower()):
            return False
        if qop:
            self._highest = int(nc, 16)
        return True
