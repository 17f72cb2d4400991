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
from bot.store import Store
from bot.store.postgres.changes import PostgresChanges
from bot.store.postgres.connection import PostgresConnection
from bot.store.postgres.copying import PostgresCopy
from bot.store.postgres.server import examine
from bot.store.sql.feedback import SqlFeedback
from bot.store.sql.figures import SqlFigures
from bot.store.sql.leases import SqlLeases, process_id
from bot.store.sql.ledger import SqlLedger
from bot.store.sql.papers import SqlPapers, SqlSummaries
from bot.store.sql.people import SqlPeople
from bot.store.sql.secrets import SqlSecrets
from bot.store.sql.segments import SqlSegments
from bot.store.sql.subscribers import SqlSubscribers
from bot.store.sql.subscriptions import SqlSubscriptions

__all__ = ["PostgresCopy", "PostgresStore", "examine"]


class PostgresStore(Store):
    """A store in a PostgreSQL database. Raises StoreError when it cannot be used."""

    def __init__(self, url: DatabaseUrl, *, write: bool, keys: Sequence[str] = ()) -> None:
        """`keys` encrypt and decrypt the secrets, the newest first."""
        self.writable, self.shared, self.process = write, True, process_id()
        self.connection = PostgresConnection(url, write=write)
        self.papers = SqlPapers(self.connection)
        self.subscriptions = SqlSubscriptions(self.connection)
        self.ledger = SqlLedger(self.connection, self.process)
        self.people = SqlPeople(self.connection, self.process)
        self.summaries = SqlSummaries(self.connection)
        self.feedback = SqlFeedback(self.connection)
        self.subscribers = SqlSubscribers(self.connection)
        self.secrets = SqlSecrets(self.connection, keys)
        self.segments = SqlSegments(self.connection)
        self.changes = PostgresChanges(self.connection, url)
        self.leases = SqlLeases(self.connection, self.process)
        self.figures = SqlFigures(self.connection)

    @property
    def undone(self) -> int:
        return self.connection.undone

    def hurry(self, seconds: float) -> None:
        self.connection.hurry(seconds)

    def close(self) -> None:
        self.connection.close()
