"""Who may come in at /mcp, and from where."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.mcp import connect, examine
from adapters.web import WebFront
from bot.app import platforms
from bot.errors import SettingsError, UnavailableStoreError, UserError
from bot.settings import Settings
from tests.harness.command_line import filled, paperboy
from tests.harness.desk import OMNI
from tests.harness.engine import eventually
from tests.mcp.harness import HEADERS, LIST, TOKEN, called, running_mcp
from tests.web.harness import UNLIMITED_RATE

SITE = "https://papers.example.org"


async def test_it_answers_beside_the_site_and_numbers_count_it(tmp_path: Path) -> None:
    async with running_mcp(tmp_path, WebFront(rate=UNLIMITED_RATE)) as site, site.client() as client:
        assert (await called(client, "get_paper", paper=OMNI))["paper"]["id"] == OMNI
        assert (await site.post(method="GET")).status_code == 405
        monitor = site.backend.desk.monitor
        assert monitor is not None
        assert 'page="mcp"' in (await monitor.numbers())[0].decode()


@pytest.mark.parametrize(
    ("token", "status"), [(TOKEN, 200), (None, 401), ("another", 401), ("paperboy_x.y", 401), ("tökén", 401)]
)
async def test_only_its_token_opens_it(tmp_path: Path, token: str | None, status: int) -> None:
    async with running_mcp(tmp_path) as site:
        headers = {"Authorization": f"Bearer {token}".encode("latin-1").decode("latin-1")} if token else {}
        answer = (
            await site.post(None, **headers) if token != "tökén" else await site.post(None, Authorization="Bearer t%")
        )
        assert answer.status_code == status
        if status == 401:
            assert answer.headers["www-authenticate"] == 'Bearer realm="paperboy"'
            assert "/papers mcp token" in answer.json()["error"]["message"]


async def test_without_a_token_of_its_own_it_is_open_and_a_wrong_one_is_still_refused(tmp_path: Path) -> None:
    async with running_mcp(tmp_path, token=None) as site:
        assert (await site.post(None)).status_code == 200
        assert (await site.post("wrong")).status_code == 401


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8000", None, 200),
        ("localhost:1", "http://localhost:3000", 200),
        ("papers.example.org", SITE, 200),
        ("papers.example.org:443", None, 421),
        ("evil.example", None, 421),
        ("127.0.0.1.evil.example", None, 421),
        ("papers.example.org", "https://evil.example", 403),
        ("127.0.0.1:8000", "http://127.0.0.1.evil.example", 403),
        ("127.0.0.1:8000", "null", 403),
    ],
)
async def test_host_and_origin_are_ours(tmp_path: Path, host: str, origin: str | None, status: int) -> None:
    async with running_mcp(tmp_path, public_url=SITE) as site:
        headers = {"Host": host} | ({"Origin": origin} if origin else {})
        assert (await site.post(**headers)).status_code == status


async def test_requests_are_bounded_in_number_and_size(tmp_path: Path) -> None:
    async with running_mcp(tmp_path, rate=3) as site:
        assert [(await site.post("wrong")).status_code for _ in range(4)] == [401, 401, 401, 429], "guesses too"
        refused = await site.post()
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    async with running_mcp(tmp_path) as site:
        assert (await site.post(body={**LIST, "params": {"x": "y" * 70_000}})).status_code == 413


async def test_before_the_engine_runs_and_without_its_database_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_mcp(tmp_path, ready=False) as site:
        assert (await site.post()).status_code == 503
    async with running_mcp(tmp_path) as site:

        async def away(_: str) -> None:
            raise UnavailableStoreError("db.internal refuses")

        monkeypatch.setattr(site.backend.desk.personal, "holder", away)
        answer = await site.post("paperboy_x.y")
        assert answer.status_code == 503
        assert "db.internal" not in answer.text


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_a_client_that_leaves_half_way_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    async with running_mcp(tmp_path) as site:

        async def is_counted() -> bool:
            monitor = site.backend.desk.monitor
            assert monitor is not None
            return 'page="mcp"' in (await monitor.numbers())[0].decode()

        host, port = site.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        headers = {"Host": f"{host}:{port}", "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        headers |= {**HEADERS, "MCP-Protocol-Version": version, "Content-Length": "500"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"POST /mcp HTTP/1.1\r\n{head}\r\n{{".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await eventually(is_counted, expected=True)
        assert (await site.post()).status_code == 200
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


@pytest.mark.parametrize("body", [[], "x", 7, {"jsonrpc": "2.0"}, [LIST, LIST], {**LIST, "method": "tools/burn"}])
async def test_nonsense_is_refused_and_the_next_request_is_answered(tmp_path: Path, body: object) -> None:
    async with running_mcp(tmp_path) as site:
        for version in ({}, {"MCP-Protocol-Version": "2026-07-28"}, {"MCP-Protocol-Version": "1999-01-01"}):
            answer = await site.post(body=body, **version)
            assert answer.status_code < 500
            assert "error" in answer.text or answer.status_code >= 400
        assert (await site.post()).status_code == 200


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, None),
        ({"mcp": True}, "http://127.0.0.1:8000/mcp"),
        ({"mcp": True, "host": "::1", "PAPERBOY_PORT": 9000}, "http://[::1]:9000/mcp"),
        ({"mcp": True, "public_url": SITE}, f"{SITE}/mcp"),
    ],
)
def test_people_are_told_where_it_is(settings: dict, url: str | None) -> None:
    assert platforms.mcp_url(Settings(**settings)) == url


async def test_it_is_off_unless_set() -> None:
    assert connect(Settings(), None) is None
    assert await examine(Settings(), None, ()) == []
    assert "mcp" not in platforms.POSTED_TO


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"host": "0.0.0.0"}, "PAPERBOY_MCP_TOKEN"),
        ({"public_url": SITE}, "PAPERBOY_MCP_TOKEN"),
        ({"host": "0.0.0.0", "mcp_token": SecretStr(TOKEN)}, "PAPERBOY_PUBLIC_URL"),
    ],
)
async def test_it_is_never_open_to_others_by_mistake(settings: dict, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        connect(Settings(mcp=True, **settings), None)
    [check] = await examine(Settings(mcp=True, **settings), None, ())
    assert check.fault
    assert fault in check.remedy


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"host": "localhost"},
        {"host": "::1"},
        {"public_url": "http://localhost:8000"},
        {"host": "0.0.0.0", "public_url": SITE, "mcp_token": SecretStr(TOKEN)},
    ],
)
async def test_it_is_set_up_where_it_is_safe(settings: dict) -> None:
    pair = connect(Settings(mcp=True, **settings), None)
    assert pair is not None
    assert pair[1].name == "mcp"
    [check] = await examine(Settings(mcp=True, **settings), None, ())
    assert not check.fault


def test_without_the_sdk_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    filled()
    for name in [name for name in sys.modules if name.split(".")[0] == "mcp" or name.startswith("adapters.mcp.")]:
        if name != "adapters.mcp.connect":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(UserError, match=r"pip install '\.\[mcp\]'"):
        connect(Settings(mcp=True), None)
    result = paperboy("mcp")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "pip install '.[mcp]'" in result.stderr
