"""Installations by workspace: an AsyncInstallationStore over a store of encrypted secrets.

    slack/team/T1    a workspace's installation        slack/org/E1   an organisation's
    slack/member/T2  the organisation that workspace T2 belongs to

No user's token and no webhook is stored.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Protocol

from cachetools import TTLCache
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation

from adapters.shares import UsedNames

log = logging.getLogger("paperboy.slack")

STORED_FIELDS = (
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


INSTALLATIONS_KEPT = 100_000
KEPT_BY_SEVERAL = 2.0
"""Seconds after which each of several processes reads an installation again."""
UNREADABLE = "the workspace's token cannot be opened: put the earlier PAPERBOY_SECRET_KEY back"


class UnreadableTokenError(Exception):
    """A workspace has an installation, and it cannot be read: the key is another one, or the row is damaged."""

    def __init__(self) -> None:
        super().__init__(UNREADABLE)


class SecretStore(UsedNames, Protocol):
    """Encrypted texts by name, and names that may be used once."""

    async def put(self, name: str, text: str) -> None:
        """Store the text, replacing an earlier one."""

    async def get(self, name: str) -> str | None:
        """The text; None if nothing is stored, or if it cannot be decrypted."""

    async def delete(self, name: str) -> bool:
        """Delete; False if nothing was stored. Of concurrent calls exactly one returns True."""

    async def names(self, prefix: str) -> list[str]:
        """The stored names that begin with the prefix."""


def do_nothing(team: str) -> None:
    """Take no notice of a workspace whose token works."""


class InstallationStore(AsyncInstallationStore):
    """Installations by workspace. A workspace has its own, or uses that of the organisation it is in.

    Of the SDK, only the OAuth flow uses the store, and calls `async_save` alone (tests/slack/test_installs.py).
    """

    def __init__(self, secrets: SecretStore, *, kept: float = float("inf")) -> None:
        """`kept`: seconds after which one is read again, because another process may have changed it."""
        self._secrets = secrets
        self._cache: TTLCache[str, Installation] = TTLCache(INSTALLATIONS_KEPT, kept)
        self.on_usable: Callable[[str], None] = do_nothing
        """Called with a workspace whose token works from now on."""

    async def of(self, team: str | None, enterprise: str | None = None) -> Installation | None:
        """The installation that serves a workspace: its own, else the one of its organisation.

        Raises UnreadableTokenError where one is stored that cannot be read.
        """
        own = await self._load(f"{TEAM}{team}") if team else None
        if own is not None and own.team_id == team:
            return own
        org = enterprise or (await self._read(f"{MEMBER}{team}") if team else None)
        install = await self._load(f"{ORG}{org}") if org else None
        if install is None or not install.is_enterprise_install or install.enterprise_id != org:
            return None
        if team and enterprise and await self._secrets.get(f"{MEMBER}{team}") != enterprise:
            await self._secrets.put(f"{MEMBER}{team}", enterprise)
            self.on_usable(team)
        return install

    async def all(self) -> list[Installation]:
        """Every installation that can be read."""
        installs = []
        for name in [*await self._secrets.names(TEAM), *await self._secrets.names(ORG)]:
            try:
                installs.append(await self._load(name))
            except UnreadableTokenError as error:
                log.warning("%s secret=%s", error, name)
        return [install for install in installs if install is not None]

    async def forget(self, team: str | None, enterprise: str | None, *, whole_org: bool) -> tuple[str, ...]:
        """Delete an installation; the ids of the workspaces that it served."""
        if not whole_org or enterprise is None:
            return (team,) if team and await self._delete(f"{TEAM}{team}") else ()
        if not await self._delete(f"{ORG}{enterprise}"):
            return ()
        teams = {team} if team else set()
        for name in await self._secrets.names(MEMBER):
            if await self._secrets.get(name) == enterprise:
                await self._secrets.delete(name)
                teams.add(name.removeprefix(MEMBER))
        return tuple(sorted(teams))

    async def _load(self, name: str) -> Installation | None:
        install = self._cache.get(name)
        if install is None and (text := await self._read(name)) is not None:
            try:
                install = self._cache[name] = Installation(**json.loads(text))
            except (ValueError, TypeError):
                raise UnreadableTokenError from None
        return install

    async def _read(self, name: str) -> str | None:
        """A secret; None if nothing is stored. Raises UnreadableTokenError for one that cannot be decrypted."""
        text = await self._secrets.get(name)
        if text is None and name in await self._secrets.names(name):
            raise UnreadableTokenError
        return text

    async def _delete(self, name: str) -> bool:
        self._cache.pop(name, None)
        return await self._secrets.delete(name)

    async def async_save(self, installation: Installation) -> None:
        """Store an installation, replacing an earlier one. Raises ValueError without a workspace or a token."""
        await self._save(installation)
        for team in await self._served(installation):
            self.on_usable(team)

    async def _served(self, installation: Installation) -> tuple[str, ...]:
        """The ids of the workspaces that an installation serves, as far as they are known."""
        if not installation.is_enterprise_install:
            return (str(installation.team_id),)
        members = await self._secrets.names(MEMBER)
        served = [name for name in members if await self._secrets.get(name) == installation.enterprise_id]
        return tuple(name.removeprefix(MEMBER) for name in served)

    async def _save(self, installation: Installation) -> None:
        name = _secret_name(installation.enterprise_id, installation.team_id, org=installation.is_enterprise_install)
        if name is None or not installation.bot_token:
            raise ValueError("an installation without a workspace or a bot token cannot be kept")
        await self._secrets.put(name, json.dumps({field: getattr(installation, field) for field in STORED_FIELDS}))
        self._cache.pop(name, None)

    async def async_save_bot(self, bot: Bot) -> None:
        """Store a renewed token. Raises ValueError for a workspace that has no installation."""
        name = _secret_name(bot.enterprise_id, bot.team_id, org=bot.is_enterprise_install)
        install = await self._load(name) if name else None
        if install is None:
            raise ValueError("a token was renewed for a workspace that has not installed the app")
        fields = {field: getattr(bot if field.startswith("bot_") else install, field) for field in STORED_FIELDS}
        await self._save(Installation(**fields))


def _secret_name(enterprise: str | None, team: str | None, *, org: bool) -> str | None:
    if org:
        return f"{ORG}{enterprise}" if enterprise else None
    return f"{TEAM}{team}" if team else None
