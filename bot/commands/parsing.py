"""Typed text -> a command and its options, validated. Pure; every fault is a UserError with the nearest right word."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from bot.commands import times
from bot.commands.command import Command, Kind, Option
from bot.commands.table import COMMANDS, GROUPS
from bot.commands.times import excerpt
from bot.errors import UserError
from bot.model.paper_id import paper_id, pasted_ids
from bot.query.lexer import split_line, tidy
from bot.query.parser import canonical
from bot.text import joined

LINE_MAX = 2_000
VALUE_MAX = 2_000
TOPICS_MAX = 50
"""Topics of a channel, and as many mutes."""
TOPIC_MAX = 500
"""Characters of one; the query language stops there too."""


def find(name: str) -> Command:
    """The command of a name, or the default command of a group. Raises UserError with the nearest name."""
    plain = " ".join(name.lower().split())
    if plain in COMMANDS:
        return COMMANDS[plain]
    if plain in GROUPS:
        return COMMANDS[GROUPS[plain].bare]
    raise _unknown(plain)


def parse_line(line: str) -> tuple[str, dict[str, str]]:
    """`/papers search video diffusion count:5` -> ("search", {"query": "video diffusion", "count": "5"}).

    Raises UserError for a line that is too long, an unknown command, or an option that the command does not have.
    """
    if len(line) > LINE_MAX:
        raise UserError(f"That line has {len(line):,} characters; at most {LINE_MAX:,} are read. Shorten it.")
    words = tidy(line).strip().removeprefix("/").lstrip()
    first, _, after = words.partition(" ")
    if first.lower() in {"papers", "paperboy"}:
        words = after.strip().removeprefix("/").lstrip()
    if not words:
        return "help", {}
    command, rest = _command(words)
    free, options = split_line(rest, [option.name for option in command.options])
    return command.name, _with_free_words(command, free.strip(), dict(options))


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
    group = GROUPS.get(first.lower())
    if group is None:
        command = COMMANDS.get(first.lower())
        if command is None or command.hidden:
            raise _unknown(first)
        return command, rest
    second, _, further = rest.strip().partition(" ")
    if not second or (":" in second and second.partition(":")[0].lower() == "page"):
        return COMMANDS[group.bare], rest
    if f"{group.name} {second.lower()}" in COMMANDS:
        return COMMANDS[f"{group.name} {second.lower()}"], further
    subcommands = {command.word: command.name for command in COMMANDS.values() if command.group == group.name}
    nearest = difflib.get_close_matches(second.lower(), subcommands, n=1)
    hint = f"Did you mean “{subcommands[nearest[0]]}”?" if nearest else f"There are {joined(subcommands.values())}."
    raise UserError(f"“{group.name} {excerpt(second)}” is not a command. {hint}")


def _with_free_words(command: Command, free: str, options: dict[str, str]) -> dict[str, str]:
    if not free:
        return options
    rest = command.rest
    if rest is None:
        raise UserError(f"“{command.name}” takes no words, but there is “{excerpt(free)}”. {_usage(command)}")
    if rest.name in options:
        raise UserError(f"{rest.name} is given twice: “{excerpt(free)}” and “{excerpt(options[rest.name])}”. Keep one.")
    return {rest.name: free, **options}


def read_options(command: Command, raw: Mapping[str, str], *, today: date) -> dict[str, object]:
    """Options as typed -> values of each option's kind, defaults filled in. `today` is the caller's day.

    time -> time, days -> frozenset of weekdays, date and until -> date, duration -> timedelta, int -> int,
    topics -> tuple of canonical lines, the others -> str. Raises UserError.
    """
    check_names(command, raw)
    values: dict[str, object] = {}
    for option in command.options:
        text = raw.get(option.name)
        if text is None or not (text.strip() or option.kind == "topics"):  # an empty list of topics clears it
            text = option.default
        if text is not None:
            values[option.name] = read_value(option, text, today=today)
        elif option.required:
            article = "an" if option.name[0] in "aeiou" else "a"
            needed = "a number of days" if option.name == "days" else f"{article} {option.name}"
            raise UserError(f"“{command.name}” needs {needed}. {_usage(command)}")
    return values


def check_names(command: Command, names: Iterable[str]) -> None:
    """Raise UserError for a name that is no option of the command."""
    name = next((name for name in names if command.option(name) is None), None)
    if name is not None:
        options = [option.name for option in command.shown_options]
        hint = f"It has {joined(options)}." if options else "It has none."
        if nearest := difflib.get_close_matches(name.lower(), options, n=1):
            hint = f"Did you mean {nearest[0]}?"
        raise UserError(f"“{command.name}” has no option “{excerpt(name)}”. {hint}")


def read_value(option: Option, text: str, *, today: date) -> object:
    """One option's value. Raises UserError."""
    longest = TOPICS_MAX * (TOPIC_MAX + 1) if option.kind == "topics" else VALUE_MAX
    if len(text) > longest:
        raise UserError(f"{option.name} has {len(text):,} characters; at most {longest:,} are read. Shorten it.")
    return _READERS[option.kind](option, text, today)


