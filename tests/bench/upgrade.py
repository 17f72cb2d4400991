"""The first start of a new version on a database of 0.9.0: what its migrations take."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from bot.store.sqlite import SqliteStore
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import migrations
from tests.bench.figures import Row, Times, timed
from tests.bench.papers import NOW
from tests.bench.scale import Scale

FIRST_NEW = "m028_posted_messages"
DAYS, PAPERS_A_DIGEST = 30, 5
RUNS = 3


def measure(scale: Scale) -> Iterator[Row]:
    """A month of digests of five papers in each channel, opened for writing by the new version."""
    channels = scale.channels[-1]
    times = Times()
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "paperboy.db"
            fill(path, channels)
            with timed(times):
                SqliteStore(path, write=True).close()
    what = f"{channels:,} channels, {channels * DAYS:,} digests, {channels * DAYS * PAPERS_A_DIGEST:,} picks of 0.9.0"
    yield Row("upgrade", f"{what}: first start", f"{times}", "< 5 s")


def fill(path: Path, channels: int) -> None:
    """Make a database of 0.9.0 with a month of digests of five papers in each channel."""
    db = connect(path, write=True)
    migrations.apply(db, stop_before=FIRST_NEW)
    at, papers = NOW.timestamp(), DAYS * PAPERS_A_DIGEST
    names = [f"slack:T{n // 100}/C{n}" for n in range(channels)]
    days = [(NOW - timedelta(days=n)).date().isoformat() for n in range(DAYS)]
    rows = {
        "papers (id, title, first_seen, text_from)": (
            (f"2401.{n:05}", f"Paper {n}", at, "arxiv") for n in range(papers)
        ),
        "subscriptions (channel, name, size, at, timezone, days, style, quiet, next_due)": (
            (name, "main", 5, "09:00", "UTC", "[0, 1, 2, 3, 4]", "thread", "say", at) for name in names
        ),
        "topics (channel, name, wanted, line, position)": ((name, "main", 1, "video diffusion", 0) for name in names),
        "posts (channel, kind, key, name, day, outcome, due_at, chosen_at, since, state, not_before, style, quiet)": (
            (name, "digest", f"main {day}", "main", day, "picked", at, at, at, "done", at, "thread", "say")
            for name in names
            for day in days
        ),
        "picks (channel, kind, key, position, paper_id, reason, topics, trend)": (
            (name, "digest", f"main {day}", n + 1, f"2401.{number * PAPERS_A_DIGEST + n:05}", "topic", "[]", "[0]")
            for name in names
            for number, day in enumerate(days)
            for n in range(PAPERS_A_DIGEST)
        ),
        "deliveries (channel, kind, key, slot, state, ref, paper_id)": (
            (name, "digest", f"main {day}", slot, "posted", json.dumps([name, day, slot]), None)
            for name in names
            for day in days
            for slot in range(PAPERS_A_DIGEST + 1)
        ),
    }
    _insert(db, rows)
    db.conn.close()


def _insert(db: Database, rows: dict[str, Iterator[tuple[object, ...]]]) -> None:
    for table, values in rows.items():
        marks = ", ".join("?" * (table.count(",") + 1))
        with db.conn:
            db.conn.execute("BEGIN")
            db.conn.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
