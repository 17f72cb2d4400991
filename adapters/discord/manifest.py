"""The link that invites Paperboy to a server, with exactly the permissions it uses. Pure."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from bot.errors import UserError

AUTHORIZE_URL = "https://discord.com/oauth2/authorize"
PERMISSIONS = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Read Message History": 1 << 16,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
}
"""https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags"""


def invite(application_id: str | None, token: str | None) -> str:
    """The link. Raises UserError if it is not known whose."""
    known = application_id or owner(token or "")
    if not known or not known.isdecimal():
        raise UserError(
            "set DISCORD_APPLICATION_ID (General Information in the developer portal) or DISCORD_TOKEN first"
        )
    scopes = {"client_id": known, "scope": "bot applications.commands", "permissions": sum(PERMISSIONS.values())}
    return f"{AUTHORIZE_URL}?{urlencode(scopes)}"


def owner(token: str) -> str | None:
    """The application a bot token belongs to: its first part, in base 64."""
    first = token.partition(".")[0]
    try:
        return base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode("ascii") or None
    except ValueError:
        return None
