"""A typed line -> a command and its options as text. Pure; every fault is a UserError with the nearest right line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from bot.commands.command import COMMAND_WORD, Command, typed
from bot.commands.phrases import is_polite, is_small_talk, request, without_polite_start
from bot.commands.splitting import split_options
from bot.commands.table import COMMANDS, GROUPS
from bot.commands.times import excerpt
from bot.errors import QueryError, UserError
from bot.model import paper_id
from bot.query.lexer import tidy
from bot.text.analyzer import words as words_of

LINE_MAX = 2_000
TITLE_WORDS = 3
"""Words after the first with which a line is rather a title: `Pausing language models early` is no `pause`."""
_ADDRESSES = frozenset({"papers", "paperboy", "@paperboy", COMMAND_WORD, "/paperboy"})
"""First words that address Paperboy."""


def find(name: str) -> Command:
    """The command of a name, or the default command of a group. Raises UserError with the nearest name."""
    plain = " ".join(name.lower().split())
    if plain in COMMANDS:
        return COMMANDS[plain]
    if plain in GROUPS:
        return COMMANDS[GROUPS[plain].bare]
    names = [*(command.name for command in COMMANDS.values() if not command.hidden), *GROUPS]
    nearest = difflib.get_close_matches(plain, names, n=1)
    hint = f"Did you mean {typed(f'help {nearest[0]}')}? " if nearest else ""
    lines = tuple((f"help {name}", f"help {name}") for name in nearest)
    raise UserError(f"“{excerpt(name)}” is not a command. {hint}All of them: {typed('help')}.", lines=lines)


def parse_line(line: str) -> tuple[str, dict[str, str]]:
    """`/papers search video diffusion count:5` -> ("search", {"query": "video diffusion", "count": "5"}).

    Raises UserError for a line that is too long, an unknown command, or an option that the command does not have.
    """
    if len(line) > LINE_MAX:
        raise UserError(f"That line has {len(line):,} characters; at most {LINE_MAX:,} are read. Shorten it.")
    words = tidy(line).strip()
    while words.partition(" ")[0].lower().rstrip(":,") in _ADDRESSES:
        words = words.partition(" ")[2].strip()
    words = words.removeprefix("/").lstrip()
    if not words or is_small_talk(words):
        return "help", {}
    if paper_id.paper_id(words) is not None:
        return "search", {"query": words}
    command, rest = _command(words)
    try:
        return command.name, split_options(command, rest)
    except QueryError as error:
        raise query_fault(error, command) from None


def query_fault(error: QueryError, command: Command) -> UserError:
    """The fault of a query in an option of a command, with a line that works; to be pressed if it is the reader's."""
    line = f"{command.name} {error.example}"
    is_theirs = not set(words_of(error.example)).isdisjoint(words_of(error.text))
    lines = ((error.example, line),) if is_theirs else ()
    return UserError(f"{error.problem}. Try {typed(line)}.", lines=lines)


def replaces_message(options: Mapping[str, str]) -> bool:
    """True for a button whose answer replaces its message: it turns a page or confirms, and shares nothing."""
    return not options.keys().isdisjoint({"page", "start", "confirm"}) and options.get("share") != "yes"


def changes(line: str) -> bool:
    """True for a line whose command writes to the store; False if it cannot be parsed."""
    try:
        name, _ = parse_line(line)
    except UserError:
        return False
    return COMMANDS[name].writes


def _command(words: str) -> tuple[Command, str]:
    first, _, rest = words.partition(" ")
    name = first.lower().rstrip("!?.,")
    group = GROUPS.get(name)
    if group is None:
        command = COMMANDS.get(name)
        if command is None or command.hidden:
            bare = without_polite_start(words)
            if bare in (words, "") or request(words) is not None:
                raise _unknown(words)
            return _command(bare)
        return command, rest
    second, _, further = rest.strip().partition(" ")
    if not second or (":" in second and second.partition(":")[0].lower() == "page"):
        return COMMANDS[group.bare], rest
    if f"{group.name} {second.lower()}" in COMMANDS:
        return COMMANDS[f"{group.name} {second.lower()}"], further
    raise _unknown_subcommand(group.name, second, rest.strip())


def _unknown_subcommand(group: str, second: str, rest: str) -> UserError:
    """The fault of a second word that is no subcommand: it is misspelt, or the first of what is meant."""
    subcommands = {command.word: command for command in COMMANDS.values() if command.group == group}
    if nearest := difflib.get_close_matches(second.lower(), subcommands, n=1):
        line = f"{group} {nearest[0]} {rest.partition(' ')[2]}".strip()
    elif "add" in subcommands:
        line = f"{group} add {rest}"
    else:
        hint = f"Try {typed(group)}, or {typed(f'help {group}')} for all that begin so"
        return UserError(f"“{group} {excerpt(second)}” is not a command. {hint}.")
    return UserError(
        f"“{group} {excerpt(second)}” is not a command. Did you mean {typed(line)}?", lines=((line, line),)
    )


def _unknown(words: str) -> UserError:
    """The fault of a first word that is no command: it is misspelt, or what follows no command is a search."""
    name, _, rest = words.partition(" ")
    if line := request(words):
        text = f"“{excerpt(words)}” is not a command. Did you mean {typed(line)}? All of them: {typed('help')}."
        raise UserError(text, lines=((line, line),))
    nearest = _nearest(name.lower(), rest)
    if nearest is not None:
        line = f"{nearest} {rest}".strip()
        text = f"“{excerpt(name)}” is not a command. Did you mean {typed(line)}?"
        return UserError(f"{text} All of them: {typed('help')}.", lines=((line, line),))
    if not any(character.isalnum() for character in words):
        return UserError(f"“{excerpt(words)}” is not a command. All of them: {typed('help')}.")
    line = f"search {words}"
    text = f"“{excerpt(name)}” is not a command. To look for papers: {typed(line)}. All commands: {typed('help')}."
    return UserError(text, lines=((line, line),))


def _nearest(word: str, rest: str) -> str | None:
    """The command that a word is an alias or a misspelling of; None if it takes no words and words follow."""
    names = [command.name for command in COMMANDS.values() if not command.hidden]
    aliased = [command.name for command in COMMANDS.values() if word in command.aliases]
    cutoff = 0.65 if len(rest.split()) < TITLE_WORDS else 0.8
    nearest = next(iter(aliased or difflib.get_close_matches(word, [*names, *GROUPS], n=1, cutoff=cutoff)), None)
    takes_none = nearest in COMMANDS and COMMANDS[nearest].rest is None and ":" not in rest
    return None if rest and takes_none and not is_polite(rest) else nearest
