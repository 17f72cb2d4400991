"""The implementations that the contract of a store is tested with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.postgres import PostgresStore
from bot.store.sqlite import SqliteStore
from tests.contracts.store import MakeStore
from tests.harness.postgres import clear_databases, database
from tests.harness.store import new_store


def make_sqlite(path: Path, *, write: bool = True, keys: Sequence[str] = ()) -> Store:
    return new_store(path, keys=keys) if write else SqliteStore(path, write=False, keys=keys)


def make_postgres(path: Path, *, write: bool = True, keys: Sequence[str] = ()) -> Store:
    return PostgresStore(database(path), write=write, keys=keys)


@pytest.fixture(params=[make_sqlite, make_postgres], ids=["sqlite", "postgres"])
def make_store(request: pytest.FixtureRequest) -> Iterator[MakeStore]:
    yield request.param
    clear_databases()
