"""Links that install Paperboy, in a server with the permissions it uses and no others, or for one person. Pure."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.errors import UserError
from bot.settings import secret_value

if TYPE_CHECKING:
    from bot.settings import Settings

AUTHORIZE_URL = "https://discord.com/oauth2/authorize"
PERMISSIONS = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Read Message History": 1 << 16,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
}
"""https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags"""
GUILD_INSTALL, USER_INSTALL = "0", "1"
"""https://discord.com/developers/docs/resources/application#application-object-application-integration-types"""
SERVER_PARAMS: dict[str, Any] = {
    "scopes": ["bot", "applications.commands"],
    "permissions": str(sum(PERMISSIONS.values())),
}
PERSON_PARAMS: dict[str, Any] = {"scopes": ["applications.commands"], "permissions": "0"}
"""https://discord.com/developers/docs/resources/application#install-params-object"""

_ID = re.compile(r"[0-9]{1,20}")
_WHERE = "found under General Information in the developer portal"


def manifest_text(settings: Settings, _http_url: str | None, *, with_links: bool, with_agent: bool) -> str:
    """The install links of the configured application. Raises UserError if it is not known which."""
    if with_agent:
        raise UserError("--agent is for Slack")
    if with_links:
        raise UserError(
            "--links is for Slack. On Discord set PAPERBOY_DISCORD_MESSAGE_CONTENT=true, after you have switched on"
            " Message Content Intent under Bot in the developer portal"
        )
    client_id = client_id_of(settings.discord_application_id, secret_value(settings.discord_token))
    return f"In a server:   {invite(client_id)}\nFor yourself:  {personal_install(client_id)}"


def invite(client_id: str) -> str:
    """The link that adds the application to a server."""
    return _link(client_id, GUILD_INSTALL, **SERVER_PARAMS)


def personal_install(client_id: str) -> str:
    """The link that gives a person the application's commands wherever they are."""
    return _link(client_id, USER_INSTALL, scopes=PERSON_PARAMS["scopes"])


def _link(client_id: str, where: str, *, scopes: list[str], **query: str) -> str:
    parts = {"client_id": client_id, "scope": " ".join(scopes), **query, "integration_type": where}
    return f"{AUTHORIZE_URL}?{urlencode(parts)}"


def client_id_of(application_id: str | None, token: str | None) -> str:
    """Id of the application. Raises UserError if neither the setting nor the token says whose."""
    if application_id and not _ID.fullmatch(application_id.strip()):
        raise UserError(f"DISCORD_APPLICATION_ID is a number, {_WHERE}")
    client_id = (application_id or "").strip() or application_of(token or "")
    if client_id is None and token:
        raise UserError(f"DISCORD_TOKEN is no bot token; set it again, or DISCORD_APPLICATION_ID, {_WHERE}")
    if client_id is None:
        raise UserError(f"set DISCORD_APPLICATION_ID, {_WHERE}, or DISCORD_TOKEN first")
    return client_id


def application_of(token: str) -> str | None:
    """Application id in a bot token, which is its first part in base 64; None if it is no bot token."""
    first = token.strip().partition(".")[0]
    try:
        application_id = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode("ascii")
    except ValueError:
        return None
    return application_id if _ID.fullmatch(application_id) else None
