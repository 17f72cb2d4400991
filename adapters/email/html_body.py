"""HTML of a mail: styles inlined, no image, no script, no remote content. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import css_inline

from adapters.html_templates import paragraph_groups, style_sheet, template
from adapters.text import printable, web_url
from bot.model import Action, Block

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
"""Keeps the style sheet for dark mode, which cannot be inlined."""


def html_body(blocks: Iterable[Block], actions: Iterable[Action], footer: Sequence[Block] = (), *, title: str) -> str:
    """A message as an HTML document. All text of others passes `printable`, `web_url` and Jinja's escaping."""
    buttons = [Action(printable(action.label), url=url) for action in actions if (url := web_url(action.url))]
    html = template(__package__, "mail.html").render(
        groups=list(paragraph_groups(blocks, _role)),
        buttons=buttons,
        footer=list(paragraph_groups(footer, _role)),
        title=printable(title).strip(),
        styles=style_sheet(__package__, "mail.css"),
        dark_styles=style_sheet(__package__, "dark.css"),
    )
    return _INLINER.inline(html)


def _role(block: Block) -> str:
    """The block's role; `title` for a paragraph all in bold with a link at its end, which names a paper."""
    if block.role == "text" and block.spans and all(span.bold for span in block.spans) and block.spans[-1].url:
        return "title"
    return block.role
