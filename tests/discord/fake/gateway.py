"""The gateway: hello, identify, heartbeats, resume, and events for the intents of the connection."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.discord.fake.world import Json

if TYPE_CHECKING:
    from tests.discord.fake.server import FakeDiscord

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS, MESSAGES, REACTIONS, DM_MESSAGES, DM_REACTIONS = 1 << 0, 1 << 9, 1 << 10, 1 << 12, 1 << 13
REQUIRED_INTENTS = {
    "GUILD_CREATE": GUILDS,
    "GUILD_DELETE": GUILDS,
    "CHANNEL_DELETE": GUILDS,
    "THREAD_CREATE": GUILDS,
    "MESSAGE_CREATE": MESSAGES | DM_MESSAGES,
    "MESSAGE_REACTION_ADD": REACTIONS | DM_REACTIONS,
    "MESSAGE_REACTION_REMOVE": REACTIONS | DM_REACTIONS,
}


class Gateway:
    """A gateway of one shard or several, one connection a shard at a time."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self.sockets: set[web.WebSocketResponse] = set()
        self.refusals = 0
        """Number of handshakes that still fail."""
        self.url: str | None = None
        """Address that it reports; None for its own."""
        self.sessions_left = 1_000
        self.sessions_again_after = 0
        """Milliseconds."""
        self.identified = 0
        """Number of sessions that were begun."""
        self.resumed = 0
        """Number of sessions that were taken up again."""
        self.intents = 0
        self.shards = 1
        """Number that it recommends."""
        self.begun: list[tuple[int, int, float]] = []
        """Shard, number of shards and time of each session that was begun."""
        self.doubled: list[int] = []
        """Shards that were served by two connections at once."""
        self._sent: defaultdict[int, list[Json]] = defaultdict(list)
        self._ready: dict[int, web.WebSocketResponse] = {}
        """Connection of each shard."""
        self._deflate: dict[web.WebSocketResponse, Any] = {}

    @property
    def is_connected(self) -> bool:
        """Whether a bot is connected and identified."""
        return bool(self.served)

    @property
    def served(self) -> list[int]:
        """Shards with a connection that is identified."""
        return sorted(shard for shard, socket in self._ready.items() if socket in self.sockets)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket until it closes."""
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if request.query.get("compress") == "zlib-stream":
            self._deflate[socket] = zlib.compressobj()
        self.sockets.add(socket)
        try:
            await self._send(socket, {"op": HELLO, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._handle(socket, json.loads(message.data))
        finally:
            self.sockets.discard(socket)
            self._deflate.pop(socket, None)
            self._discord.notify()
        return socket

    async def dispatch(self, name: str, data: Json) -> None:
        """Send an event, if the bot's intents include it."""
        needs = REQUIRED_INTENTS.get(name, 0)
        if needs and not needs & self.intents:
            return
        await self._dispatch(self._shard_of(name, data), name, data)

    async def _dispatch(self, shard: int, name: str, data: Json) -> None:
        sent = self._sent[shard]
        frame = {"op": DISPATCH, "t": name, "s": len(sent) + 1, "d": data}
        sent.append(frame)
        if (socket := self._ready.get(shard)) is not None and not socket.closed:
            await self._send(socket, frame)

    def _shard_of(self, name: str, data: Json) -> int:
        """https://discord.com/developers/docs/events/gateway#sharding; direct messages come to the first."""
        guild = data.get("id") if name in {"GUILD_CREATE", "GUILD_DELETE"} else data.get("guild_id")
        return (int(guild) >> 22) % self.shards if str(guild).isdecimal() else 0

    async def send(self, op: int, data: object = None) -> None:
        """Send any opcode, as RECONNECT or INVALID."""
        for socket in self._ready.values():
            await self._send(socket, {"op": op, "d": data, "s": None, "t": None})

    def drop(self) -> None:
        """Cut every connection, as a failing network does."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()

    async def close(self, code: int = 1_000) -> None:
        """Close every connection with a code."""
        for socket in list(self.sockets):
            await socket.close(code=code)

    async def _handle(self, socket: web.WebSocketResponse, frame: Json) -> None:
        match frame["op"]:
            case 1:
                await self._send(socket, {"op": ACK, "d": None, "s": None, "t": None})
            case 2:
                await self._identify(socket, frame["d"])
            case 6:
                await self._resume(socket, frame["d"])

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> None:
        from tests.discord.fake.server import TOKEN  # noqa: PLC0415 - the server imports this module

        if data["token"] != TOKEN:
            await socket.close(code=4_004)
            return
        self.identified += 1
        self.intents = data["intents"]
        shard, count = data.get("shard", [0, 1])
        self.begun.append((shard, count, asyncio.get_running_loop().time()))
        self._sent[shard].clear()
        self._serve(shard, socket)
        own = [guild for guild in self._discord.guilds.values() if (int(guild.id) >> 22) % count == shard]
        guilds = [{"id": guild.id, "unavailable": True} for guild in own if guild.has_bot]
        await self._dispatch(
            shard,
            "READY",
            {
                "v": 10,
                "user": self._discord.bot,
                "guilds": guilds,
                "session_id": f"session-{self.identified}-{shard}",
                "resume_gateway_url": f"ws://127.0.0.1:{self._discord.port}/gateway",
                "application": {"id": self._discord.bot["id"], "flags": 0},
                "shard": data.get("shard", [0, 1]),
            },
        )
        for guild in own:
            if guild.has_bot:
                await self._dispatch(shard, "GUILD_CREATE", guild.as_json(self._discord.bot))
        self._discord.notify()

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> None:
        self.resumed += 1
        shard = int(data["session_id"].rpartition("-")[2])
        self._serve(shard, socket)
        for frame in self._sent[shard][data["seq"] :]:
            await self._send(socket, frame)
        await self._dispatch(shard, "RESUMED", {})
        self._discord.notify()

    def _serve(self, shard: int, socket: web.WebSocketResponse) -> None:
        if self._ready.get(shard) in self.sockets - {socket}:
            self.doubled.append(shard)
        self._ready[shard] = socket

    async def _send(self, socket: web.WebSocketResponse, frame: Json) -> None:
        await self._send_text(socket, json.dumps(frame))

    async def send_raw(self, text: str) -> None:
        """Send a frame that need not be JSON."""
        for socket in self._ready.values():
            await self._send_text(socket, text)

    async def _send_text(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            if (deflate := self._deflate.get(socket)) is not None:
                await socket.send_bytes(deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH))
            else:
                await socket.send_str(text)
        except (ConnectionError, asyncio.CancelledError, RuntimeError):
            return
