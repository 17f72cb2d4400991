"""Who Paperboy is in each workspace: its token, its own ids, and the client that carries them.

OneWorkspace    the token from the settings          Installations   the tokens that OAuth brought
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.log_filter import OneLineTracebacks
from adapters.slack.failures import TRANSPORT
from adapters.slack.installs import Installs

log = logging.getLogger("paperboy.slack")
sdk_log = logging.getLogger("paperboy.slack.sdk")
"""What the SDK says, from warnings upwards."""
sdk_log.setLevel(logging.WARNING)
socket_log = logging.getLogger("paperboy.slack.sdk.socket")
"""What its socket says, without tracebacks: a network that is away for an hour is one line a try."""

RENEW_EVERY = 1_800.0
"""Seconds; the SDK renews what ends within two hours."""
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)


class _NotOurs(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("As you gave `")


socket_log.addFilter(OneLineTracebacks())
sdk_log.addFilter(_NotOurs())  # Bolt finds SLACK_BOT_TOKEN in the environment by itself, and says it does not need it


class Wire:
    """One aiohttp session for every client, so that connections are reused."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self._session: aiohttp.ClientSession | None = None

    def client(self, token: str | None = None, *, patient: bool = False) -> AsyncWebClient:
        """A client that repeats nothing by itself; a patient one what Slack turned away for being too fast."""
        return AsyncWebClient(
            token=token,
            base_url=self.api_url,
            session=self.session,
            logger=sdk_log,
            retry_handlers=[AsyncRateLimitErrorRetryHandler()] if patient else [],
        )

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, opened when it is first needed, as that takes a running loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        return self._session

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()


class Access(Protocol):
    """Tokens by workspace. One workspace's is never used for another."""

    wire: Wire

    async def stay(self) -> None:
        """Keep at hand what an acknowledgement must not wait for, until cancelled."""
        ...

    async def client(self, team: str) -> AsyncWebClient:
        """The client of a workspace. Raises LookupError where the app is not installed."""
        ...

    async def bot(self, team: str | None, enterprise: str | None) -> AuthorizeResult | None:
        """Who the bot is there; None where the app is not installed."""
        ...

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:
        """The app was uninstalled: the workspaces that are gone."""
        ...


class OneWorkspace:
    """The single token of the settings, good for its own workspace alone."""

    def __init__(self, wire: Wire, token: str) -> None:
        self.wire = wire
        self._token = token
        self._bot: AuthorizeResult | None = None
        self._asking = asyncio.Lock()

    async def stay(self) -> None:
        """Ask Slack whose token it is; if that fails, it is asked again when it matters."""
        try:
            await self.who()
        except TRANSPORT as error:
            log.warning("Slack does not say whose token this is reason=%r", reason(error))
        await asyncio.Event().wait()

    async def client(self, team: str) -> AsyncWebClient:
        """The one client. Raises LookupError for another workspace."""
        try:
            bot = await self.who()
        except TRANSPORT:
            # Slack does not say whose token this is; what the client is asked for fails by the same reason.
            return self.wire.client(self._token)
        if bot.team_id != team and not bot.get("org"):
            raise LookupError(team)
        return self.wire.client(self._token)

    async def bot(self, team: str | None, enterprise: str | None) -> AuthorizeResult | None:
        """The bot, if this is its workspace."""
        try:
            bot = await self.who()
        except TRANSPORT:
            return None
        same = bot.team_id == team or (bool(bot.get("org")) and bot.enterprise_id in {enterprise, team})
        return bot if same else None

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:  # noqa: ARG002
        """The token stays in the settings; the workspace is gone until the app is installed again."""
        return (team,) if team else ()

    async def who(self) -> AuthorizeResult:
        """Ask Slack once. Raises what the SDK raises."""
        async with self._asking:
            if self._bot is None:
                said = await self.wire.client(self._token).auth_test()
                self._bot = AuthorizeResult(
                    enterprise_id=said.get("enterprise_id"),
                    team_id=said.get("team_id"),
                    bot_id=said.get("bot_id"),
                    bot_user_id=said.get("user_id"),
                    bot_token=self._token,
                )
                self._bot["org"] = bool(said.get("is_enterprise_install"))
        return self._bot


class Installations:
    """The tokens of every workspace that installed the app."""

    def __init__(self, wire: Wire, installs: Installs, *, client_id: str = "", client_secret: str = "") -> None:
        self.wire = wire
        self.installs = installs
        self._app = {"client_id": client_id, "client_secret": client_secret}

    async def stay(self) -> None:
        """Everything is in the safe; tokens end only where somebody switched Slack's token rotation on."""
        while True:
            await self._renew()
            await asyncio.sleep(RENEW_EVERY)

    async def _renew(self) -> None:
        """https://docs.slack.dev/authentication/using-token-rotation: tokens live for 12 hours."""
        rotator = AsyncTokenRotator(**self._app, client=self.wire.client())
        for found in await self.installs.all():
            try:
                renewed = await rotator.perform_bot_token_rotation(bot=found.to_bot())
                if renewed is not None:
                    await self.installs.async_save_bot(renewed)
            except (SlackTokenRotationError, *TRANSPORT) as error:
                why = reason(getattr(error, "api_error", error))
                log.warning("a token was not renewed workspace=%s reason=%r", found.team_id or found.enterprise_id, why)

    async def client(self, team: str) -> AsyncWebClient:
        """The client of a workspace. Raises LookupError where the app is not installed."""
        found = await self.installs.of(team)
        if found is None or not found.bot_token:
            raise LookupError(team)
        return self.wire.client(found.bot_token)

    async def bot(self, team: str | None, enterprise: str | None) -> AuthorizeResult | None:
        """From what was said at installation: no call stands between a click and its acknowledgement."""
        found = await self.installs.of(team, enterprise)
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=found.enterprise_id,
            team_id=team or found.team_id,
            bot_id=found.bot_id,
            bot_user_id=found.bot_user_id,
            bot_token=found.bot_token,
        )

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:
        """Delete the installation."""
        return await self.installs.forget(team, enterprise, whole_org=whole_org)


def reason(error: BaseException) -> str:
    """A fault of a call in a few words, for the log."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error") if hasattr(error.response, "get") else "no readable answer")[:100]
    return f"{type(error).__name__}: {error}"[:200] if str(error) else type(error).__name__
