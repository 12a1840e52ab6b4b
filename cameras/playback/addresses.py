"""Client addresses as a view session counts them: two at the most."""

import ipaddress


def normal(address: str) -> str:
    """One spelling per place on the network: IPv4 as it is, IPv6 by its /64 (a phone changes the rest at will)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
