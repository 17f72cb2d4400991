"""Which workspaces installed the app, and with which token: an AsyncInstallationStore over a safe.

    slack/team/T1    a workspace's installation        slack/org/E1   an organisation's
    slack/member/T2  the organisation that workspace T2 belongs to

Only what the bot needs is kept: no user's token, no webhook.
"""

from __future__ import annotations

import json
import logging
from logging import Logger
from typing import Any, Protocol

from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation

log = logging.getLogger("paperboy.slack")

KEPT = (
    "app_id",
    "enterprise_id",
    "enterprise_name",
    "team_id",
    "team_name",
    "bot_token",
    "bot_id",
    "bot_user_id",
    "bot_scopes",
    "bot_refresh_token",
    "bot_token_expires_at",
    "user_id",
    "is_enterprise_install",
    "installed_at",
)
TEAM, ORG, MEMBER = "slack/team/", "slack/org/", "slack/member/"


class Safe(Protocol):
    """Keeps secrets by name, encrypted."""

    async def put(self, name: str, text: str) -> None:
        """Keep, in place of what was there."""
        ...

    async def get(self, name: str) -> str | None:
        """What is kept; None if there is nothing, or if it cannot be decrypted."""
        ...

    async def delete(self, name: str) -> bool:
        """Forget; False if there was nothing. Of several at once, one is told True."""
        ...

    async def names(self, prefix: str) -> list[str]:
        """What begins with this."""
        ...


class Installs(AsyncInstallationStore):
    """Installations by workspace. A workspace is only ever given its own, or that of the organisation it is in."""

    def __init__(self, safe: Safe) -> None:
        self._safe = safe
        self._known: dict[str, Installation] = {}

    @property
    def logger(self) -> Logger:
        """As the SDK asks."""
        return log

    # --- what Paperboy asks

    async def of(self, team: str | None, enterprise: str | None = None) -> Installation | None:
        """The installation that speaks for a workspace: its own, else the one of its organisation."""
        own = await self._load(f"{TEAM}{team}") if team else None
        if own is not None and own.team_id == team:
            return own
        org = enterprise or (await self._safe.get(f"{MEMBER}{team}") if team else None)
        found = await self._load(f"{ORG}{org}") if org else None
        if found is None or not found.is_enterprise_install or found.enterprise_id != org:
            return None
        if team and enterprise and await self._safe.get(f"{MEMBER}{team}") != enterprise:
            await self._safe.put(f"{MEMBER}{team}", enterprise)
        return found

    async def all(self) -> list[Installation]:
        """Every installation."""
        names = [*await self._safe.names(TEAM), *await self._safe.names(ORG)]
        return [found for name in names if (found := await self._load(name))]

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:
        """Delete an installation; the workspaces that it spoke for."""
        if not whole_org or enterprise is None:
            return (team,) if team and await self._drop(f"{TEAM}{team}") else ()
        if not await self._drop(f"{ORG}{enterprise}"):
            return ()
        gone = {team} if team else set()
        for name in await self._safe.names(MEMBER):
            if await self._safe.get(name) == enterprise:
                await self._safe.delete(name)
                gone.add(name.removeprefix(MEMBER))
        return tuple(sorted(gone))

    async def _load(self, name: str) -> Installation | None:
        if name not in self._known:
            text = await self._safe.get(name)
            if text is None:
                return None
            self._known[name] = Installation(**json.loads(text))
        return self._known[name]

    async def _drop(self, name: str) -> bool:
        self._known.pop(name, None)
        return await self._safe.delete(name)

    # --- what the SDK asks

    async def async_save(self, installation: Installation) -> None:
        """Keep it in place of an earlier one."""
        name = _name(installation.enterprise_id, installation.team_id, org=installation.is_enterprise_install)
        if name is None or not installation.bot_token:
            raise ValueError("an installation without a workspace or a bot token cannot be kept")
        kept: dict[str, Any] = {field: getattr(installation, field) for field in KEPT}
        await self._safe.put(name, json.dumps(kept))
        self._known.pop(name, None)

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a token that was renewed."""
        name = _name(bot.enterprise_id, bot.team_id, org=bot.is_enterprise_install)
        known = await self._load(name) if name else None
        if known is None:
            raise ValueError("a token was renewed for a workspace that has not installed the app")
        renewed = {field: getattr(known, field) for field in KEPT}
        renewed |= {field: getattr(bot, field) for field in KEPT if field.startswith("bot_")}
        await self.async_save(Installation(**renewed))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot's half of the installation."""
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The installation of exactly this workspace, or of this organisation."""
        if user_id is not None:
            return None  # no user's token is kept
        name = _name(enterprise_id, team_id, org=bool(is_enterprise_install))
        found = await self._load(name) if name else None
        if found is None or name != _name(found.enterprise_id, found.team_id, org=found.is_enterprise_install):
            return None
        return found

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete the installation: the bot is all there is."""
        await self.forget(team_id, enterprise_id, whole_org=team_id is None)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Delete the installation; for one user, nothing was kept."""
        if user_id is None:
            await self.forget(team_id, enterprise_id, whole_org=team_id is None)


def _name(enterprise: str | None, team: str | None, *, org: bool) -> str | None:
    if org:
        return f"{ORG}{enterprise}" if enterprise else None
    return f"{TEAM}{team}" if team else None
