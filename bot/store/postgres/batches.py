"""Changes of statements, committed together: those that come while others are being committed wait for one another.

So they share a round trip, a thread and a sync of the server's disk, the more of them the busier the server is.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from bot.errors import UnavailableStoreError
from bot.store.sql.outcomes import Outcome, resolve
from bot.store.sql.transaction import Statement

CHANGES_AT_ONCE = 100
SENDERS = 4
"""Most batches on their way; a second one leaves only where the first takes long."""
PATIENCE_SECONDS = 0.05
"""Time that a change waits for those on their way: they may wait for rows that somebody has locked."""
CANCEL_SECONDS = 0.5
"""Most time that a change which is cancelled while it is made is waited for: it is undone, or kept by then."""


@dataclass(eq=False, slots=True)
class Change:
    """Statements that are committed together, and who waits for that."""

    statements: Sequence[Statement]
    done: asyncio.Future[int]
    since: float = field(default_factory=time.monotonic)
    is_cancelled: bool = False
    """Not to be made again where the server was away."""


class Batches:
    """Collects changes, and has threads commit them."""

    def __init__(self, threads: Executor, commit: Callable[[Sequence[Change]], Sequence[int]]) -> None:
        """`commit` makes changes in one transaction, and returns how many rows each has changed."""
        self._threads, self._commit = threads, commit
        self._lock = threading.Lock()
        self._waiting: deque[Change] = deque()
        self._senders = 0

    async def apply(self, statements: Sequence[Statement]) -> int:
        """Make a change; the number of rows that its last statement changed."""
        loop = asyncio.get_running_loop()
        change = Change(statements, loop.create_future())
        self._waiting.append(change)
        self._start(1)
        timer = loop.call_later(PATIENCE_SECONDS, self._start, SENDERS)
        try:
            return await asyncio.shield(change.done)
        except asyncio.CancelledError:
            await self._withdraw(change)
            raise
        finally:
            timer.cancel()

    async def _withdraw(self, change: Change) -> None:
        """Leave out a change that waits; wait for one that is made, as taking it back has to come after it."""
        with self._lock:
            if change in self._waiting:
                self._waiting.remove(change)
                return
            change.is_cancelled = True
        change.done.add_done_callback(asyncio.Future.exception)  # of which nobody is told any more
        await asyncio.wait([change.done], timeout=CANCEL_SECONDS)

    def _start(self, most: int) -> None:
        with self._lock:
            if self._waiting and self._senders < most:
                self._threads.submit(self._send)
                self._senders += 1

    def _send(self) -> None:
        while batch := self._next():
            resolve(self._outcomes(batch))

    def _next(self) -> list[Change]:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), CHANGES_AT_ONCE))]
            self._senders -= not batch
            return batch

    def _outcomes(self, batch: Sequence[Change]) -> list[Outcome]:
        try:
            counts = self._commit(batch)
        except Exception as error:  # noqa: BLE001 - the future has it
            if len(batch) == 1 or isinstance(error, UnavailableStoreError):
                return [(change.done, None, error) for change in batch]
            return [outcome for change in batch for outcome in self._outcomes([change])]
        return [(change.done, count, None) for change, count in zip(batch, counts, strict=True)]
