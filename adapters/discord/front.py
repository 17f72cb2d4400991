"""Discord as a front: one gateway connection, supervised by the engine, and the command menu."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from yarl import URL

from adapters.discord.blocks import Json
from adapters.discord.failures import connection_problem
from adapters.discord.installs import allow_user_install
from adapters.discord.interactions import Interactions
from adapters.discord.menu import NOTE, ROOT, TEAM_ROOT, menu
from adapters.discord.servers import Notes
from adapters.discord.shards import LeasedShard, Shard, SharedShards
from bot.ports import Asgi, Desk
from bot.ports.leases import Leases

log = logging.getLogger("paperboy.discord")
IDENTIFY_SECONDS = 5.5
"""Between two sessions of one bucket; Discord asks for 5, counted where it is.
https://discord.com/developers/docs/events/gateway#rate-limiting"""
BAD_REQUEST = 400
CLOSED_WITHIN = 5.0
"""Seconds for the connection to end."""
CONNECTION_ERRORS = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)


class DiscordFront:
    """Serves one desk at a time. `serve` returns when the connection is lost; its supervisor calls it again."""

    name = "discord"
    asgi: tuple[str, Asgi] | None = None

    def __init__(
        self, token: str, notes: Notes, *, gateway_url: str | None = None, leases: Leases | None = None, **options: Any
    ) -> None:
        """`leases` are given where other processes share the store: then each serves some of the shards."""
        self._token = token
        self._notes = notes
        self._gateway_url, self._leases = gateway_url, leases
        self._options = options

    async def serve(self, desk: Desk) -> None:
        """Handle events until cancelled, or until discord.py gives up, which is logged in one line."""
        try:
            if self._leases is None:
                await self._serve_all(desk)
            else:
                await SharedShards(self._leases, partial(self._serve_one, desk), partial(self._shards, desk)).run()
        except CONNECTION_ERRORS as error:
            log.error("no connection to Discord reason=%r", connection_problem(error))  # noqa: TRY400 - a traceback tells no more

    async def _serve_all(self, desk: Desk) -> None:
        async with self._new_client(desk) as client:
            await client.login(self._token)
            await register_menu(client, self._notes)
            await _stay_connected(client)

    async def _serve_one(self, desk: Desk, shard: Shard, is_held: Callable[[], bool]) -> None:
        """Serve one shard of several processes'."""
        sessions_at_once = 1

        async def before_identify() -> None:
            name = f"discord identify {shard.id % sessions_at_once}"
            await asyncio.sleep(await self._leases.turn(name, IDENTIFY_SECONDS) if self._leases else 0.0)

        leased = LeasedShard(shard, is_held, before_identify)
        async with self._new_client(desk, leased=leased, shard_ids=[shard.id], shard_count=shard.total) as client:
            await client.login(self._token)
            await register_menu(client, self._notes)
            sessions_at_once = int((await client.http.get_bot_gateway())[2]["max_concurrency"])
            await _stay_connected(client)

    async def _shards(self, desk: Desk) -> int:
        """The number of shards that Discord recommends."""
        async with self._new_client(desk) as client:
            await client.login(self._token)
            return int((await client.http.get_bot_gateway())[0])

    def _new_client(self, desk: Desk, **options: Any) -> Interactions:
        client = Interactions(desk, self._notes, **self._options, **options)
        original = client.http.get_bot_gateway

        async def get_bot_gateway() -> Any:
            shards, url, limits = await original()
            # Discord gives a bot a thousand sessions a day, and resets the token of one that takes more.
            if int(limits["remaining"]) < 1:
                seconds = max(int(limits["reset_after"]) / 1_000, 0.0)
                log.warning("Discord gives no more sessions for now next_try_in=%ds", seconds)
                await asyncio.sleep(seconds)
            url = self._gateway_url or url
            # Sessions after the first would go to Discord's own gateway whatever the first was given.
            DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
            return shards, url, limits

        client.http.get_bot_gateway = get_bot_gateway  # type: ignore[method-assign]  # discord.py has no setting for it
        return client


async def _stay_connected(client: Interactions) -> None:
    """Run the connection until cancelled; closed before it is cancelled, because a reconnecting one ignores that."""
    connection = asyncio.create_task(client.connect())
    try:
        await asyncio.shield(connection)
    finally:
        await client.close()
        connection.cancel()
        await asyncio.wait({connection}, timeout=CLOSED_WITHIN)


async def register_menu(client: Interactions, notes: Notes) -> None:
    """Send Discord the commands, unless it has them already, and note the ids that it gave them."""
    assert client.application_id is not None, "known after login"  # noqa: S101 - a promise of discord.py
    for_people = await allow_user_install(client, notes)
    commands = menu(for_people=for_people)
    digest = _digest(client, commands)
    last_digest, _, client.menu_ids = (await notes.get_note(NOTE) or "").partition(" ")
    if last_digest != digest or not client.menu_ids:
        try:
            listed = await client.http.bulk_upsert_global_commands(client.application_id, commands)
        except discord.HTTPException as error:
            if not for_people or error.status != BAD_REQUEST:
                raise
            log.warning("Discord takes no commands for people, those for servers are sent reason=%r", str(error)[:200])
            commands = menu(for_people=False)
            digest = _digest(client, commands)  # so that the others are tried again at the next start
            listed = await client.http.bulk_upsert_global_commands(client.application_id, commands)
        ids = {each.get("name"): str(each["id"]) for each in listed}
        client.menu_ids = " ".join(ids[name] for name in (ROOT, TEAM_ROOT) if name in ids)
        await notes.put_note(NOTE, f"{digest} {client.menu_ids}")
        log.info("told Discord the commands")


def _digest(client: Interactions, commands: list[Json]) -> str:
    """Hash of an application's commands."""
    return hashlib.sha256(json.dumps([client.application_id, commands]).encode()).hexdigest()
