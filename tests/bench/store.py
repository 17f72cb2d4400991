"""A store of three years: a tick with nothing due, a day's papers collected, the candidates ranked."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.app import collect
from bot.model import Findings, Paper
from bot.model.database import Database
from bot.model.segment import IndexEntry
from bot.search import index_entry, merge_tail
from bot.store import Store
from bot.store.sql.transaction import Transaction
from bot.store.sqlite.file import connect
from tests.bench import cold_process
from tests.bench.figures import Row, Times, seconds, timed, times_as_long
from tests.bench.papers import NOW, papers
from tests.bench.scale import Scale
from tests.bench.subscriptions import selections, subscriptions
from tests.bench.wiring import House, opened
from tests.fakes import FakeSource

SPAN = timedelta(days=3 * 365)
BETWEEN_WINDOWS = timedelta(days=30)
KINDS = ("upvotes", "comments", "github_stars")
DIFFERENT = 2_000
"""Texts; more would only make the set-up longer."""


def measure(scale: Scale) -> Iterator[Row]:
    """Build the store once, then measure on it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "three-years.db"
        observations = asyncio.run(build(path, scale))
        size = path.stat().st_size
        holds = f"{scale.stored:,} papers, {observations:,} observations"
        yield Row("store", f"file of {holds}", f"{size / 1e6:,.0f} MB")
        idle = asyncio.run(idle_ticks(path, scale))
        yield Row("store", f"tick with nothing due, {holds}, {scale.channels[-1]:,} channels", str(idle), "< 5 ms")
        for number, candidates in enumerate(scale.windows):
            runs = [cold_process.run("shortlist", path, _window_end(number)) for _ in range(scale.runs)]
            assert runs[0].count == candidates, f"{runs[0].count} candidates, not {candidates}"
            peak = f"peak memory of the process {max(run.peak for run in runs):.0f} MB"
            times = Times(run.seconds for run in runs)
            what = f"{candidates:,} candidates of 14 days ranked and analysed"
            yield Row("store", what, f"{times}, {seconds(times.median / candidates)} each", "", peak)
        yield from asyncio.run(_collected(path, Path(folder), scale, holds))


async def idle_ticks(place: Database, scale: Scale) -> Times:
    """Ticks with nothing due."""
    with opened(place) as store:
        engine, times = House(store).engine, Times()
        for _ in range(scale.ticks):
            with timed(times):
                due = await engine.tick()
            assert not due, f"{due} channels were due"
    return times


# --- collecting --------------------------------------------------------------------------------------------------


async def _collected(path: Path, folder: Path, scale: Scale, holds: str) -> Iterator[Row]:
    peer = Times()
    fetched, again, later = await collections(path, scale)
    for run in range(scale.runs):
        _upserted(folder / f"peer{run}.db", await _day(scale, run).fetch(NOW, NOW), peer)
    bare = f"sqlite-utils upsert_all of the same rows, no index, no sentences: {peer}"
    what = f"a day's {scale.day} new papers collected into {holds}"
    return iter(
        (
            Row("store", what, str(fetched), "< 2 s", bare, times_as_long(fetched.median, peer.median)),
            Row("store", "the same list half an hour later, unchanged", str(again)),
            Row("store", "the same list with new votes", str(later)),
        )
    )


async def collections(place: Database, scale: Scale) -> tuple[Times, Times, Times]:
    """A day's new papers collected; the same unchanged half an hour later; and with new votes."""
    fetched, again, later = Times(), Times(), Times()
    with opened(place) as store:
        for run in range(scale.runs):
            source = _day(scale, run)
            await _collect(store, source, NOW, fetched)
            await _collect(store, source, NOW + timedelta(minutes=30), again)
            for each in (await source.fetch(NOW, NOW)).papers:
                source.notices(each, upvotes=20.0)
            await _collect(store, source, NOW + timedelta(hours=1), later)
    return fetched, again, later


def _day(scale: Scale, run: int) -> FakeSource:
    source = FakeSource()
    for each in papers(scale.day, days=1.0, start=5_000_000 + run * 1_000):
        source.notices(each, upvotes=12.0, comments=1.0, github_stars=40.0)
    return source


async def _collect(store: Store, source: FakeSource, now: datetime, times: Times) -> None:
    with timed(times):
        [report] = await collect.collect(store, [source], now)
    assert report.fault is None, report.fault


