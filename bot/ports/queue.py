"""Protocols between what brings channels their turn and what delivers to them.

The store says what is to be delivered: a nudge that comes twice, or too late, does nothing.
"""

from __future__ import annotations

from asyncio import Task
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from bot.model import Nudge


class Ready(NamedTuple):
    """Channels with something to deliver now, each once a kind, and the seconds until there is more."""

    nudges: Sequence[Nudge]
    seconds: float | None
    """Until the next waiting time is over, also one that is over already; None if there is none."""


class Work(Protocol):
    """Work that a queue has done, by the deliverer."""

    async def ready(self) -> Ready:
        """The channels for which the store has something to deliver now."""

    async def deliver(self, nudge: Nudge) -> None:
        """Deliver what the store has for this channel or person; nothing if there is nothing."""

    def start(self) -> None:
        """Let messages leave, also after a stop."""

    async def stop(self, tasks: Iterable[Task[Any]]) -> None:
        """Let no message leave any more, and end these deliveries once those on their way are recorded."""


class Queue(Protocol):
    """Gives channels their turn: one channel's messages in order, channels side by side."""

    def wake(self) -> None:
        """Look at what is ready now: there may be something."""

    async def nudge(self, nudges: Iterable[Nudge]) -> None:
        """Have these delivered to: there is something for them."""

    async def run(self) -> None:
        """Have everything that is ready, or becomes so, delivered until cancelled; then end in order."""
