"""Typed text after a command -> its options and free words, as text. Pure.

`at:9:00 AM timezone:new york size:5` has three options: a value takes the words after it that belong to it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from bot.commands.command import Command, Option, typed
from bot.commands.phrases import is_polite, without_polite_end
from bot.commands.schedule_words import SCHEDULE, reads, schedule
from bot.commands.times import excerpt
from bot.errors import UserError
from bot.model.paper_id import pasted_ids
from bot.query.fields import FIELDS
from bot.query.lexer import Token, tidy, tokens
from bot.text import joined

_DATES = frozenset({"until", "date", "duration"})
"""Kinds of values that take every word after them."""
_SEVERAL_WORDS = SCHEDULE | {"hours"}
"""Kinds of values that take as many of the words after them as can be read."""
_TYPED_ALONE = SCHEDULE | _DATES | {"choice"}
"""Kinds of free words that are no query, no title and no name."""


def split_options(command: Command, text: str) -> dict[str, str]:
    """The options of a command as typed; free words are the value of the option that takes them.

    Raises QueryError for an unclosed quote; UserError for an option without a value, a repeated or unknown one, and
    for words that the command does not take.
    """
    if command.rest is not None and command.rest.verbatim:
        return _verbatim(command, command.rest, text)
    text = _with_colons(command, tidy(text))
    options: dict[str, str] = {}
    repeated: dict[Option, str] = {}
    words: list[str] = []
    pending = list(tokens(text))
    while pending:
        token = pending.pop(0)
        option = _option(command, token, text)
        following = [text[each.start : each.end] for each in _until_option(command, pending)] if option else []
        if option is None or not _is_value(command, option, token, following):
            words.append(text[token.start : token.end])
            continue
        parts = _value(option, token, following)
        if not parts:
            raise UserError(f"`{token.name}:` needs a value. Try {typed(_example(command, option, words))}.")
        value = " ".join(parts).rstrip("" if option.kind in {"text", "topic", "topics", "paper"} else ",;")
        del pending[: len(parts) - bool(token.value.strip())]
        if options.setdefault(option.name, value) != value:
            repeated[option] = value
    options = _with_free_words(command, words, options)
    for option, value in repeated.items():
        raise _repeated(command, options, option, value)
    return options


def _verbatim(command: Command, rest: Option, text: str) -> dict[str, str]:
    """The paper that the first word names, if it does, and all after it; each may follow its option's name."""
    options: dict[str, str] = {}
    leading = next((option for option in command.options if option.leading), None)
    first, _, others = text.strip().partition(" ")
    word = first.removeprefix(f"{leading.name}:") if leading else ""
    if leading and (pasted_ids(word) or re.fullmatch(r"#\d{1,2}", word)):
        options[leading.name] = word
        text = others
    free = text.strip().removeprefix(f"{rest.name}:").strip()
    return {**options, rest.name: free} if free else options


def _with_colons(command: Command, text: str) -> str:
    """The text with `at:9` for `at=9`, unless the command takes words of another kind, such as a query."""
    if command.rest is not None and command.rest.kind not in _TYPED_ALONE:
        return text
    names = [word for option in command.options for word in (option.name, *option.aliases)]
    return re.sub(rf"\b({'|'.join(names)})\s*=\s*", r"\1:", text, flags=re.IGNORECASE) if names else text


def _is_value(command: Command, option: Option, token: Token, following: Sequence[str]) -> bool:
    """Whether a name with a colon is an option rather than a word of a title: `Size: why it matters`."""
    if command.rest is None or command.rest.kind in _TYPED_ALONE:
        return True
    if option.kind == "name" and not token.value.strip():
        return False  # a title's beginning: `Name: a survey`
    if token.value.strip():
        return token.name == option.name or reads(option, token.value)
    return not following or reads(option, following[0])


def _value(option: Option, token: Token, following: Sequence[str]) -> list[str]:
    """The words of an option's value: what stands after the colon, and what belongs to it; empty without any."""
    if token.quoted:
        return [token.value] if token.value.strip() else []
    first, *others = [token.value, *following] if token.value.strip() else following or [""]
    return [first, *others[: _taken(option, first, others)]] if first else []


