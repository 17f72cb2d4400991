"""Pages and searches a second on one core, beside a bare Starlette page of the same size on the same uvicorn."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote_plus

from bot import embeddings
from bot.app import collect
from bot.query.alternatives import left_out
from bot.store.sqlite import SqliteStore
from tests.bench.figures import Row, percentile, seconds
from tests.bench.papers import papers
from tests.bench.scale import Scale
from tests.bench.store import build, stored_id

ROOT = Path(__file__).parents[2]
AT_ONCE = 8
"""Readers, each on a connection of its own."""
DIFFERENT = 4_000
"""Queries and papers asked for, more than are read, so that no answer is remembered from the one before."""
REPEATED = 200
"""Queries that are asked for again and again; as many pages are read before those that count."""
TIMEOUT = 20.0


class Answers(NamedTuple):
    """Seconds of each answer, and of all."""

    times: list[float]
    seconds: float


def measure(scale: Scale) -> Iterator[Row]:
    """Build the store once, then every kind of page in turn, each beside the bare one in the same minute."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "three-years.db"
        asyncio.run(_prepare(path, scale))
        yield from asyncio.run(_measured(path, scale))


async def _prepare(path: Path, scale: Scale) -> None:
    await build(path, scale)
    with SqliteStore(path, write=True) as store:
        await collect.embed(store, embeddings.load(embeddings.DEFAULT))


async def _measured(path: Path, scale: Scale) -> Iterator[Row]:
    rows: list[Row] = []
    async with server("app", str(path)) as port:
        pages = _pages(scale)
        sizes = {what: len(await _one(port, targets[0])) for what, targets in pages.items()}
        async with server("bare", *map(str, sizes.values())) as bare:
            for what, targets in pages.items():
                peers = [f"/{sizes[what]}"]
                await _read_pages(bare, peers, scale.web_seconds / 4)  # both warm
                await _read_pages(port, targets[-REPEATED:], scale.web_seconds / 4)
                peer = await _read_pages(bare, peers, scale.web_seconds)
                own = await _read_pages(port, targets, scale.web_seconds)
                rows.append(_row(what, sizes[what], scale, own, peer))
    return iter(rows)


def _pages(scale: Scale) -> dict[str, Sequence[str]]:
    stored, dice = papers(min(DIFFERENT, scale.stored)), Random(7)
    words = [[word for word in paper.title.split() if word.isalpha()] or ["paper"] for paper in stored]
    pairs = dict.fromkeys(" ".join(dice.sample(each, min(2, len(each)))) for each in words)
    queries = [quote_plus(pair) for pair in pairs if not left_out(pair)]  # `not to` is refused
    ids = [stored_id(n) for n in range(0, scale.stored, max(scale.stored // DIFFERENT, 1))]
    return {
        "today's list": ["/"],
        "search, two words": [f"/search?q={query}" for query in queries],
        "search, two words, asked in this minute before": [f"/search?q={query}" for query in queries[:REPEATED]],
        "search, two words, newest first": [f"/search?q={query}&order=newest" for query in queries],
        "one paper, chart and similar ones": [f"/paper/{each}" for each in ids],
        "a topic": [f"/topics/{query.replace('+', '%20')}" for query in queries],
        "the Atom feed": ["/feed.atom"],
    }


def _row(what: str, size: int, scale: Scale, own: Answers, peer: Answers) -> Row:
    ours, theirs = len(own.times) / own.seconds, len(peer.times) / peer.seconds
    return Row(
        "web",
        f"{what}, {scale.stored:,} papers, {size / 1000:.0f} kB, {AT_ONCE} readers at once, one core",
        f"{ours:,.0f}/s, p50 {seconds(percentile(own.times, 0.5))}, p99 {seconds(percentile(own.times, 0.99))}",
        "",
        f"a bare Starlette page: {theirs:,.0f}/s, p99 {seconds(percentile(peer.times, 0.99))}",
        f"{ours / theirs:.2g}×",
    )


# --- readers -----------------------------------------------------------------------------------------------------


async def _read_pages(port: int, targets: Sequence[str], span: float) -> Answers:
    """Let readers request pages without a pause for so many seconds."""
    started = time.perf_counter()
    until = started + span
    each = [targets[i::AT_ONCE] or targets for i in range(AT_ONCE)]  # no two ask for the same
    times_by_reader = await asyncio.gather(*(_reader(port, own, until) for own in each))
    return Answers([took for times in times_by_reader for took in times], time.perf_counter() - started)


async def _reader(port: int, targets: Sequence[str], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    try:
        for target in cycle(targets):
            started = time.perf_counter()
            await _get(reader, writer, target)
            times.append(time.perf_counter() - started)
            if started + times[-1] >= until:
                break
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return times


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> bytes:
    """A minimal HTTP client, so that the client is not what is measured."""
    writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), f"{target}: {head[:40]!r}"
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return await reader.readexactly(int(length))


async def _one(port: int, target: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await _get(reader, writer, target)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def server(kind: str, *what: str) -> AsyncIterator[int]:
    """Start a server; yields its port."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-m", "tests.bench.web_app", kind, *what)
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        assert line, "the server died; its output is above"
        await _listening(int(line))
        yield int(line)
        process.stdin.close()
        await asyncio.wait_for(process.wait(), TIMEOUT)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(TIMEOUT):
        while True:
            with suppress(ConnectionError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.02)
