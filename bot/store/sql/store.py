"""The parts of a store that both databases have."""

from __future__ import annotations

from collections.abc import Sequence

from bot.store.protocols import Store
from bot.store.protocols.changes import Changes
from bot.store.sql.channel_settings import SqlChannels
from bot.store.sql.clubs import SqlClubs
from bot.store.sql.connection import Connection
from bot.store.sql.counts import SqlCounts
from bot.store.sql.feedback import SqlFeedback
from bot.store.sql.figures import SqlFigures
from bot.store.sql.leases import SqlLeases, process_id
from bot.store.sql.ledger import SqlLedger
from bot.store.sql.links import SqlLinks
from bot.store.sql.papers import SqlPapers, SqlSummaries
from bot.store.sql.people import SqlPeople
from bot.store.sql.reading_list import SqlReadingLists
from bot.store.sql.recaps import SqlRecaps
from bot.store.sql.second_looks import SqlSecondLooks
from bot.store.sql.secrets import SqlSecrets
from bot.store.sql.segments import SqlSegments
from bot.store.sql.shown import SqlShown
from bot.store.sql.subscribers import SqlSubscribers
from bot.store.sql.subscriptions import SqlSubscriptions
from bot.store.sql.watches import SqlWatches
from bot.store.sql.zotero import SqlZotero


class SqlStore(Store):
    """A store whose queries and changes run on a connection."""

    def __init__(
        self, connection: Connection, changes: Changes, *, write: bool, shared: bool, keys: Sequence[str]
    ) -> None:
        """`keys` encrypt and decrypt the secrets, the newest first."""
        self.writable, self.shared, self.process = write, shared, process_id()
        self.papers = SqlPapers(connection)
        self.subscriptions = SqlSubscriptions(connection)
        self.channels = SqlChannels(connection)
        self.links = SqlLinks(connection)
        self.ledger = SqlLedger(connection, self.process)
        self.shown = SqlShown(connection)
        self.watches = SqlWatches(connection)
        self.clubs = SqlClubs(connection)
        self.people = SqlPeople(connection, self.process)
        self.reading_lists = SqlReadingLists(connection)
        self.summaries = SqlSummaries(connection)
        self.feedback = SqlFeedback(connection)
        self.counts = SqlCounts(connection)
        self.recaps = SqlRecaps(connection)
        self.subscribers = SqlSubscribers(connection)
        self.second_looks = SqlSecondLooks(connection)
        self.secrets = SqlSecrets(connection, keys)
        self.zotero = SqlZotero(connection)
        self.segments = SqlSegments(connection)
        self.changes = changes
        self.leases = SqlLeases(connection, self.process)
        self.figures = SqlFigures(connection)
