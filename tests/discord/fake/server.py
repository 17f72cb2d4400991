"""The fake itself: REST over HTTP, the gateway over a WebSocket, and what a test arranges and sees."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

from tests.discord.fake.gateway import Gateway
from tests.discord.fake.interactions import Interactions
from tests.discord.fake.rest import ROUTES, Refused
from tests.discord.fake.world import DM, Channel, Guild, Ids, Json, Posted, mentions, pings

APPLICATION = "123456789012345678"
TOKEN = base64.b64encode(APPLICATION.encode()).decode().rstrip("=") + ".GabcdE." + "a" * 30
NONCE_REMEMBERED = 180.0
"""Seconds; Discord says “a few minutes”."""


def as_json(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """With the content type exactly as Discord sends it: discord.py reads no other as JSON."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


DROP, DROP_AFTER, GARBAGE_AFTER = "drop", "drop after", "garbage after"


class FakeDiscord:
    """`async with FakeDiscord() as discord`: a Discord of its own on loopback.

    latency       seconds before a REST call is carried out
    nonces_last   seconds for which a nonce is remembered
    """

    def __init__(self, *, latency: float = 0.0, port: int = 0, nonces_last: float = NONCE_REMEMBERED) -> None:
        self.latency, self.port, self.nonces_last = latency, port, nonces_last
        self.ids = Ids()
        self.bot: Json = {"id": APPLICATION, "username": "Paperboy", "discriminator": "0", "avatar": None, "bot": True,
                          "global_name": None}  # fmt: skip
        self.people: dict[str, Json] = {APPLICATION: self.bot}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.posts: list[Posted] = []
        self.menu: list[Json] = []
        self.applied: list[str] = []
        """Tags of forum posts."""
        self.seen: list[tuple[str, str]] = []
        """Every REST call: method and path."""
        self.faults: deque[tuple[str, str, int | str, Json | str, dict[str, str]]] = deque()
        self.nonces: dict[tuple[str, str], tuple[float, Posted]] = {}
        self.gateway = Gateway(self)
        self.interactions = Interactions(self)
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**24)
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_route("*", "/api/v10/{path:.*}", self._call)
        self.add_doors(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1_024).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close()
        assert self._runner is not None
        await self._runner.cleanup()

    def add_doors(self, app: web.Application) -> None:
        """For a subclass with more."""

    # --- where it is, what it has ---------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        """For PAPERBOY_DISCORD_API_URL."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def pings(self) -> list[str]:
        """Everybody who was notified."""
        return [ping for post in self.posts for ping in pings(post.raw)]

    @property
    def mentions(self) -> list[str]:
        """Everybody who is shown as mentioned."""
        return [each for post in self.posts for each in mentions(post.raw)]

    def guild(self, guild_id: str = "1001", *rooms: str) -> Guild:
        """A server that Paperboy is in, with text channels of these ids."""
        guild = self.guilds.setdefault(guild_id, Guild(guild_id))
        for room in rooms:
            if room not in guild.channels:
                self.room(guild, room)
        return guild

    def room(self, guild: Guild, room: str, kind: int = 0) -> Channel:
        """A channel of it."""
        channel = Channel(room, kind, f"room-{room}", guild)
        guild.channels[room] = self.channels[room] = channel
        return channel

    def person(self, user_id: str) -> Json:
        """Somebody."""
        return self.people.setdefault(user_id, {"id": user_id, "username": f"user{user_id}", "discriminator": "0",
                                                "avatar": None, "global_name": None, "bot": False})  # fmt: skip

    def dm(self, user_id: str) -> Channel:
        """The direct messages with somebody."""
        self.person(user_id)
        known = (room for room in self.channels.values() if room.kind == DM and room.with_ == user_id)
        room = next(known, None)
        if room is None:
            room = Channel(self.ids.next(), DM, with_=user_id)
            self.channels[room.id] = room
        return room

    def keep(
        self, channel: Channel, raw: Json, author: str, *, only: str | None = None, message_id: str | None = None
    ) -> Posted:
        """Add a message."""
        post = Posted(message_id or self.ids.next(), channel, author, raw, only)
        channel.posts.append(post)
        self.posts.append(post)
        self.happened()
        return post

    # --- servers ----------------------------------------------------------------------------------------------

    async def invite(self, guild: Guild) -> None:
        """Paperboy is added to a server."""
        guild.here = True
        await self.gateway.event("GUILD_CREATE", guild.as_json(self.bot))

    async def removed(self, guild: Guild) -> None:
        """Paperboy is removed from it."""
        guild.here = False
        await self.gateway.event("GUILD_DELETE", {"id": guild.id})

    async def outage(self, guild: Guild, *, over: bool = False) -> None:
        """Discord cannot say anything about a server, and can again."""
        told = guild.as_json(self.bot) if over else {"id": guild.id, "unavailable": True}
        await self.gateway.event("GUILD_CREATE" if over else "GUILD_DELETE", told)

    async def delete_channel(self, channel: Channel) -> None:
        """Somebody deletes it."""
        assert channel.guild is not None
        await self.gateway.event("CHANNEL_DELETE", channel.as_json())
        del channel.guild.channels[channel.id], self.channels[channel.id]

    # --- misfortune -----------------------------------------------------------------------------------------------

    def fails(
        self,
        method: str,
        path: str,
        what: int | str,
        body: Json | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """The next call of `method` whose path contains `path` meets a status with a body (text: a page), or a DROP."""
        self.faults.append((method, path, what, body or {}, headers or {}))

    # --- waiting --------------------------------------------------------------------------------------------------

    def happened(self) -> None:
        """Wake who waits."""
        self._changed.set()

    async def until(self, true: Callable[[], object], within: float = 10.0) -> None:
        """Wait for it."""
        async with asyncio.timeout(within):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    # --- REST -----------------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        self.seen.append((request.method, path))
        if self.latency:
            await asyncio.sleep(self.latency)
        body = await request.json() if request.can_read_body else {}
        fault = self._fault(request.method, path)
        if fault is not None and not str(fault[2]).endswith("after"):
            return self._misfortune(request, fault)
        open_to_all = path.startswith(("/interactions/", "/webhooks/"))
        if not open_to_all and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return as_json({"message": "401: Unauthorized", "code": 0}, status=401)
        answer = await self._answer(request, path, body)
        self.happened()
        return answer if fault is None else self._misfortune(request, fault)

    async def _answer(self, request: web.Request, path: str, body: Json) -> web.StreamResponse:
        for method, pattern, handle in ROUTES:
            if method == request.method and (found := pattern.fullmatch(path)):
                try:
                    said: Any = handle(self, body, dict(request.query), *found.groups())
                    said = await said if isinstance(said, Awaitable) else said
                except Refused as refused:
                    return as_json({"message": refused.message, "code": refused.code}, status=refused.status)
                return web.Response(status=204) if said is None else as_json(said)
        return as_json({"message": "404: Not Found", "code": 0}, status=404)

    def _fault(self, method: str, path: str) -> tuple[str, str, int | str, Json | str, dict[str, str]] | None:
        for fault in self.faults:
            if fault[0] == method and fault[1] in path:
                self.faults.remove(fault)
                return fault
        return None

    def _misfortune(
        self, request: web.Request, fault: tuple[str, str, int | str, Json | str, dict[str, str]]
    ) -> web.StreamResponse:
        _, _, what, body, headers = fault
        if isinstance(body, str):
            return web.Response(status=int(what), text=body, content_type="text/html", headers=headers)
        if isinstance(what, int):
            return as_json(body, status=what, headers=headers)
        if what == GARBAGE_AFTER:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=503)
