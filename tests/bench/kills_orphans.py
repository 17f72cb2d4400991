"""Digests that a killed process left half posted, and how soon another one went on with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from bot.model.database import DatabaseUrl
from tests.bench.figures import Row, Times

LOOK_SECONDS = 0.2
RESUMED_WITHIN = 10.0
OPEN = """
SELECT channel, key, (SELECT leased_by FROM deliveries AS d WHERE d.channel = posts.channel AND d.kind = posts.kind
    AND d.key = posts.key ORDER BY slot DESC LIMIT 1) FROM posts WHERE state = 'open'
"""
"""The open digests, and who had the last message of each in hand."""


class Living(Protocol):
    """A place of a process."""

    is_up: bool


@dataclass
class _Orphan:
    pid: int
    at: float
    others: list[int]
    """Places whose process was up at the kill and all the time since."""
    was_up: bool = True
    """The server, all the time since."""


class Orphans:
    """Watches the digests of killed processes."""

    def __init__(self, url: DatabaseUrl, workers: Sequence[Living]) -> None:
        self._url, self._workers = url.reveal(), workers
        self._waiting: dict[tuple[str, str], _Orphan] = {}
        self._seconds: list[tuple[float, bool]] = []
        """Of each until it was resumed, and whether a process and the server were up all the time."""

    async def of(self, pid: int) -> None:
        """Watch those of a process that was killed now."""
        now = time.monotonic()
        others = [number for number, worker in enumerate(self._workers) if worker.is_up]
        for channel, key, holder in await self._open():
            if _is(holder, pid):
                self._waiting.setdefault((channel, key), _Orphan(pid, now, others))

    def server_was_down(self) -> None:
        """What waits now is held up by more than its process."""
        for orphan in self._waiting.values():
            orphan.was_up = False

    async def watch(self) -> None:
        """Note when each was resumed, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for orphan in self._waiting.values():
                orphan.others = [number for number in orphan.others if self._workers[number].is_up]
            if self._waiting:
                holders = {(channel, key): holder for channel, key, holder in await self._open()}
                for name, orphan in list(self._waiting.items()):
                    if name not in holders or not _is(holders[name], orphan.pid):
                        seconds = time.monotonic() - orphan.at
                        self._seconds.append((seconds, bool(orphan.others) and orphan.was_up))
                        del self._waiting[name]

    async def _open(self) -> list[Any]:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as conn:
                    return await (await conn.execute(OPEN.encode())).fetchall()
            except psycopg.OperationalError:  # the server is being restarted
                await asyncio.sleep(0.1)

    def rows(self) -> Iterator[Row]:
        """How soon they were resumed."""
        target = f"{RESUMED_WITHIN:.0f} s"
        alone = Times(seconds for seconds, undisturbed in self._seconds if undisturbed)
        every = Times(seconds for seconds, _ in self._seconds)
        what = "half posted digests of killed processes, until another went on with them"
        yield Row("kills", f"{what}: it and the server were up all the time", _figure(alone), target)
        yield Row("kills", "all, those whose heir was killed too or whose server was away included", _figure(every))


def _is(holder: str | None, pid: int) -> bool:
    return holder is not None and f"/{pid}/" in holder


def _figure(times: Times) -> str:
    if not times:
        return "none"
    late = sum(seconds > RESUMED_WITHIN for seconds in times)
    return f"{len(times)}: {times}; {late} later than {RESUMED_WITHIN:.0f} s"