def _upserted(path: Path, collected: Findings, times: Times) -> None:
    db = connect(path, write=True)
    with timed(times), db.atomic():
        rows = (
            {"id": p.id, "title": p.title, "abstract": p.abstract, "authors": json.dumps(p.authors)}
            for p in collected.papers
        )
        db.table("papers").upsert_all(rows, pk="id")
        looks = ((s.paper_id, s.kind, s.seen_at.timestamp(), s.value) for s in collected.signals)
        names = ("paper_id", "kind", "seen_at", "value")
        db.table("observations").upsert_all((dict(zip(names, look, strict=True)) for look in looks), pk=names[:3])
    db.conn.close()


# --- three years -------------------------------------------------------------------------------------------------


def _window_end(number: int) -> datetime:
    return NOW - number * BETWEEN_WINDOWS


async def build(place: Database, scale: Scale) -> int:
    """Fill a store by SQL (`collect` would take a quarter of an hour). Returns the number of observations."""
    with opened(place) as store:
        texts = papers(min(DIFFERENT, scale.stored))
        rows = list(_stored(texts, _ages(scale)))  # before the change: a server gives one up that says nothing for long
        await store.connection.write(_fill, rows, [index_entry(each) for each in texts], scale.observations)
        await merge_tail(store)
        distinct = selections(min(scale.selections, scale.channels[-1]), papers(scale.candidates))
        await store.subscriptions.put(*subscriptions(distinct, scale.channels[-1], due=timedelta(hours=3)))
        stored, observations = await store.papers.count()
        assert stored == scale.stored, f"{stored} papers, not {scale.stored}"
        await store.connection.write(lambda db: db.execute("ANALYZE"))
    return observations


def _fill(db: Transaction, rows: Sequence[tuple[Any, ...]], entries: Sequence[IndexEntry], observations: int) -> None:
    # Papers and series are numbered from 1 by the database.
    db.executemany(
        "INSERT INTO papers (id, title, abstract, authors, published_at, listed_at, first_seen, categories,"
        " organization, code_url, tldr, text_from, described) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    db.executemany(
        "INSERT INTO index_entries (n, title, abstract, authors, fields, age_at, revision)"
        " VALUES (?, ?, ?, ?, ?, ?, 1)",
        ((n + 1, *entries[n % len(entries)].postings) for n in range(len(rows))),
    )
    db.execute("UPDATE papers SET indexed = changes")
    db.executemany(
        "INSERT INTO index_orders (n, stems) VALUES (?, ?)",
        ((n + 1, entries[n % len(entries)].order) for n in range(len(rows))),
    )
    series = [(row[0], "huggingface", kind, 9.0, row[5] + 432_000) for row in rows for kind in KINDS]
    db.executemany("INSERT INTO series (paper_id, source, kind, value, seen_at) VALUES (?, ?, ?, ?, ?)", series)
    looks = range(1, observations + 1)
    db.executemany(
        "INSERT INTO observations (series_id, seen_at, value) VALUES (?, ?, ?)",
        (
            (number, at + (look - 10) * 43_200, float(look))
            for number, (*_, at) in enumerate(series, start=1)
            for look in looks
        ),
    )


def _stored(texts: Sequence[Paper], ages: Sequence[float]) -> Iterator[tuple[Any, ...]]:
    for n, at in enumerate(ages):
        like = texts[n % len(texts)]
        authors = json.dumps(like.authors)
        categories = json.dumps(like.categories)
        shared = (f"{like.title} {n}", like.abstract, authors, at - 86_400, at, at, categories)
        yield (stored_id(n), *shared, like.organization, like.code_url, like.abstract[:160], "arxiv", 1)


def stored_id(number: int) -> str:
    """arXiv id of a stored paper."""
    return f"{15 + number // 10_000:02d}01.{number % 10_000:05d}"


def _ages(scale: Scale) -> list[float]:
    """Fourteen crowded days before each window's end, and the rest over the years before."""
    crowded = [
        (_window_end(number) - timedelta(days=14 * (i + 0.5) / count)).timestamp()
        for number, count in enumerate(scale.windows)
        for i in range(count)
    ]
    dice, end = Random(1), _window_end(len(scale.windows)).timestamp()
    rest = (end - dice.random() * SPAN.total_seconds() for _ in range(scale.stored - len(crowded)))
    return sorted([*crowded, *rest])
