"""The fake Discord: REST over HTTP, the gateway over a WebSocket, and the controls of tests."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable
from typing import Self

from aiohttp import web

from tests.discord.fake.gateway import Gateway
from tests.discord.fake.interactions import Interactions
from tests.discord.fake.rest import ROUTES, Refused
from tests.discord.fake.world import DM, GROUP_DM, Channel, Guild, Ids, Json, Posted, TooMany, mentions, pings

APPLICATION = "123456789012345678"
TOKEN = base64.b64encode(APPLICATION.encode()).decode().rstrip("=") + ".GabcdE." + "a" * 30
NONCE_REMEMBERED = 180.0
"""Seconds; Discord says “a few minutes”."""


def as_json(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON response with exactly Discord's content type: discord.py reads no other as JSON."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


async def read_body(request: web.Request) -> Json:
    """The JSON of a request; of a form with files, with the files by name under "files"."""
    if not request.content_type.startswith("multipart/"):
        return await request.json() if request.can_read_body else {}
    form = await request.post()
    body: Json = json.loads(str(form["payload_json"]))
    files = {name: part for name, part in form.items() if isinstance(part, web.FileField)}
    for attachment in body.get("attachments") or ():
        part = files.pop(f"files[{attachment['id']}]")
        body.setdefault("files", {})[part.filename] = part.file.read()
    assert not files, "each file is declared as an attachment"
    return body


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
        self.bot_public = True
        """Whether others than its owner may install the application."""
        self.install_config: Json = {}
        """Default settings of each way to install the application; without any, servers alone."""
        self.installed_by: set[str] = set()
        """Ids of the people who installed it for themselves."""
        self.attached: dict[str, bytes] = {}
        """Files that people attached to commands, by id."""
        self.forgets_files = False
        """Whether attached files cannot be fetched."""
        self.applied_tags: list[str] = []
        """Tags applied to forum posts."""
        self.requests: list[tuple[str, str]] = []
        """Method and path of every REST call."""
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
        app.router.add_get("/attachments/{id}", self._attachment)
        self.add_routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1_024).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close()
        assert self._runner is not None
        await self._runner.cleanup()

    def add_routes(self, app: web.Application) -> None:
        """Add routes; for a subclass."""

    async def _attachment(self, request: web.Request) -> web.Response:
        """The content of an attached file, as from Discord's CDN."""
        content = self.attached.get(request.match_info["id"])
        return web.Response(status=404) if content is None or self.forgets_files else web.Response(body=content)

    # --- address and state --------------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        """Value for PAPERBOY_DISCORD_API_URL."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def pings(self) -> list[str]:
        """Mentions that notified somebody, in all messages."""
        return [ping for post in self.posts for ping in pings(post.raw)]

    @property
    def mentions(self) -> list[str]:
        """Mentions shown in all messages."""
        return [each for post in self.posts for each in mentions(post.raw)]

    def guild(self, guild_id: str = "1001", *channels: str) -> Guild:
        """A server that Paperboy is in, with text channels of these ids."""
        guild = self.guilds.setdefault(guild_id, Guild(guild_id))
        for channel_id in channels:
            if channel_id not in guild.channels:
                self.add_channel(guild, channel_id)
        return guild

    def add_channel(self, guild: Guild, channel_id: str, kind: int = 0) -> Channel:
        """Add a channel to a server."""
        channel = Channel(channel_id, kind, f"channel-{channel_id}", guild)
        guild.channels[channel_id] = self.channels[channel_id] = channel
        return channel

    def person(self, user_id: str) -> Json:
        """The user with this id."""
        return self.people.setdefault(user_id, {"id": user_id, "username": f"user{user_id}", "discriminator": "0",
                                                "avatar": None, "global_name": None, "bot": False})  # fmt: skip

    def dm(self, user_id: str) -> Channel:
        """The channel of the bot's direct messages with a user."""
        self.person(user_id)
        channel = next((each for each in self.channels.values() if each.recipient_id == user_id), None)
        if channel is None:
            channel = Channel(self.ids.next(), DM, recipient_id=user_id)
            self.channels[channel.id] = channel
        return channel

    def between(self, *user_ids: str) -> Channel:
        """Direct messages of people with each other: of two, or of a group."""
        for user_id in user_ids:
            self.person(user_id)
        channel = Channel(self.ids.next(), DM if len(user_ids) == 2 else GROUP_DM, "them")
        self.channels[channel.id] = channel
        return channel

    def add_message(
        self, channel: Channel, raw: Json, author: str, *, visible_to: str | None = None, message_id: str | None = None
    ) -> Posted:
        """Add a message."""
        post = Posted(message_id or self.ids.next(), channel, author, raw, visible_to)
        channel.posts.append(post)
        self.posts.append(post)
        self.notify()
        return post

    def edit(self, post: Posted, raw: Json) -> None:
        """Put other content in the place of a message's."""
        post.raw = raw
        post.edits.append(self.ids.now())
        self.notify()

    # --- servers ----------------------------------------------------------------------------------------------

    async def invite(self, guild: Guild) -> None:
        """Add Paperboy to a server."""
        guild.has_bot = True
        await self.gateway.dispatch("GUILD_CREATE", guild.as_json(self.bot))

    async def remove_bot(self, guild: Guild) -> None:
        """Remove Paperboy from a server."""
        guild.has_bot = False
        await self.gateway.dispatch("GUILD_DELETE", {"id": guild.id})

    async def outage(self, guild: Guild, *, over: bool = False) -> None:
        """Make a server unavailable, or available again when the outage is over."""
        data = guild.as_json(self.bot) if over else {"id": guild.id, "unavailable": True}
        await self.gateway.dispatch("GUILD_CREATE" if over else "GUILD_DELETE", data)

    async def delete_channel(self, channel: Channel) -> None:
        """Delete a channel."""
        assert channel.guild is not None
        await self.gateway.dispatch("CHANNEL_DELETE", channel.as_json())
        del channel.guild.channels[channel.id], self.channels[channel.id]

    # --- failures ----------------------------------------------------------------------------------------------

    def fails(
        self,
        method: str,
        path: str,
        status: int | str,
        body: Json | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer the next call of `method` whose path contains `path` with a status and body, or with a DROP."""
        self.faults.append((method, path, status, body or {}, headers or {}))

    # --- waiting --------------------------------------------------------------------------------------------------

    def notify(self) -> None:
        """Wake every `until`."""
        self._changed.set()

    async def until(self, condition: Callable[[], object], within: float = 60.0) -> None:
        """Wait until the condition is true; raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # --- REST -----------------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        self.requests.append((request.method, path))
        if self.latency:
            await asyncio.sleep(self.latency)
        body = await read_body(request)
        fault = self._fault(request.method, path)
        if fault is not None and not str(fault[2]).endswith("after"):
            return self._failure(request, fault)
        open_to_all = path.startswith(("/interactions/", "/webhooks/"))
        if not open_to_all and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return as_json({"message": "401: Unauthorized", "code": 0}, status=401)
        answer = await self._answer(request, path, body)
        self.notify()
        return answer if fault is None else self._failure(request, fault)

    async def _answer(self, request: web.Request, path: str, body: Json) -> web.StreamResponse:
        for method, pattern, handle in ROUTES:
            if method == request.method and (match := pattern.fullmatch(path)):
                try:
                    answer = handle(self, body, dict(request.query), *match.groups())
                except TooMany as limit:
                    answer = {"message": "You are being rate limited.", "retry_after": limit.seconds, "global": False}
                    headers = {"Retry-After": "1", "Via": "1.1 google"}  # as Discord: the body alone is right
                    return as_json(answer, status=429, headers=headers)
                except Refused as refused:
                    return as_json({"message": refused.message, "code": refused.code}, status=refused.status)
                return web.Response(status=204) if answer is None else as_json(answer)
        return as_json({"message": "404: Not Found", "code": 0}, status=404)

    def _fault(self, method: str, path: str) -> tuple[str, str, int | str, Json | str, dict[str, str]] | None:
        for fault in self.faults:
            if fault[0] == method and fault[1] in path:
                self.faults.remove(fault)
                return fault
        return None

    def _failure(
        self, request: web.Request, fault: tuple[str, str, int | str, Json | str, dict[str, str]]
    ) -> web.StreamResponse:
        _, _, status, body, headers = fault
        if isinstance(body, str):
            return web.Response(status=int(status), text=body, content_type="text/html", headers=headers)
        if isinstance(status, int):
            return as_json(body, status=status, headers=headers)
        if status == GARBAGE_AFTER:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=503)
