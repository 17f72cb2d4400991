"""Permission to change a channel, to share in it, and to be counted: the channel's rules, else the platform's.

Which commands change a channel: `permission="managers"` in `bot/commands/table.py`. The platform's front tells who may
by its own rule (`Caller.may_manage`); whoever runs the server or workspace (`Caller.admin`) always may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.handlers.groups import Admission, admits
from bot.model import MANAGERS, Caller, Gesture, Message, group_of
from bot.wording.notices import not_permitted
from bot.wording.rules import may_not_share_here, not_admitted, not_counted

if TYPE_CHECKING:
    from bot.handlers.context import Context, Invocation


class Permit(NamedTuple):
    """The answer that refuses, None if nothing does; and a line to add to the answer."""

    refusal: Message | None
    note: str = ""


async def change_permit(context: Context, subject: str, caller: Caller) -> Permit:
    """The permit or the refusal for a caller who changes the channel; a refusal names the missing permission."""
    rule = (await context.store.channels.settings(caller.channel)).managers
    admission = await manages(context, rule, caller)
    if admission.admitted:
        return Permit(None, admission.note)
    if rule == MANAGERS or admission.note or not caller.member:
        refused = not_permitted(subject, caller.needs, admission.note)
    else:
        refused = not_admitted(subject, rule, caller.channel)
    return Permit(refused)


async def refusal(context: Context, subject: str, caller: Caller) -> Message | None:
    """Refusal of what only those may do who may change the channel; None if the caller may."""
    return (await change_permit(context, subject, caller)).refusal


async def share_refusal(context: Context, caller: Caller) -> Message | None:
    """Refusal to share an answer in the channel; None if the caller may."""
    settings = await context.store.channels.settings(caller.channel)
    admission = await _admission(context, settings.sharers, settings.managers, caller)
    return None if admission.admitted else may_not_share_here(settings.sharers, caller.channel, admission.note)


async def feedback_refusal(context: Context, caller: Caller) -> Message | None:
    """Answer to feedback of somebody whose feedback does not count in the channel; None if it does."""
    settings = await context.store.channels.settings(caller.channel)
    admission = await _admission(context, settings.feedback, settings.managers, caller)
    return None if admission.admitted else not_counted(settings.feedback, caller.channel, admission.note)


async def teach(context: Context, invocation: Invocation, paper_id: str, gesture: Gesture) -> None:
    """Record that a person saved or shared a paper, where the channel counts that person's feedback."""
    caller = invocation.caller
    if await feedback_refusal(context, caller) is None:
        await context.store.feedback.record(caller.channel, caller.user, paper_id, gesture, invocation.now)


async def _admission(context: Context, rule: str, managers: str, caller: Caller) -> Admission:
    """The verdict of a rule about sharing or feedback on a caller; by default both are for everybody, guests too."""
    if rule == MANAGERS:
        return await manages(context, managers, caller)
    if group_of(rule) is None:
        return Admission(admitted=True)
    return await admits(context, rule, caller, fallback=True, managers=caller.may_manage)


async def manages(context: Context, rule: str, caller: Caller) -> Admission:
    """The verdict of a rule about the channel's settings on a caller."""
    if caller.admin:
        return Admission(admitted=True)
    return await admits(context, rule, caller, fallback=caller.may_manage, managers=caller.may_manage)
