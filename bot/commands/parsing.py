"""A typed line -> a command and its options as text. Pure; every fault is a UserError with the nearest right line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import date

from rapidfuzz.distance import OSA

from bot.commands.command import COMMAND_WORD, Command, CommandGroup, typed
from bot.commands.phrases import GREETING, is_polite, is_small_talk, without_asking, without_polite_start
from bot.commands.requests import numbered, request
from bot.commands.splitting import split_options
from bot.commands.table import COMMANDS, GROUPS
from bot.commands.times import excerpt
from bot.commands.values import NoPaperIdError, read_options
from bot.errors import QueryError, UserError
from bot.model import paper_id
from bot.query.lexer import tidy
from bot.text import joined
from bot.text.analyzer import words as words_of

LINE_MAX = 2_000
TITLE_WORDS = 3
"""Words after the first with which a line is rather a title: `Pausing language models early` is no `pause`."""
MOST_COMMANDS = 4
"""In one line, which are proposed one at a time."""
SHORTEST_BEGINNING = 4
"""Letters of a word that may be the beginning or a misspelling of a command's name: `who` is no `why`."""
LONG_WORD = 6
"""Letters from which a word may have two slips."""
_ADDRESSES = frozenset(
    {"papers", "paperboy", "@paperboy", COMMAND_WORD, "/paperboy", "papers-team", f"{COMMAND_WORD}-team"}
)
"""First words that address Paperboy."""
_SUBCOMMANDS = {
    "delete": "remove", "drop": "remove", "unfollow": "remove", "rm": "remove", "follow": "add", "new": "add",
    "exclude": "mute", "ignore": "mute", "without": "mute", "show": "list", "view": "list", "download": "export",
    "narrower": "stricter", "broader": "wider", "looser": "wider",
}  # fmt: skip
"""Second words of a group by other words that people type for them."""
_ANY_DAY = date(2000, 1, 1)
"""Today for a line that is read only to see whether it can be."""


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
    words = request(words) or request(GREETING.sub("", words, count=1)) or numbered(words) or words
    while words.partition(" ")[0].lower().rstrip(":,") in _ADDRESSES:
        words = words.partition(" ")[2].strip()
    words = words.removeprefix("/").lstrip()
    if not words or is_small_talk(words):
        return "help", {}
    if paper_id.paper_id(words) is not None:
        return "search", {"query": words}
    _check_single(words)
    command, rest = _command(request(words) or words)
    try:
        return command.name, split_options(command, rest)
    except QueryError as error:
        raise query_fault(error, command) from None


def _check_single(words: str) -> None:
    """Raise UserError for several commands in one line that can be read: `subscribe 9am; topics add video`."""
    for separator in (r"\s*;\s*", r",?\s+(?:and\s+)?then\s+", r",?\s+and\s+|,\s+"):
        lines = re.split(separator, words, flags=re.IGNORECASE)
        is_list = 1 < len(lines) <= MOST_COMMANDS and all(map(_begins_command, lines))
        if is_list and all(map(_is_readable, lines)) and not (separator.endswith(r",\s+") and _is_text(lines[0])):
            text = f"One command at a time: {joined(map(typed, lines))}."
            raise UserError(text, lines=tuple((line, line) for line in lines))


def _begins_command(line: str) -> bool:
    name = line.partition(" ")[0].lower().removeprefix("/")
    return name in GROUPS or named(name) is not None


def _is_text(line: str) -> bool:
    """Whether a line has free words in which `and` and commas may stand: `search save and pause`."""
    name, raw = parse_line(line)
    rest = COMMANDS[name].rest
    return rest is not None and rest.kind in {"text", "topic"} and rest.name in raw


def query_fault(error: QueryError, command: Command) -> UserError:
    """The fault of a query in an option of a command, with a line that works; to be pressed if it is the reader's."""
    line = f"{command.name} {error.example}"
    is_theirs = not set(words_of(error.example)).isdisjoint(words_of(error.text))
    lines = ((error.example, line),) if is_theirs else ()
    return UserError(f"{error.problem}. Try {typed(line)}.", lines=lines)


def replaces_message(options: Mapping[str, str]) -> bool:
    """True for a button whose answer replaces its message: it turns a page, moves a topic or confirms, no share."""
    return not options.keys().isdisjoint({"page", "start", "strictness", "confirm"}) and options.get("share") != "yes"


def typed_command(line: str) -> Command | None:
    """The command of a typed line; None if it cannot be parsed."""
    try:
        return COMMANDS[parse_line(line)[0]]
    except UserError:
        return None


def named(word: str) -> Command | None:
    """The command of a name or of another word for it, which is shown to people."""
    commands = [command for command in COMMANDS.values() if not command.hidden]
    by_name = (command for command in commands if command.name == word)
    return next(by_name, None) or next((command for command in commands if word in command.aliases), None)


def takes(command: Command, words: str) -> bool:
    """Whether words after a command may be meant for it: it takes free words, or they are options or polite."""
    is_option = ":" in words or command.named(words.partition(" ")[0].casefold()) is not None
    return command.rest is not None or is_option or not words or is_polite(words)


