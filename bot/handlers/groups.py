"""Rules that admit people to something in a channel: read from what is typed, and applied to a caller."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from bot.errors import GroupsError, UserError
from bot.model import MANAGERS, MEMBERS, Caller, Channel, Group, group_of
from bot.wording.rules import ambiguous_group, fallback_note, gone_note, no_groups_here, silent_mention, unknown_group

if TYPE_CHECKING:
    from bot.handlers.context import Context

_MENTION = re.compile(r"<(?:@&|!subteam\^)(\w+)(?:\|[^<>]*)?>")
_WORDS = {
    **dict.fromkeys(("members", "member", "everybody", "everyone", "all", "anyone", "anybody"), MEMBERS),
    **dict.fromkeys(("managers", "manager", "default"), MANAGERS),
}
"""What people write for the two rules that name no group."""
_NOBODY = frozenset({"off", "none", "no", "nobody", "no one"})


class Admission(NamedTuple):
    """The verdict of a rule on a caller, and a line for them where it could not be applied as it was set."""

    admitted: bool
    note: str = ""


async def read_rule(context: Context, channel: Channel, text: str) -> str:
    """A rule as typed: `members`, `managers`, or a group by its name, id or mention. Raises UserError."""
    if rule := _WORDS.get(text.strip().casefold()):
        return rule
    return (await read_group(context, channel, text)).rule


async def read_mention(context: Context, channel: Channel, text: str) -> tuple[str, str]:
    """The group to mention, as in `Group.rule`, "" for none; and a warning where Discord may not notify its members.

    Raises UserError.
    """
    if text.strip().casefold() in _NOBODY:
        return "", ""
    group = await read_group(context, channel, text, others=("off",))
    return group.rule, "" if group.pings else silent_mention(group, channel)


async def read_group(
    context: Context, channel: Channel, text: str, others: Sequence[str] = (MEMBERS, MANAGERS)
) -> Group:
    """A group as typed; `others` can be written instead. Raises UserError with the nearest ones."""
    try:
        groups = await context.engine.groups(channel)
    except GroupsError as error:
        raise UserError(str(error)) from None
    if not groups:
        raise no_groups_here(channel, others)
    mention = _MENTION.fullmatch(text.strip())
    name = mention[1] if mention else text.strip().removeprefix("@").strip()
    if by_id := next((group for group in groups if group.id == name), None):
        return by_id
    named = [group for group in groups if group.name.casefold() == name.casefold()]
    if len(named) > 1:
        raise ambiguous_group(channel, name)
    if named:
        return named[0]
    names = {group.name.casefold(): f"@{group.name}" for group in groups}
    nearest = difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.5)
    raise unknown_group(channel, name, [names[each] for each in nearest], others)


async def group_names(context: Context, channel: Channel) -> tuple[str, ...]:
    """`@ops` of every group, for completion; none where they are not told."""
    with suppress(GroupsError):
        return tuple(f"@{group.name}" for group in await context.engine.groups(channel))
    return ()


async def admits(context: Context, rule: str, caller: Caller, *, fallback: bool, managers: bool) -> Admission:
    """The verdict of a rule on a caller.

    `managers`: whether the caller is one, for the rule of that name. `fallback`: whether the caller is admitted where
    the rule's group no longer exists, or the platform will not tell who is in it. Where it does not tell just now, only
    those are admitted of whom it is known.
    """
    if caller.alone:
        return Admission(admitted=True)
    group = group_of(rule)
    if group is None:
        return Admission(caller.member if rule == MEMBERS else managers)
    if group.id in caller.groups:
        return Admission(admitted=True)
    try:
        groups = await context.engine.groups(caller.channel)
    except GroupsError as error:
        note = fallback_note(str(error)) if error.lasting else str(error)
        return Admission(fallback and error.lasting, note)
    present = next((each for each in groups if each.id == group.id), None)
    if present is None:
        return Admission(fallback, gone_note(group, caller.channel))
    return Admission(present.members is not None and caller.user.rpartition("/")[2] in present.members)
