"""The contract of a store: what every implementation of `bot.store.Store` promises.

class TestLedger(LedgerContract): ...      # and so on, one for each contract of this package

A fixture `make_store` opens a store of the implementation: `make_store(path, write=True, keys=())`, where a path stands
for one database that can be opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.store import Store


class MakeStore(Protocol):
    """Opens the store of a path."""

    def __call__(self, path: Path, *, write: bool = True, keys: Sequence[str] = ()) -> Store:
        """A store; a context manager that closes it."""
