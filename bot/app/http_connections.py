"""Limits on connections of the HTTP server: how many there are, and how long each may keep us waiting.

A connection waits for its client (a head, a body, a response to be taken) or for us (an answer). Each wait for a client
has a deadline, and where a new connection is one too many, the one that has waited longest for its client is closed for
it: half-sent requests cannot keep others out, however many there are.
"""

from __future__ import annotations

import logging
from asyncio import BaseTransport, TimerHandle
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.model.client_ip import is_listed, rate_limit_key

log = logging.getLogger("paperboy.listen")

Phase = Literal["head", "body", "answer", "rest", "closing"]
"""`rest` is a body that goes on after its answer; all but `answer` wait for the client."""
SEPARATION = 60.0
"""Seconds between two lines in the log about closed connections."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of the server's connections; times in seconds."""

    connections: int = 512
    per_client: int = 128
    """Of one address (of IPv6, one network) that is no proxy of ours; more than a front answers at once."""
    head: float = 10.0
    body: float = 20.0
    rest: float = 5.0
    closing: float = 60.0
    """For a client to take the end of its answer."""
    body_bytes: int = 1 << 20
    """Bytes of a body, of any length it announces or hides by chunks."""

    def within(self, descriptors: int) -> ConnectionLimits:
        """The limits for a process that may open so many files: half of them are kept back for outgoing work."""
        return replace(self, connections=max(min(self.connections, descriptors // 2), 1))


class Connections:
    """All open connections. `trusted` are the proxies' addresses and networks, each of which has many clients."""

    def __init__(self, limits: ConnectionLimits, trusted: Collection[str] = ()) -> None:
        self.limits = limits
        self._trusted = trusted
        self._waiting: OrderedDict[GuardedProtocol, None] = OrderedDict()
        self._by_client: dict[str, OrderedDict[GuardedProtocol, None]] = {}
        self._count = 0
        self._closed = 0
        self._logged_at = float("-inf")

    def opened(self, connection: GuardedProtocol) -> None:
        """Count a new connection; close another where it is one too many, or the new one if all others are in use."""
        self._count += 1
        self._by_client.setdefault(connection.key, OrderedDict())[connection] = None
        own = self._by_client[connection.key]
        if len(own) > self.limits.per_client and not is_listed(connection.host, self._trusted):
            self._close((each for each in own if each in self._waiting), connection)
        elif self._count > self.limits.connections:
            self._close(iter(self._waiting), connection)

    def waits(self, connection: GuardedProtocol, *, for_client: bool) -> None:
        """Note whether a connection waits for its client, from now on, or for us."""
        self._waiting.pop(connection, None)
        if for_client:
            self._waiting[connection] = None

    def lost(self, connection: GuardedProtocol) -> None:
        """Forget a closed connection."""
        self._waiting.pop(connection, None)
        own = self._by_client.get(connection.key, OrderedDict())
        if connection in own:
            self._count -= 1
            del own[connection]
        if not own:
            self._by_client.pop(connection.key, None)

    def _close(self, candidates: Any, newest: GuardedProtocol) -> None:
        victim = next((each for each in candidates if each is not newest), newest)
        self.lost(victim)
        victim.abort()
        self._closed += 1
        now = newest.loop.time()
        if now - self._logged_at >= SEPARATION:
            log.warning("too many connections closed=%d open=%d", self._closed, self._count)
            self._closed, self._logged_at = 0, now


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with deadlines and a limit on bodies."""

    def __init__(self, guard: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._guard, self._limits = guard, guard.limits
        self._state: tuple[Phase, object] | None = None
        self._deadline: TimerHandle | None = None
        self._received = 0
        self.host = self.key = ""
        """Address of the client, and its rate-limit key."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Count the connection and wait for its first head."""
        super().connection_made(cast("Any", transport))
        self.host = self.client[0] if self.client else ""
        self.key = rate_limit_key(self.host)
        self._update()
        self._guard.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._set_deadline(None, self.abort)
        self._guard.lost(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, unless it is more of a body than anything here takes."""
        if self._state is not None and self._state[0] in {"body", "rest"}:
            self._received += len(data)
            if self._received > self._limits.body_bytes:
                self._refuse(413, "Content Too Large")
                return
        super().data_received(data)

    def handle_events(self) -> None:
        """Handle the events that were read."""
        super().handle_events()
        self._update()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._update()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle after an answer."""
        super().timeout_keep_alive_handler()
        self._update()

    def shutdown(self) -> None:
        """Close the connection, or let it end its request."""
        super().shutdown()
        self._update()

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def _phase(self) -> Phase:
        if self.transport.is_closing():
            return "closing"
        if self.cycle is None or self.cycle.response_complete:
            return "rest" if self.conn.their_state is h11.SEND_BODY else "head"
        return "body" if self.cycle.more_body else "answer"

    def _update(self) -> None:
        """Set the deadline of a phase that has begun: a trickle of bytes does not prolong it."""
        state = self._phase(), self.cycle
        if state == self._state:
            return
        if state[0] == "body":
            self._received = 0
        self._state = state
        self._guard.waits(self, for_client=state[0] != "answer")
        seconds: dict[str, tuple[float, Callable[[], None]]] = {
            "head": (self._limits.head, self._time_out),
            "body": (self._limits.body, self._time_out),
            "rest": (self._limits.rest, self.transport.close),
            "closing": (self._limits.closing, self.abort),
        }
        self._set_deadline(*seconds.get(state[0], (None, self.abort)))

    def _set_deadline(self, seconds: float | None, end: Callable[[], None]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, end)

    def _time_out(self) -> None:
        self._refuse(408, "Request Timeout")

    def _refuse(self, status: int, reason: str) -> None:
        """Answer a request that was not sent whole, unless its answer began, and close the connection."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            self.transport.write(head.encode())
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()
        self._update()
