"""Messages a second to a platform that answers at once: with the ledger on disk, with a faster one, and without."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.app.collect import describe
from bot.model import Channel, Digest, Message, Ref
from bot.store.sqlite import SqliteStore
from bot.summaries.extractive import tldr
from bot.wording.digest import digest_thread
from tests.bench.figures import Row, Times, rate, seconds, timed, times_as_long
from tests.bench.papers import NOW, findings, papers
from tests.bench.scale import Scale
from tests.bench.wiring import AtOnce, House, digest, synchronous


def measure(scale: Scale) -> Iterator[Row]:
    """Rates with synchronous=FULL, with OFF, and of three bare loops, in turn."""
    listed = [replace(each, tldr=tldr(each.title, each.abstract)) for each in papers(40, days=3.0)]
    digests = [
        digest(Channel(f"bench:T{i % 97}/C{i}"), [listed[(i + k) % len(listed)] for k in range(5)], NOW)
        for i in range(scale.digests)
    ]
    full, off, bare, worded, inserts = Times(), Times(), Times(), Times(), Times()
    messages = 6 * len(digests)
    for _ in range(scale.runs):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_delivered(Path(folder) / "full.db", digests, full, messages))
            with synchronous("OFF"):
                asyncio.run(_delivered(Path(folder) / "off.db", digests, off, messages))
            asyncio.run(_posted(digests, bare, worded))
            _one_commit_each(Path(folder) / "bare.db", messages, inserts)
    each = inserts.median / messages
    loop = f"one INSERT and commit a message, no posts: {rate(messages, inserts)}"
    what = f"{len(digests):,} channels, {messages:,} messages, ledger on disk"
    yield Row("deliver", f"{what}, synchronous=FULL", rate(messages, full), "≥ 500/s", loop, _ratio(full, inserts))
    cost = (full.median - off.median) / messages
    spent = f"FULL costs {seconds(max(cost, 0.0))} a message here; a commit of its own {seconds(each)}"
    yield Row("deliver", "the same, synchronous=OFF", rate(messages, off), "", spent, _ratio(full, off))
    without = f"wording and posting without a ledger: {rate(messages, worded)}; posting alone: {rate(messages, bare)}"
    yield Row("deliver", "the same, beside no ledger at all", rate(messages, full), "", without, _ratio(full, worded))


def _ratio(own: Times, peer: Times) -> str:
    return times_as_long(own.median, peer.median)


async def _delivered(path: Path, digests: Sequence[Digest], times: Times, messages: int) -> None:
    with SqliteStore(path, write=True) as store:
        house = House(store)
        by_id = {pick.paper.id: pick.paper for each in digests for pick in each.picks}
        await store.papers.add(findings(list(by_id.values()), ()), "huggingface", NOW)
        await describe(store)
        await store.ledger.keep(digests, {})
        with timed(times):
            await house.queue.drain()
        assert house.outlet.posted == messages, f"{house.outlet.posted} of {messages} messages were posted"


async def _posted(digests: Sequence[Digest], bare: Times, worded: Times) -> None:
    outlet = AtOnce()
    with timed(worded):
        threads = [(each.channel, digest_thread(each).messages) for each in digests]
        await _post_all(outlet, threads)
    with timed(bare):
        await _post_all(outlet, threads)


async def _post_all(outlet: AtOnce, threads: Sequence[tuple[Channel, Sequence[Message]]]) -> None:
    for channel, messages in threads:
        under: Ref | None = None
        for message in messages:
            ref = await outlet.post(channel, message, under=under, key="key")
            under = under or ref


def _one_commit_each(path: Path, messages: int, times: Times) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE posts (channel TEXT, day TEXT, slot INTEGER, state TEXT, ref TEXT)")
    with timed(times):
        for number in range(messages):
            conn.execute("INSERT INTO posts VALUES (?, '2025-11-24', ?, 'posted', 'ref')", (f"C{number}", number % 6))
    conn.close()
