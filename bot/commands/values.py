"""Options as text -> validated values. Pure; every fault is a UserError with values that would be accepted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from bot.commands import times
from bot.commands.bibliography import FILE_MAX
from bot.commands.command import Command, Kind, Option, typed
from bot.commands.dates import read_date, read_duration, read_until
from bot.commands.notes import NOTE_MAX, read_note, read_tags
from bot.commands.options import WEEKLY
from bot.commands.times import excerpt
from bot.commands.timezones import read_timezone
from bot.errors import QueryError, UserError
from bot.model.paper_id import paper_id, pasted_ids
from bot.query.alternatives import left_out, listed_alternatives
from bot.query.lexer import tidy
from bot.query.parser import canonical, named_papers
from bot.text import joined

VALUE_MAX = 2_000
TOPICS_MAX = 50
"""Topics of a channel, and as many mutes."""
CLEARED = frozenset({"topics", "note", "tags"})
"""Kinds whose empty value is one: it deletes what was there."""
TOPIC_MAX = 500
"""Characters of one; the query language stops there too."""
NAME_MAX = 20
"""Characters of a digest's name."""
_NAME = re.compile(rf"(?=.{{1,{NAME_MAX}}}$)[^\W_]+(?:-[^\W_]+)*")
_LONGEST: Mapping[Kind, int] = {"topics": TOPICS_MAX * (TOPIC_MAX + 1), "note": 10 * NOTE_MAX, "file": FILE_MAX}
"""Characters of values that may be longer than others; a note that is too long has a sentence of its own."""


def read_options(command: Command, raw: Mapping[str, str], *, today: date) -> dict[str, object]:
    """Options as typed -> values of each option's kind, defaults filled in. `today` is the caller's day.

    time -> time, hours -> QuietHours, days -> frozenset of weekdays, date and until -> date,
    duration -> timedelta, int -> int, topics and tags -> tuple of canonical lines, the others -> str. Raises UserError.
    """
    check_names(command, raw)
    values: dict[str, object] = {}
    for option in command.options:
        text = raw.get(option.name)
        if text is None or not (text.strip() or option.kind in CLEARED):
            text = option.default
        if text is not None:
            values[option.name] = _read(command, option, text, raw, today=today)
        elif option.required:
            raise _missing(command, option, raw)
    return values


def _read(command: Command, option: Option, text: str, raw: Mapping[str, str], *, today: date) -> object:
    """One option's value. A UserError gets the lines of the command with values that would be accepted."""
    try:
        return read_value(option, text, today=today)
    except (QueryError, NoPaperIdError):
        raise  # about more than a value: the handlers know more
    except UserError as error:
        if error.lines:
            raise
        if option is WEEKLY:
            raise _not_one_day(command, text, raw, error) from None
        if option.kind == "choice":
            raise _not_a_choice(command, option, raw, error) from None
        is_named = option.kind == "name" and not option.example  # a digest that there is, and none that could be made
        values = () if is_named else error.values
        lines = tuple((value, command.line({**raw, option.name: value})) for value in values)
        if not lines:
            example = option.example or option.default
            others = {name: value for name, value in raw.items() if name != option.name}
            error = UserError(
                f"{error} Try {typed(command.line({**others, option.name: example} if example else others))}."
            )
        raise UserError(str(error), lines=lines) from None


def _not_a_choice(command: Command, option: Option, raw: Mapping[str, str], error: UserError) -> UserError:
    subject = typed(command.name) if option.rest else f"`{option.name}:`"
    hint = f" Did you mean `{error.values[0]}`?" if len(error.values) == 1 else ""
    lines = tuple((value, command.line({**raw, option.name: value})) for value in error.values)
    return UserError(f"{subject} takes {joined([f'`{each}`' for each in option.choices], 'or')}.{hint}", lines=lines)


