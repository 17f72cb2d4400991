"""The limit of requests per client over all processes that share a store, without a query for each page.

A process counts by itself, and merges once a second what the clients that ask much were answered. In the store each
client has a pace: an answer is a turn, of which `rate` fit into a minute. A client whose turns are reserved for a
minute ahead is refused until they are not.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from bot.errors import StoreError
from bot.model.client_ip import rate_limit_key
from bot.ports.leases import Leases
from bot.settings import secret_keys

if TYPE_CHECKING:
    from bot.settings import Settings

MERGE_SECONDS = 1.0
SHARE = 16
"""A client is merged from this part of the rate on: with so many processes it has reached the rate then."""
MOST = 50
"""Clients that are merged at once, those that asked most: 70 ms of a transaction."""
WINDOW_SECONDS = 60.0


class SharedRate:
    """At most `rate` answers a minute to one client in the long run, from all processes together."""

    def __init__(self, leases: Leases, rate: int, key: str) -> None:
        """`key` hides addresses from readers of the store."""
        self._leases, self._rate, self._key = leases, rate, key.encode()
        self._counts: Counter[str] = Counter()
        """Answers in this minute, by client."""
        self._unmerged: Counter[str] = Counter()
        self._refused_until: dict[str, float] = {}

    @classmethod
    def of(cls, settings: Settings, leases: Leases | None) -> SharedRate | None:
        """The limit that settings name; None where no other process shares the store."""
        return cls(leases, settings.web_rate, (*secret_keys(settings), "")[0]) if leases else None

    def refuses(self, client: str) -> bool:
        """Whether a client has had too much, as far as this process knows."""
        return self._refused_until.get(client, 0.0) > asyncio.get_running_loop().time()

    def count(self, client: str) -> None:
        """Count an answer to a client."""
        self._counts[client] += 1
        merged_from = self._rate / SHARE
        if (count := self._counts[client]) >= merged_from:
            # The first time all that was counted before.
            self._unmerged[client] += 1 if count - 1 >= merged_from else count

    async def run(self) -> None:
        """Merge until cancelled. Without the store each process goes on counting by itself."""
        now = asyncio.get_running_loop().time
        minute_ends = now() + WINDOW_SECONDS
        while True:
            await asyncio.sleep(MERGE_SECONDS)
            if now() > minute_ends:
                minute_ends = now() + WINDOW_SECONDS
                self._counts.clear()
            try:
                await self.merge()
            except StoreError:
                self._unmerged.clear()

    async def merge(self) -> None:
        """Add what was answered here to what the others answered, and learn who has had too much."""
        counts, self._unmerged = dict(self._unmerged.most_common(MOST)), Counter()
        now = asyncio.get_running_loop().time()
        self._refused_until = {client: until for client, until in self._refused_until.items() if until > now}
        if not counts:
            return
        names = {self._name(client): client for client in counts}
        waits = await self._leases.turns(
            {name: counts[client] * WINDOW_SECONDS / self._rate for name, client in names.items()}
        )
        for name, wait in waits.items():
            if wait >= WINDOW_SECONDS:
                self._refused_until[names[name]] = now + wait - WINDOW_SECONDS + WINDOW_SECONDS / self._rate

    def _name(self, client: str) -> str:
        return f"web {hmac.new(self._key, client.encode(), hashlib.sha256).hexdigest()[:32]}"


class ClientRate:
    """A limit of requests per client and minute: of this process, and with `shared` of all processes together."""

    def __init__(self, rate: int, shared: SharedRate | None = None) -> None:
        self._rate, self._shared = RateLimitItemPerMinute(rate), shared
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def refuses(self, client: str) -> bool:
        """Whether a client has had too much; if not, the request is counted in this process."""
        return bool(self._shared and self._shared.refuses(client)) or not await self._limiter.hit(self._rate, client)

    def count(self, client: str) -> None:
        """Count an answer to a client for all processes."""
        if self._shared:
            self._shared.count(client)

    async def run(self) -> None:
        """Share the counts with the other processes until cancelled."""
        await (asyncio.Event().wait() if self._shared is None else self._shared.run())


def client_key(request: Request) -> str:
    """Rate-limit key of the client: its IP address, IPv6 cut to /64."""
    return rate_limit_key(request.client.host if request.client else "")
