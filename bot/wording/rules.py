"""Rules on who may do what in a channel: roles and user groups, refusals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.commands import typed
from bot.errors import UserError
from bot.model import MEMBERS, Channel, Group, Message, group_of, platform
from bot.text import joined
from bot.wording.parts import NAME_MAX, block, say

GROUP_WORDS = {"discord": "role", "slack": "user group"}
"""By platform; others have no groups."""


def group_word(channel: Channel) -> str:
    """`role` on Discord, `user group` on Slack."""
    return GROUP_WORDS.get(platform(channel), "group")


def group_name(group: Group) -> str:
    """`@ops`; the name is foreign text, without what would be markup in our own sentences."""
    return f"@{_plain(group.name)}"


def rule_phrase(rule: str, channel: Channel) -> str:
    """People that a rule admits: `everybody here`, `those who manage the channel`, `the role @ops`."""
    if group := group_of(rule):
        return f"the {group_word(channel)} {group_name(group)}"
    return "everybody here" if rule == MEMBERS else "those who manage the channel"


def unknown_group(channel: Channel, name: str, nearest: Sequence[str], others: Sequence[str]) -> UserError:
    """The fault of a name that no group has, with those that are nearest, else with what it can be besides."""
    hint = f"It can also be {joined(others, 'or')}."
    if nearest:
        hint = f"Did you mean {joined([f'“{_plain(each)}”' for each in nearest], 'or')}?"
    return UserError(f"There is no {group_word(channel)} “{_plain(name)}” here. {hint}", values=tuple(nearest))


def ambiguous_group(channel: Channel, name: str) -> UserError:
    """The fault of a name that several roles have."""
    word, name = group_word(channel), _plain(name)
    return UserError(f"Several {word}s are called “{name}”. Mention the one that you mean: type @ and choose it.")


def no_groups_here(channel: Channel, others: Sequence[str]) -> UserError:
    """The fault of a group where there are none."""
    word = GROUP_WORDS.get(platform(channel), "role or user group")
    return UserError(f"There is no {word} here. It can be {joined(others, 'or')}.")


def silent_mention(group: Group, channel: Channel) -> str:
    """A line about a group that a mention names without notifying anybody."""
    return (
        f"{group_name(group)} is named, and nobody notified, before the server's settings allow anyone to @mention this"
        f" {group_word(channel)}."
    )


def gone_note(group: Group, channel: Channel) -> str:
    """One line where a rule's group was deleted."""
    return fallback_note(f"The {group_word(channel)} {group_name(group)} no longer exists")


def fallback_note(why: str) -> str:
    """One line where a rule cannot be applied as it was set: why, what holds instead, how to choose anew."""
    return f"{why.rstrip('.')}. So the usual rule holds here until {typed('channel')} names another."


def with_note(answer: Message, note: str) -> Message:
    """The answer above a line about the rule that let its reader in."""
    return replace(answer, blocks=(*answer.blocks, block(note, "note"))) if note else answer


def not_admitted(command: str, rule: str, channel: Channel) -> Message:
    """Refusal of what a channel's rule keeps for others."""
    return say(f"“{command}” changes things for the whole channel. Here that is for {rule_phrase(rule, channel)}.")


def may_not_share_here(rule: str, channel: Channel, note: str = "") -> Message:
    """Refusal to share where a channel keeps that for others."""
    return say(f"Sharing answers here is for {rule_phrase(rule, channel)}, so this one stays with you alone. {note}")


def not_counted(rule: str, channel: Channel, note: str = "") -> Message:
    """Answer to a 👍 or 👎 of somebody whose feedback a channel does not count."""
    return say(f"Not counted: this channel learns from {rule_phrase(rule, channel)} alone. {note}")


def _plain(name: str) -> str:
    return " ".join(name.replace("`", "'").split())[:NAME_MAX]
