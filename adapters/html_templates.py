"""Messages on their way into HTML: foreign text made harmless, paragraphs in groups, templates that escape.

`spans.html` beside this file draws a line of spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from adapters.text import printable, web_url
from bot.model import Block, Span


@dataclass(frozen=True, slots=True)
class Group:
    """Paragraphs of one role in a row: items become one list, the others stand by themselves."""

    role: str
    blocks: tuple[tuple[Span, ...], ...]


def groups(blocks: Iterable[Block], kind: Callable[[Block], str] = attrgetter("role")) -> Iterator[Group]:
    """The paragraphs, those of one kind in a row together."""
    for name, alike in groupby(blocks, key=kind):
        yield Group(name, tuple(tuple(map(_safe, block.spans)) for block in alike))


def _safe(span: Span) -> Span:
    text = printable(span.text, lines=True)
    return Span(text, url=web_url(span.url), bold=span.bold, italic=span.italic, code=span.code)


def environment(package: str, folder: str = "", **more: Any) -> Environment:
    """Jinja over a package's templates and those that all share: everything is escaped, nothing is undefined."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, folder), PackageLoader("adapters", "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        **more,
    )
