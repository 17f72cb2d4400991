"""The gateway: hello, identify, heartbeats, resume, and events for the intents of the connection."""

from __future__ import annotations

import asyncio
import json
import zlib
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
    """A gateway with one shard, one connection at a time."""

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
        self._sent: list[Json] = []
        self._ready: web.WebSocketResponse | None = None
        self._deflate: dict[web.WebSocketResponse, Any] = {}

    @property
    def is_connected(self) -> bool:
        """Whether a bot is connected and identified."""
        return self._ready is not None and not self._ready.closed

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
        frame = {"op": DISPATCH, "t": name, "s": len(self._sent) + 1, "d": data}
        self._sent.append(frame)
        if self._ready is not None and not self._ready.closed:
            await self._send(self._ready, frame)

    async def send(self, op: int, data: object = None) -> None:
        """Send any opcode, as RECONNECT or INVALID."""
        if self._ready is not None:
            await self._send(self._ready, {"op": op, "d": data, "s": None, "t": None})

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
        self._sent.clear()
        self._ready = socket
        guilds = [{"id": guild.id, "unavailable": True} for guild in self._discord.guilds.values() if guild.has_bot]
        await self.dispatch(
            "READY",
            {
                "v": 10,
                "user": self._discord.bot,
                "guilds": guilds,
                "session_id": f"session-{self.identified}",
                "resume_gateway_url": f"ws://127.0.0.1:{self._discord.port}/gateway",
                "application": {"id": self._discord.bot["id"], "flags": 0},
                "shard": data.get("shard", [0, 1]),
            },
        )
        for guild in self._discord.guilds.values():
            if guild.has_bot:
                await self.dispatch("GUILD_CREATE", guild.as_json(self._discord.bot))
        self._discord.notify()

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> None:
        self.resumed += 1
        self._ready = socket
        for frame in self._sent[data["seq"] :]:
            await self._send(socket, frame)
        await self.dispatch("RESUMED", {})
        self._discord.notify()

    async def _send(self, socket: web.WebSocketResponse, frame: Json) -> None:
        await self._send_text(socket, json.dumps(frame))

    async def send_raw(self, text: str) -> None:
        """Send a frame that need not be JSON."""
        assert self._ready is not None
        await self._send_text(self._ready, text)

    async def _send_text(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            if (deflate := self._deflate.get(socket)) is not None:
                await socket.send_bytes(deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH))
            else:
                await socket.send_str(text)
        except (ConnectionError, asyncio.CancelledError, RuntimeError):
            return
