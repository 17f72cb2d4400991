"""The PostgreSQL store: one database that any number of processes share.

connection.py     a pool, isolation, what is repeated      server.py        what is checked of a server
transaction.py    parameters, rows in batches              changes.py       what processes are notified of
migrations.py     numbered changes of the tables           faults.py        its faults in one line
tables.py         the tables, and functions that SQLite's   copying.py       a whole store copied from and to it
                  SQL has                                 batches.py       changes that share a commit

Its queries and changes are those of `bot.store.sql`. Needs the extra `[postgres]`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.database import DatabaseUrl
from bot.store.postgres.changes import PostgresChanges
from bot.store.postgres.connection import PostgresConnection
from bot.store.postgres.copying import PostgresCopy
from bot.store.postgres.server import examine
from bot.store.sql.store import Store

__all__ = ["PostgresCopy", "PostgresStore", "examine"]


class PostgresStore(Store):
    """A store in a PostgreSQL database. Raises StoreError when it cannot be used."""

    def __init__(self, url: DatabaseUrl, *, write: bool, keys: Sequence[str] = ()) -> None:
        """`keys` encrypt and decrypt the secrets, the newest first."""
        self.connection = PostgresConnection(url, write=write)
        changes = PostgresChanges(self.connection, url)
        super().__init__(self.connection, changes, write=write, shared=True, keys=keys)

    @property
    def undone(self) -> int:
        return self.connection.undone

    def hurry(self, seconds: float) -> None:
        self.connection.hurry(seconds)

    def close(self) -> None:
        self.connection.close()
