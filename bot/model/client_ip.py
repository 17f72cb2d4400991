"""Addresses of clients, proxies and hosts: read, compared with lists, made into rate-limit keys. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

NETWORK_BITS, SITE_BITS = 64, 48
"""Prefix lengths that one IPv6 customer has at least and often has (https://www.rfc-editor.org/rfc/rfc6177)."""


def read_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Address in a text; an IPv4 address in the form of IPv6 (`::ffff:192.0.2.1`) as IPv4. Raises ValueError."""
    address = ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether an IP address is one of this machine; never for text that is no address."""
    try:
        return read_address(host).is_loopback
    except ValueError:
        return False


def is_this_machine(host: str) -> bool:
    """Whether the host of a URL is this machine: a loopback address, or the name that means one."""
    return host == "localhost" or is_loopback(host)


def keeps_secrets(url: str) -> bool:
    """Whether a URL keeps what is sent to it secret: it is encrypted, or leads to this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))


def is_listed(host: str, networks: Iterable[str]) -> bool:
    """Whether an IP address is among addresses and networks; never for text that is no address."""
    try:
        address = read_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(each, strict=False) for each in networks)


def rate_limit_key(host: str, bits: int = NETWORK_BITS) -> str:
    """Rate-limit key of an IP address; IPv6 is cut to /64 or `bits`, and text that is no address stays as it is."""
    try:
        address = ipaddress.ip_network(host).network_address if "/" in host else ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), bits), strict=False))
    return host
