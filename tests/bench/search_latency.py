"""How long a search takes, and making the index, over many papers; beside other engines over the same texts.

`python -m tests.bench.search_latency DATABASE QUERIES` answers each line of a file in a process of its own and prints
how long that took as JSON: nothing else is in that process's memory.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import inf
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import get_args

from bot import embeddings
from bot.app import collect
from bot.errors import QueryError
from bot.model import Findings, Order, Paper
from bot.query.parser import MAX_LENGTH
from bot.search import Search
from bot.store.sqlite import SqliteStore
from tests.bench import peers
from tests.bench.cold_process import ROOT
from tests.bench.figures import Row, Times, peak_memory, percentile, seconds, timed
from tests.bench.papers import NOW, PAGE, queries, source_texts
from tests.bench.scale import Scale
from tests.harness.hostile_queries import HOSTILE

SUBJECT = "search time"
BATCH = 2_000
TARGET_SIZE = 100_000
"""Papers that the targets are about."""
BESIDE = ("FTS5", "tantivy", "bm25s")


def measure(scale: Scale) -> Iterator[Row]:
    """A row for the index, rows for searching, and one a peer."""
    for size in scale.searched:
        with tempfile.TemporaryDirectory() as scratch:
            path, lines = Path(scratch) / "papers.db", Path(scratch) / "queries.json"
            lines.write_text(json.dumps(queries(scale.search_queries)), encoding="utf-8")
            yield _indexing(path, size, asyncio.run(_fill(path, size)))
            yield from _searching(path, lines, size)
            yield from _peers(lines, size)


# --- making the index ------------------------------------------------------------------------------------------


def _papers(start: int, count: int) -> Iterator[Paper]:
    """Papers of recombined sentences."""
    (halves, sentences), dice = source_texts(), Random(start)
    for number in range(start, start + count):
        title, chosen = [dice.choice(halves) for _ in range(2)], dice.choices(sentences, k=dice.randint(5, 8))
        yield Paper(
            f"10.1000/{number}",
            " ".join(title),
            " ".join(chosen),
            categories=("cs.CL", "cs.LG") if number % 2 else ("cs.CV",),
            organization=f"Organisation {number % 3_000}" if number % 3 else None,
            comment=f"{number % 40} pages, accepted somewhere in {number % 2_000}" if number % 5 else None,
            listed_at=NOW - timedelta(minutes=number),
        )


async def _fill(path: Path, size: int) -> dict[str, float]:
    """Store, index and embed so many papers. Returns the seconds of each step."""
    spent = {"stored": Times(), "indexed": Times(), "embedded": Times()}
    embedder = embeddings.load(embeddings.DEFAULT)
    with SqliteStore(path, write=True) as store:
        for start in range(0, size, BATCH):
            batch = tuple(_papers(start, min(BATCH, size - start)))
            with timed(spent["stored"]):
                await store.papers.add(Findings(batch), "file", NOW)
            with timed(spent["indexed"]):
                await collect.describe(store, summaries=False)
            with timed(spent["embedded"]):
                await collect.embed(store, embedder)
    return {name: sum(times) for name, times in spent.items()}


def _indexing(path: Path, size: int, spent: dict[str, float]) -> Row:
    own, peer = size / (spent["indexed"] + spent["embedded"]), Times()
    with timed(peer):
        peers.Fts5(_texts(size), path.with_name("fts5.db"))
    parts = f"{size / spent['indexed']:,.0f}/s indexed, {size / spent['embedded']:,.0f}/s embedded"
    what = f"{size:,} new papers indexed and embedded, as `paperboy import` does"
    beside = f"FTS5, no more than indexed: {size / peer.median:,.0f}/s"
    return Row(SUBJECT, what, f"{own:,.0f}/s ({parts})", "500/s", beside, f"{own * peer.median / size:.2g}")


def _texts(size: int) -> list[tuple[str, str]]:
    return [
        (paper.title, paper.abstract)
        for start in range(0, size, BATCH)
        for paper in _papers(start, min(BATCH, size - start))
    ]


# --- searching -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SearchRun:
    """Times and memory of a process that only searches."""

    opened: float
    """Seconds from a closed file to the first answer, imports aside."""
    times: list[float]
    dearest: float
    """CPU seconds of the dearest hostile query."""
    peak: float
    """Peak memory in MB."""


def _searching(path: Path, lines: Path, size: int) -> Iterator[Row]:
    command = [sys.executable, "-m", "tests.bench.search_latency", str(path), str(lines)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    run = SearchRun(**json.loads(done.stdout))
    has_target = size == TARGET_SIZE
    what = f"searched by words and meaning, {size:,} papers"
    yield Row(SUBJECT, f"{what}: p50, p95", _spread(run.times), "p95 15 ms" if has_target else "")
    hostile = f"the dearest of {len(HOSTILE)} hostile queries in three orders, CPU time, {size:,} papers"
    yield Row(SUBJECT, hostile, seconds(run.dearest), "100 ms" if has_target else "")
    opened = f"{run.peak:.0f} MB, {seconds(run.opened)}"
    yield Row(SUBJECT, f"{what}: peak memory, cold open", opened, "250 MB, 1 s" if has_target else "")


def _peers(lines: Path, size: int) -> Iterator[Row]:
    texts = _texts(size)
    for name in BESIDE:
        what, answer = f"{name} over the same texts, words alone: p50, p95", peers.build(name, texts)
        if answer is None:
            yield Row(SUBJECT, what, "skipped: pip install -e '.[bench]'")
            continue
        times = Times()
        for query in json.loads(lines.read_text(encoding="utf-8")):
            with timed(times):
                answer(query, PAGE)
        yield Row(SUBJECT, what, _spread(times))


def _spread(times: Sequence[float]) -> str:
    return f"{seconds(median(times))}, {seconds(percentile(times, 0.95))}"


async def _run_searches(path: Path, lines: Sequence[str]) -> SearchRun:
    opened, times = Times(), Times()
    embedder = embeddings.load(embeddings.DEFAULT)
    with timed(opened):
        store = SqliteStore(path, write=False)
        search = Search(store, embedder)
        await search.search(lines[0], limit=PAGE, now=NOW, literal=True)
    for query in lines:
        with timed(times):
            await search.search(query, limit=PAGE, now=NOW, literal=True)
    peak = peak_memory()
    dearest = max([await _cpu_seconds(search, query, order) for query in HOSTILE for order in get_args(Order)])
    store.close()
    return SearchRun(opened.median, list(times), dearest, peak)


async def _cpu_seconds(search: Search, query: str, order: Order) -> float:
    """The least of three runs, whatever else the machine does."""
    least = inf
    for _ in range(3):
        started = process_time()
        with suppress(QueryError):
            await search.search(query[:MAX_LENGTH], limit=PAGE, now=NOW, order=order)
        least = min(least, process_time() - started)
    return least


if __name__ == "__main__":
    print(
        json.dumps(
            asdict(asyncio.run(_run_searches(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8")))))
        )
    )
