"""Connections to public addresses alone."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial

import httpcore
import pytest

from bot.errors import SourceError
from bot.sources import public_network
from bot.sources.feeds import LIMITS, MentionFeeds
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.proxies import PROXIES
from bot.sources.public_network import PublicNetwork, is_public, public_transport
from tests.email.server import certificate
from tests.fakes.http_server import Answer, Loopback
from tests.harness.recordings import recorded

NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "192.168.0.9",
    "::1",
    "fd00::1",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fec0::1",
    "ff0e::1",
    "224.0.0.1",
    "100.64.0.1",
    "0.0.0.0",
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


@pytest.fixture
async def secure(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    """A server with a certificate of an authority that is trusted."""
    trusted, key = certificate()
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(trusted, key)
    async with Loopback(tls) as server:
        yield server


async def test_feeds_come_over_tls_from_the_address_that_was_checked(
    secure: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on the internet: the name has several addresses, the first of which has no route."""
    checked: list[str] = []

    def is_public(address: str) -> bool:
        checked.append(address)
        return True

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    monkeypatch.setattr(public_network, "is_public", is_public)
    monkeypatch.setattr(public_network, "_resolved", resolve)
    secure.on("/feed", Answer(200, recorded("feed_rss.xml")))
    url = secure.url.replace("127.0.0.1", "localhost") + "/feed"
    async with HttpClient("test", limits=LIMITS, transport=partial(public_transport, "feeds")) as http:
        findings = await MentionFeeds(http, [url]).fetch(NOW, NOW)
    assert len(findings.signals) == 2
    assert checked == ["127.0.0.2", "127.0.0.1"]
    assert secure.requests[0].headers["host"].startswith("localhost:")


async def test_a_certificate_of_another_name_is_refused(secure: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(public_network, "is_public", bool)
    monkeypatch.setattr(public_network, "_resolved", resolve)
    url = secure.url.replace("127.0.0.1", "feeds.example.org") + "/feed"
    async with HttpClient("test", limits=LIMITS, transport=partial(public_transport, "feeds")) as http:
        with pytest.raises(SourceError, match=r"no connection to feeds\.example\.org"):
            await MentionFeeds(http, [url]).fetch(NOW, NOW)
    assert secure.requests == []


def test_behind_a_proxy_the_proxy_resolves_and_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert public_transport("feeds") is None


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_addresses_of_the_internet_are_public_also_those_behind_a_gateway(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_that_no_feed_goes_through_leaves_the_check_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds are read over https, for which such a proxy is not asked."""
    for each in PROXIES:
        monkeypatch.delenv(each, raising=False)
        monkeypatch.delenv(each.lower(), raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert public_transport("feeds") is not None
