"""The dial guard: which addresses this server may be made to call, and the one IP address it then dials.

A camera's address is typed by a person and may change behind a name, so it is a way to make the server talk to itself,
to its neighbours or to a cloud's metadata service. The rules (``docs/adr``, "the dial guard"):

- only ``rtsp`` and ``rtsps``, in a strict form: printable ASCII, one host, one port, no options;
- ports 554, 8554 and the configured ones;
- never this host (loopback or an address of any interface), link-local, multicast, unspecified, reserved, or metadata;
- never IPv4 inside IPv6: a camera's IPv4 address is written plainly, and who translates the other forms, and to what,
  differs from network to network;
- private and public addresses are allowed: cameras stand in the LAN, or behind a home's forwarded port;
- an exact ``host:port`` of the allow list passes whatever it is;
- a name is resolved once, here; *every* address it has must pass; the first is dialled, and never looked up again.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from cameras.ingest.interfaces import IPAddress, own_addresses

PORTS = frozenset({554, 8554})
DEFAULT_PORT = {"rtsp": 554, "rtsps": 322}
MAX_URL = 500
MAX_ADDRESSES = 16

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses; raises OSError where there are none."""

_URL = re.compile(
    r"(?P<scheme>rtsps?)://(?:(?P<user>[^/?#]*)@)?(?P<host>\[[^\]/?#@]*\]|[^:/?#@\[\]]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>[/?][^#]*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)

_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; Linux connects to itself
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "192.0.0.0/24",  # protocol assignments, and a metadata service
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",
        "240.0.0.0/4",  # reserved, and the limited broadcast
        "100.100.100.200/32",  # a cloud's metadata service
        "168.63.129.16/32",  # another's
        "::/96",  # unspecified, loopback, and the dead IPv4-compatible form (RFC 4291, 2.5.5.1)
        "100::/64",  # discard
        "2001::/32",  # Teredo: an IPv4 address in disguise
        "2002::/16",  # 6to4: likewise
        "64:ff9b:1::/48",  # NAT64 of a local network: where the IPv4 part stands is not fixed
        "fe80::/10",
        "fec0::/10",  # site-local, withdrawn
        "ff00::/8",
        "fd00:ec2::/32",  # metadata over IPv6
        "fd20:ce::/32",
    )
)
_IPV4_LAST = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291, 2.5.5.2)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
    )
)
_ISATAP, _ISATAP_MASK = 0x0000_5EFE, 0xFCFF_FFFF
"""The first half of an interface id whose second is an IPv4 address (RFC 5214, 6.1); the u and g bits may be set."""


class AddressRefused(BadInput):
    """The address must not be dialled (400). ``reason`` is stable and names no address."""

    code, title = "camera_address", "That camera address is not allowed"

    def __init__(self, reason: str) -> None:
        super().__init__(_detail(reason), fields={"url": [_detail(reason)]})
        self.reason = reason


def _detail(reason: str) -> str:
    """What a person reads; a function, because the language is that of the request."""
    return {
        "scheme": _("Only rtsp:// and rtsps:// addresses are cameras."),
        "form": _("The address has characters or parts that a camera's address cannot have."),
        "host": _("The host must be a name or a plain IP address, such as 192.168.1.20."),
        "port": _("Cameras are reached on ports 554 and 8554; ask the operator to allow another."),
        "unresolved": _("That name has no address."),
        "this_server": _("That address is this server itself."),
        "private": _("That address is inside a private network: only the leader may enter such an address."),
        "forbidden": _("That address is not one a camera can have."),
    }[reason]


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart; nothing has been looked up."""

    scheme: str
    host: str
    """Lower case, without brackets and final dot."""
    port: int
    path: str
    """Path and query, at least ``/``."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """``host:port``, as the allow list writes it (IPv6 in brackets)."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address without user and password."""
        return f"{self.scheme}://{self.authority}{self.path}"


@dataclass(frozen=True, slots=True)
class Dial:
    """Checked: connect to ``ip`` and ``port`` and to nothing else."""

    ip: str
    port: int
    host: str
    path: str


