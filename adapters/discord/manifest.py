"""Link that invites Paperboy to a server, with the permissions it uses and no others. Pure."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
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

_ID = re.compile(r"[0-9]{1,20}")
_WHERE = "found under General Information in the developer portal"


def manifest_text(settings: Settings, _http_url: str | None, *, with_links: bool) -> str:
    """The invite link of the configured application. Raises UserError if it is not known which."""
    if with_links:
        raise UserError(
            "--links is for Slack. On Discord set PAPERBOY_DISCORD_MESSAGE_CONTENT=true, after you have switched on"
            " Message Content Intent under Bot in the developer portal"
        )
    return invite(settings.discord_application_id, secret_value(settings.discord_token))


def invite(application_id: str | None, token: str | None) -> str:
    """The link. Raises UserError if neither the id nor the token says whose."""
    if application_id and not _ID.fullmatch(application_id.strip()):
        raise UserError(f"DISCORD_APPLICATION_ID is a number, {_WHERE}")
    client_id = (application_id or "").strip() or application_of(token or "")
    if client_id is None and token:
        raise UserError(f"DISCORD_TOKEN is no bot token; set it again, or DISCORD_APPLICATION_ID, {_WHERE}")
    if client_id is None:
        raise UserError(f"set DISCORD_APPLICATION_ID, {_WHERE}, or DISCORD_TOKEN first")
    query = {"client_id": client_id, "scope": "bot applications.commands", "permissions": sum(PERMISSIONS.values())}
    return f"{AUTHORIZE_URL}?{urlencode(query)}"


def application_of(token: str) -> str | None:
    """Application id in a bot token, which is its first part in base 64; None if it is no bot token."""
    first = token.strip().partition(".")[0]
    try:
        application_id = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode("ascii")
    except ValueError:
        return None
    return application_id if _ID.fullmatch(application_id) else None
