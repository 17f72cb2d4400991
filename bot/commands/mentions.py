"""Messages written to Paperboy -> the line of a command: sentences are searches, thanks are no command. Pure."""

from __future__ import annotations

import difflib
import re

from bot.commands.command import Command
from bot.commands.phrases import (
    GREETING,
    PRAISE,
    THANKS,
    is_polite,
    numbered,
    request,
    without_end,
    without_polite_start,
)
from bot.commands.table import COMMANDS, GROUPS
from bot.query.lexer import tidy

_MARKS = re.compile(r"(?::[\w+-]+:|[^\w\s]|\s)+")
"""Emoji, also as Slack writes them, and punctuation."""
_ASKING = re.compile(
    r"(?:(?:please|any|some|more|what|what's|which|who|are|is|there|do|does|did|you|we|have|know|can|could|would|"
    r"find|show|give|look|tell|me|us|for|papers?|works?|research|anything|something|about|on|of|the|a|an|recent|latest|"
    r"i|i'm|im|want|need|like|to|see|read|in|interested|happened|with|how)\s+)+",
    re.IGNORECASE,
)
"""Words before what somebody asks for."""
SHORT_REMARK = 6
"""Words after thanks that are no request."""


def written_line(text: str) -> str | None:
    """The command line that a written message means; None for one that wants no answer.

    A sentence that begins with no command is searched: `any papers on video diffusion?` is `search video diffusion`.
    Raises UserError for a request to stop, with the commands that do.
    """
    line = tidy(text).strip()
    if line and (_MARKS.fullmatch(line) or PRAISE.fullmatch(line)):
        return None
    if thanks := THANKS.match(line):
        line = line[thanks.end() :]
        if not _is_command(line) and "?" not in line and len(line.split()) <= SHORT_REMARK:
            return None
    if greeting := GREETING.match(line):
        line = line[greeting.end() :]
    return request(line) or numbered(line) or _as_command(line)


def _as_command(line: str) -> str:
    first, _, rest = line.partition(" ")
    name = first.lower().removeprefix("/").rstrip(":,!?.")
    if name in {"papers", "paperboy", ""} or name in GROUPS or line.startswith("/"):
        return line
    command = COMMANDS.get(name) or _aliased(name)
    if command is not None and not command.hidden:
        words = without_end(rest)
        if command.rest is None and is_polite(words):
            return command.name
        if not words or command.rest or ":" in words:
            return f"{command.name} {words}".rstrip()
    elif _is_bare_command(bare := without_polite_start(without_end(line))):
        return _as_command(bare)
    elif difflib.get_close_matches(name, [*COMMANDS, *GROUPS], n=1, cutoff=0.75):
        return line  # a slip of the finger: the answer names the command
    words = without_end(line)
    asking = _ASKING.match(words)
    return f"search {words[asking.end() :] if asking else words}"


def _is_bare_command(line: str) -> bool:
    """True for the name of a command alone."""
    return line.lower() in {*COMMANDS, *GROUPS}


def _is_command(line: str) -> bool:
    return line.partition(" ")[0].lower().rstrip(":,!?.") in {*COMMANDS, *GROUPS}


def _aliased(name: str) -> Command | None:
    return next((each for each in COMMANDS.values() if name in each.aliases), None)
