"""Messages between their claim and their record, which a shutdown waits for, and whether one may leave now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from bot.delivery.attempts import Stopping
from bot.delivery.process_lease import ProcessLease

STOP_SECONDS = 7.0
"""Seconds that messages in flight get at shutdown. Docker kills after 10 (Heroku 30, systemd 90), and the rest of a
shutdown takes up to 2."""


class InFlight:
    """The tasks with a message in flight; once stopped, or without the lease of the process, no other may leave."""

    def __init__(self, patience: float = STOP_SECONDS, lease: ProcessLease | None = None) -> None:
        self._lease = lease
        self._tasks: set[asyncio.Task[Any] | None] = set()
        self._patience = patience
        self.stopping = False

    def enter(self) -> None:
        """Register the current task directly before the claim of its message. Raises Stopping if it may not leave."""
        self.check()
        self._tasks.add(asyncio.current_task())

    def check(self) -> None:
        """Raise Stopping if no message may leave now: also directly before the wire, for a claim takes a while."""
        if self.stopping or (self._lease is not None and not self._lease.is_held):
            raise Stopping

    def leave(self) -> None:
        """The outcome of the current task's message is recorded, or it never left."""
        self._tasks.discard(asyncio.current_task())

    async def stop(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Cancel the tasks without a message in flight at once, the others if they take too long."""
        self.stopping = True
        running = list(tasks)
        for task in running:
            if task not in self._tasks:
                task.cancel()
        if running:
            _, unfinished = await asyncio.wait(running, timeout=self._patience)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
