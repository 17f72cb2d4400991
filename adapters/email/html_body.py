"""HTML of a mail: styles inlined, no image, no script, no remote content. Pure."""

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


def html_body(blocks: Iterable[Block], actions: Iterable[Action], footer: Sequence[Block] = (), *, title: str) -> str:
    """A message as an HTML document. All text of others passes `printable`, `web_url` and Jinja's escaping."""
    buttons = [Action(printable(action.label), url=url) for action in actions if (url := web_url(action.url))]
    html = _template().render(
        groups=list(paragraph_groups(blocks, _role)),
        buttons=buttons,
        footer=list(paragraph_groups(footer, _role)),
        title=printable(title).strip(),
        styles=_style_sheet("mail.css"),
        dark_styles=_style_sheet("dark.css"),
    )
    return _inliner().inline(html)


def _role(block: Block) -> str:
    """The block's role; `title` for a paragraph all in bold with a link at its end, which names a paper."""
    if block.role == "text" and block.spans and all(span.bold for span in block.spans) and block.spans[-1].url:
        return "title"
    return block.role


@cache
def _template() -> Template:
    return environment("adapters.email").get_template("mail.html")


@cache
def _style_sheet(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _inliner() -> css_inline.CSSInliner:
    """Loads nothing, and keeps the style sheet for dark mode, which cannot be inlined."""
    return css_inline.CSSInliner(load_remote_stylesheets=False)
