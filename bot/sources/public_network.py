"""Connections to public addresses alone, for addresses that come from outside."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

from bot.errors import SourceError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host."""
GLOBAL_UNICAST, NAT64 = IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")
"""What IANA gives out of IPv6, and where gateways reach IPv4 (RFC 6052)."""


def public_transport(source: str) -> httpx.AsyncHTTPTransport | None:
    """A transport that connects to public addresses alone; None where a proxy of https resolves and connects."""
    if any(os.environ.get(name) or os.environ.get(name.lower()) for name in ("ALL_PROXY", "HTTPS_PROXY")):
        return None
    transport = httpx.AsyncHTTPTransport()
    # httpx has no argument for it: https://www.encode.io/httpcore/network-backends/
    transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001 - see above
        ssl_context=httpx.create_ssl_context(), network_backend=PublicNetwork(source)
    )
    return transport


class PublicNetwork(httpcore.AnyIOBackend):
    """Network of public addresses: a name is resolved once, and the connection goes to the address that was checked.

    So it holds after a redirect, and when DNS answers something else a moment later.
    """

    def __init__(self, source: str, resolve: Resolve | None = None) -> None:
        self._source, self._resolve = source, resolve or _resolved

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """A connection. Raises SourceError if one of the host's addresses is not public."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        if not all(map(is_public, addresses)):
            raise SourceError(self._source, f"{host} is not at a public address")
        fault: httpcore.ConnectError | None = None
        for address in addresses:
            try:
                return await super().connect_tcp(address, port, *args, **options)
            except httpcore.ConnectError as error:  # an IPv6 address without a route
                fault = error
        raise fault or httpcore.ConnectError(f"{host} has no address")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not of a machine, a network at home or a cloud's own."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped or ip in NAT64:
            return is_public(str(IPv4Address(int(ip) & 0xFFFF_FFFF)))
        if ip not in GLOBAL_UNICAST or ip.sixtofour:
            return False
    return ip.is_global and not ip.is_multicast


async def _resolved(host: str, port: int) -> list[str]:
    addresses = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in addresses]
