"""What PostgreSQL reads for an answer: no more of a table than the answer is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import Channel, Findings
from bot.store.postgres import PostgresStore, transaction
from bot.store.postgres.transaction import PostgresTransaction
from bot.store.sql import digests
from bot.store.sql.transaction import Transaction
from tests.fakes import MONDAY, digest, paper
from tests.harness.postgres import clear_databases, database

CHANNELS = [Channel(f"fake:T1/C{number}") for number in range(40)]
DAYS = 40


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PostgresStore]:
    with PostgresStore(database(tmp_path), write=True) as opened:
        yield opened
    clear_databases()


async def test_records_of_a_day_are_looked_for_without_the_other_days(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.papers.add(Findings((paper(1),)), "huggingface", MONDAY)
    days = [MONDAY - timedelta(days=number) for number in range(DAYS)]
    await store.ledger.keep([digest(channel, [], at=at) for at in days for channel in CHANNELS], {})
    await store.connection.write(lambda db: db.execute("ANALYZE posts"))
    plans: list[str] = []
    run = PostgresTransaction.execute

    def explain(self: PostgresTransaction, sql: str, parameters: Any = ()) -> Any:
        plans.extend(line for (line,) in run(self, f"EXPLAIN ANALYZE {sql}", parameters) if " posts" in line)
        return run(self, sql, parameters)

    def ask(db: Transaction) -> int:
        db.execute("SET LOCAL enable_seqscan = off")  # the tables of a test are too small for an index
        monkeypatch.setattr(PostgresTransaction, "execute", explain)
        today = {digest(channel, [], at=MONDAY).post for channel in CHANNELS[:5]}
        return len(digests.replaceable(db, today))

    assert await store.connection.read(ask) == 5
    assert plans
    assert all("rows=1.00 loops=5" in line or "rows=1 loops=5" in line for line in plans), plans


async def test_millions_of_rows_are_not_counted_one_by_one(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.papers.add(Findings(tuple(map(paper, range(6)))), "huggingface", MONDAY)
    await store.connection.write(lambda db: db.execute("ANALYZE papers"))
    await store.papers.add(Findings((paper(6),)), "huggingface", MONDAY)
    assert await store.papers.count() == (7, 0)
    monkeypatch.setattr(transaction, "ESTIMATED_FROM", 6)
    assert await store.papers.count() == (6, 0), "as the server last analysed it"
