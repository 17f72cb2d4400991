"""The time of the running event loop, moved by hand: a time-out of an hour ends when a test says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest


class LoopTime:
    """Stops the running loop's time where it is; it goes on by `reach` alone."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._start = loop.time()
        self._now = self._start
        loop.time = lambda: self._now  # type: ignore[method-assign]  # a loop ends with its test

    async def reach(self, seconds: float) -> None:
        """So many seconds have passed since the start; before and after, every task runs until it waits."""
        await _all_wait()
        self._now = self._start + seconds
        await _all_wait()

    @staticmethod
    async def until(condition: Callable[[], bool]) -> None:
        """Wait for what threads do, a minute at most by the wall."""
        limit = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < limit, "it did not happen"
            await asyncio.to_thread(time.sleep, 0.001)


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Callable[[], int]:
    """Count the calls of an asynchronous method that have ended; returns how to ask for the number."""
    method, calls = getattr(owner, name), 0

    async def call(*args: Any, **options: Any) -> Any:
        nonlocal calls
        answer = await method(*args, **options)
        calls += 1
        return answer

    monkeypatch.setattr(owner, name, call)
    return lambda: calls


async def _all_wait() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
