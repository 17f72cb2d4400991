"""Slack over Socket Mode: one WebSocket connection, re-established with back-off when it breaks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from adapters.slack.client import error_summary, socket_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.front import FINISH_SECONDS, SlackFront
from adapters.slack.interactions import Interactions
from adapters.slack.people import Managers
from adapters.slack.workspaces import SingleWorkspace

log = logging.getLogger("paperboy.slack")

PING_SECONDS = 5.0
"""Between pings; a socket that answers none for four of them is dead."""
CHECK_SECONDS = 0.5
"""Between two looks whether the socket is connected."""
CONNECT_SECONDS = 20.0
"""Longest time to make a connection."""
BACK_OFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0)
STEADY_SECONDS = 60.0
"""A connection that lived this long was good, and the next failure counts as the first."""


class SlackSocket(SlackFront):
    """A front that connects to Slack, so that it needs no public address.

    The SDK follows Slack's requests to reconnect; every other break is repaired here, as the SDK's own loop retries a
    stale address for ever.
    """

    def __init__(
        self,
        workspace: SingleWorkspace,
        app_token: str,
        managers: Managers = "members",
        *,
        ping_seconds: float = PING_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(workspace, managers, clock)
        self._workspace, self._app_token, self._ping_seconds = workspace, app_token, ping_seconds

    async def _receive(self, interactions: Interactions) -> None:
        """Reconnect until cancelled, after pauses that grow with the failures in a row."""
        app, failures = interactions.app(), 0
        now = asyncio.get_running_loop().time
        while True:
            started = now()
            pause = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)]
            try:
                await self._connection(app)
            except TRANSPORT as error:
                if now() - started > STEADY_SECONDS:
                    failures, pause = 0, BACK_OFF_SECONDS[0]
                log.warning("no connection to Slack reason=%r next_try_in=%ds", error_summary(error), pause)
            await asyncio.sleep(pause)
            failures += 1

    async def _connection(self, app: AsyncApp) -> None:
        """Hold one connection, repaired as long as that works. Raises the exception that ended it."""
        await self._workspace.identity()
        handler = AsyncSocketModeHandler(
            app,
            self._app_token,
            logger=socket_log,
            web_client=self._workspace.slack.web_client(),
            ping_interval=self._ping_seconds,
        )
        client = handler.client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect_to_new_endpoint(force=True)
            log.info("connected to Slack")
            await _watch(client)
        finally:
            await _close(client)


async def _watch(client: SocketModeClient) -> None:
    """Reconnect the socket whenever it broke. Raises ConnectionError when that failed."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        if await client.is_connected():
            continue
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.connect_to_new_endpoint()
        if not await client.is_connected():
            raise ConnectionError("the connection broke")
        log.info("connected to Slack again")


async def _close(client: SocketModeClient) -> None:
    """Close the connection and wait for the SDK's own tasks, which it cancels without waiting."""
    tasks = [*filter(None, (client.message_processor, client.current_session_monitor, client.message_receiver))]
    try:
        async with asyncio.timeout(FINISH_SECONDS):
            await client.close()  # type: ignore[no-untyped-call]  # the SDK's
    except TRANSPORT as error:
        log.debug("the socket could not be closed reason=%r", error_summary(error))
    finally:
        if not client.aiohttp_client_session.closed:
            await client.aiohttp_client_session.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
