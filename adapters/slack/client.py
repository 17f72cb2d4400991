"""Slack's Web API clients over one HTTP session, and the loggers that the SDK writes to."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.log_filter import OneLineTracebacks
from adapters.membership import Memberships

sdk_log = logging.getLogger("paperboy.slack.sdk")
"""Log of the SDK and of Bolt, warnings and above."""
sdk_log.setLevel(logging.WARNING)
# Bolt finds SLACK_BOT_TOKEN in the environment by itself, and warns that it does not need it.
sdk_log.addFilter(lambda record: not record.getMessage().startswith("As you gave `"))
socket_log = logging.getLogger("paperboy.slack.sdk.socket")
"""Log of the SDK's socket, without tracebacks: a network that is away for an hour is one line a try."""
socket_log.addFilter(OneLineTracebacks())

MAX_REFUSALS, REFUSAL_SECONDS = 10_000, 24 * 3_600.0
"""Refusals that are remembered, and for how long: Slack brings them out step by step."""
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
"""Seconds of a request."""
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]*@")
SLACK_HOST = "slack.com"
"""`hooks.slack.com` is the host of every response_url: https://docs.slack.dev/interactivity/handling-user-interaction."""


class WebClient(AsyncWebClient):
    """The SDK's client, with what workspaces refused lately: their tokens, and “blocks” or “work objects”."""

    def __init__(self, refusals: TTLCache[tuple[str, str], bool], **options: Any) -> None:
        super().__init__(**options)
        self.refusals = refusals


class SlackClient:
    """Makes web clients that share one aiohttp session, so that connections are reused."""

    def __init__(self, api_url: str) -> None:
        self.api_url = f"{api_url.rstrip('/')}/"
        self.memberships = Memberships()
        """As the outlet asks for them, and the front is told of those who leave."""
        self._session: aiohttp.ClientSession | None = None
        self._refusals: TTLCache[tuple[str, str], bool] = TTLCache(MAX_REFUSALS, REFUSAL_SECONDS)

    def web_client(self, token: str | None = None, *, retry_rate_limited: bool = False) -> WebClient:
        """A client that repeats no request by itself, except what Slack refused as too fast where that is asked for."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)  # takes a running loop, so not in __init__
        return WebClient(
            self._refusals,
            token=token,
            base_url=self.api_url,
            session=self._session,
            logger=sdk_log,
            retry_handlers=[AsyncRateLimitErrorRetryHandler()] if retry_rate_limited else [],
        )

    async def close(self) -> None:
        """Close the session if it was opened."""
        if self._session is not None:
            await self._session.close()


def error_summary(error: BaseException) -> str:
    """An exception of a Web API call in at most 200 characters, for the log: Slack's code, else type and text."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") if hasattr(error.response, "get") else "no readable answer")[:100]
    if isinstance(error, aiohttp.InvalidURL) or not str(error):  # the URL of a proxy may hold a password
        return type(error).__name__
    return f"{type(error).__name__}: {_CREDENTIALS.sub('', str(error))}"[:200]


def granted_scopes(answer: AsyncSlackResponse) -> frozenset[str]:
    """Permissions of the token of a Web API call, as the answer's headers list them; none where they do not."""
    headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
    scopes = str(headers.get("x-oauth-scopes", "")).split(",")
    return frozenset(scope.strip() for scope in scopes) - {""}


def is_slack_url(url: str, api_url: str, name: str = "hooks") -> bool:
    """Whether a URL is on Slack's host of this name, or that of the Web API in the settings; no other is called."""
    try:
        target, api = urlsplit(url), urlsplit(api_url)
        target_port, api_port = target.port, api.port
    except ValueError:
        return False
    if target.username is not None or target.password is not None:
        return False
    if (target.scheme, target.hostname, target_port) == (api.scheme, api.hostname, api_port):
        return True
    hosts = {f"{name}.{SLACK_HOST}", f"{name}.{api.hostname}"}
    return target.scheme == "https" and target_port in {None, 443} and target.hostname in hosts
