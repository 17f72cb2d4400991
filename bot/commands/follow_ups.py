"""Follow-ups to an answer, written below it: `more`, `only since 2025`, `#2`. Pure.

An answer is known by its buttons: they hold the command and the options that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from bot.commands.requests import numbered
from bot.errors import QueryError
from bot.model import Action
from bot.query.lexer import tidy
from bot.query.parser import canonical
from bot.query.sentences import sentence_meaning

_MORE = re.compile(
    r"(?:(?:show|give|any|some|me|us|and|the)\s+)*(?:more|next(?:\s+(?:page|ones))?|go\s+on)(?:\s+please)?"
)
_NEWEST = r"(?:newest|latest|most\s+recent|by\s+date)(?:\s+(?:first|ones))?"
_TRENDING = r"(?:trending|hottest|(?:most\s+)?popular|most\s+(?:upvoted|votes)|by\s+(?:up)?votes)(?:\s+(?:first|ones))?"
_ORDERS = {"newest": re.compile(_NEWEST), "trending": re.compile(_TRENDING)}
_LED = re.compile(
    r"(?:(?:and|but|only|just|also|now|please|show|me|sort(?:ed)?|order(?:ed)?)\s+)*"
    r"(?:(?:the|those|these|that|which|ones|papers|are|is)\s+)*",
    re.IGNORECASE,
)
_NARROWING = re.compile(r"\b(?:and|but|only|just|also)\b", re.IGNORECASE)
_TERM = re.compile(r"(?:since|after|from|by|at|with|without|not|except|excluding|last|this|in|of)\s", re.IGNORECASE)
"""Beginnings of what narrows a search without `only` before it."""
_YEAR = re.compile(r"(?:since|after|from|in|of)\s+(20\d\d)(?:\s+on(?:wards)?)?", re.IGNORECASE)
_WITHOUT = re.compile(r"(?:without|not|except|excluding)\s+(?:about\s+)?(\w[\w-]*(?:\s+\w[\w-]*){0,3})", re.IGNORECASE)
_ORGANIZATION = re.compile(r"(?:from|at)\s+([^\W\d_][\w.&-]*(?:\s+[\w.&-]+){0,2})", re.IGNORECASE)
_TIME = re.compile(r"(?:since|after|before|until)\s", re.IGNORECASE)
_FIELD = re.compile(r"-|\w+:")
_SINCE = re.compile(r"(?:^|\s)since:\S+")
_PAGE = frozenset({"start", "page", "share"})
_WORD = re.compile(r"[^\W_]+")
_PLACE = re.compile(r"#\s?(\d{1,2})\b")


def follow_up(text: str, actions: Sequence[Action], today: date) -> tuple[str, dict[str, str]] | Literal["end"] | None:
    """Command and options of a follow-up on an answer with these buttons; `end`: no more follows; None: it is none."""
    line = " ".join(tidy(text).rstrip(" ?!.").split())
    more = next((each for each in actions if each.label == "More"), None)
    if _MORE.fullmatch(line.lower()):
        return (more.command, dict(more.options)) if more else "end"
    searches = [each for each in actions if each.command == "search" and "query" in each.options]
    if not searches:
        return None
    # More holds this very search; any other button one in another order, or in other words before those of the last.
    search, left_out = (more, _PAGE) if more in searches else (searches[-1], _PAGE | {"order"})
    options = {name: value for name, value in search.options.items() if name not in left_out}
    rest = _LED.sub("", line, count=1)
    order = next((name for name, words in _ORDERS.items() if words.fullmatch(rest.lower())), None)
    if order is not None:
        return "search", {**options, "order": order}
    query = _narrowed(options["query"], line, rest, today)
    return ("search", {**options, "query": query}) if query else None


def with_places(text: str, actions: Sequence[Action]) -> str:
    """The text with the ids of papers for their numbers in the answer: `why #2`, or `2` alone."""
    papers = {each.label.removeprefix("#"): each.options["paper"] for each in actions if "paper" in each.options}
    line = numbered(tidy(text).strip()) or text
    return _PLACE.sub(lambda place: papers.get(place[1], place[0]), line)


def named_button(text: str, actions: Iterable[Action]) -> Action | None:
    """The button that a line names, by its whole label or the first of its words: `similar`, `3`, `👍`."""
    words = _words(text)
    for action in actions:
        if action.label == text.strip() or (words and _words(action.label)[: len(words)] == words):
            return action
    return None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _narrowed(query: str, line: str, rest: str, today: date) -> str | None:
    """The query with what a line adds to it; None for a line that adds nothing, such as another question."""
    leads = _NARROWING.search(line[: len(line) - len(rest)]) is not None
    if not leads and not _TERM.match(rest):
        return None
    year, without = _YEAR.fullmatch(rest), _WITHOUT.fullmatch(rest)
    if year and date(int(year[1]), 1, 1) < today:
        term = f"since:{(today - date(int(year[1]), 1, 1)).days + 1}d"
    elif without:
        term = f'-"{without[1]}"' if " " in without[1] else f"-{without[1]}"
    else:
        term = _term(rest) or (rest if leads and not _TIME.match(rest) else "")
    if term.startswith("since:"):
        query = _SINCE.sub("", query).strip()
    try:
        return canonical(" | ".join(f"{each} {term}" for each in query.split("|"))) if term else None
    except QueryError:
        return None


def _term(words: str) -> str:
    """The field that words such as `by Ada Lovelace`, `last month` or `from NVIDIA` mean; empty for other words."""
    meaning = sentence_meaning(f"papers {words}", tuple) or sentence_meaning(f"papers from {words}", tuple)
    if _FIELD.match(meaning):
        return meaning
    organization = _ORGANIZATION.fullmatch(words)
    return f'org:"{organization[1]}"' if organization else ""
