"""The queue of a single process: a task for each channel, started from what the store says is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from bot.delivery.concurrency import ConcurrencyLimit
from bot.model import Channel, Nudge
from bot.ports.queue import Ready, Work

CHANNELS_AT_ONCE = 1_000
"""Digests held in memory."""
CHANNEL_PATIENCE = 30.0
"""Seconds after which a slow channel gives its slot among those 1,000 away."""
SLEEP_MIN, SLEEP_MAX = 1.0, 30.0
"""Seconds between two looks at the store when `wake` is not called."""


class InProcessQueue:
    """Implements `ports.Queue` with tasks."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._channels = ConcurrencyLimit(CHANNELS_AT_ONCE, CHANNEL_PATIENCE)
        self._running: dict[Channel, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the store now."""
        self._woken.set()

    async def nudge(self, nudges: Iterable[Nudge]) -> None:  # noqa: ARG002 - the port's; the store is read anyway
        """Look at the store now."""
        self.wake()

    async def run(self) -> None:
        """Deliver until cancelled; then start nothing new, and wait until posts on their way are recorded."""
        self._work.start()
        try:
            while True:
                self._woken.clear()
                ready = await self.start_tasks()
                sleep = SLEEP_MAX if ready.seconds is None else ready.seconds
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), min(max(sleep, SLEEP_MIN), SLEEP_MAX))
        finally:
            await self._work.stop(self._running.values())

    async def drain(self) -> None:
        """Deliver everything that can be delivered now, then return."""
        while (await self.start_tasks()).nudges or self._running:
            await self.pause()

    async def pause(self) -> None:
        """Wait until the tasks that run now have ended."""
        await asyncio.gather(*self._running.values())

    async def start_tasks(self) -> Ready:
        """Start a task for each channel and person with something ready and none running; returns what is ready."""
        ready = await self._work.ready()
        for nudge in ready.nudges:
            if nudge.channel not in self._running:
                task = asyncio.create_task(self._channels.run(partial(self._work.deliver, nudge)))
                self._running[nudge.channel] = task
                task.add_done_callback(partial(self._ended, nudge.channel))
        return ready

    def _ended(self, channel: Channel, _task: asyncio.Task[None]) -> None:
        del self._running[channel]
