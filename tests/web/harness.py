"""The site on a real server on loopback, with the sample week behind it, and a reader with a real HTTP client.

async with running_site(tmp_path) as reader:
    page = await reader.get("/")
    assert page.heading == "Trending papers · Fri 24 Oct"
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import html5lib
import httpx

from adapters.web import WebFront
from adapters.web.share_card import share_card
from bot.app import http_server
from bot.sources.pictures import encoded
from tests.harness.desk import NOW
from tests.harness.engine import Backend, running_backend

UNLIMITED_RATE = 1_000_000
"""Requests a minute, where a test is not about limits."""


@dataclass
class Page:
    """A response, and its text as a reader sees it."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @cached_property
    def tree(self):
        """The parsed document. Raises html5lib's ParseError where it is not valid HTML."""
        return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(self.answer.text)

    def all(self, path: str) -> list[str]:
        """The texts of all elements at an ElementTree path, white space joined."""
        return [" ".join("".join(element.itertext()).split()) for element in self.tree.findall(path)]

    @property
    def heading(self) -> str:
        [heading] = self.all(".//h1")
        return heading

    @property
    def titles(self) -> list[str]:
        return self.all(".//article/h2")

    def links(self) -> list[str]:
        return [element.attrib["href"] for element in self.tree.iter("a")]

    @property
    def text(self) -> str:
        return " ".join("".join(self.tree.itertext()).split())


class Pictures:
    """Pictures of all stored papers but those that are missing: their share cards, as none can be fetched here."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.missing: dict[str, str] = {}

    async def picture(self, paper_id: str) -> bytes | None:
        papers = await self._backend.store.papers.get([paper_id])
        if paper_id in self.missing or paper_id not in papers:
            return None
        trends = await self._backend.engine.trends(papers.values(), NOW)
        return await asyncio.to_thread(lambda: encoded(share_card(trends[paper_id])))

    def category(self, paper_id: str) -> str:
        return self.missing.get(paper_id, "")


@dataclass
class Reader:
    """A reader whose HTTP client follows nothing by itself."""

    client: httpx.AsyncClient
    backend: Backend
    web: WebFront
    url: str

    async def get(self, path: str, **headers: str) -> Page:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return Page(await self.client.get(path, headers=fields))


@contextlib.asynccontextmanager
async def running_site(
    folder: Path, *, web: WebFront | None = None, proxies: tuple[str, ...] = (), fronts: tuple = (), ready: bool = True
) -> AsyncIterator[Reader]:
    """The site beside other fronts, as a process serves them."""
    web = web or WebFront(rate=UNLIMITED_RATE)
    with running_backend(folder, {}) as backend:
        backend.desk.pictures = Pictures(backend)
        async with (
            running_server(web, *fronts, proxies=proxies) as url,
            httpx.AsyncClient(base_url=url, timeout=30) as client,
        ):
            serving = asyncio.create_task(web.serve(backend.desk)) if ready else None
            await asyncio.sleep(0)
            yield Reader(client, backend, web, url)
            if serving:
                serving.cancel()


@contextlib.asynccontextmanager
async def running_server(*fronts, proxies: tuple[str, ...] = ()) -> AsyncIterator[str]:
    """URL of Paperboy's own HTTP server with these fronts."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    task = asyncio.create_task(http_server.serve(fronts, "127.0.0.1", port, proxies=proxies))
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=8), timeout=30) as client:
        await client.get(f"{url}/healthz")
    try:
        yield url
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
