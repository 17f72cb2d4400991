"""Messages between their claim and their record, which a shutdown waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from bot.delivery.attempts import Stopping

STOP_SECONDS = 7.0
"""Seconds that messages in flight get at shutdown. Docker kills after 10 (Heroku 30, systemd 90), and the rest of a
shutdown takes up to 2."""


class InFlight:
    """The tasks with a message in flight; once stopped, no other message may leave."""

    def __init__(self, patience: float = STOP_SECONDS) -> None:
        self._tasks: set[asyncio.Task[Any] | None] = set()
        self._patience = patience
        self.stopping = False

    def enter(self) -> None:
        """Register the current task directly before the claim of its message. Raises Stopping after `stop`."""
        if self.stopping:
            raise Stopping
        self._tasks.add(asyncio.current_task())

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
