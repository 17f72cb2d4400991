"""Everything Paperboy remembers, in parts: one for each subject."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

from bot.store.sql.changes import Changes
from bot.store.sql.channel_settings import Channels
from bot.store.sql.clubs import Clubs
from bot.store.sql.connection import Connection
from bot.store.sql.counts import CardCounts
from bot.store.sql.feedback import FeedbackLog
from bot.store.sql.figures import Figures
from bot.store.sql.leases import SqlLeases, process_id
from bot.store.sql.ledger import Ledger
from bot.store.sql.links import Links
from bot.store.sql.papers import Papers, Summaries
from bot.store.sql.people import People
from bot.store.sql.reading_list import ReadingLists
from bot.store.sql.recaps import Recaps
from bot.store.sql.second_looks import SecondLooks
from bot.store.sql.secrets import Secrets
from bot.store.sql.segments import Segments
from bot.store.sql.shown import Shown
from bot.store.sql.subscribers import Subscribers
from bot.store.sql.subscriptions import Subscriptions
from bot.store.sql.watches import Watches
from bot.store.sql.zotero import Zotero


class Store(ABC):
    """Everything Paperboy remembers. A context manager that closes at its end.

    Its parts answer with domain values, without SQL or driver types. A change is durable when its call returns.
    """

    def __init__(
        self, connection: Connection, changes: Changes, *, write: bool, shared: bool, keys: Sequence[str]
    ) -> None:
        """`keys` encrypt and decrypt the secrets, the newest first."""
        self.writable = write
        """Whether changes are accepted; otherwise each raises StoreError."""
        self.shared = shared
        """Whether other processes may write at the same time."""
        self.process = process_id()
        """Id of this process among those that share the store; new at each opening."""
        self.papers = Papers(connection)
        self.subscriptions = Subscriptions(connection)
        self.channels = Channels(connection)
        self.links = Links(connection)
        self.ledger = Ledger(connection, self.process)
        self.shown = Shown(connection)
        self.watches = Watches(connection)
        self.clubs = Clubs(connection)
        self.people = People(connection, self.process)
        self.reading_lists = ReadingLists(connection)
        self.summaries = Summaries(connection)
        self.feedback = FeedbackLog(connection)
        self.counts = CardCounts(connection)
        self.recaps = Recaps(connection)
        self.subscribers = Subscribers(connection)
        self.second_looks = SecondLooks(connection)
        self.secrets = Secrets(connection, keys)
        self.zotero = Zotero(connection)
        self.segments = Segments(connection)
        self.changes = changes
        self.leases = SqlLeases(connection, self.process)
        self.figures = Figures(connection)

    @property
    def undone(self) -> int:
        """Attempts at a change, by this process, that other processes' changes undid and that were made again."""
        return 0

    @abstractmethod
    def hurry(self, seconds: float) -> None:
        """Wait for a database that cannot be reached no longer than so many seconds from now."""

    @abstractmethod
    def close(self) -> None:
        """Finish queued changes and release every resource."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
