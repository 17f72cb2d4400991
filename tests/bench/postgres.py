"""PostgreSQL beside SQLite: choosing, a store of three years, and two processes that deliver at the same time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bot import embeddings
from bot.model.database import Database, DatabaseUrl
from bot.store.postgres import PostgresStore
from bot.store.sql.transaction import Transaction
from tests.bench import cold_process, store
from tests.bench.figures import Row, Times, seconds, times_as_long
from tests.bench.papers import NOW, findings, papers
from tests.bench.scale import Scale
from tests.bench.side_process import side
from tests.bench.wiring import digest, due_channels, opened
from tests.harness.postgres import clear_databases, copy, database, waiting_for_the_disk

SUBJECT = "postgres"
MESSAGES = 6
CHANGES = 2 * MESSAGES + 3
"""Of each digest of `postgres_process`."""


def measure(scale: Scale) -> Iterator[Row]:
    """Each figure of PostgreSQL with SQLite's as its peer."""
    with waiting_for_the_disk(), tempfile.TemporaryDirectory() as folder:
        yield from _choosing(Path(folder), scale)
        yield from _three_years(Path(folder), scale)
        yield asyncio.run(_delivering(Path(folder), scale))
    clear_databases()


def _choosing(folder: Path, scale: Scale) -> Iterator[Row]:
    channels = scale.channels[-1]
    sizes = {
        "channels": channels,
        "different": scale.selections,
        "candidates": scale.candidates,
        "days_shown": scale.days_shown,
    }
    places: list[Database] = [database(folder / "due"), folder / "due.db"]
    runs = []
    for place in places:
        asyncio.run(due_channels(place, **sizes))
        runs.append([_tick(place, channels) for _ in range(scale.runs)])
    own, peer = (Times(run.seconds for run in each) for each in runs)
    memory, beside = (f"{max(run.peak for run in each):.0f} MB" for each in runs)
    what = f"tick, {channels:,} due channels, {scale.candidates:,} ranked candidates, kept on disk"
    target = "≤ 8 s" if channels == 10_000 else ""
    yield Row(SUBJECT, what, str(own), target, f"SQLite: {peer}", times_as_long(own.median, peer.median))
    yield Row(SUBJECT, "peak memory of that process", memory, "300 MB", f"SQLite: {beside}")


def _tick(ready: Database, channels: int) -> cold_process.ColdRun:
    place = copy(ready) if isinstance(ready, DatabaseUrl) else Path(shutil.copy(ready, ready.with_name("run.db")))
    run = cold_process.run("tick", place, NOW)
    assert run.count == channels, f"{run.count} of {channels} channels were due"
    return run


def _three_years(folder: Path, scale: Scale) -> Iterator[Row]:
    places: list[Database] = [database(folder / "three-years"), folder / "three-years.db"]
    holds = ""
    for place in places:
        holds = f"{scale.stored:,} papers, {asyncio.run(store.build(place, scale)):,} observations"
        asyncio.run(_embed_at_random(place))
    searches = [cold_process.run("search", place, NOW) for place in places]
    own, peer = (run.seconds for run in searches)
    what = f"search by two words, {holds}"
    yield Row(SUBJECT, what, seconds(own), "", f"SQLite: {seconds(peer)}", times_as_long(own, peer))
    memory, beside = (f"{run.peak:.0f} MB" for run in searches)
    yield Row(SUBJECT, "peak memory of that process", memory, "300 MB", f"SQLite: {beside}")
    ranked = [cold_process.run("shortlist", place, NOW) for place in places]
    own, peer = (run.seconds for run in ranked)
    what = f"{ranked[0].count:,} candidates of 14 days ranked"
    yield Row(SUBJECT, what, seconds(own), "", f"SQLite: {seconds(peer)}", times_as_long(own, peer))
    idle, beside_idle = (asyncio.run(store.idle_ticks(place, scale)) for place in places)
    ratio = times_as_long(idle.median, beside_idle.median)
    yield Row(SUBJECT, "tick with nothing due", str(idle), "< 5 ms", f"SQLite: {beside_idle}", ratio)
    names = (f"a day's {scale.day} new papers collected", "the same unchanged", "the same with new votes")
    collected = [asyncio.run(store.collections(place, scale)) for place in places]
    for name, times, others in zip(names, *collected, strict=True):
        yield Row(SUBJECT, name, str(times), "", f"SQLite: {others}", times_as_long(times.median, others.median))


async def _embed_at_random(place: Database) -> None:
    """Give every paper a vector; embedding them would take minutes."""
    embedder = embeddings.load(embeddings.DEFAULT)
    dice = np.random.default_rng(1)

    def fill(db: Transaction) -> None:
        count = db.execute("SELECT count(*) FROM papers").fetchone()[0]
        rows = ((n, embedder.name, 2, dice.bytes(embedder.dimensions)) for n in range(1, count + 1))
        db.executemany("INSERT INTO embeddings (n, model, revision, vector) VALUES (?, ?, ?, ?)", rows)
        db.execute("UPDATE index_revision SET value = value + 2")

    with opened(place) as each:
        await each.connection.write(fill)


async def _delivering(folder: Path, scale: Scale) -> Row:
    """Two processes deliver as many digests each: the attempts at a change that others undid."""
    place, listed, each = database(folder / "delivering"), papers(20), 4 * scale.digests
    digests = [digest(f"bench:T1/C{n}", [listed[(n + k) % 20] for k in range(5)], NOW) for n in range(2 * each)]
    with PostgresStore(place, write=True) as filled:
        await filled.papers.add(findings(listed, ()), "huggingface", NOW)
        await filled.ledger.keep(digests, {})
    job = {"place": place.reveal(), "now": NOW.isoformat(), "messages": MESSAGES}
    channels = [each.channel for each in digests]
    async with (
        side("tests.bench.postgres_process", job | {"channels": channels[::2]}) as one,
        side("tests.bench.postgres_process", job | {"channels": channels[1::2]}) as other,
    ):
        usages = await asyncio.gather(one.start(), other.start())
    with PostgresStore(place, write=False) as done:
        assert not await done.ledger.open_posts(NOW)
        rows = await done.connection.read(lambda db: db.execute("SELECT text FROM notes").fetchall())
    changes, undone = CHANGES * len(digests), sum(int(text) for (text,) in rows)
    took = max(usage.seconds for usage in usages)
    what = f"two processes deliver {each:,} digests each: attempts undone of {changes:,} changes"
    return Row(SUBJECT, what, f"{undone / changes:.1%}, {changes / took:,.0f} changes a second", "< 5 %")
