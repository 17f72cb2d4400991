"""Steps of the machine's clock, seen from one tick to the next."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.store import Store

LEAST_STEP = timedelta(hours=1)
"""Smaller steps skip no day."""
NOTE = "clock"
"""Name of the note with the latest time that a tick has seen."""


class ClockWatch:
    """Compares the clock with the time that has passed, and with the latest time that was stored."""

    def __init__(self, store: Store) -> None:
        self._notes = store.secrets
        self._latest: datetime | None = None
        self._noted: datetime | None = None
        self._looked_at: float | None = None

    async def step(self, now: datetime) -> timedelta:
        """The jump of the clock ahead since the last tick, or behind the latest known time (negative); else zero.

        A restarted process knows the stored time alone: it cannot tell a step ahead from a time without a process.
        """
        elapsed = asyncio.get_running_loop().time()
        if self._latest is None and (note := await self._notes.get_note(NOTE)) is not None:
            self._latest = self._noted = datetime.fromisoformat(note)
        step = timedelta(0) if self._latest is None else now - self._latest
        if step > timedelta(0):
            passed = elapsed - self._looked_at if self._looked_at is not None else step.total_seconds()
            step -= timedelta(seconds=passed)
        self._latest, self._looked_at = now, elapsed
        if self._noted is None or abs(now - self._noted) >= LEAST_STEP / 2:
            await self._notes.put_note(NOTE, now.isoformat())
            self._noted = now
        return step if abs(step) >= LEAST_STEP else timedelta(0)
