"""Proxies and certificates of the environment: what can't be used is one line with its variable and the remedy."""

from __future__ import annotations

import pytest

from bot.errors import SourceError
from bot.sources.http_client import HttpClient
from bot.sources.proxies import UnusableProxyError, check_proxies, new_client


def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTPS_PROXY", "http_proxy"])
@pytest.mark.parametrize(
    "proxy",
    [
        "socks4://me:hunter2@127.0.0.1:1",
        "ftp://me:hunter2@x:9",
        "http://me:hunter2@x:port",
        "http://me:hunter2@x:65536",
        "http://me:hunter2@[bad",
        "http://hunter2@",
        "hunter2 x:1",
    ],
)
async def test_a_proxy_that_cannot_be_used_is_one_line_with_its_variable_once_a_request_is_made(
    monkeypatch: pytest.MonkeyPatch, proxy: str, variable: str
) -> None:
    _without_proxies(monkeypatch)
    monkeypatch.setenv(variable, proxy)
    async with HttpClient("Paperboy") as client:
        with pytest.raises(SourceError) as caught:
            await client.get("test", "https://papers.example/a")
    remedy = "write a proxy like http://proxy:3128 or socks5://proxy:1080, or unset it"
    assert caught.value.reason == f"{variable} is no proxy that a connection can be made with; {remedy}"


@pytest.mark.parametrize(
    "proxy", ["", "x:3128", "http://[::1]:3128", "HTTPS://me:pw@x", "socks5h://10.0.0.1:65535", "http://bücher.example"]
)
def test_a_proxy_that_can_be_used_is_no_fault(proxy: str) -> None:
    check_proxies({"ALL_PROXY": proxy, "HTTP_PROXY": "http://[bad", "http_proxy": "x:1"})  # small letters come first


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("NO_PROXY", "http://x:y", "write hosts like localhost,.example.org, or unset it"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem", "name certificates that can be read, or unset it"),
    ],
)
def test_another_variable_that_no_client_can_be_made_with_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, remedy: str
) -> None:
    _without_proxies(monkeypatch)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv(variable, value)
    with pytest.raises(UnusableProxyError, match=rf"^no connection can be made as {variable} says \(\w+\); {remedy}$"):
        new_client()
