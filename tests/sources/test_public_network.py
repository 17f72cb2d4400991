"""Connections to public addresses alone."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from functools import partial

import httpcore
import pytest

from bot.errors import SourceError
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.public_network import PublicNetwork, public_transport
from tests.fakes.http_server import Answer, Loopback

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "192.168.0.9",
    "::1",
    "fd00::1",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_of_a_private_address_is_not_connected_to(address: str) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", address]

    with pytest.raises(SourceError, match=r"feeds: feeds\.example\.org is not at a public address"):
        await PublicNetwork("feeds", resolve).connect_tcp("feeds.example.org", 443)


async def test_the_connection_is_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers something else a moment later changes nothing: the name is resolved once."""
    connected: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34"]

    async def connect(self: object, host: str, port: int, **options: object) -> httpcore.AsyncNetworkStream:
        connected.append(host)
        return httpcore.AsyncMockStream([])

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    await PublicNetwork("feeds", resolve).connect_tcp("feeds.example.org", 443)
    assert connected == ["93.184.216.34"]


async def test_a_name_that_does_not_exist_is_no_connection() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(httpcore.ConnectError):
        await PublicNetwork("feeds", resolve).connect_tcp("feeds.example.org", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_client_with_it_sends_nothing_inside(host: str, server: Loopback) -> None:
    server.on("/feed", Answer(200, b"secret"))
    limits = HttpLimits(timeout=5, attempts=1)
    async with HttpClient("test", limits=limits, transport=partial(public_transport, "feeds")) as http:
        with pytest.raises(SourceError, match=f"feeds: {host} is not at a public address"):
            await http.get("feeds", server.url.replace("127.0.0.1", host) + "/feed")
    assert server.requests == []


def test_behind_a_proxy_the_proxy_resolves_and_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert public_transport("feeds") is None
