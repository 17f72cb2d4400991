"""Shards shared by several processes: each takes its part of them by lease and gives them back at its end.

A lease that is not renewed in time is another process's to take: until then, and not longer, events of its shard are
handled. All processes use one number of shards, that of the leases that are held; Discord's, where there are none.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import ceil
from typing import NamedTuple
from uuid import uuid4

from bot.errors import UnavailableStoreError
from bot.ports.leases import Leases

log = logging.getLogger("paperboy.discord")

LEASE_SECONDS = 10.0
"""A dead process's shards are taken after that long."""
LOOK_SECONDS = 2.0
"""Between two looks: leases are renewed, and free shards taken."""
MARGIN_SECONDS = 1.0
"""Before the end of a lease, from which its shard is served no more."""
PROCESS, SHARD, SHARING = "discord process ", "discord shard ", "discord sharing"
"""Leases: of a process that takes part, of a shard (`discord shard 0 of 2`), of who takes shards at the moment."""


class Shard(NamedTuple):
    """A shard, and the number of all shards."""

    id: int
    total: int

    @property
    def lease(self) -> str:
        """Name of its lease."""
        return f"{SHARD}{self.id} of {self.total}"


class LeasedShard(NamedTuple):
    """A shard that is served while its lease is held."""

    shard: Shard
    is_held: Callable[[], bool]
    before_identify: Callable[[], Awaitable[None]]
    """Waits until a session may be begun."""


Serve = Callable[[Shard, Callable[[], bool]], Awaitable[None]]
"""Serves a shard until cancelled; the function says whether its lease is still held."""


class SharedShards:
    """The shards of this process. `monotonic` is in seconds, and goes on while the process is frozen."""

    def __init__(
        self,
        leases: Leases,
        serve: Serve,
        recommended: Callable[[], Awaitable[int]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`recommended` returns Discord's number of shards."""
        self._leases, self._serve, self._recommended, self._monotonic = leases, serve, recommended, monotonic
        self._process = f"{PROCESS}{uuid4().hex}"
        self._running: dict[Shard, asyncio.Task[None]] = {}
        self._held_until: dict[Shard, float] = {}

    async def run(self) -> None:
        """Serve this process's part of the shards until cancelled, or until one of them ends by itself."""
        looking = asyncio.create_task(self._look_until_cancelled())
        try:
            while not looking.done():
                await asyncio.wait({looking, *self._running.values()}, timeout=LOOK_SECONDS / 4)
                for shard in [each for each in self._running if not self.is_held(each)]:
                    log.warning("the lease of a shard is out shard=%d", shard.id)
                    await self._stop(shard)
                if (ended := next((task for task in self._running.values() if task.done()), None)) is not None:
                    return ended.result()
            return looking.result()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            leases = [self._process, *(shard.lease for shard in self._running)]
            await asyncio.gather(*map(self._stop, list(self._running)))
            await self._leases.release(*leases)

    def is_held(self, shard: Shard) -> bool:
        """Whether this process may handle a shard's events."""
        return self._monotonic() < self._held_until.get(shard, float("-inf"))

    async def _look_until_cancelled(self) -> None:
        while True:
            try:
                await self._look()
            except UnavailableStoreError as error:  # a session that is begun again costs one of a thousand a day
                log.warning("shards are served until their leases are out reason=%s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        """Renew, then take or give back shards so that every process has its part."""
        await self._leases.take(self._process, LEASE_SECONDS)
        for shard in list(self._running):
            if not await self._take(shard):
                await self._stop(shard)
        if not await self._leases.take(SHARING, LEASE_SECONDS):
            return
        try:
            await self._share()
        finally:
            await self._leases.release(SHARING)

    async def _share(self) -> None:
        leased = [name.removeprefix(SHARD).split(" of ") for name in await self._leases.holders(SHARD)]
        count = int(leased[0][1]) if leased else await self._recommended()
        taken = {int(number) for number, _ in leased}
        processes = {self._process, *await self._leases.holders(PROCESS)}  # its own is out where this look was slow
        part = ceil(count / len(processes))
        for shard in sorted(self._running)[part:]:
            await self._stop(shard)
            await self._leases.release(shard.lease)
        for free in [Shard(each, count) for each in range(count) if each not in taken]:
            if len(self._running) < part and await self._take(free):
                log.info("serving shard=%d of=%d", *free)
                self._running[free] = asyncio.create_task(self._serve_one(free), name=free.lease)

    async def _serve_one(self, shard: Shard) -> None:
        await self._serve(shard, lambda: self.is_held(shard))

    async def _take(self, shard: Shard) -> bool:
        started = self._monotonic()  # before the store writes: its clock gives at least as long
        is_taken = await self._leases.take(shard.lease, LEASE_SECONDS)
        if is_taken:
            self._held_until[shard] = started + LEASE_SECONDS - MARGIN_SECONDS
        return is_taken

    async def _stop(self, shard: Shard) -> None:
        self._held_until.pop(shard, None)
        if (task := self._running.pop(shard, None)) is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(task, return_exceptions=True)
