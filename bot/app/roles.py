"""Roles of a process: everything by default; on PostgreSQL a process may have some, and others the rest."""

from __future__ import annotations

from bot.app.platforms import PLATFORMS
from bot.errors import UserError
from bot.settings import SEPARATORS

ROLES = {
    "collect": "ask the sources, choose what is due, write summaries",
    "deliver": "post digests and notices",
    **{name: platform.role for name, platform in PLATFORMS.items() if platform.role},
    "mail": "send the letters of sign-up",
}
ALL = frozenset(ROLES)


def read_roles(text: str | None, *, shared: bool) -> frozenset[str]:
    """The roles in a list with commas; all if there is none.

    Raises UserError for an unknown one, or if not all are named and no other process can share the database.
    """
    if text is None:
        return ALL
    roles = frozenset(filter(None, SEPARATORS.split(text.lower())))
    if unknown := sorted(roles - ALL):
        raise UserError(f"there is no role {', '.join(unknown)}; choose from {', '.join(ROLES)}")
    if not roles:
        raise UserError(f"--roles names none; choose from {', '.join(ROLES)}, or leave it out for all")
    if roles != ALL and not shared:
        raise UserError(
            "--roles is for several processes on one database: SQLite's has one, which does everything;"
            " leave --roles out, or set PAPERBOY_DB to a PostgreSQL URL"
        )
    return roles
