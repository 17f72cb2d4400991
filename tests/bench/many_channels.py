"""Many channels due in one minute: several processes on one PostgreSQL choose for them and deliver, with fsync.

The outlet answers at once, and a digest is one message: what is measured is Paperboy and its database.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg

from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from tests.bench.figures import Row, seconds
from tests.bench.many_channels_worker import CHOSEN, IN_ALL
from tests.bench.papers import NOW
from tests.bench.scale import Scale
from tests.bench.side_process import Usage, side
from tests.bench.wiring import due_channels
from tests.harness.postgres import own_server, url_of

PROCESSES = 4
_EARLIER_DAYS = (
    "SET session_replication_role = replica",  # references are not checked: they would take most of the time
    "INSERT INTO posts (channel, kind, key, name, day, outcome, due_at, chosen_at, since, style, quiet, state,"
    " not_before) SELECT channel, kind, 'main ' || (day::date - d), name, (day::date - d)::text, outcome, due_at,"
    " chosen_at, since, style, quiet, state, not_before FROM posts, generate_series(1, {days}) AS d",
    "INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend)"
    " SELECT channel, kind, 'main ' || (substr(key, 6)::date - d), position, other.id, reason, '[]', '[]'"
    " FROM picks JOIN papers ON papers.id = paper_id CROSS JOIN generate_series(1, {days}) AS d"
    " JOIN papers AS other ON other.n = (papers.n + 37 * d) % {papers} + 1",
    "VACUUM ANALYZE",
)
"""The posts of the day before once more for each day before that, with other papers."""


def measure(scale: Scale) -> Iterator[Row]:
    """When the last one is chosen, when it is handed to the outlet, and where the time goes."""
    for channels in scale.many_channels:
        server = own_server()
        try:
            yield from asyncio.run(_rows(server, channels, scale))
        finally:
            server.cleanup()


async def _rows(server: Any, channels: int, scale: Scale) -> list[Row]:
    url = url_of("postgres", of=server.get_uri())
    sizes = {"channels": channels, "different": scale.selections, "candidates": scale.candidates}
    await due_channels(url, **sizes, days_shown=1)
    with psycopg.connect(url.reveal(), autocommit=True) as conn:
        for each in _EARLIER_DAYS:
            conn.execute(each.format(days=scale.days_shown - 1, papers=scale.candidates).encode())
    postmaster = int(Path(server.pgdata, "postmaster.pid").read_text(encoding="ascii").split()[0])
    before = _processor_seconds(postmaster)
    usages = await _run(url)
    of_server = _processor_seconds(postmaster) - before
    with PostgresStore(url, write=False) as store:
        done = await store.connection.read(lambda db: db.execute("SELECT count(*) FROM deliveries").fetchone()[0])
        assert done == channels, f"{done} of {channels} digests were delivered"
        spent: dict[str, float] = json.loads(await store.secrets.get_note(CHOSEN) or "")
    chosen, handed = spent.pop(IN_ALL), usages[0].seconds
    parts = ", ".join(f"{what} {seconds(each)}" for what, each in spent.items())
    ours = ", ".join(seconds(each.cpu) for each in usages)
    what = f"{channels:,} due channels, {scale.days_shown} days shown, {PROCESSES} processes: until the last is"
    return [
        Row("many channels", f"{what} chosen", seconds(chosen), "", f"in the process that chooses: {parts}"),
        Row(
            "many channels",
            f"{what} handed to the outlet, a message each",
            f"{seconds(handed)}, {channels / handed:,.0f}/s",
            "",
            f"processor: {ours} of the processes, {seconds(of_server)} of the server, on {os.cpu_count()} cores",
        ),
        Row("many channels", "peak memory of the process that chooses", f"{usages[0].peak:.0f} MB"),
    ]


async def _run(url: DatabaseUrl) -> Sequence[Usage]:
    """What the processes used, the one that chooses first."""
    job = {"url": url.reveal(), "now": NOW.isoformat()}
    async with AsyncExitStack() as stack:
        starting = [
            stack.enter_async_context(side("tests.bench.many_channels_worker", job | {"chooses": number == 0}))
            for number in range(PROCESSES)
        ]
        sides = [await each for each in starting]
        return await asyncio.gather(*(each.start() for each in sides))


def _processor_seconds(postmaster: int) -> float:
    """Seconds of the processor that a server has used, with its processes, those that have ended included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = stat.parent.name, stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(number) == postmaster:
            ticks += sum(map(int, rest[11:15]))
        elif int(rest[1]) == postmaster:
            ticks += sum(map(int, rest[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
