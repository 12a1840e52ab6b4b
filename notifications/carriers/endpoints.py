"""Which addresses of push services we may be made to call. A browser names the address, so it is a way to make the
server talk to what stands behind it.

Allowed are ``https`` addresses on port 443 of the hosts that ``PUSH_HOSTS`` names; when sending, every address of the
name must be a public one, and the one that passed is dialled. An entry ``host:port`` of ``PUSH_HOSTS`` passes exactly
that, whatever it is, and on loopback also without TLS: for a service of the operator's own, and for tests.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from cameras.ingest.guard import look_up, refusal
from cameras.ingest.interfaces import own_addresses

LONGEST = 1000
MOST_ADDRESSES = 16

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[\x21-\x7e]*)",
    re.IGNORECASE | re.ASCII,  # else "ſ" is an "s", and "K" (the Kelvin sign) a "k"
)


class EndpointRefused(BadInput):
    """A push service we do not send to (400)."""

    code, title = "push_endpoint", "That push service is not one we send to"

    def __init__(self) -> None:
        why = _("That push service is not one we send to.")
        super().__init__(why, fields={"endpoint": [why]})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address taken apart and allowed; nothing has been looked up."""

    scheme: str
    host: str
    """Lower case, IPv6 without brackets."""
    port: int
    path: str
    """Path and query."""
    listed: bool
    """``PUSH_HOSTS`` names this very host and port."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """As RFC 6454 writes it: the audience of the signature."""
        return f"{self.scheme}://{self.authority}"


def endpoint_of(url: str, hosts: Collection[str]) -> Endpoint:
    """Take ``url`` apart. ``hosts``: names, ``.suffixes``, exact ``host:port`` entries. Raises ``EndpointRefused``."""
    match = _URL.fullmatch(url) if len(url) <= LONGEST else None
    if match is None or "#" in url or "\\" in url:  # no user, no fragment, no white space, nothing beyond ASCII
        raise EndpointRefused()
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"] or {"https": 443, "http": 80}[scheme])
    entries = {entry.lower() for entry in hosts}
    listed = f"{host}:{port}" in entries
    plain = host.strip("[]")
    if listed:
        allowed = scheme == "https" or _is_loopback(plain)
    else:
        allowed = scheme == "https" and port == 443 and _is_named(host, entries)
    if not allowed:
        raise EndpointRefused()
    return Endpoint(scheme, plain, port, match["path"], listed)


def addresses_of(endpoint: Endpoint) -> list[str]:
    """The IP addresses to dial, in the resolver's order. Blocks for the look-up; called before every message, for a
    name may point elsewhere by then. Raises ``OSError`` where the name has none, ``EndpointRefused`` where one of them
    is not public."""
    found = [str(ipaddress.ip_address(text)) for text in look_up(endpoint.host, endpoint.port)[:MOST_ADDRESSES]]
    if not endpoint.listed:
        own = own_addresses()
        if any(refusal(ipaddress.ip_address(text), own, private=False) for text in found):
            raise EndpointRefused()
    return found


def _is_named(host: str, entries: Collection[str]) -> bool:
    return host in entries or any(entry.startswith(".") and host.endswith(entry) for entry in entries)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