def split(url: str) -> Target:
    """Take a camera's address apart. Raises ``AddressRefused`` with reason scheme, form, host or port."""
    if not re.match(r"rtsps?://", url, re.IGNORECASE):
        raise AddressRefused("scheme")
    if len(url) > MAX_URL or not re.fullmatch(r"[\x21-\x7e]+", url):
        raise AddressRefused("form")  # white space, line breaks, control characters, anything beyond ASCII
    match = _URL.fullmatch(url)
    if match is None:
        raise AddressRefused("form")
    scheme = match["scheme"].lower()
    user, password = _userinfo(match["user"] or "")
    port = int(match["port"]) if match["port"] else DEFAULT_PORT[scheme]
    if not 0 < port < 65536:
        raise AddressRefused("port")
    path = match["path"] or "/"
    return Target(scheme, _host(match["host"]), port, path if path[0] == "/" else "/" + path, user, password)


def _userinfo(text: str) -> tuple[str, str]:
    user, _colon, password = text.partition(":")
    plain = unquote(user), unquote(password)
    if any(ord(char) < 32 or ord(char) == 127 for part in plain for char in part):
        raise AddressRefused("form")
    return plain


def _host(text: str) -> str:
    if text.startswith("["):
        return str(_ipv6(text[1:-1]))
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("host")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        # Ends in a number, so it is meant as IPv4. Only four plain decimal parts are: resolvers also take 2130706433,
        # 0x7f.1 and 0177.0.0.1, and what they read is not what a person sees.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise AddressRefused("host") from error
    return host


def _ipv6(text: str) -> ipaddress.IPv6Address:
    try:
        if "%" in text:  # a zone is only of use for link-local
            raise ValueError
        return ipaddress.IPv6Address(text)
    except ValueError as error:
        raise AddressRefused("host") from error


def check_target(target: Target, *, allow: Collection[str], ports: Collection[int]) -> bool:
    """The rules that need no look-up. True where the target stands on the allow list and nothing more is asked."""
    if target.authority in {entry.strip().lower() for entry in allow}:
        return True
    if target.port not in PORTS and target.port not in ports:
        raise AddressRefused("port")
    return False


def refusal(address: IPAddress, own: Collection[IPAddress], *, private: bool = True) -> str:
    """Why this address must not be dialled, empty where it may. IPv4 inside IPv6 never is; what it hides says why."""
    hidden = _hidden_ipv4(address)
    if hidden is not None:
        return refusal(hidden, own, private=private) or "forbidden"
    if address.is_loopback or address.is_unspecified or address in own:
        return "this_server"
    if any(address.version == network.version and address in network for network in _REFUSED_NETWORKS):
        return "forbidden"
    if not private and not address.is_global:
        return "private"
    return ""


def _hidden_ipv4(address: IPAddress) -> ipaddress.IPv4Address | None:
    """The IPv4 address in the last four bytes of an IPv6 address of a form that has one there."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    isatap = int(address) >> 32 & _ISATAP_MASK == _ISATAP
    if not isatap and not any(address in network for network in _IPV4_LAST):
        return None
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def check(
    url: str,
    *,
    allow: Collection[str] = (),
    ports: Collection[int] = (),
    resolve: Resolve | None = None,
    own: Callable[[], Collection[IPAddress]] = own_addresses,
    private: bool = True,
) -> Dial:
    """Decide about ``url`` and look its host up. Blocks for the look-up.

    ``allow`` are exact ``host:port`` pairs, ``ports`` come on top of 554 and 8554, ``private`` says whether the actor
    may name private addresses. Raises ``AddressRefused``; its ``reason`` is scheme, form, host, port, unresolved,
    this_server, private or forbidden.
    """
    target = split(url)
    allowed = check_target(target, allow=allow, ports=ports)
    addresses = _addresses(target, resolve or look_up)
    if not allowed:
        mine = own()
        for address in addresses:
            if reason := refusal(address, mine, private=private):
                raise AddressRefused(reason)
    return Dial(str(addresses[0]), target.port, target.host, target.path)


def _addresses(target: Target, resolve: Resolve) -> list[IPAddress]:
    try:
        return [ipaddress.ip_address(target.host)]
    except ValueError:
        pass
    try:
        found = [ipaddress.ip_address(text) for text in resolve(target.host, target.port)]
    except (OSError, ValueError, UnicodeError) as error:  # ValueError: an answer with a zone, hence link-local
        raise AddressRefused("unresolved") from error
    if not 0 < len(found) <= MAX_ADDRESSES:
        raise AddressRefused("unresolved")
    return found


def look_up(host: str, port: int) -> list[str]:
    """The system's resolver, IPv4 and IPv6, in its order."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
