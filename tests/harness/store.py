"""A new store without its migrations: they take 20 ms and thirty syncs of the disk, and most tests open a store."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot.store.sqlite import SqliteStore


@cache
def migrated() -> bytes:
    """The file of an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        SqliteStore(path, write=True).close()
        return path.read_bytes()


def new_store(path: Path, *, keys: Sequence[str] = ()) -> SqliteStore:
    """The store at a path, open for writing; a copy of an empty one if there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(migrated())
    return SqliteStore(path, write=True, keys=keys)
