"""Messages written to Paperboy -> the line of a command: sentences are searches, thanks are no command. Pure."""

from __future__ import annotations

import re

from bot.commands.parsing import named, nearest, of_two_words, parse_line, takes
from bot.commands.phrases import GREETING, PRAISE, THANKS, is_polite, without_asking, without_end, without_polite_start
from bot.commands.requests import numbered, request
from bot.commands.table import COMMANDS, GROUPS
from bot.errors import UserError
from bot.query.lexer import tidy

_MARKS = re.compile(r"(?::[\w+-]+:|[^\w\s]|\s)+")
"""Emoji, also as Slack writes them, and punctuation."""
_ABOUT = re.compile(r"(?:about|on|by|from|at|in|with|without|for|that|which)\s", re.IGNORECASE)
"""Words after `papers` where it is no address: `papers by Ada Lovelace`."""
_TO_SOMEBODY = re.compile(r"(?:me|us)\s", re.IGNORECASE)
"""Words after `show`, which is `paper` else: `show me papers about agents`."""
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
        is_command = line.partition(" ")[0].lower().rstrip(":,!?.") in {*COMMANDS, *GROUPS}
        if not is_command and "?" not in line and len(line.split()) <= SHORT_REMARK:
            return None
    if greeting := GREETING.match(line):
        line = line[greeting.end() :]
    return request(line) or numbered(line) or _as_command(line)


def written_command(text: str) -> tuple[str, dict[str, str]]:
    """Command and options that a written message means; ("", {}) for one that is a mistake or wants no answer."""
    try:
        line = written_line(text)
        return ("", {}) if line is None else parse_line(line)
    except UserError:
        return "", {}


def _as_command(line: str) -> str:
    """The line if it begins with a command, else a search for its words."""
    first, _, rest = line.partition(" ")
    name = first.lower().removeprefix("/").rstrip(":,!?.")
    if _asks_for_papers(name, rest) and not line.startswith("/"):
        return f"search {without_asking(without_end(line))}"
    if name in {"papers", "paperboy", "@paperboy", ""} or name in GROUPS or line.startswith("/"):
        return line
    command, words = named(name), without_end(rest)
    if command is not None and takes(command, words):
        polite = command.rest is None and is_polite(words)
        return command.name if polite or not words else f"{command.name} {words}"
    bare = without_polite_start(without_end(line))
    if command is None and bare != line and _is_order(bare):
        return _as_command(bare)
    if command is None and (nearest(name, rest) or of_two_words(line)):
        return line  # a slip of the finger: the answer names the command
    return f"search {without_asking(without_end(line))}"


def _asks_for_papers(name: str, rest: str) -> bool:
    """Whether a first word that elsewhere is an address or an alias begins a sentence: `papers by`, `show me`."""
    command = named(name)
    is_alias = command is not None and name != command.name
    return bool(_ABOUT.match(rest) if name == "papers" else is_alias and _TO_SOMEBODY.match(rest))


def _is_order(line: str) -> bool:
    """Whether a line after `please` begins with a command, and does not ask for papers: `follow video diffusion`."""
    name, _, words = line.partition(" ")
    command = named(name.lower())
    if command is None:
        return name.lower() in GROUPS
    return not words or (command.permission == "managers" and takes(command, words))
