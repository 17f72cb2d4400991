"""The HTML of a mail: styles inlined, no image, no script, nothing loaded from anywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import css_inline
from jinja2 import Template
from markupsafe import Markup

from adapters.html_templates import environment, paragraph_groups
from adapters.text import printable, web_url
from bot.model import Action, Block


def page(blocks: Iterable[Block], actions: Iterable[Action], footer: Sequence[Block] = (), *, title: str) -> str:
    """A message as a document. Everything foreign passes `printable`, `web_url` and Jinja's escaping."""
    buttons = [Action(printable(each.label), url=url) for each in actions if (url := web_url(each.url))]
    drawn = _template().render(
        groups=list(paragraph_groups(blocks, _kind)),
        buttons=buttons,
        footer=list(paragraph_groups(footer, _kind)),
        title=printable(title).strip(),
        styles=_styles("mail.css"),
        at_night=_styles("night.css"),
    )
    return _inliner().inline(drawn)


def _kind(block: Block) -> str:
    """The role; a paragraph that is all bold and a link names a paper."""
    if block.role == "text" and block.spans and all(span.bold for span in block.spans) and block.spans[-1].url:
        return "title"
    return block.role


@cache
def _template() -> Template:
    return environment("adapters.email").get_template("mail.html")


@cache
def _styles(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _inliner() -> css_inline.CSSInliner:
    """Loads nothing; leaves the style sheet for dark mode, which cannot be inlined, where it is."""
    return css_inline.CSSInliner(load_remote_stylesheets=False)
