"""Free words after `subscribe` as the values of a schedule: `weekdays 9am new york`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rapidfuzz.distance.OSA import normalized_similarity as similarity

from bot.commands.command import Command, Option, typed
from bot.commands.times import excerpt
from bot.commands.timezones import is_offset
from bot.commands.values import read_value
from bot.errors import UserError

SCHEDULE = frozenset({"time", "timezone", "days"})
"""Kinds of values that are recognised among free words, and that may be several words."""
LONGEST_VALUE = 6
"""Words."""
ALIKE = 0.7
"""Similarity of a misspelt weekday: `frday`; `agents` is none."""
_FILLERS = frozenset(
    {"at", "on", "in", "to", "for", "from", "with", "every", "and", "the", "a", "an", "o'clock", "time", "timezone"}
    | {"digest", "please", "me", "us", "my", "our", "here", "now", "it", "send", "post", "this", "channel", "papers"}
)
"""Words around the values of a schedule: `me every day at 9 in Berlin`."""
_ADDRESS = re.compile(r"[^\s@<>|:]+@[^\s@<>|]+\.\w{2,}")
_SIZE = re.compile(r"(?:top |max )?\d+ (?:papers?|articles?)", re.ASCII)


def schedule(command: Command, words: Sequence[str], options: Mapping[str, str]) -> dict[str, str]:
    """The options that free words are. Raises UserError for words that are none."""
    if address := next(filter(_ADDRESS.search, words), None):
        raise _mailed(command, address)
    left = [option for option in command.options if option.name not in options]
    left.sort(key=lambda option: not option.rest)
    takes_topics = "name" in options and "topics" not in options and command.option("topics") is not None
    values: dict[str, str] = {}
    topics: list[list[str]] = [[]]
    at = 0
    while at < len(words):
        match = next(_spans(words, at, left), None)
        if match is not None and not (topics[-1] and match[1].kind == "timezone" and not _is_filler(words[at - 1])):
            end, option = match
            values[option.name] = " ".join(words[at:end]).rstrip(",;")
            left.remove(option)
            topics, at = [*topics, []], end
        elif takes_topics and (topics[-1] or not _is_filler(words[at])):
            topics[-1].append(words[at])
            at += 1
        elif _is_filler(words[at]):
            at += 1
        else:
            raise _unreadable(command, words, at, {**values, **options})
    return {**({"topics": listed} if (listed := _listed(topics)) else {}), **values}


def _is_filler(word: str) -> bool:
    return word.casefold().rstrip(",;.!") in _FILLERS


def _listed(topics: Sequence[Sequence[str]]) -> str:
    """Words of topics as one value: `video diffusion, robotics`, without the fillers at their ends."""
    lines = []
    for words in topics:
        end = len(words)
        while end and _is_filler(words[end - 1]):
            end -= 1
        lines.append(" ".join(words[:end]).rstrip(",;"))
    return ", ".join(filter(None, lines))


def reads(option: Option, text: str) -> bool:
    """Whether a value can be read, or is one that is asked about."""
    try:
        read_value(option, text, today=date.min)  # asked of no day
    except UserError as error:
        return option.kind == "timezone" and (len(error.values) > 1 or (bool(error.values) and is_offset(text)))
    return True


def _spans(words: Sequence[str], at: int, left: Sequence[Option]) -> Iterator[tuple[int, Option]]:
    """The end of a value that begins at a word, and its option; the longest first."""
    for end in range(min(at + LONGEST_VALUE, len(words)), at, -1):
        text = " ".join(words[at:end]).rstrip(",;")
        for option in left:
            is_size = option.name == "size" and _SIZE.fullmatch(text.casefold())
            if (option.kind in SCHEDULE or is_size) and reads(option, text):
                yield end, option


def _mailed(command: Command, address: str) -> UserError:
    text = f"“{excerpt(address)}”: digests by e-mail are set up on Paperboy's web page, if whoever runs it has one."
    return UserError(f"{text} For one here: {typed(command.name)}.", lines=((command.name, command.name),))


def _unreadable(command: Command, words: Sequence[str], at: int, options: Mapping[str, str]) -> UserError:
    """The fault of a free word that is no schedule: with what is near, or with the command that it may be meant for."""
    for option in command.options:
        if option.kind in SCHEDULE and (near := _near(command, option, words, at, options)):
            return near
    remainder, usage = " ".join(words[at:]), f"Try {typed(command.examples[1])}"
    if options or at or not command.other_words:
        return UserError(f"“{excerpt(remainder)}” is no hour, day or time zone. {usage}.")
    line = f"{command.other_words} {remainder}"
    text = f"“{excerpt(remainder)}” is no hour. {usage}; for a topic, {typed(line)}."
    return UserError(text, lines=((line, line),))


def _near(
    command: Command, option: Option, words: Sequence[str], at: int, options: Mapping[str, str]
) -> UserError | None:
    """The fault of the words from `at` as a value of an option, if it names lines or similar values that would do."""
    for text in dict.fromkeys((" ".join(words[max(at - 1, 0) :]), " ".join(words[at:]), words[at])):
        if not re.search(r"[^\W\d]", text):
            continue  # `9 - 10` is no offset
        try:
            read_value(option, text, today=date.min)
        except UserError as error:
            alike = [each for each in error.values if option.kind == "timezone" or similarity(text, each) >= ALIKE]
            if lines := error.lines or tuple((each, command.line({**options, option.name: each})) for each in alike):
                return UserError(str(error), lines=lines)
    return None
