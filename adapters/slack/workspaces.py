"""The bot's token and its own ids in each workspace. A workspace's token is never used for another.

SingleWorkspace       the token from the settings
InstalledWorkspaces   the tokens of the workspaces that installed the app by OAuth
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import SlackClient, error_summary, granted_scopes
from adapters.slack.failures import TRANSPORT
from adapters.slack.installs import InstallationStore, UnreadableTokenError, do_nothing
from bot.ports.leases import Leases

log = logging.getLogger("paperboy.slack")

RENEWAL_INTERVAL = 1_800.0
"""Seconds between two looks for tokens to renew; the SDK renews those that end within two hours."""
RENEWAL = "slack token renewal"
"""Name of the lease of the process that renews tokens."""
RETRY_INTERVAL = 60.0
"""Seconds between two questions whose token it is, until Slack answers."""


class SingleWorkspace:
    """The token of the settings, which serves its own workspace alone (or the organisation it was installed in)."""

    def __init__(self, slack: SlackClient, token: str) -> None:
        self.slack = slack
        self._token = token
        self._identity: AuthorizeResult | None = None
        self._scopes: frozenset[str] | None = None
        self._lock = asyncio.Lock()
        self.on_usable: Callable[[str], None] = do_nothing
        """Called with the workspace when its token works, and when it was granted other permissions."""

    async def maintain(self) -> None:
        """Ask whose token it is, and every half hour whether its permissions changed: no event reports that."""
        failed = False
        granted: frozenset[str] | None = None
        while True:
            try:
                await (self.identity() if granted is None else self._ask())
            except TRANSPORT as error:
                if not failed:
                    log.warning("token could not be identified reason=%r", error_summary(error))
                failed = True
            else:
                if self._scopes != granted and self._identity is not None:
                    self.on_usable(str(self._identity.team_id))
                failed, granted = False, self._scopes
            await asyncio.sleep(RETRY_INTERVAL if granted is None else RENEWAL_INTERVAL)

    async def client(self, team: str) -> AsyncWebClient:
        """The Web API client of the one workspace. Raises LookupError for another workspace, and one of TRANSPORT."""
        identity = await self.identity()
        if identity.team_id != team and not identity.get("org"):
            raise LookupError(team)
        return self.slack.web_client(self._token)

    async def bot(self, team: str | None, enterprise: str | None) -> AuthorizeResult | None:
        """The bot's token and ids if the workspace is the token's own, or in its organisation."""
        try:
            identity = await self.identity()
        except TRANSPORT:
            return None
        is_own = identity.team_id == team or (identity.get("org") and identity.enterprise_id in {enterprise, team})
        return identity if is_own else None

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:  # noqa: ARG002
        """The workspace's id. The token stays in the settings, and works again once the app is installed again."""
        return (team,) if team else ()

    async def identity(self) -> AuthorizeResult:
        """The token's workspace, user and bot id, asked for once (auth.test). Raises one of TRANSPORT."""
        async with self._lock:
            return self._identity or await self._ask()

    async def _ask(self) -> AuthorizeResult:
        answer = await self.slack.web_client(self._token).auth_test()
        identity = AuthorizeResult(
            enterprise_id=answer.get("enterprise_id"),
            team_id=answer.get("team_id"),
            bot_id=answer.get("bot_id"),
            bot_user_id=answer.get("user_id"),
            bot_token=self._token,
            bot_scopes=sorted(granted_scopes(answer)),
        )
        identity["org"] = bool(answer.get("is_enterprise_install"))
        self._identity, self._scopes = identity, granted_scopes(answer)
        return identity


class InstalledWorkspaces:
    """The tokens of every workspace that installed the app."""

    def __init__(
        self,
        slack: SlackClient,
        installs: InstallationStore,
        *,
        client_id: str = "",
        client_secret: str = "",
        leases: Leases | None = None,
    ) -> None:
        """`leases` decide which of several processes renews tokens; None where there is one."""
        self.slack = slack
        self.installs = installs
        self._app = {"client_id": client_id, "client_secret": client_secret}
        self._leases = leases

    @property
    def on_usable(self) -> Callable[[str], None]:
        """Called with a workspace that installed the app."""
        return self.installs.on_usable

    @on_usable.setter
    def on_usable(self, tell: Callable[[str], None]) -> None:
        self.installs.on_usable = tell

    async def maintain(self) -> None:
        """Renew tokens, every half hour.

        Tokens end only where Slack's token rotation is switched on: after 12 hours
        (https://docs.slack.dev/authentication/using-token-rotation).
        """
        while True:
            # A refresh token works once. The lease outlasts the renewal, so that nobody renews by what he read before.
            if self._leases is None or await self._leases.take(RENEWAL, RENEWAL_INTERVAL / 2):
                await self._renew_tokens()
            await asyncio.sleep(RENEWAL_INTERVAL)

    async def _renew_tokens(self) -> None:
        rotator = AsyncTokenRotator(**self._app, client=self.slack.web_client())
        for install in await self.installs.all():
            try:
                bot = await rotator.perform_bot_token_rotation(bot=install.to_bot())
                if bot is not None:
                    await self.installs.async_save_bot(bot)
            except (SlackTokenRotationError, *TRANSPORT) as error:
                reason = error_summary(getattr(error, "api_error", error))
                workspace = install.team_id or install.enterprise_id
                log.warning("a token was not renewed workspace=%s reason=%r", workspace, reason)

    async def client(self, team: str) -> AsyncWebClient:
        """The Web API client of a workspace. Raises LookupError where it is not installed, UnreadableTokenError."""
        install = await self.installs.of(team)
        if install is None or not install.bot_token:
            raise LookupError(team)
        return self.slack.web_client(install.bot_token)

    async def bot(self, team: str | None, enterprise: str | None) -> AuthorizeResult | None:
        """The bot's token and ids as stored at installation: an acknowledgement waits for no call."""
        try:
            install = await self.installs.of(team, enterprise)
        except UnreadableTokenError as error:
            log.warning("%s workspace=%s", error, team or enterprise)
            return None
        if install is None:
            return None
        return AuthorizeResult(
            enterprise_id=install.enterprise_id,
            team_id=team or install.team_id,
            bot_id=install.bot_id,
            bot_user_id=install.bot_user_id,
            bot_token=install.bot_token,
            bot_scopes=install.bot_scopes,
        )

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:
        """Delete the installation; the ids of the workspaces it served."""
        return await self.installs.forget(team, enterprise, whole_org=whole_org)


Workspaces = SingleWorkspace | InstalledWorkspaces
