"""Many papers or digests at once: the statements do not grow with them, since each is a round trip to a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import ClientCursor

from bot.model import Channel, Findings, Paper, Signal, Subscription, SubscriptionKey
from bot.model.segment import IndexedPaper, IndexEntry, PostingsEntry
from bot.store import Store
from bot.store.postgres.transaction import PostgresTransaction
from bot.store.sqlite.connection import SqliteTransaction
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper
from tests.store.conftest import make_postgres

KINDS = ("upvotes", "comments")
ENTRY = IndexEntry(PostingsEntry("title", "abstract", "authors"), b"")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of a transaction, many rows of one counted once."""
    sent: list[str] = []

    def noted(run: Callable[..., Any]) -> Callable[..., Any]:
        def note(self: Any, sql: str, *args: Any) -> Any:
            sent.append(sql)
            return run(self, sql, *args)

        return note

    for transaction in (SqliteTransaction, PostgresTransaction):
        for name in ("execute", "executemany", "update"):
            monkeypatch.setattr(transaction, name, noted(getattr(transaction, name)))
    return sent


@pytest.fixture
def store(make_store: MakeStore, tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path / "p.db") as opened:
        yield opened


def findings(papers: list[Paper], votes: float, hours: float = 0) -> Findings:
    at = MONDAY + timedelta(hours=hours)
    return Findings(
        tuple(papers), tuple(Signal(p.id, "huggingface", kind, votes, at) for p in papers for kind in KINDS)
    )


async def test_papers_are_collected_and_indexed_in_as_many_statements_as_one(
    store: Store, statements: list[str]
) -> None:
    counts = []
    for first, papers in ((0, 1), (100, 60)):
        statements.clear()
        collected = [paper(first + number) for number in range(papers)]
        added = await store.papers.add(findings(collected, 3), "huggingface", MONDAY)
        assert (len(added.new), added.signals) == (papers, len(KINDS) * papers)
        waiting = await store.segments.unindexed(100)
        await store.segments.index([IndexedPaper(each.number, each.change, ENTRY) for each in waiting])
        await store.papers.summarise([(each.paper, "A sentence.") for each in waiting])
        unembedded = await store.segments.unembedded("m", 100)
        await store.segments.keep_vectors("m", unembedded, [b"vector"] * papers)
        assert not await store.segments.unindexed(1)
        again = await store.papers.add(findings(collected, 4, hours=1), "huggingface", MONDAY)
        assert (again.new, again.signals) == ((), len(KINDS) * papers)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_rows_that_are_inserted_or_replaced_are_one_statement_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    run = ClientCursor.execute

    def note(self: ClientCursor[Any], text: bytes, *args: Any, **kwargs: Any) -> Any:
        sent.append(text.decode())
        return run(self, text, *args, **kwargs)

    with make_postgres(tmp_path / "p.db") as store:
        await store.papers.add(Findings(tuple(map(paper, range(60)))), "huggingface", MONDAY)
        waiting = await store.segments.unindexed(100)
        monkeypatch.setattr(ClientCursor, "execute", note)
        await store.segments.index([IndexedPaper(each.number, each.change, ENTRY) for each in waiting])
        assert "\n".join(sent).count("INSERT INTO index_entries") == 1
        assert not await store.segments.unindexed(1)


async def test_of_rows_with_one_key_the_last_is_stored(store: Store) -> None:
    places = [Subscription(Channel("fake:T1/C1"), topics=("video", "audio", "video"), size=size) for size in (3, 4)]
    await store.subscriptions.put(*places)
    (stored,) = await store.subscriptions.all()
    assert (stored.size, set(stored.topics)) == (4, {"audio", "video"})


async def test_a_paper_that_is_listed_twice_at_once_is_stored_once(store: Store) -> None:
    twice = Findings((paper(1), replace(paper(1), organization="An Org"), replace(paper(1), id="10.1/x"), paper(2)))
    added = await store.papers.add(twice, "huggingface", MONDAY)
    assert added.new == (paper(1).id, "10.1/x", paper(2).id)
    assert (await store.papers.get([paper(1).id]))[paper(1).id].organization == "An Org"
    joined = Findings(
        (replace(paper(3), id="10.1/y"), replace(paper(3), doi="10.1/y")),
        (Signal("10.1/y", "huggingface", "upvotes", 5, MONDAY),),
    )
    await store.papers.add(joined, "arxiv", MONDAY)
    assert set(await store.papers.get(["10.1/y", paper(3).id])) == {paper(3).id}
    assert set(await store.papers.signals(["10.1/y", paper(3).id], MONDAY)) == {paper(3).id}


async def test_digests_are_kept_in_as_many_statements_as_one(store: Store, statements: list[str]) -> None:
    await store.papers.add(Findings((paper(1),)), "huggingface", MONDAY)
    counts = []
    for workspace, channels in (("T1", 1), ("T2", 60)):
        places = [Channel(f"fake:{workspace}/C{number}") for number in range(channels)]
        await store.subscriptions.put(*map(Subscription, places))
        due = {SubscriptionKey(place): MONDAY + timedelta(days=1) for place in places}
        statements.clear()
        await store.ledger.keep([digest(place, [paper(1)]) for place in places], due)
        counts.append(len(statements))
        stored = [await store.subscriptions.get(place) for place in places]
        assert {(each.last_at, each.next_due) for each in stored if each} == {(MONDAY, MONDAY + timedelta(days=1))}
    assert counts[0] == counts[1]
