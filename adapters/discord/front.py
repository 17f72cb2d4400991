"""The front: a gateway connection that hears people, under the engine's supervision."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from yarl import URL

from adapters.discord.failures import lost_connection
from adapters.discord.interactions import Interactions
from adapters.discord.menu import menu
from adapters.discord.servers import Notes
from bot.ports import Asgi, Desk

log = logging.getLogger("paperboy.discord")
CLOSED_WITHIN = 5.0
MENU = "discord menu"
"""The note's name under which it is kept which menu Discord has."""
GIVEN_UP = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)


class DiscordFront:
    """Serves one desk at a time. A connection that cannot be kept up ends it: whoever supervises starts it again."""

    name = "discord"
    asgi: tuple[str, Asgi] | None = None

    def __init__(self, token: str, notes: Notes, *, gateway_url: str | None = None, **options: Any) -> None:
        self._token = token
        self._notes = notes
        self._gateway_url = gateway_url
        self._options = options

    async def serve(self, desk: Desk) -> None:
        """Hear until cancelled, or until discord.py gives up, which is one line in the log."""
        client = self.client(desk)
        try:
            async with client:
                await client.login(self._token)
                await register_menu(client, self._notes)
                await _until_the_end(client)
        except GIVEN_UP as error:
            log.error("no connection to Discord reason=%r", lost_connection(error))  # noqa: TRY400 - a traceback tells no more

    def client(self, desk: Desk) -> Interactions:
        """Not yet started."""
        client = Interactions(desk, self._notes, **self._options)
        ask = client.http.get_bot_gateway

        async def there() -> Any:
            shards, url, limits = await ask()
            await _wait_for_a_session(limits)
            url = self._gateway_url or url
            # For sessions that begin anew, discord.py would go to Discord's own whatever it was told at first.
            DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
            return shards, url, limits

        client.http.get_bot_gateway = there  # type: ignore[method-assign]  # discord.py has no setting for it
        return client


async def _wait_for_a_session(limits: Any) -> None:
    """Discord gives a bot a thousand sessions a day, and another token to one that takes more."""
    if int(limits["remaining"]) < 1:
        seconds = max(int(limits["reset_after"]) / 1_000, 0.0)
        log.warning("Discord gives no more sessions for now next_try_in=%ds", seconds)
        await asyncio.sleep(seconds)


async def _until_the_end(client: Interactions) -> None:
    """Connected until cancelled: a connection that is being made anew would swallow that, so it is closed first."""
    connected = asyncio.create_task(client.connect())
    try:
        await asyncio.shield(connected)
    finally:
        await client.close()
        connected.cancel()
        await asyncio.wait({connected}, timeout=CLOSED_WITHIN)


async def register_menu(client: Interactions, notes: Notes) -> bool:
    """Give Discord the commands, if they are not what it was given last; returns whether it was."""
    assert client.application_id is not None, "known after login"  # noqa: S101 - a promise of discord.py
    commands = menu()
    told = hashlib.sha256(json.dumps([client.application_id, commands]).encode()).hexdigest()
    if await notes.noted(MENU) == told:
        return False
    await client.http.bulk_upsert_global_commands(client.application_id, commands)
    await notes.note(MENU, told)
    log.info("told Discord the commands")
    return True
