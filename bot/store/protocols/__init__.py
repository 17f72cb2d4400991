"""Protocols of a store: queries and changes in domain values, without SQL or driver types.

`Store` holds one part for each subject. Methods are asynchronous, and a change is durable when its call returns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from bot.ports.leases import Leases
from bot.store.protocols.changes import Changes, StoreRevision
from bot.store.protocols.channel_settings import Channels
from bot.store.protocols.channels import Ledger, Subscriptions
from bot.store.protocols.clubs import Clubs
from bot.store.protocols.counts import CardCounts
from bot.store.protocols.figures import Figures
from bot.store.protocols.index import IndexView, Segments
from bot.store.protocols.links import Links
from bot.store.protocols.papers import Papers, Summaries
from bot.store.protocols.people import FeedbackLog, People, Secrets, Subscribers
from bot.store.protocols.reading_list import ReadingLists
from bot.store.protocols.recaps import Recaps
from bot.store.protocols.second_looks import SecondLooks
from bot.store.protocols.shown import Shown
from bot.store.protocols.watches import Watches
from bot.store.protocols.zotero import Zotero

__all__ = ["IndexView", "Secrets", "Store", "StoreRevision"]


class Store(ABC):
    """Everything Paperboy remembers, in parts. A context manager that closes at its end."""

    papers: Papers
    subscriptions: Subscriptions
    channels: Channels
    links: Links
    ledger: Ledger
    clubs: Clubs
    shown: Shown
    watches: Watches
    people: People
    reading_lists: ReadingLists
    feedback: FeedbackLog
    counts: CardCounts
    recaps: Recaps
    subscribers: Subscribers
    second_looks: SecondLooks
    secrets: Secrets
    zotero: Zotero
    summaries: Summaries
    segments: Segments
    leases: Leases
    changes: Changes
    figures: Figures
    process: str
    """Id of this process among those that share the store; new at each opening."""
    shared: bool
    """Whether other processes may write at the same time."""
    writable: bool
    """Whether changes are accepted; otherwise each raises StoreError."""

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