def _not_one_day(command: Command, text: str, raw: Mapping[str, str], error: UserError) -> UserError:
    """The fault of `weekly:`; several days are a value of `days:`."""
    try:
        several = len(times.read_days(text)) > 1
    except UserError:
        several = False
    if not several:
        return _not_a_choice(command, WEEKLY, raw, error)
    others = {name: value for name, value in raw.items() if name not in {"weekly", "days"}}
    line = command.line({**others, "days": ",".join(text.lower().split())})
    return UserError(f"`weekly:` is one day. For several: {typed(line)}.", lines=((line, line),))


def _missing(command: Command, option: Option, raw: Mapping[str, str]) -> UserError:
    if option.choices:
        return _not_a_choice(command, option, raw, UserError("", values=option.choices))
    article = "An" if option.name[0] in "aeiou" else "A"
    needed = "The number of days" if option.kind == "duration" else f"{article} {option.name}"
    remedy = f"{typed(option.listed_by)} lists them" if option.listed_by else f"Try {typed(command.example)}"
    return UserError(f"{needed} is missing. {remedy}.")


def check_names(command: Command, names: Iterable[str]) -> None:
    """Raise UserError for a name that is no option of the command."""
    name = next((name for name in names if command.option(name) is None), None)
    if name is not None:
        hint = _options_hint(command, name)
        raise UserError(f"There is no option “{excerpt(name)}”. {hint} More: {typed(f'help {command.name}')}.")


def _options_hint(command: Command, name: str) -> str:
    options = [option.name for option in command.shown_options]
    if nearest := difflib.get_close_matches(name.lower(), options, n=1):
        return f"Did you mean {nearest[0]}?"
    return f"It takes {joined(options)}." if options else "It takes none."


def read_value(option: Option, text: str, *, today: date) -> object:
    """One option's value. Raises UserError."""
    longest = _LONGEST.get(option.kind, VALUE_MAX)
    if len(text) > longest:
        raise UserError(f"{option.name} has {len(text):,} characters; at most {longest:,} are read. Shorten it.")
    return _READERS[option.kind](option, text, today)


def _number(option: Option, text: str) -> int:
    plain = text.strip().lower().removesuffix(option.unit).removesuffix(option.unit.removesuffix("s"))
    plain = plain.replace(",", "").strip()
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        raise UserError(f"“{excerpt(text)}” is not a number from {option.minimum} to {option.maximum:,}.")
    number = int(plain)
    if option.maximum is not None and number > option.maximum:
        raise UserError(f"At most {option.maximum:,} {option.unit}.", values=(str(option.maximum),))
    if number < (option.minimum or 0):
        unit = option.unit.removesuffix("s") if option.minimum == 1 else option.unit
        raise UserError(f"At least {option.minimum} {unit}.", values=(str(option.minimum),))
    return number


def _choice(option: Option, text: str) -> str:
    plain = text.strip().lower().rstrip(".,;!")
    if plain in option.choices:
        return plain
    is_word = plain.isalpha()  # `monday,thursday` is no longer form of `mon`
    begun = [each for each in option.choices if is_word and (each.startswith(plain) or plain.startswith(each))]
    if len(begun) == 1:
        return begun[0]
    values = tuple(difflib.get_close_matches(plain, option.choices, n=1)) or option.choices
    raise UserError(f"“{excerpt(text)}” does not fit. It can be {joined(option.choices, 'or')}.", values=values)


ID_SEPARATOR = " · "
"""Separator of id and title in completions of papers."""


class NoPaperIdError(UserError):
    """Text where a paper's id or link is expected; it may be a title."""

    def __init__(self, option: str, text: str) -> None:
        self.option, self.text = option, text
        super().__init__(
            f"“{excerpt(text)}” is no paper's id or link. Write it like 2405.14105 or arxiv.org/abs/2405.14105."
        )


