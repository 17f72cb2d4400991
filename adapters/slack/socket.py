"""Slack over Socket Mode: a connection that is held, mended and, where that fails, made anew."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from adapters.slack.access import OneWorkspace, reason, socket_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.interactions import Hearing
from adapters.slack.people import Managers
from adapters.tasks import BackgroundTasks
from bot.ports import Asgi, Desk

log = logging.getLogger("paperboy.slack")

PING_EVERY = 5.0
"""Seconds between pings; a socket that answers none for four of them is dead."""
LOOK_EVERY = 0.5
PATIENCE = 20.0
"""Seconds that making a connection may take."""
BACK_OFF = (1.0, 2.0, 5.0, 15.0, 60.0)
STEADY_AFTER = 60.0
"""Seconds after which a connection counts as good, and the next fault as the first."""
FINISH_WITHIN = 5.0


class SlackSocket:
    """A front that calls out, so that it needs no public address.

    The SDK follows Slack's requests to reconnect; everything else is mended here, as its own loop tries a stale
    address for ever.
    """

    name = "slack"
    asgi: tuple[str, Asgi] | None = None

    def __init__(
        self,
        access: OneWorkspace,
        app_token: str,
        managers: Managers = "members",
        *,
        ping_every: float = PING_EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._app_token = app_token
        self._managers = managers
        self._errands = BackgroundTasks("slack")
        self._clock = clock
        self._ping_every = ping_every

    async def settled(self) -> None:
        """Return when everything that was begun is done."""
        await self._errands.finish(FINISH_WITHIN)

    async def serve(self, desk: Desk) -> None:
        """Hear until cancelled."""
        app = Hearing(desk, self._access, self._managers, self._errands, self._clock).app()
        try:
            await self._stay(app)
        finally:
            await self._errands.finish(FINISH_WITHIN)
            await self._access.wire.close()

    async def _stay(self, app: AsyncApp) -> None:
        failures = 0
        now = asyncio.get_running_loop().time
        while True:
            started = now()
            try:
                await self._connection(app)
            except TRANSPORT as error:
                failures = 0 if now() - started > STEADY_AFTER else failures
                log.warning("no connection to Slack reason=%r next_try_in=%ds", reason(error), _pause(failures))
            await asyncio.sleep(_pause(failures))
            failures += 1

    async def _connection(self, app: AsyncApp) -> None:
        """One connection, mended as long as that works. Raises what ended it."""
        await self._access.who()
        handler = AsyncSocketModeHandler(
            app,
            self._app_token,
            logger=socket_log,
            web_client=self._access.wire.client(),
            ping_interval=self._ping_every,
        )
        client = handler.client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        try:
            async with asyncio.timeout(PATIENCE):
                await client.connect_to_new_endpoint(force=True)
            log.info("connected to Slack")
            await self._hold(client)
        finally:
            await _close(client)

    async def _hold(self, client: SocketModeClient) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if await client.is_connected():
                continue
            async with asyncio.timeout(PATIENCE):
                await client.connect_to_new_endpoint()
            if not await client.is_connected():
                raise ConnectionError("the connection broke")
            log.info("connected to Slack again")


def _pause(failures: int) -> float:
    return BACK_OFF[min(failures, len(BACK_OFF) - 1)]


async def _close(client: SocketModeClient) -> None:
    """Hang up and wait for the SDK's own tasks, which it cancels and leaves."""
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    try:
        async with asyncio.timeout(FINISH_WITHIN):
            await client.close()  # type: ignore[no-untyped-call]  # the SDK's
    except TRANSPORT as error:
        log.debug("hung up with a fault reason=%r", reason(error))
    finally:
        if not client.aiohttp_client_session.closed:
            await client.aiohttp_client_session.close()
    for task in filter(None, tasks):
        task.cancel()
    await asyncio.gather(*filter(None, tasks), return_exceptions=True)
