"""The implementation that the contract of a store is tested with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.store.sqlite import SqliteStore
from tests.contracts.store import MakeStore
from tests.harness.store import new_store


@pytest.fixture
def make_store() -> MakeStore:
    def make(path: Path, *, write: bool = True, keys: Sequence[str] = ()) -> SqliteStore:
        return new_store(path, keys=keys) if write else SqliteStore(path, write=False, keys=keys)

    return make