def _paper(option: Option, text: str) -> str:
    text = tidy(text)
    completed = paper_id(text.partition(ID_SEPARATOR)[0].strip())
    papers = (completed,) if completed else pasted_ids(text)
    if not papers:
        raise NoPaperIdError(option.name, text)
    if len(papers) > 1:
        raise UserError(
            f"These are {len(papers)} papers: {excerpt(joined(papers))}. Send one at a time.", values=papers
        )
    return papers[0]


def _topic(text: str) -> str:
    if len(text) > TOPIC_MAX:
        raise UserError(f"A topic has at most {TOPIC_MAX} characters; this one has {len(text):,}. Make it two.")
    text = tidy(text)
    _check_meaning(text)
    return canonical(text)


def _check_meaning(text: str) -> None:
    """Raise UserError for a topic that would be read as something else: a paper's id, `not a`, `a or b`, `a, b`."""
    if papers := named_papers(text):
        line = " | ".join(f"like:{paper}" for paper in papers)
        raise UserError(f"A topic is no paper. For papers like it, write {excerpt(line)}.", values=(line,))
    if others := left_out(text):
        line = f"topics mute {others}"
        problem = f"“{text.split(maxsplit=1)[0]}” leaves nothing out. To leave papers out: {typed(line)}."
        raise UserError(problem, lines=((line, line),))
    if parts := listed_alternatives(text):
        either = " | ".join(parts)
        problem = f"“{excerpt(text)}” would need all of these words. For either, write {excerpt(either)}."
        raise UserError(problem, values=(either, " ".join(parts)))


def _topics(text: str) -> tuple[str, ...]:
    """Topics of a form, one a line or listed in plain words: `a, b` are two. A UserError names every line at fault."""
    typed_lines = [part for line in text.splitlines() for part in listed_alternatives(tidy(line)) or (line,)]
    topics, faults = [], []
    for line in filter(str.strip, typed_lines):
        try:
            topics.append(_topic(line))
        except UserError as error:
            faults.append(error)
    if len(faults) > 1:
        raise UserError("; ".join(dict.fromkeys(str(error).rstrip(".") for error in faults)))
    if faults:
        raise faults[0]
    lines = tuple(dict.fromkeys(topics))
    if len(lines) > TOPICS_MAX:
        raise UserError(f"At most {TOPICS_MAX} lines; these are {len(lines)}. Join some with |, as in video | audio.")
    return lines


def _name(text: str) -> str:
    """A digest's name: a plain word in lower case. Raises UserError with the nearest one."""
    word = text.strip().strip("“”\"'").lower()
    if _NAME.fullmatch(word):
        return word
    nearest = "-".join(re.findall(r"[^\W_]+", word))[:NAME_MAX].strip("-")
    values = (nearest,) if nearest else ()
    hint = f" It could be {nearest}." if nearest else ""
    raise UserError(f"A digest's name is one word of at most {NAME_MAX} letters and digits.{hint}", values=values)


_READERS: Mapping[Kind, Callable[[Option, str, date], object]] = {
    "text": lambda _option, text, _today: text.strip(),
    "int": lambda option, text, _today: _number(option, text),
    "choice": lambda option, text, _today: _choice(option, text),
    "time": lambda _option, text, _today: times.read_time(text),
    "hours": lambda _option, text, _today: times.read_hours(text),
    "timezone": lambda _option, text, _today: read_timezone(text),
    "days": lambda _option, text, _today: times.read_days(text),
    "date": lambda _option, text, today: read_date(text, today),
    "until": lambda _option, text, today: read_until(text, today),
    "duration": lambda option, text, today: read_duration(text, option.minimum, option.maximum, today),
    "paper": lambda option, text, _today: _paper(option, text),
    "topic": lambda _option, text, _today: _topic(text),
    "topics": lambda _option, text, _today: _topics(text),
    "note": lambda _option, text, _today: read_note(text),
    "tags": lambda _option, text, _today: read_tags(text),
    "name": lambda _option, text, _today: _name(text),
    "file": lambda _option, text, _today: text,
}
