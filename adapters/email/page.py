"""The HTML of a mail: styles inlined, no image, no script, nothing loaded from anywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from adapters.text import printable, web_url
from bot.model import Action, Block, Span


@dataclass(frozen=True, slots=True)
class Group:
    """Paragraphs of one role in a row: items become one list, the others stand by themselves."""

    role: str
    blocks: tuple[tuple[Span, ...], ...]


def page(blocks: Iterable[Block], actions: Iterable[Action], footer: Sequence[Block] = (), *, title: str) -> str:
    """A message as a document. Everything foreign passes `printable`, `web_url` and Jinja's escaping."""
    buttons = [Action(printable(each.label), url=url) for each in actions if (url := web_url(each.url))]
    drawn = _template().render(
        groups=list(_groups(blocks)),
        buttons=buttons,
        footer=list(_groups(footer)),
        title=printable(title).strip(),
        styles=_styles("mail.css"),
        at_night=_styles("night.css"),
    )
    return _inliner().inline(drawn)


def _groups(blocks: Iterable[Block]) -> Iterator[Group]:
    for role, alike in groupby(blocks, key=_kind):
        yield Group(role, tuple(tuple(map(_safe, block.spans)) for block in alike))


def _kind(block: Block) -> str:
    """The role; a paragraph that is all bold and a link names a paper."""
    if block.role == "text" and block.spans and all(span.bold for span in block.spans) and block.spans[-1].url:
        return "title"
    return block.role


def _safe(span: Span) -> Span:
    text = printable(span.text, lines=True)
    return Span(text, url=web_url(span.url), bold=span.bold, italic=span.italic, code=span.code)


@cache
def _template() -> Template:
    house = Environment(
        loader=PackageLoader("adapters.email", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return house.get_template("mail.html")


@cache
def _styles(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _inliner() -> css_inline.CSSInliner:
    """Loads nothing; leaves the style sheet for dark mode, which cannot be inlined, where it is."""
    return css_inline.CSSInliner(load_remote_stylesheets=False)
