"""The line of a subscription that a person names: by what it says, or by its number in the list."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from bot.commands import typed
from bot.commands.times import excerpt
from bot.errors import QueryError, UserError
from bot.model import Subscription
from bot.query.parser import canonical

_NUMBER = re.compile(r"#?\s?([1-9][0-9]?[0-9]?)")
_FOLLOWED = "followed", "topics add video diffusion", "topics"
_LISTS = {
    **dict.fromkeys(("topics remove", "topics stricter", "topics wider"), _FOLLOWED),
    "topics unmute": ("muted", "topics mute video diffusion", "topics"),
    "watch remove": ("watched", 'watch add "speculative decoding"', "watch list"),
}
"""What its lines are, how to begin, and what lists them, by a command that is about one of them."""


def followed_line(text: str, subscription: Subscription, command: str) -> str:
    """The topic that a text names for a command. Raises UserError with the nearest, or the line to follow it."""
    line = named_line(text, subscription, mute=False)
    if line is None:
        fault = no_such_line(text, subscription.topics, command)
        raise fault if fault.lines or _NUMBER.fullmatch(text.strip()) else _not_followed(text)
    return line


def _not_followed(text: str) -> UserError:
    """The fault of a topic that is followed no more, or not yet, with the line that follows it."""
    line = f"topics add {text}"
    return UserError(f"“{excerpt(text)}” is not followed here. To follow it: {typed(line)}.", lines=((text, line),))


def named_line(text: str, subscription: Subscription, *, mute: bool) -> str | None:
    """The topic or mute that a text is, in any form, or whose number in the list it is; None if there is none."""
    lines = subscription.mutes if mute else subscription.topics
    same = (line for line in lines if comparable(line) == comparable(text))
    return next(same, None) or _numbered(text, subscription, mute=mute)


def _numbered(text: str, subscription: Subscription, *, mute: bool) -> str | None:
    """The topic or mute with a number of the list, which counts the mutes after the topics; None without one."""
    position = (line_number(text) or 0) - 1
    listed = [*((line, False) for line in subscription.topics), *((line, True) for line in subscription.mutes)]
    line, is_mute = listed[position] if 0 <= position < len(listed) else ("", None)
    return line if is_mute is mute else None


def line_number(text: str) -> int | None:
    """The number that names a line of a list: `2`, `#2`."""
    match = _NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else None


def comparable(line: str) -> str:
    """The canonical form of a line, or its text if it is unreadable, in lower case."""
    try:
        return canonical(line).casefold()
    except QueryError:
        return " ".join(line.split()).casefold()


def no_such_line(text: str, lines: Sequence[str], command: str) -> UserError:
    """The fault of a text that is no topic, mute or watch of a channel, with the line of `command` that was meant."""
    state, example, listing = _LISTS[command]
    if not lines:
        return UserError(f"Nothing is {state} here. Begin with {typed(example)}.")
    by_text = {line.casefold(): line for line in reversed(lines)}
    nearest = difflib.get_close_matches(text.casefold(), by_text, n=1, cutoff=0.5)
    fixes = tuple((by_text[line], f"{command} {by_text[line]}") for line in nearest)
    hint = f"Did you mean {typed(fixes[0][1])}?" if fixes else f"{typed(listing)} lists what is."
    return UserError(f"“{excerpt(text)}” is not {state} here. {hint}", lines=fixes)
