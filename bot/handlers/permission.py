"""Permission to change a channel: its managers, as the platform's front tells (`Caller.may_manage`).

Which commands need it: `permission="managers"` in `bot/commands/table.py`.
"""

from __future__ import annotations

from bot.model import Caller, Message
from bot.wording.notices import not_permitted


def refusal(subject: str, caller: Caller) -> Message | None:
    """Refusal of what only managers may do, with the permission that is missing; None if the caller is one."""
    return None if caller.may_manage else not_permitted(subject, caller.needs)
