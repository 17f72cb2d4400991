"""Answers to what cannot be read: the remedy in one line, with a button for each line that would be run."""

from __future__ import annotations

import re

from bot.commands import parse_line
from bot.errors import UserError
from bot.model import Action, Message
from bot.wording.parts import say

MOST_BUTTONS = 5
_KEY = re.compile(r"paperboy_[\w.-]+|(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]+[A-Z0-9])[A-Za-z0-9]{20,}")
"""What looks like somebody's key, as after a misspelt `zotero connect`: an answer may be seen by more than its line."""


def mistake(error: UserError) -> Message:
    """Answer to a mistake."""
    lines = [each for each in error.lines if not _KEY.search(each[1])][:MOST_BUTTONS]
    actions = tuple(_button(*each) for each in lines)
    return say(" ".join(_KEY.sub("…", str(error)).split()), actions=filter(None, actions))


def _button(label: str, line: str) -> Action | None:
    """A button that runs a line; None if the line has a mistake of its own."""
    try:
        command, options = parse_line(line)
    except UserError:
        return None
    return Action(label, command, options)
