"""Socket Mode: hello, envelopes, acks, pings, disconnect messages, and sockets that are cut or frozen.

https://docs.slack.dev/apis/events-api/using-socket-mode. Each envelope goes to one connection, in turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.slack.fake.limits import CONNECTIONS

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack


class NotAcked(Exception):  # noqa: N818 - reads as what happened
    """A delivery that was not acknowledged, with the reason."""


@dataclass(eq=False)
class Connection:
    """One socket of the app."""

    ws: web.WebSocketResponse
    request: web.Request
    pending: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    frozen: bool = False
    """Frames are read and never answered, pings included."""
    leaving: bool = False
    """Asked to reconnect: gets no new envelope."""

    async def send(self, message: dict[str, Any]) -> None:
        """Send one frame."""
        if not self.frozen:
            await self.ws.send_str(json.dumps(message))

    def acknowledge(self, text: str) -> None:
        """Handle an ack: set the result of the delivery that waits for it."""
        try:
            envelope = json.loads(text)
        except ValueError:
            return
        waiting = self.pending.pop(str(envelope.get("envelope_id")), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(envelope)

    def cut(self) -> None:
        """Cut the connection without a closing frame."""
        if self.request.transport is not None:
            self.request.transport.abort()
        self.fail_pending()

    def fail_pending(self) -> None:
        """Fail the deliveries that wait for an ack on this connection."""
        for waiting in self.pending.values():
            if not waiting.done():
                waiting.set_exception(NotAcked("connection_failed"))
        self.pending.clear()


class Sockets:
    """All sockets of the app."""

    def __init__(self, slack: FakeSlack) -> None:
        self.live: list[Connection] = []
        self.opened = 0
        """Number of sockets opened so far."""
        self._slack = slack
        self._tickets: set[str] = set()
        self._turn = 0

    def address(self) -> str:
        """A new address, which can be used once."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        host = self._slack.url.removeprefix("http://")
        return f"ws://{host}/link/?ticket={ticket}&app_id={self._slack.app_id}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Endpoint of the WebSocket."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408 if ticket else 400, text="ticket expired")
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False, heartbeat=None)
        await ws.prepare(request)
        connection = Connection(ws, request)
        await connection.send(self._hello())
        if len(self.live) >= CONNECTIONS:
            await connection.send(self._disconnect_message("too_many_websockets"))
            await ws.close()
            return ws
        self.live.append(connection)
        self.opened += 1
        self._slack.notify()
        pings = asyncio.ensure_future(self._pings(connection))
        try:
            await self._listen(connection)
        finally:
            pings.cancel()
            connection.fail_pending()
            if connection in self.live:
                self.live.remove(connection)
            self._slack.notify()
        return ws

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.ws:
            if connection.frozen:
                continue
            if frame.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await connection.ws.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                connection.acknowledge(frame.data)

    async def _pings(self, connection: Connection) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while True:
                await asyncio.sleep(self._slack.ping_every)
                if not connection.frozen:
                    await connection.ws.ping(b"Ping from applink-fake")

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.live) + 1,
            "debug_info": {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self._slack.app_id},
        }

    def _disconnect_message(self, reason: str) -> dict[str, Any]:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}}

    async def deliver(self, kind: str, payload: dict[str, Any], attempt: int, reason: str) -> dict[str, Any]:
        """Send an envelope to one connection; its ack's payload. Raises NotAcked."""
        ready = [connection for connection in self.live if not connection.leaving and not connection.ws.closed]
        if not ready:
            raise NotAcked("no_connection")
        self._turn += 1
        connection = ready[self._turn % len(ready)]
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "accepts_response_payload": kind != "events_api",
            "payload": payload,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        acked: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        connection.pending[envelope["envelope_id"]] = acked
        try:
            async with asyncio.timeout(self._slack.ack_within):
                await connection.send(envelope)
                ack = await acked
        except (TimeoutError, ConnectionError) as error:
            connection.pending.pop(envelope["envelope_id"], None)
            raise NotAcked("timeout" if isinstance(error, TimeoutError) else "connection_failed") from None
        payload_of_ack = ack.get("payload") or {}
        return payload_of_ack if isinstance(payload_of_ack, dict) else {"text": str(payload_of_ack)}

    async def disconnect(self, reason: str, closes_in: float) -> None:
        """Ask every connection to reconnect, and close it after so many seconds."""
        leaving = list(self.live)
        for connection in leaving:
            connection.leaving = reason != "warning" or connection.leaving
            await connection.send(self._disconnect_message(reason))
        with contextlib.suppress(TimeoutError):
            await self._slack.until(lambda: not set(leaving) & set(self.live), closes_in)
        for connection in leaving:
            await connection.ws.close()

    def cut(self) -> None:
        """Cut every connection."""
        for connection in list(self.live):
            connection.cut()

    def freeze(self) -> None:
        """Freeze every connection."""
        for connection in self.live:
            connection.frozen = True
