"""REST client of Discord: discord.py's HTTPClient without a gateway; all posts share its login and its rate limits.

Every internal of discord.py that this package uses has a test in tests/discord/test_discord_py.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from adapters.discord.blocks import without_picture
from bot.model import File

log = logging.getLogger("paperboy.discord")

API_URL = "https://discord.com/api"
API_VERSION = 10
_VERSION_SUFFIX = re.compile(r"(/v\d+)?/*$")
LONGEST_WAIT = 30.0
"""Seconds that discord.py waits for a rate limit inside a post; for a longer one the engine takes over."""
SWEEP_INTERVAL = 60.0
"""Seconds between two sweeps of expired rate limits; discord.py keeps one for 300 s after its last request."""


class NotLoggedIn(discord.DiscordException):
    """The login failed, for the reason in `__cause__`; no other request was sent."""


class RepeatRefused(discord.DiscordException):
    """discord.py was about to repeat a request that must be sent once; the first one's fate is unknown."""


class _NoRepeat:
    """Stand-in for the files of a request: discord.py rewinds each before every attempt, and has no other hook."""

    def __init__(self, *files: discord.File) -> None:
        self._files, self._is_sent = files, False

    def __iter__(self) -> Iterator[discord.File]:
        """The files. Raises RepeatRefused at any attempt but the first."""
        if self._is_sent:
            raise RepeatRefused("Discord failed to answer")
        self._is_sent = True
        return iter(self._files)


class _HttpClient(HTTPClient):
    """discord.py's client with a limit on sweeps.

    discord.py looks through all rate limits with each new channel: n² look-ups in a fan-out to n channels.
    """

    _swept_at = float("-inf")

    def _try_clear_expired_ratelimits(self) -> None:
        now = self.loop.time()
        if now - self._swept_at >= SWEEP_INTERVAL:
            self._swept_at = now
            super()._try_clear_expired_ratelimits()


class DiscordClient:
    """Requests to Discord as the bot. Methods raise what discord.py raises, and NotLoggedIn."""

    def __init__(self, token: str, api_url: str = API_URL, *, trace: aiohttp.TraceConfig | None = None) -> None:
        Route.BASE = f"{_VERSION_SUFFIX.sub('', api_url)}/v{API_VERSION}"
        self._token, self._trace = token.strip(), trace
        self._http: HTTPClient | None = None
        self._login_lock = asyncio.Lock()
        self.user_id = ""
        """The bot's id; empty before the first request."""

    async def call(
        self,
        method: str,
        path: str,
        /,
        *,
        json: object = None,
        params: Mapping[str, str | int] | None = None,
        once: bool = False,
        **path_parts: str,
    ) -> Any:
        """Send one request; `path_parts` fill the braces of the path. discord.py repeats it on 500, 502, 504 and 524.

        With `once` a repeat raises RepeatRefused instead.
        """
        http = await self.login()
        body: dict[str, Any] = {} if json is None else {"json": json}
        request = send_once if once else send
        return await request(http, Route(method, path, **path_parts), params=params, **body)

    async def login(self) -> HTTPClient:
        """discord.py's client, logged in once. Raises NotLoggedIn."""
        async with self._login_lock:
            if self._http is None:
                http = _HttpClient(
                    asyncio.get_running_loop(), max_ratelimit_timeout=LONGEST_WAIT, http_trace=self._trace
                )
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
        """Close all connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None


async def send(http: HTTPClient, route: Route, **options: Any) -> Any:
    """Send one request; without its picture where Discord refuses it. Raises what discord.py raises."""
    try:
        return await _send(http, route, **options)
    except discord.HTTPException as error:
        plain = without_picture(options["json"]) if error.status == 400 and "json" in options else None
        if plain is None:
            raise
        log.info("a message is sent without its picture, which Discord may not have taken code=%d", error.code)
    files = {"files": _NoRepeat()} if "files" in options else {}
    return await _send(http, route, **{**options, **files, "json": plain})


async def _send(http: HTTPClient, route: Route, **options: Any) -> Any:
    try:
        return await http.request(route, **options)
    except asyncio.CancelledError:
        # discord.py holds all requests while it sleeps for a global rate limit; cancelled there, it would hold them
        # for ever.
        http._global_over.set()  # noqa: SLF001 - there is no public way; pinned by a test
        raise


async def send_once(http: HTTPClient, route: Route, *, attached: File | None = None, **options: Any) -> Any:
    """Send one request that discord.py must not repeat; before a repeat it raises RepeatRefused.

    With `attached` the body is sent as a form with that file, whose attachment has the id 0.
    """
    if attached is None:
        return await send(http, route, files=_NoRepeat(), **options)
    # https://discord.com/developers/docs/reference#uploading-files
    file = discord.File(BytesIO(attached.content), attached.name)
    part = {"name": "files[0]", "value": file.fp, "filename": file.filename, "content_type": attached.media_type}
    form = [{"name": "payload_json", "value": json.dumps(options.pop("json"))}, part]
    return await send(http, route, files=_NoRepeat(file), form=form, **options)


def snowflake_at(seconds: float) -> str:
    """Smallest id that Discord gives at a time, in seconds since 1970."""
    return str(max(int(seconds * 1_000) - discord.utils.DISCORD_EPOCH, 0) << 22)
