"""The link that invites Paperboy to a server, with exactly the permissions it uses. Pure."""

from __future__ import annotations

import base64
import re
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


_ID = re.compile(r"[0-9]{1,20}")
WHERE = "found under General Information in the developer portal"


def invite(application_id: str | None, token: str | None) -> str:
    """The link. Raises UserError if it is not known whose."""
    if application_id and not _ID.fullmatch(application_id.strip()):
        raise UserError(f"DISCORD_APPLICATION_ID is a number, {WHERE}")
    known = (application_id or "").strip() or application_of(token or "")
    if known is None and token:
        raise UserError(f"DISCORD_TOKEN is no bot token; set it again, or DISCORD_APPLICATION_ID, {WHERE}")
    if known is None:
        raise UserError(f"set DISCORD_APPLICATION_ID, {WHERE}, or DISCORD_TOKEN first")
    scopes = {"client_id": known, "scope": "bot applications.commands", "permissions": sum(PERMISSIONS.values())}
    return f"{AUTHORIZE_URL}?{urlencode(scopes)}"


def application_of(token: str) -> str | None:
    """The application a bot token belongs to: its first part, in base 64. None if it is no bot token."""
    first = token.strip().partition(".")[0]
    try:
        found = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode("ascii")
    except ValueError:
        return None
    return found if _ID.fullmatch(found) else None
