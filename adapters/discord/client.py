"""discord.py's HTTP client without a gateway: logged in when first needed, its rate limits shared by all posts."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

API_URL = "https://discord.com/api"
VERSION = 10
_VERSION = re.compile(r"(/v\d+)?/*$")
PATIENCE = 30.0
"""Seconds that a rate limit is waited for inside a post; for a longer one the engine takes over."""
TIDY_EVERY = 60.0
"""Seconds; discord.py keeps a rate limit for 300 after its last request."""


class NotLoggedIn(discord.DiscordException):
    """Discord did not say who the bot is; its cause says why. Nothing else was asked."""


class RepeatRefused(discord.DiscordException):
    """discord.py was about to send for a second time what must not be sent twice."""


class _NoRepeat:
    """Takes the place of a file, which discord.py rewinds before it sends anything again: its only hook there."""

    def reset(self, *, seek: int) -> None:
        """Before the first time nothing happens."""
        if seek:
            raise RepeatRefused


class _HttpClient(HTTPClient):
    """discord.py's, which looks through all rate limits for those nobody needs once in a while, and not with each new
    channel: a fan-out to n channels would look n² times.
    """

    _tidied = float("-inf")

    def _try_clear_expired_ratelimits(self) -> None:
        now = self.loop.time()
        if now - self._tidied >= TIDY_EVERY:
            self._tidied = now
            super()._try_clear_expired_ratelimits()


class DiscordClient:
    """Calls to Discord as the bot. Raises what discord.py raises, and NotLoggedIn."""

    def __init__(self, token: str, api_url: str = API_URL, *, trace: aiohttp.TraceConfig | None = None) -> None:
        Route.BASE = f"{_VERSION.sub('', api_url)}/v{VERSION}"
        self._token, self._trace = token.strip(), trace
        self._http: HTTPClient | None = None
        self._logging_in = asyncio.Lock()
        self.user_id = ""
        """The bot's own; known once somebody called."""

    async def call(self, method: str, path: str, /, *, json: object = None, once: bool = False, **parts: str) -> Any:
        """One call; `parts` fill the braces of the path. discord.py repeats it on 500, 502, 504 and 524.

        With `once` it does not, and Unrepeated says that nobody knows what became of the call.
        """
        http = await self._client()
        body: dict[str, Any] = {} if json is None else {"json": json}
        if once:
            body["files"] = [_NoRepeat()]
        return await send(http, Route(method, path, **parts), **body)

    async def look(self, path: str, /, params: dict[str, str | int], **parts: str) -> Any:
        """A GET with a query."""
        http = await self._client()
        return await send(http, Route("GET", path, **parts), params=params)

    async def _client(self) -> HTTPClient:
        if self._http is None:
            async with self._logging_in:
                if self._http is None:
                    loop = asyncio.get_running_loop()
                    http = _HttpClient(loop, max_ratelimit_timeout=PATIENCE, http_trace=self._trace)
                    try:
                        self.user_id = str((await http.static_login(self._token))["id"])
                    except BaseException as error:
                        await http.close()
                        if isinstance(error, Exception):
                            raise NotLoggedIn from error
                        raise
                    self._http = http
        return self._http

    async def close(self) -> None:
        """Hang up."""
        if self._http is not None:
            await self._http.close()
            self._http = None


async def send(http: HTTPClient, route: Route, **body: Any) -> Any:
    """One request. Raises what discord.py raises."""
    try:
        return await http.request(route, **body)
    except asyncio.CancelledError:
        # Who is cancelled while it waits for a limit on everything would leave the door shut for all others, for ever.
        http._global_over.set()  # noqa: SLF001 - discord.py opens it by no other way
        raise


def snowflake_at(seconds: float) -> str:
    """The smallest id that Discord gave after this time, in seconds since 1970."""
    return str(max(int(seconds * 1_000) - discord.utils.DISCORD_EPOCH, 0) << 22)
