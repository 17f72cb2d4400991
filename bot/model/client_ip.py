"""Whom a limit counts: an address, of IPv6 its network. Pure."""

from __future__ import annotations

import ipaddress

NETWORK_BITS = 64
"""What one IPv6 customer has at least (https://www.rfc-editor.org/rfc/rfc6177)."""


def client(host: str) -> str:
    """The address, or the network of an IPv6 one; what is no address stays as it is."""
    try:
        at = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(at), NETWORK_BITS), strict=False))
    return host