def _command(words: str) -> tuple[Command, str]:
    """The command that a line begins with, and the words after it. Raises UserError."""
    first, _, rest = words.partition(" ")
    name = first.lower().rstrip("!?.,:")
    if name in GROUPS:
        return _of_group(GROUPS[name], rest.strip())
    command = named(name)
    if command is not None and (command.name == name or takes(command, rest)):
        return command, rest
    if (in_two := of_two_words(words)) is not None:
        return in_two
    bare = without_polite_start(words)
    if bare in (words, ""):
        raise _unknown(words)
    return _command(bare)


def of_two_words(words: str) -> tuple[Command, str] | None:
    """The command whose name is the first two words, or its own with a hyphen: `catch up 3`, `un-subscribe`."""
    match = re.match(r"([^\W_]+)[ -]([^\W_]+)(?: |$)", words)
    command = COMMANDS.get(f"{match[1]}{match[2]}".lower()) if match else None
    return (command, words[match.end() :]) if match and command else None


def _of_group(group: CommandGroup, rest: str) -> tuple[Command, str]:
    second, _, further = rest.partition(" ")
    option, colon, _ = second.lower().partition(":")
    if is_polite(rest) or (colon and COMMANDS[group.bare].named(option)) or not rest:
        return COMMANDS[group.bare], rest
    word = second.lower()
    name = next((each for each in (word, _SUBCOMMANDS.get(word)) if f"{group.name} {each}" in COMMANDS), None)
    if name is None:
        raise _unknown_subcommand(group.name, second, rest)
    return COMMANDS[f"{group.name} {name}"], further


def _unknown_subcommand(group: str, second: str, rest: str) -> UserError:
    """The fault of a second word that is no subcommand: it is misspelt, or the first of what is meant."""
    subcommands = {command.word: command for command in COMMANDS.values() if command.group == group}
    others = rest.partition(" ")[2]
    nearest = difflib.get_close_matches(second.lower(), subcommands, n=1, cutoff=0.65)
    lines = [f"{group} {nearest[0]} {others}".strip()] if nearest else []
    if "add" in subcommands and (
        not nearest or (others and len(second) >= SHORTEST_BEGINNING)
    ):  # `topics remote sensing`
        lines.append(f"{group} add {rest}")
    if not (lines := [line for line in lines if _is_readable(line)]):
        hint = f"Try {typed(group)}, or {typed(f'help {group}')} for all that begin so"
        return UserError(f"“{group} {excerpt(second)}” is not a command. {hint}.")
    return UserError(
        f"“{group} {excerpt(second)}” is not a command. Did you mean {joined(map(typed, lines), 'or')}?",
        lines=tuple((line, line) for line in lines),
    )


def _unknown(words: str) -> UserError:
    """The fault of a first word that is no command: it is misspelt, or what follows no command is a search."""
    name, _, rest = words.partition(" ")
    similar = nearest(name.lower(), rest)
    line = f"{similar} {rest}".strip()
    is_readable = similar is not None and _is_readable(line)
    if similar is not None and (is_readable or not rest or len(name) >= LONG_WORD):  # `cause analysis` is no pause
        line = line if is_readable else f"help {similar}"
        text = f"“{excerpt(name)}” is not a command. Did you mean {typed(line)}?"
        return UserError(f"{text} All of them: {typed('help')}.", lines=((line, line),))
    line = f"search {without_asking(words)}"
    if not any(character.isalnum() for character in words) or not _is_readable(line):
        return UserError(f"“{excerpt(words)}” is not a command. All of them: {typed('help')}.")
    text = f"“{excerpt(name)}” is not a command. To look for papers: {typed(line)}. All commands: {typed('help')}."
    return UserError(text, lines=((line, line),))


def _is_readable(line: str) -> bool:
    """Whether a line can be read as it stands, so that it may be proposed."""
    try:
        name, raw = parse_line(line)
        read_options(COMMANDS[name], raw, today=_ANY_DAY)
    except NoPaperIdError:
        return True  # it may be a title
    except UserError:
        return False
    return True


def nearest(word: str, rest: str) -> str | None:
    """The command or group that a word is a slip or a beginning of; None if it takes no words and words follow."""
    names = [*(command.name for command in COMMANDS.values() if not command.hidden), *GROUPS]
    begun = [name for name in names if len(word) >= SHORTEST_BEGINNING and name.startswith(word)]
    slips = 1 if len(word) < LONG_WORD or len(rest.split()) >= TITLE_WORDS else 2
    distances = {name: OSA.distance(word, name) for name in names} if len(word) >= SHORTEST_BEGINNING else {}
    by_distance = sorted(distances, key=distances.__getitem__)
    close = [name for name in by_distance if distances[name] <= (slips if name[0] == word[0] else 1)]
    name = next(iter(begun or close), None)
    return None if name in COMMANDS and not takes(COMMANDS[name], rest) else name
