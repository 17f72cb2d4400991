"""The questions that a store answers: domain values in and out, no SQL and no driver types.

`Store` holds one part for each subject. Methods are asynchronous, and a change is durable when its call returns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from bot.store.protocols.channels import Ledger, Subscriptions
from bot.store.protocols.index import IndexView, Segments
from bot.store.protocols.papers import Papers, Summaries
from bot.store.protocols.people import FeedbackLog, People, Secrets, Subscribers

__all__ = [
    "FeedbackLog",
    "IndexView",
    "Ledger",
    "Papers",
    "People",
    "Secrets",
    "Segments",
    "Store",
    "Subscribers",
    "Subscriptions",
    "Summaries",
]


class Store(ABC):
    """Everything Paperboy remembers, in parts. A context manager that closes at its end."""

    papers: Papers
    subscriptions: Subscriptions
    ledger: Ledger
    people: People
    feedback: FeedbackLog
    subscribers: Subscribers
    secrets: Secrets
    summaries: Summaries
    segments: Segments
    writable: bool
    """Whether changes are accepted; without, each raises StoreError."""

    @abstractmethod
    def close(self) -> None:
        """Finish queued changes and release every resource."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
