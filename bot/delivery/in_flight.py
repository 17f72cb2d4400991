"""Messages between their claim and their record, which a shutdown waits for, and whether one may leave now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
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
        self._tasks: dict[asyncio.Task[Any] | None, int] = {}
        """Each with the number of leases that were lost before."""
        self._patience = patience
        self.stopping = False

    def enter(self) -> None:
        """Register the current task directly before the claim of its message. Raises Stopping if it may not leave."""
        self.check()
        self._tasks[asyncio.current_task()] = self._losses

    def check(self) -> None:
        """Raise Stopping if no message may leave now: also directly before the wire, for a claim takes a while.

        A lease that ran out since the claim, and is held again, does not count: others may have taken the message over.
        """
        is_held = self._lease is None or self._lease.is_held
        if self.stopping or not is_held or self._tasks.get(asyncio.current_task(), self._losses) != self._losses:
            raise Stopping

    @property
    def _losses(self) -> int:
        return 0 if self._lease is None else self._lease.losses

    def bound_by_lease(self) -> AbstractAsyncContextManager[None]:
        """A block that ends with Stopping when the lease of this process runs out: others go on from then."""
        return nullcontext() if self._lease is None else self._lease.bound()

    def leave(self) -> None:
        """The outcome of the current task's message is recorded, or it never left."""
        self._tasks.pop(asyncio.current_task(), None)

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
