"""What a call of an AI assistant's tool takes beyond the search itself, over HTTP with the SDK's own client."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle
from pathlib import Path

from mcp import Client

from adapters.mcp.front import McpFront
from tests.bench.figures import Row, Times, percentile, seconds, timed
from tests.bench.scale import Scale
from tests.harness.engine import running_backend
from tests.web.harness import UNLIMITED_RATE, running_server

QUERIES = ("video diffusion", "language models", "agents", '"reinforcement learning"', "cat:cs.CL reasoning", "robots")


def measure(scale: Scale) -> Iterator[Row]:
    """The same searches in turn: by the library alone, and as calls."""
    logging.getLogger().addHandler(logging.NullHandler())  # else the SDK prints each call in colour
    yield from asyncio.run(_measured(20 * scale.runs))


async def _measured(calls: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, running_backend(Path(folder), {}) as backend:
        front, library = McpFront(None, None, rate=UNLIMITED_RATE), backend.desk.library
        assert library is not None
        async with running_server(front) as url:
            serving = asyncio.create_task(front.serve(backend.desk))
            await asyncio.sleep(0)
            async with Client(f"{url}/mcp") as client:
                alone, called = await _in_turn(
                    calls,
                    lambda query: library.search(query, limit=10),
                    lambda query: client.call_tool("search_papers", {"query": query, "limit": 10}),
                )
            serving.cancel()
    middle = f"median {seconds(alone.median)}, p95 {seconds(percentile(alone, 0.95))}"
    figure = f"median {seconds(called.median)}, p95 {seconds(percentile(called, 0.95))}"
    beyond = seconds(called.median - alone.median)
    return [Row("mcp", "search_papers over HTTP, ten papers", figure, "50 ms beyond", middle, f"{beyond} beyond")]


async def _in_turn(calls: int, *ways: Callable[[str], Awaitable[object]]) -> list[Times]:
    """Seconds of each way, taken in turn; the first round is left out."""
    times = [Times() for _ in ways]
    for number, query in zip(range(calls + 1), cycle(QUERIES), strict=False):
        for way, into in zip(ways, times, strict=True):
            with timed(into if number else []):
                await way(query)
    return times
