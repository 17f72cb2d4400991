"""Visitors of the pages in a soak: they sign up, change preferences, download a file and search, whatever happens.

A visitor whose request is cut by a kill does not know what became of it: both outcomes are right, until a page tells.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

PAUSE = 0.05
"""Seconds between two requests of a visitor, and between two tries to connect."""
SIGN_UP_PAUSE = 8.0
"""Seconds until the next one subscribes: letters leave one at a time."""
PATIENCE = 60.0
"""Seconds in which a page is there after a restart."""
STARTING = 503
"""Status of a page until the engine runs."""
MUTES = re.compile(r'<textarea[^>]*name="mutes"[^>]*>\n([^<]*)<')
PAGES = ("/", "/search?q=study", "/feed.atom", "/subscribe", "/healthz")


@dataclass
class Visitors:
    """What visitors asked for, and what they were answered."""

    base: str
    preferences: str = ""
    """Path of one reader's preferences page."""
    download: str = ""
    """Path of a file."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Answers by status; those that a kill cut are `cut`."""
    restarts: Counter[str] = field(default_factory=Counter)
    """Answers after the last restart of a day, by status."""
    answered: set[str] = field(default_factory=set)
    """Addresses that were told to look for a letter."""
    asked: set[str] = field(default_factory=set)
    """Addresses that asked for a letter, answered or not."""
    mutes: set[str] = field(default_factory=lambda: {""})
    """What the preferences page may show."""
    changes: int = 0
    changes_lost: int = 0
    file: str = ""
    """The download as it was first."""
    files: int = 0
    files_wrong: int = 0
    requests: int = 0
    is_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the process that runs has answered."""

    def __post_init__(self) -> None:
        no_connection_is_kept = httpx.Limits(max_keepalive_connections=0)
        self._browser = httpx.AsyncClient(base_url=self.base, timeout=30, limits=no_connection_is_kept, verify=False)

    @asynccontextmanager
    async def visiting(self) -> AsyncIterator[None]:
        """Visitors while a process lives."""
        self.is_up.clear()
        tasks = [asyncio.create_task(each()) for each in (self._sign_up, self._change, self._download, self._read)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def answer(self, path: str, data: dict[str, str] | None = None) -> httpx.Response | None:
        """Answer to a request; None if it was cut."""
        self.requests += 1
        headers = {"X-Forwarded-For": f"198.51.{self.requests // 250 % 250}.{self.requests % 250 + 1}"}
        try:
            response = await self._browser.request("GET" if data is None else "POST", path, data=data, headers=headers)
        except httpx.ConnectError:
            return None
        except httpx.TransportError:
            self.statuses["cut"] += 1
            return None
        self.is_up.set()
        if response.status_code != STARTING:
            self.statuses[str(response.status_code)] += 1
        return response

    async def _sign_up(self) -> None:
        while True:
            address = f"visitor{len(self.asked)}@example.net"
            self.asked.add(address)
            response = await self.answer("/subscribe", {"address": address})
            if response is None or response.status_code == STARTING:
                await asyncio.sleep(PAUSE)
                continue
            if response.status_code == 200:
                self.answered.add(address)
            await asyncio.sleep(SIGN_UP_PAUSE)

    async def _change(self) -> None:
        while self.preferences:
            await asyncio.sleep(PAUSE)
            shown = await self.answer(self.preferences)
            if shown is None or shown.status_code != 200:
                continue
            self._compare(shown.text)
            new = f"mute{self.changes}"
            self.changes += 1
            self.mutes.add(new)
            response = await self.answer(self.preferences, {"mutes": new})
            if response is not None and response.status_code == 200:
                self.mutes = {new}

    def _compare(self, page: str) -> None:
        match = MUTES.search(page)
        assert match, page
        self.changes_lost += match[1] not in self.mutes
        self.mutes = {match[1]}

    async def _download(self) -> None:
        while self.download:
            response = await self.answer(self.download)
            if response is not None and response.status_code == 200:
                self.file = self.file or response.text
                self.files += 1
                self.files_wrong += response.text != self.file
            await asyncio.sleep(PAUSE)

    async def _read(self) -> None:
        while True:
            for page in PAGES:
                await self.answer(page)
                await asyncio.sleep(PAUSE)

    async def opened(self, page: str, data: dict[str, str] | None = None) -> httpx.Response:
        """Answer of a page after a restart; waits until there is one."""
        async with asyncio.timeout(PATIENCE):
            while True:
                response = await self.answer(page, data)
                if response is not None and response.status_code != STARTING:
                    return response
                await asyncio.sleep(PAUSE)
