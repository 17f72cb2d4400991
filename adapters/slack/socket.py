"""Slack over Socket Mode: one WebSocket connection, re-established with back-off when it breaks."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.shares import UsedNames
from adapters.slack.client import error_summary, socket_log
from adapters.slack.failures import TRANSPORT
from adapters.slack.front import FINISH_SECONDS, SlackFront
from adapters.slack.inbound import MalformedRequestError, bolt_request
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
_ENVELOPE_ID = re.compile(r'"envelope_id"\s*:\s*"([\w-]{1,100})"')
STEADY_SECONDS = 60.0
"""A connection that lived this long was good, and the next failure counts as the first."""


class SlackSocket(SlackFront):
    """A front that connects to Slack, so that it needs no public address.

    The SDK follows Slack's requests to reconnect; every other break is repaired here, as the SDK's own loop retries a
    stale address for ever.
    """

    def __init__(  # noqa: PLR0913 - the front runs on exactly these parts
        self,
        workspace: SingleWorkspace,
        app_token: str,
        managers: Managers = "members",
        *,
        names: UsedNames,
        ping_seconds: float = PING_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(workspace, managers, clock, names)
        self._workspace, self._app_token, self._ping_seconds = workspace, app_token, ping_seconds

    async def _receive(self, interactions: Interactions) -> None:
        """Reconnect until cancelled, after pauses that grow with the failures in a row."""
        maintenance = asyncio.create_task(self._workspace.maintain())
        try:
            await self._reconnect(interactions.app())
        finally:
            maintenance.cancel()
            await asyncio.gather(maintenance, return_exceptions=True)

    async def _reconnect(self, app: AsyncApp) -> None:
        failures, now = 0, asyncio.get_running_loop().time
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

    async def _dispatch(self, app: AsyncApp, client: SocketModeClient, request: SocketModeRequest) -> None:
        """Hand a request to Bolt, and its acknowledgement to Slack; an odd request is acknowledged and dropped."""
        try:
            bolt = bolt_request(request.payload, self._workspace.slack.api_url)
        except MalformedRequestError as error:
            await acknowledge_unread(client, request.envelope_id, str(error))
            return
        await send_async_response(client, request, await app.async_dispatch(bolt), time.time())

    async def _connection(self, app: AsyncApp) -> None:
        """Hold one connection, repaired as long as that works. Raises the exception that ended it."""
        await self._workspace.identity()
        client = _Client(
            self._app_token,
            logger=socket_log,
            web_client=self._workspace.slack.web_client(),
            ping_interval=self._ping_seconds,
        )
        client.socket_mode_request_listeners.append(partial(self._dispatch, app))
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect_to_new_endpoint(force=True)
            log.info("connected to Slack")
            await _watch(client)
        finally:
            await _close(client)


class _Client(SocketModeClient):
    """The SDK's client, which would neither acknowledge nor survive quietly what it cannot parse."""

    def __init__(self, app_token: str, **options: Any) -> None:
        super().__init__(app_token, **options)
        self._listening: set[asyncio.Task[None]] = set()

    async def process_message(self) -> None:
        """Handle the next message; one that is no request, though it has an envelope, is acknowledged and dropped."""
        text = await self.message_queue.get()
        if not isinstance(text, str):
            return
        try:
            message = json.loads(text) if text.startswith("{") else {}
        except (ValueError, RecursionError) as error:
            message, reason = {}, f"not readable ({type(error).__name__})"
        else:
            is_request = {"type", "envelope_id", "payload"} <= message.keys()
            reason = "" if not is_request or isinstance(message["payload"], dict) else "no JSON object"
        if reason:
            envelope = _ENVELOPE_ID.search(text)
            await acknowledge_unread(self, envelope[1] if envelope else None, reason)
        else:
            task = asyncio.create_task(self.run_message_listeners(message, text))
            self._listening.add(task)
            task.add_done_callback(self._listening.discard)


async def acknowledge_unread(client: SocketModeClient, envelope_id: str | None, reason: str) -> None:
    """Acknowledge a request that is dropped, so that Slack does not repeat it, and say so in the log."""
    log.warning("a request over the socket was dropped reason=%r", reason)
    if envelope_id:
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=envelope_id))


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