def _number(option: Option, text: str) -> int:
    plain = text.strip().replace(",", "")
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        bounds = f" from {option.minimum} to {option.maximum}" if option.maximum is not None else ""
        raise UserError(f"{option.name} is a whole number{bounds}; “{excerpt(text)}” is not one.")
    number = int(plain)
    if number < (option.minimum or 0) or (option.maximum is not None and number > option.maximum):
        raise UserError(f"{option.name} can be {option.minimum} to {option.maximum}; {number} is not.")
    return number


def _choice(option: Option, text: str) -> str:
    plain = text.strip().lower()
    if plain in option.choices:
        return plain
    begun = [choice for choice in option.choices if plain and (choice.startswith(plain) or plain.startswith(choice))]
    if len(begun) == 1:
        return begun[0]
    nearest = difflib.get_close_matches(plain, option.choices, n=1)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"It can be {joined(option.choices, 'or')}."
    raise UserError(f"{option.name} cannot be “{excerpt(text)}”. {hint}")


ID_SEPARATOR = " · "
"""Separator of id and title in completions of papers."""


def _paper(text: str) -> str:
    text = tidy(text)
    completed = paper_id(text.partition(ID_SEPARATOR)[0].strip())
    papers = (completed,) if completed else pasted_ids(text)
    if not papers:
        raise UserError(
            f"“{excerpt(text)}” is not a paper's id or link. Write it as 2405.14105 or https://arxiv.org/abs/2405.14105."
        )
    if len(papers) > 1:
        raise UserError(f"These are {len(papers)} papers: {excerpt(joined(papers))}. Send one at a time: {papers[0]}")
    return papers[0]


def _topic(text: str) -> str:
    if len(text) > TOPIC_MAX:
        raise UserError(f"A topic has at most {TOPIC_MAX} characters; this one has {len(text):,}.")
    return canonical(tidy(text))


def _topics(text: str) -> tuple[str, ...]:
    lines = tuple(dict.fromkeys(_topic(line) for line in text.splitlines() if line.strip()))
    if len(lines) > TOPICS_MAX:
        raise UserError(f"There can be at most {TOPICS_MAX}; these are {len(lines)}. Join some with |.")
    return lines


_READERS: Mapping[Kind, Callable[[Option, str, date], object]] = {
    "text": lambda _option, text, _today: text.strip(),
    "int": lambda option, text, _today: _number(option, text),
    "choice": lambda option, text, _today: _choice(option, text),
    "time": lambda _option, text, _today: times.read_time(text),
    "timezone": lambda _option, text, _today: times.read_timezone(text),
    "days": lambda _option, text, _today: times.read_days(text),
    "date": lambda _option, text, today: times.read_date(text, today),
    "until": lambda _option, text, today: times.read_until(text, today),
    "duration": lambda option, text, _today: times.read_duration(text, option.minimum, option.maximum),
    "paper": lambda _option, text, _today: _paper(text),
    "topic": lambda _option, text, _today: _topic(text),
    "topics": lambda _option, text, _today: _topics(text),
}


def _unknown(name: str) -> UserError:
    names = [command.name for command in COMMANDS.values() if not command.hidden]
    plain = name.lower()
    aliased = [command.name for command in COMMANDS.values() if plain in command.aliases]
    nearest = next(iter(aliased or difflib.get_close_matches(plain, [*names, *GROUPS], n=1)), None)
    hint = f"Did you mean “{nearest}”? " if nearest else ""
    return UserError(f"“{excerpt(name)}” is not a command. {hint}Type “help” for all of them.")


def _usage(command: Command) -> str:
    return f"Try: {command.examples[0]}" if command.examples else "Type “help” for how it works."
