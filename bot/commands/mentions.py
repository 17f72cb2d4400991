"""Messages written to Paperboy -> the line of a command: sentences are searches, thanks are no command. Pure."""

from __future__ import annotations

import difflib
import re

from bot.commands.command import Command
from bot.commands.table import COMMANDS, GROUPS
from bot.query.lexer import tidy

_THANKS = re.compile(
    r"(?:(?:many|ok|okay|great|cool|nice|perfect|awesome|wow)[\s,!.]+)*"
    r"(?:thanks|thank\s+you|thank\s+u|thx|ty|cheers|danke|merci|gracias|obrigad[oa]|grazie)\b[\s,!.:;-]*",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"(?:ok|okay|great|cool|nice|perfect|awesome|wow|lol|haha|yes|no|good\s+(?:bot|one|job|morning)|\+1|[\s,!.])+",
    re.IGNORECASE,
)
_MARKS = re.compile(r"(?::[\w+-]+:|[^\w\s]|\s)+")
"""Emoji, also as Slack writes them, and punctuation."""
_ASKING = re.compile(
    r"(?:(?:please|any|some|more|what|what's|which|who|are|is|there|do|does|did|you|we|have|know|can|could|would|"
    r"find|show|give|look|tell|me|us|for|papers?|works?|research|anything|something|about|on|of|the|a|an|recent|latest|"
    r"i|i'm|im|want|need|like|to|see|read|in|interested|happened|with|how)\s+)+",
    re.IGNORECASE,
)
"""Words before what somebody asks for."""
_POLITE = re.compile(r"(?:[\s?!.,]|\bplease\b)+$", re.IGNORECASE)
_GREETING = re.compile(
    r"(?:hello|hi|hey|good\s+morning)\b[\s,!.]*(?:there|paperboy|all|everyone)?[\s,!.]*", re.IGNORECASE
)
SHORT_REMARK = 6
"""Words after thanks that are no request."""


def written_line(text: str) -> str | None:
    """The command line that a written message means; None for one that wants no answer.

    A sentence that begins with no command is searched: `any papers on video diffusion?` is `search video diffusion`.
    """
    line = tidy(text).strip()
    if line and (_MARKS.fullmatch(line) or _PRAISE.fullmatch(line)):
        return None
    if thanks := _THANKS.match(line):
        line = line[thanks.end() :]
        if not _is_command(line) and "?" not in line and len(line.split()) <= SHORT_REMARK:
            return None
    if greeting := _GREETING.match(line):
        line = line[greeting.end() :]
    return _as_command(line)


def _as_command(line: str) -> str:
    first, _, rest = line.partition(" ")
    name = first.lower().removeprefix("/").rstrip(":,!?.")
    if name in {"papers", "paperboy", ""} or name in GROUPS or line.startswith("/"):
        return line
    command = COMMANDS.get(name) or _aliased(name)
    if command is not None and not command.hidden:
        words = _POLITE.sub("", rest)
        if not words or command.rest or ":" in words:
            return f"{command.name} {words}".rstrip()
    elif difflib.get_close_matches(name, [*COMMANDS, *GROUPS], n=1, cutoff=0.75):
        return line  # a slip of the finger: the answer names the command
    words = _POLITE.sub("", line)
    asking = _ASKING.match(words)
    return f"search {words[asking.end() :] if asking else words}"


def _is_command(line: str) -> bool:
    return line.partition(" ")[0].lower().rstrip(":,!?.") in {*COMMANDS, *GROUPS}


def _aliased(name: str) -> Command | None:
    return next((each for each in COMMANDS.values() if name in each.aliases), None)
