"""A fake platform in a process of its own, and a client for it: for tests that kill the app, and for benches.

async with fake_process("tests.slack.fake", latency=0.02) as slack:
    tokens = await slack.do("setup", users=[{"id": "U1"}], channels=[{"id": "C1", "members": ["U1"]}])
    ... AsyncWebClient(tokens["bot_token"], base_url=slack.api_url) ...
    reply = await slack.do("command", user="U1", channel="C1", text="search video")
    posts = await slack.see("posts", channel="C1")
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[2]


class FakeProcess:
    """Client of the process; `tests.slack.fake.remote` and `tests.discord.fake.__main__` list the requests."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self._session = url, session
        self.api_url = f"{url}/api/"

    async def see(self, name: str, **query: str) -> Any:
        """The answer to a GET request below /_fake/."""
        async with self._session.get(f"{self.url}/_fake/{name}", params=query) as answer:
            return await answer.json()

    async def do(self, name: str, **args: Any) -> Any:
        """The answer to a POST request below /_fake/."""
        async with self._session.post(f"{self.url}/_fake/{name}", json=args) as answer:
            return await answer.json()


@contextlib.contextmanager
def fake_server(module: str, *arguments: str) -> Iterator[str]:
    """Start the process, which is ended by its id; its URL."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the fake did not start"
            yield url
        finally:
            process.terminate()


@contextlib.asynccontextmanager
async def fake_process(module: str, **options: float) -> AsyncIterator[FakeProcess]:
    """Start the process with options of its command line (`latency`, `port`, …)."""
    arguments = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    with fake_server(module, *arguments) as url:
        async with aiohttp.ClientSession() as session:
            yield FakeProcess(url, session)
