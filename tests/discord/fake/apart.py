"""Client of a fake Discord in a process of its own; `__main__` lists its requests."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[3]


class Apart:
    """Requests to the other process."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self._session = url, session

    @property
    def api_url(self) -> str:
        """Value for PAPERBOY_DISCORD_API_URL."""
        return f"{self.url}/api"

    async def see(self, what: str, **query: str) -> Any:
        """Send a GET request."""
        async with self._session.get(f"{self.url}/_fake/{what}", params=query) as answer:
            return await answer.json()

    async def do(self, what: str, **args: Any) -> Any:
        """Send a POST request."""
        async with self._session.post(f"{self.url}/_fake/{what}", json=args) as answer:
            return await answer.json()


@contextlib.asynccontextmanager
async def apart(**options: float) -> AsyncIterator[Apart]:
    """Start the process with options (`latency`, `port`), and end it by its id."""
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.discord.fake", *words, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        assert url, "the fake did not start"
        async with aiohttp.ClientSession() as session:
            yield Apart(url, session)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
