"""HTML of a mail: styles inlined, no image, no script, no remote content. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import css_inline
from markupsafe import Markup

from adapters.html_templates import style_sheet, template
from adapters.text import harmless, printable, web_url
from bot.model import Action, Block

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
"""Keeps the style sheet for dark mode, which cannot be inlined."""


def html_body(blocks: Iterable[Block], actions: Iterable[Action], footer: Sequence[Block] = (), *, title: str) -> str:
    """A message as an HTML document. All text of others passes `printable`, `web_url` and Jinja's escaping."""
    buttons = [Action(printable(action.label), url=url) for action in actions if (url := web_url(action.url))]
    html = template(__package__, "mail.html").render(
        groups=list(_groups(blocks)),
        buttons=buttons,
        footer=list(_groups(footer)),
        title=printable(title).strip(),
        styles=style_sheet(__package__, "mail.css"),
        dark_styles=style_sheet(__package__, "dark.css"),
    )
    return _INLINER.inline(html)


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring paragraphs of one role, as HTML."""

    role: str
    lines: tuple[Markup, ...]


def _groups(blocks: Iterable[Block]) -> Iterator[_Group]:
    for role, neighbours in groupby(blocks, key=_role):
        yield _Group(role, tuple(map(_line, neighbours)))


@lru_cache(maxsize=2_048)
def _line(block: Block) -> Markup:
    """The spans of a paragraph, made harmless and escaped; cached, as most readers get the same papers."""
    module: Any = template("adapters", "spans.html").module
    return Markup(module.line([harmless(span) for span in block.spans]).strip())  # noqa: S704 - Jinja has escaped it


@lru_cache(maxsize=2_048)
def _role(block: Block) -> str:
    """The block's role; `title` for a paragraph all in bold with a link at its end, which names a paper."""
    if block.role == "text" and block.spans and all(span.bold for span in block.spans) and block.spans[-1].url:
        return "title"
    return block.role
