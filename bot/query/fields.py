"""The fields of the query language (`name:value`), each declared once in `FIELDS`. Pure.

Lexer, parser, printing, matcher, search and help read the declaration; `bot/query/README.md` says how to add one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.model.category import canonical_category
from bot.model.paper_id import paper_id
from bot.model.segment import PaperFilter
from bot.query.field_index import name_parts, venue_words
from bot.text.analyzer import words

if TYPE_CHECKING:
    from bot.query.field_index import FieldIndex
    from bot.query.paper_set import PaperSet

_CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.[a-z]+(-[a-z]+)*)?", re.ASCII | re.IGNORECASE)
_SPAN = re.compile(r"([1-9]\d{0,3})\s?(h|d|w|y|hours?|days?|weeks?|months?|years?)", re.ASCII | re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 168, "m": 720, "y": 8760}
"""By the first letter of a unit; `m` alone is none, since it may be minutes."""
_COUNT = re.compile(r"(\d{1,9})\+?", re.ASCII)


class FieldLookup(NamedTuple):
    """Filter of a search's candidates for a value; a superset is enough, since the matcher confirms every hit."""

    condition: PaperFilter = PaperFilter()
    """Conditions on the columns of a stored paper."""
    author_parts: tuple[str, ...] = ()
    """Parts of an author's name, of which a paper has at least one."""
    like: str | None = None
    """A paper whose neighbours are the candidates."""
    reads_text: bool = False
    """Whether confirming needs title and abstract."""
    words: str = ""
    """Words to add to a request to other search engines."""


@dataclass(frozen=True, slots=True)
class QueryField:
    """One field of the language. `parse` turns the typed value into one that `match`, `lookup` and `print` take."""

    name: str
    example: str
    """A valid term, shown in help and in errors."""
    expected: str
    """Completes the error `Write …, not “since:7”`."""
    help: str
    """Meaning of the example."""
    parse: Callable[[str], Any]
    """None if the value is invalid."""
    match: Callable[[Any, FieldIndex], PaperSet]
    """The papers with a value; an unknown attribute never matches."""
    lookup: Callable[[Any, datetime], FieldLookup] = lambda _value, _now: FieldLookup(reads_text=True)
    """The default filters no candidate."""
    print: Callable[[Any], str] = str
    group: str = ""
    """Neighbouring fields of one group share a line of the help; without a group a field has its own."""

    @property
    def has_names(self) -> bool:
        """Whether its values are names, which may be several words."""
        return self.parse is _parse_name


def _parse_name(value: str) -> str | None:
    return value if words(value) else None


def _parse_span(value: str) -> timedelta | None:
    match = _SPAN.fullmatch(value)
    return timedelta(hours=int(match[1]) * _HOURS[match[2][0].lower()]) if match else None


def _parse_count(value: str) -> int | None:
    match = _COUNT.fullmatch(value)
    return int(match[1]) if match else None


def _print_span(span: timedelta) -> str:
    hours = int(span / timedelta(hours=1))
    return f"{hours}h" if hours % 24 else f"{hours // 24}d"


def _author_lookup(name: str, _now: datetime) -> FieldLookup:
    parts = name_parts(name)
    whole = [part for part in parts if len(part) > 1]  # initials are compared by the matcher
    return FieldLookup(author_parts=tuple(whole or parts), words=name)


CATEGORY = QueryField(
    "cat",
    "cat:cs.CL",
    "cat: with an arXiv category, as in cat:cs.CL",
    "fields",
    lambda value: canonical_category(value) if _CATEGORY.fullmatch(value) else None,
    lambda value, index: index.in_category(value),
    lambda value, _now: FieldLookup(PaperFilter(categories=(value,))),
    group="names",
)
AUTHOR = QueryField(
    "author",
    'author:"Yejin Choi"',
    "author: with a name",
    "fields",
    _parse_name,
    lambda value, index: index.by_author(value),
    _author_lookup,
    group="names",
)
ORGANIZATION = QueryField(
    "org",
    "org:nvidia",
    "org: with a name",
    "fields",
    _parse_name,
    lambda value, index: index.at_organization(value),
    lambda value, _now: FieldLookup(PaperFilter(organization=tuple(words(value)))),
    group="names",
)
VENUE = QueryField(
    "venue",
    "venue:neurips",
    "venue: with a name",
    "fields",
    _parse_name,
    lambda value, index: index.at_venue(value),
    lambda value, _now: FieldLookup(PaperFilter(venue=venue_words(value))),
    group="names",
)
LIKE = QueryField(
    "like",
    "like:2405.14105",
    "like: with an arXiv id, a DOI or a link to one",
    "papers like this one",
    paper_id,
    lambda value, index: index.like(value),
    lambda value, _now: FieldLookup(like=value),
)
HAS = QueryField(
    "has",
    "has:code",
    "has:code or has:project",
    "with code",
    lambda value: value.lower() if value.lower() in ("code", "project") else None,
    lambda value, index: index.where(lambda d: bool(d.paper.code_url if value == "code" else d.paper.project_url)),
    lambda value, _now: FieldLookup(PaperFilter(has_code=value == "code", has_project=value != "code")),
    group="conditions",
)
SINCE = QueryField(
    "since",
    "since:7d",
    "since:24h, since:7d or since:2w",
    "of the last week",
    _parse_span,
    lambda value, index: index.where(lambda d: d.paper.age_at is not None and d.paper.age_at >= index.now - value),
    lambda value, now: FieldLookup(PaperFilter(since=now - value)),
    _print_span,
    group="conditions",
)
MIN = QueryField(
    "min",
    "min:20",
    "min: with a number of upvotes, as in min:20",
    "at least 20 upvotes",
    _parse_count,
    lambda value, index: index.where(lambda d: d.upvotes is not None and d.upvotes >= value),
    lambda value, _now: FieldLookup(PaperFilter(upvotes=value)),
    group="conditions",
)

FIELDS = {field.name: field for field in (CATEGORY, AUTHOR, ORGANIZATION, VENUE, LIKE, HAS, SINCE, MIN)}
"""Every field by name, in the order in which help lists them."""


def help_lines() -> list[tuple[str, str]]:
    """(examples, meaning) of the fields, a line for each group."""
    groups = groupby(FIELDS.values(), key=lambda field: field.group or field.name)
    return [
        (" ".join(field.example for field in fields), "; ".join(dict.fromkeys(field.help for field in fields)))
        for fields in [list(group) for _, group in groups]
    ]
