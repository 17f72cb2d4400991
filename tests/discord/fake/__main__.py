"""A fake Discord in a process of its own: `python -m tests.discord.fake --port 0 --latency 0.02` prints its URL.

POST /_fake/setup    {"channels": 2, "servers": 1, "permissions": bits, "forum": false, "command_channel": false}
                     channels from 2001 on, servers from 1001 on; `command_channel` adds the channel 999
GET  /_fake/posts    ?place=2001    every message, as a person reads it and raw
GET  /_fake/spent    seconds of CPU, posts with a nonce, whether a bot is connected, how often one identified
POST /_fake/command  {"channel", "words", "options"};    /_fake/wipe {}
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import time

from aiohttp import web

from tests.discord.fake.server import NONCE_REMEMBERED, FakeDiscord
from tests.discord.fake.world import ALL, DM, FORUM, PUBLIC_THREAD, TEXT_CHANNEL, Json, Posted


class ControlledDiscord(FakeDiscord):
    """The fake with requests for the controlling process."""

    def add_routes(self, app: web.Application) -> None:
        """Add the requests below /_fake/."""
        for method, name in (("POST", "setup"), ("GET", "posts"), ("POST", "wipe"), ("GET", "spent")):
            app.router.add_route(method, f"/_fake/{name}", getattr(self, f"_{name}"))
        app.router.add_post("/_fake/command", self._command)

    async def _setup(self, request: web.Request) -> web.Response:
        setup = await request.json()
        servers = setup.get("servers", 1)
        per_server = -(-setup["channels"] // servers)
        for number in range(setup["channels"]):
            guild = self.guild(str(1_001 + number // per_server))
            kind = FORUM if setup.get("forum") else TEXT_CHANNEL
            self.add_channel(guild, str(2_001 + number), kind).bot_permissions = setup.get("permissions", ALL)
        if setup.get("command_channel"):
            self.add_channel(self.guild(str(1_001 + servers)), "999")
        return web.json_response({})

    async def _posts(self, request: web.Request) -> web.Response:
        place = request.query.get("place")
        here = [post for post in self.posts if not post.deleted and (place is None or place in _places(post))]
        return web.json_response([_as_json(post) for post in here])

    async def _wipe(self, _request: web.Request) -> web.Response:
        self.posts.clear()
        self.nonces.clear()
        for channel in list(self.channels.values()):
            channel.posts.clear()
            if channel.kind == PUBLIC_THREAD:
                del self.channels[channel.id]
        for guild in self.guilds.values():
            guild.channels = {
                name: channel for name, channel in guild.channels.items() if channel.kind != PUBLIC_THREAD
            }
        return web.json_response({})

    async def _spent(self, _request: web.Request) -> web.Response:
        posts = sum("nonce" in post.raw for post in self.posts)
        spent = {"cpu": time.process_time(), "posts": posts, "connected": self.gateway.is_connected}
        return web.json_response(spent | {"identified": self.gateway.identified})

    async def _command(self, request: web.Request) -> web.Response:
        command = await request.json()
        channel = self.channels[command["channel"]]
        began = time.monotonic()
        reply = await self.interactions.command("42", channel, command["words"], **command.get("options", {}))
        return web.json_response({"text": reply.text, "acked": reply.seconds, "answered": time.monotonic() - began})


def _places(post: Posted) -> tuple[str, ...]:
    parent = post.channel.parent
    return (post.channel.id, parent.id) if parent else (post.channel.id,)


def _as_json(post: Posted) -> Json:
    channel = post.channel
    place = f"@{channel.recipient_id}" if channel.kind == DM else (channel.parent or channel).id
    under = channel.id if channel.parent else (post.raw.get("message_reference") or {}).get("message_id")
    if under == post.id:  # the first message of a forum's post
        under = None
    return {"id": post.id, "place": place, "under": under, "text": post.text, "raw": post.raw}


async def serve() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="tests.discord.fake", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each REST call")
    parser.add_argument("--nonces-last", type=float, default=NONCE_REMEMBERED, help="seconds")
    options = parser.parse_args()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with ControlledDiscord(
        port=options.port, latency=options.latency, nonces_last=options.nonces_last
    ) as discord:
        print(f"http://127.0.0.1:{discord.port}", flush=True)
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve())