def _option(command: Command, token: Token, text: str) -> Option | None:
    """The option that a token names; None for words. Raises UserError for a name that is nearly one."""
    if token.name is None or token.negated:
        return None
    if token.name in FIELDS and command.option("topics") is not None:
        return None  # of a topic: `subscribe name:rl cat:cs.LG`
    if option := command.named(token.name):
        return option
    if not token.value and text[token.start].isupper() and command.rest and command.rest.kind not in _TYPED_ALONE:
        return None  # a title's beginning: `Pages: a survey`
    names = {word: option.name for option in command.options for word in (*option.aliases, option.name)}
    nearest = difflib.get_close_matches(token.name, names, n=1, cutoff=0.75) if token.name not in FIELDS else []
    if nearest:
        line = f"{command.name} {text[: token.start]}{names[nearest[0]]}:{text[token.start + len(token.name) + 1 :]}"
        raise UserError(f"There is no option “{token.name}:”. Try {typed(line)}.", lines=((line, line),))
    if command.rest is None or command.rest.kind in _TYPED_ALONE:
        names_shown = [f"{option.name}:" for option in command.shown_options]
        takes = f"It takes {joined(names_shown)}" if names_shown else "It takes none"
        raise UserError(f"There is no option “{token.name}:”. {takes}. More: {typed(f'help {command.name}')}.")
    return None


def _until_option(command: Command, pending: Iterable[Token]) -> list[Token]:
    following = []
    for token in pending:
        if token.name is not None and command.named(token.name):
            break
        following.append(token)
    return following


def _taken(option: Option, value: str, following: Sequence[str]) -> int:
    """The number of words after a value that belong to it: the most with which it can be read; all if it cannot be."""
    if option.kind in _DATES | {"topics"}:
        return len(following)
    if option.kind == "int":
        return int(bool(following) and following[0].casefold() in {option.unit, option.unit.removesuffix("s")})
    if option.kind not in _SEVERAL_WORDS:
        return 0
    for taken in range(min(len(following), 5), -1, -1):
        if reads(option, " ".join([value, *following[:taken]])):
            return taken
    return len(following) if option.kind == "timezone" else 0


def _repeated(command: Command, options: Mapping[str, str], option: Option, second: str) -> UserError:
    both = (options[option.name], second)
    lines = tuple((each, command.line({**options, option.name: each})) for each in both)
    text = f"{option.name} is given twice: “{excerpt(both[0])}” and “{excerpt(second)}”. Keep one."
    return UserError(text, lines=lines)


def _with_free_words(command: Command, words: Sequence[str], options: dict[str, str]) -> dict[str, str]:
    if command.name == "today":
        words, options = _with_count(command, words, options)
    free, rest = " ".join(words), command.rest
    if not free or (is_polite(free) and not (rest and rest.required)):
        return options
    if rest is not None and (rest.kind in _TYPED_ALONE | {"topic", "paper"} or command.name in {"search", "help"}):
        plain = without_polite_end(free)
        free, words = plain, words if plain == free else plain.split()
    if rest is None:
        raise _no_words(command, words, options)
    if rest.kind in SCHEDULE:
        return {**schedule(command, words, options), **options}
    if rest.name in options:
        raise _repeated(command, options, rest, free)
    return {rest.name: free, **options}


def _no_words(command: Command, words: Sequence[str], options: Mapping[str, str]) -> UserError:
    """The fault of free words where a command takes none: `size 10` lacks a colon."""
    first, subject = words[0].casefold(), typed(command.name)
    option = command.named(first)
    if option is None and (option := next((each for each in command.options if first in each.choices), None)):
        words = (option.name, first)  # `settings compact`
    if option is None:
        line = command.line(options)
        text = f"{subject} takes no words. Leave out “{excerpt(' '.join(words))}”."
        return UserError(text, lines=((line, line),))
    value = " ".join(words[1:]) or option.example or "".join(option.choices[:1])
    line = command.line({**options, option.name: value} if value else options)
    if not value:
        return UserError(f"Write `{option.name}:` with a value, or fill in {typed(line)}.", lines=((line, line),))
    return UserError(f"{subject} takes no words. Write {option.name}:, as in {typed(line)}.", lines=((line, line),))


def _with_count(command: Command, words: Sequence[str], options: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Free words and options with the number at their end as the count: `agents 3`, `top 3 please`."""
    left, options = [*words], {**options}
    if left and left[-1].casefold() == "please":
        left.pop()
    if left and re.fullmatch(r"[0-9]{1,2}", left[-1]) and "count" not in options:
        options["count"] = left.pop()
        if left and left[-1].casefold() == "top":
            left.pop()
    is_name = all(word.casefold() in command.aliases for word in left)  # `today papers`
    return ([] if is_name else left), options


def _example(command: Command, option: Option, words: Sequence[str]) -> str:
    value = option.example or option.default or (option.choices[0] if option.choices else str(option.maximum or ""))
    rest = {command.rest.name: " ".join(words)} if command.rest and words else {}
    is_complete = bool(value) and (rest or not (command.rest and command.rest.required))
    return command.line({**rest, option.name: value}) if is_complete else command.example
