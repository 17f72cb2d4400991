"""Messages as HTML: text of others made harmless, paragraphs grouped by role, templates that escape.

`spans.html` beside this file renders a line of spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from adapters.text import harmless
from bot.model import Block


@dataclass(frozen=True, slots=True)
class ParagraphGroup:
    """Neighbouring paragraphs of one role: items become one list, others a paragraph each."""

    role: str
    blocks: tuple[Block, ...]


def paragraph_groups(
    blocks: Iterable[Block], role_of: Callable[[Block], str] = attrgetter("role")
) -> Iterator[ParagraphGroup]:
    """The blocks, made harmless, with neighbours of one role grouped."""
    for role, neighbours in groupby(blocks, key=role_of):
        yield ParagraphGroup(role, tuple(map(_harmless_block, neighbours)))


def _harmless_block(block: Block) -> Block:
    return replace(block, spans=tuple(map(harmless, block.spans)), note=tuple(map(harmless, block.note)))


@cache
def style_sheet(package: str, name: str) -> Markup:
    """A style sheet of ours."""
    return Markup(files(package).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def template(package: str, name: str) -> Template:
    """A template of a package that is one document."""
    return environment(package).get_template(name)


def environment(package: str, folder: str = "", **options: Any) -> Environment:
    """Jinja over a package's templates and the shared ones; all values are escaped, an undefined one raises."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, folder), PackageLoader("adapters", "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        **options,
    )
