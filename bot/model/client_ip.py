"""Rate-limit keys of clients, from their IP addresses. Pure."""

from __future__ import annotations

import ipaddress

NETWORK_BITS, SITE_BITS = 64, 48
"""Prefix lengths that one IPv6 customer has at least and often has (https://www.rfc-editor.org/rfc/rfc6177)."""


def rate_limit_key(host: str, bits: int = NETWORK_BITS) -> str:
    """Rate-limit key of an IP address; IPv6 is cut to /64 or `bits`, and text that is no address stays as it is."""
    try:
        address = ipaddress.ip_network(host).network_address if "/" in host else ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), bits), strict=False))
    return host
