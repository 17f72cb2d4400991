"""Answers to what cannot be read: the remedy in one line, with a button for each line that would be run."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import parse_line
from bot.errors import UserError
from bot.model import Action, Message
from bot.wording.notices import mistake_text

MOST_BUTTONS = 5


def mistake(error: UserError) -> Message:
    """Answer to a mistake."""
    actions = tuple(map(_button, *zip(*error.lines[:MOST_BUTTONS], strict=True))) if error.lines else ()
    return replace(mistake_text(str(error)), actions=tuple(action for action in actions if action))


def _button(label: str, line: str) -> Action | None:
    """A button that runs a line; None if the line has a mistake of its own."""
    try:
        command, options = parse_line(line)
    except UserError:
        return None
    return Action(label, command, options)
