"""Background tasks: work that goes on after a platform's request was acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.errors import DeliveryError


class BackgroundTasks:
    """Starts tasks and keeps a reference to each until it ends; the event loop alone keeps a weak one."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._log = logging.getLogger(f"paperboy.{platform}")
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Start a task; an exception in it is logged under `name`, a DeliveryError in one line."""
        task = asyncio.create_task(self._run(name, work), name=f"{self._platform} {name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self, seconds: float) -> None:
        """Wait at most so long for the running tasks, then cancel the rest."""
        if not self._running:
            return
        _, late = await asyncio.wait(set(self._running), timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except DeliveryError as error:
            self._log.warning("task failed name=%s reason=%r", name, error.reason)
        except Exception:  # noqa: BLE001 - logged just below, through a logger of the platform's
            self._log.exception("task failed name=%s", name)
