"""Matrix as a front: one sync loop, by one process."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any

from adapters.matrix.client import MatrixClient
from adapters.matrix.events import Events
from bot.errors import DeliveryError
from bot.ports import Asgi, Desk
from bot.ports.leases import Leases, kept

log = logging.getLogger("paperboy.matrix")
LEASE, LEASE_SECONDS = "matrix sync", 60.0
SYNC_MILLISECONDS = 30_000
FILTER = {
    "presence": {"types": []},
    "room": {"ephemeral": {"types": []}, "state": {"lazy_load_members": True}, "timeline": {"limit": 100}},
}


class MatrixFront:
    """Serves one desk at a time. `serve` returns when the homeserver is lost; its supervisor calls it again."""

    name = "matrix"
    asgi: tuple[str, Asgi] | None = None

    def __init__(self, client: MatrixClient, notes: Any = None, leases: Leases | None = None) -> None:
        """`notes` keep how far it has read; `leases` are given where other processes share the store."""
        self._client, self._notes, self._leases = client, notes, leases

    async def serve(self, desk: Desk) -> None:
        """Sync until cancelled, or until the homeserver refuses, which is logged in one line."""
        events = Events(self._client, desk)
        async with AsyncExitStack() as stack:
            if self._leases is not None:
                while not await self._leases.take(LEASE, LEASE_SECONDS):  # noqa: ASYNC110 - held by another process
                    await asyncio.sleep(LEASE_SECONDS / 4)
                await stack.enter_async_context(kept(self._leases, LEASE, LEASE_SECONDS, LEASE_SECONDS / 3))
            try:
                await self._listen(events)
            except DeliveryError as error:
                log.error("no connection to the homeserver reason=%r", error.reason)  # noqa: TRY400 - a traceback tells no more
            finally:
                await events.tasks.finish(1.0)

    async def _listen(self, events: Events) -> None:
        await self._client.check_account()
        nio, note = self._client.nio, f"matrix sync {self._client.user}"
        since = nio.next_batch or (await self._notes.get_note(note) if self._notes else None)
        while True:
            is_first = not nio.next_batch
            request = nio.sync(0 if is_first else SYNC_MILLISECONDS, FILTER, since or None, is_first)
            response = await self._client.ask(request)
            since = response.next_batch
            for noted in response.account_data_events:
                if getattr(noted, "type", "") == "m.direct":
                    self._client.learn_direct(noted.content)
            events.take(response.rooms)
            if self._notes is not None and response.rooms.join:
                await self._notes.put_note(note, since)
