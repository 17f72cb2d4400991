"""/mcp on a real server on loopback, with the sample week behind it, and the SDK's own client.

async with running_mcp(tmp_path) as site, site.client() as client:
    answer = await called(client, "search_papers", query="video")
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from adapters.mcp.front import McpFront
from bot.handlers.personal_tokens import PersonalTokens
from bot.model import Caller
from tests.harness.desk import ADA
from tests.harness.engine import Backend, running_backend
from tests.web.harness import UNLIMITED_RATE, running_server

TOKEN = "the-operators-token"
HEADERS = {"Accept": "application/json, text/event-stream"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@dataclass
class Site:
    """The server, and who comes to it."""

    url: str
    backend: Backend

    @contextlib.asynccontextmanager
    async def client(self, token: str | None = TOKEN, mode: str = "auto") -> AsyncIterator[Client]:
        """The SDK's client, of the newest protocol or by the older handshake (`legacy`)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
            transport = streamable_http_client(f"{self.url}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                yield client

    async def post(self, token: str | None = TOKEN, *, method: str = "POST", body: Any = LIST, **headers: str):
        """The answer to a bare request."""
        own = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(timeout=30) as http:
            return await http.request(method, f"{self.url}/mcp", json=body, headers={**HEADERS, **own, **headers})

    async def token(self, caller: Caller = ADA) -> str:
        """A new token of a person."""
        access = self.backend.desk.personal
        assert isinstance(access, PersonalTokens)
        return (await access.new_token(caller))[0]


@contextlib.asynccontextmanager
async def running_mcp(
    folder: Path,
    *others: Any,
    token: str | None = TOKEN,
    public_url: str | None = None,
    rate: int = UNLIMITED_RATE,
    ready: bool = True,
    outlets: Mapping[str, Any] = MappingProxyType({}),
) -> AsyncIterator[Site]:
    """/mcp beside other fronts, as a process serves them."""
    front = McpFront(public_url, token, rate=rate)
    with running_backend(folder, outlets) as backend:
        async with running_server(front, *others) as url:
            serving = [asyncio.create_task(each.serve(backend.desk)) for each in (front, *others) if ready]
            await asyncio.sleep(0)
            yield Site(url, backend)
            for each in serving:
                each.cancel()
            await asyncio.gather(*serving, return_exceptions=True)


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured answer of a tool, which the text repeats."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert isinstance(answer.structured_content, dict)
    return answer.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """The one line of a tool's error."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    [content] = answer.content
    assert content.type == "text"
    assert "\n" not in content.text
    return content.text
