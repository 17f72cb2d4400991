"""How much PostgreSQL reads for what the store asks it most often, and how that grows with the rows."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bot.model import Channel, Ref, State, digest_key
from bot.store.postgres import PostgresStore
from bot.store.postgres.transaction import PostgresTransaction
from bot.store.sql import digests
from bot.store.sql.segments import IndexView
from tests.bench.figures import Row, seconds
from tests.bench.papers import NOW
from tests.bench.scale import Scale
from tests.harness.postgres import clear_databases, database

DAYS, PICKS = 32, 5
"""Posts of a channel, and papers of a post; today's posts of the first `OPEN` channels are still open."""
OPEN = 10
"""Channels that are due, and those with an open post."""
PAPERS = 16
"""For each channel; a thousand of them are of the last 14 days, however many there are."""
BATCH = 50
"""Channels that are asked about at once."""
WARM_UP = 5
"""Times that a question is asked before its plan is read: the server reads its catalogue and plans functions."""
WINDOW = timedelta(days=14)
_CHANNEL = "'bench:T' || c % 97 || '/C' || c"
_PAPER = "'2511.' || lpad((({n}) % {papers} + 1)::text, 6, '0')"
_FILL = (
    "INSERT INTO papers (id, title, abstract, listed_at, first_seen, categories, text_from, described)"
    " SELECT {paper}, 'A title', repeat('words of an abstract ', 60), {now} - n * 1209.6, {now} - n * 1209.6,"
    " CASE n % 10 WHEN 0 THEN '[\"cs.CL\"]' ELSE '[\"cs.CV\"]' END, 'huggingface', 2"
    " FROM generate_series(0, {papers} - 1) AS n",
    "INSERT INTO series (paper_id, source, kind, value, seen_at) SELECT id, 'huggingface', kind, n % 100, age_at"
    " FROM papers, unnest(ARRAY['upvotes', 'comments', 'github_stars']) AS kind",
    "INSERT INTO observations (series_id, seen_at, value) SELECT id, seen_at + k * 21600, value"
    " FROM series, generate_series(0, 2) AS k",
    "INSERT INTO subscriptions (channel, name, size, at, timezone, days, style, quiet, next_due)"
    " SELECT {channel}, 'main', 5, '09:00', 'UTC', '[0, 1, 2, 3, 4, 5, 6]', 'thread', 'say',"
    " {now} + CASE WHEN c < {open} THEN 0 ELSE 86400 END FROM {every_channel}",
    "INSERT INTO topics (channel, name, wanted, line, position)"
    " SELECT {channel}, 'main', 1, 'word' || c * k % 999, k FROM {every_channel}, generate_series(1, 2) AS k"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO posts (channel, kind, key, name, day, outcome, due_at, chosen_at, since, style, quiet, state,"
    " not_before) SELECT {channel}, 'digest', 'main ' || {day}, 'main', {day}, 'picked', {now} - d * 86400.0,"
    " {now} - d * 86400.0, {now} - d * 86400.0 - 86400, 'thread', 'say',"
    " CASE WHEN d = 0 AND c < {open} THEN 'open' ELSE 'done' END, {now} - d * 86400.0"
    " FROM {every_channel}, {every_day}",
    "INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend)"
    " SELECT {channel}, 'digest', 'main ' || {day}, k, {picked}, 'trending', '[]', '[3.0, 1.0, \"a rule\", [], null]'"
    " FROM {every_channel}, {every_day}, generate_series(1, {picks}) AS k",
    "INSERT INTO deliveries (channel, kind, key, slot, state, ref, attempts, claimed_at, posted_at)"
    " SELECT channel, kind, key, k, 'posted', key || ' ' || k, 1, due_at, due_at"
    " FROM posts, generate_series(0, {picks}) AS k WHERE state = 'done'",
    "INSERT INTO saves (\"user\", paper_id, saved_at) SELECT 'bench:T1/U' || c, {picked}, {now}"
    " FROM {every_channel}, generate_series(0, 1) AS d, generate_series(1, {picks}) AS k",
    "INSERT INTO procrastinate_workers DEFAULT VALUES",
    "INSERT INTO procrastinate_jobs (queue_name, task_name, lock) SELECT 'bench', 'deliver', {channel}"
    " FROM {every_channel}, generate_series(1, 2)",
    "VACUUM ANALYZE",
)
_TAKE_JOB = (
    "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['bench']::varchar[], (SELECT min(id) FROM procrastinate_workers))"
)
_ONE = Channel("bench:T0/C0")
_SOME = [Channel(f"bench:T{number % 97}/C{number}") for number in range(BATCH)]
_TODAY = digest_key(_ONE, NOW.date())
_NEWEST = [f"2511.{number:06d}" for number in range(1, 1_001)]
_QUESTIONS: dict[str, Callable[[PostgresStore], Awaitable[object]]] = {
    f"tick: the {OPEN} channels that are due": lambda s: s.subscriptions.due(NOW),
    "tick: pauses that are over": lambda s: s.subscriptions.resuming(NOW),
    "tick: due times too far ahead": lambda s: s.subscriptions.misplaced(NOW + timedelta(days=99)),
    f"tick: what {BATCH} channels have of today": lambda s: s.connection.read(
        digests.replaceable, {digest_key(channel, NOW.date()) for channel in _SOME}
    ),
    f"tick: what {BATCH} channels missed": lambda s: s.ledger.missed(_SOME, NOW - WINDOW),
    "tick: which channels were shown each of 1,000 papers": lambda s: s.ledger.channels_shown(_NEWEST),
    "ranking: the 1,000 candidates": lambda s: s.papers.candidates(NOW - WINDOW, NOW),
    "ranking: their signals": lambda s: s.papers.signals(_NEWEST, NOW - WINDOW),
    "ranking: the topics of all subscriptions": lambda s: s.subscriptions.topics(),
    "queue: a job taken": lambda s: s.connection.update(lambda db: db.execute(_TAKE_JOB)),
    f"queue: the {OPEN} open digests": lambda s: s.ledger.open_posts(NOW),
    "delivery: a channel's oldest open digest": lambda s: s.ledger.oldest_open(_ONE, NOW),
    "delivery: a message claimed": lambda s: s.ledger.claim(_TODAY, 0, None, NOW),
    "delivery: its post recorded": lambda s: s.ledger.settle(_TODAY, 0, State.POSTED, NOW, ref=Ref("1")),
    "command: a channel's subscription": lambda s: s.subscriptions.get(_ONE),
    "command: a channel's last ten days": lambda s: s.ledger.last_days(_ONE),
    "command: which of 1,000 papers a channel was shown": lambda s: s.ledger.shown_in(_ONE, _NEWEST),
    "command: the paper of a message": lambda s: s.ledger.paper_of(_ONE, Ref(f"main {NOW.date()} 3")),
    "command: a paper by its id": lambda s: s.papers.find(_NEWEST[500]),
    "command: a reading list": lambda s: s.people.reading_list(Channel("bench:T1/U1")),
    "search: 50 papers by number": lambda s: s.connection.read(lambda db: IndexView(db).papers_by_number(range(1, 51))),
    "search: papers with a hundred upvotes": lambda s: s.connection.read(
        lambda db: len(list(IndexView(db).upvoted(100)))
    ),
    "index: papers to be indexed": lambda s: s.segments.unindexed(200),
    "metrics: what is counted": lambda s: s.figures.read(),
}


@dataclass(frozen=True)
class Reading:
    """What the server did for one question."""

    pages: int
    """Of 8 KB, from its memory or from the disk."""
    seconds: float
    scans: frozenset[str]
    """Indexes that were used, and tables that were read whole."""


def measure(scale: Scale) -> Iterator[Row]:
    """A row for each question, with the pages read at both sizes."""
    sizes, readings = [], []
    with tempfile.TemporaryDirectory() as folder:
        for channels in scale.planned:
            url = database(Path(folder) / f"{channels}")
            sizes.append(f"{_filled(url.reveal(), channels):,}")
            with PostgresStore(url, write=True) as store:
                readings.append(asyncio.run(_read(store)))
    clear_databases()
    for what in _QUESTIONS:
        few, many = (each[what] for each in readings)
        figure = f"{few.pages:,} and {many.pages:,} pages at {' and '.join(sizes)} rows"
        how = f"{', '.join(sorted(many.scans)) or 'an index, within a function'}: {seconds(many.seconds)}"
        yield Row("plans", what, figure, "", how, f"{many.pages / max(few.pages, 1):.1f}×")


def _filled(url: str, channels: int) -> int:
    """Fill an empty database; the number of its rows."""
    parts = {
        "channel": _CHANNEL,
        "now": f"{NOW.timestamp()}",
        "day": f"(DATE '{NOW.date()}' - d)::text",
        "papers": f"{PAPERS * channels}",
        "every_channel": f"generate_series(0, {channels - 1}) AS c",
        "every_day": f"generate_series(0, {DAYS - 1}) AS d",
        "open": f"{OPEN}",
        "picks": f"{PICKS}",
    }
    parts["paper"] = _PAPER.format(n="n", **parts)
    parts["picked"] = _PAPER.format(n=f"d * 71 + (c * {PICKS} + k) % 71", **parts)
    with psycopg.connect(url, autocommit=True) as conn:
        return sum(max(conn.execute(each.format(**parts).encode()).rowcount, 0) for each in _FILL)


async def _read(store: PostgresStore) -> dict[str, Reading]:
    readings = {}
    for what, ask in _QUESTIONS.items():
        for _ in range(WARM_UP):
            await ask(store)
        with _explained() as plans:
            await ask(store)
        pages = sum(each["Plan"][f"Shared {how} Blocks"] for each in plans for how in ("Hit", "Read"))
        scans = frozenset(scan for each in plans for scan in _scans(each["Plan"]))
        readings[what] = Reading(pages, sum(each["Execution Time"] for each in plans) / 1000, scans)
    return readings


@contextmanager
def _explained() -> Iterator[list[dict[str, Any]]]:
    """Plans of the statements of the block, each run once more beforehand and undone."""
    plans: list[dict[str, Any]] = []
    execute, finish = PostgresTransaction.execute, PostgresTransaction.finish

    def note(db: PostgresTransaction, sql: str, parameters: Sequence[object]) -> None:
        execute(db, "SAVEPOINT explained")
        explained = execute(db, f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", parameters)
        plans.extend(explained.fetchone()[0])
        execute(db, "ROLLBACK TO explained")

    def explain(db: PostgresTransaction, sql: str, parameters: Sequence[object] = ()) -> Any:
        note(db, sql, parameters)
        return execute(db, sql, parameters)

    def explain_all(db: PostgresTransaction, *statements: tuple[str, Sequence[object]]) -> Any:
        for each in statements:
            note(db, *each)
        return finish(db, *statements)

    PostgresTransaction.execute, PostgresTransaction.finish = explain, explain_all  # type: ignore[method-assign]
    try:
        yield plans
    finally:
        PostgresTransaction.execute, PostgresTransaction.finish = execute, finish  # type: ignore[method-assign]


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in plan:
        yield plan["Index Name"]
    elif plan["Node Type"] == "Seq Scan":
        yield f"all of {plan['Relation Name']}"
    for part in plan.get("Plans", ()):
        yield from _scans(part)
