"""HTML of a mail: styles inlined, no script, no remote content but the picture that its reader asked for. Pure.

The page around the paragraphs is made once, and each paragraph once whoever gets it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby, takewhile

import css_inline
from markupsafe import Markup, escape

from adapters.html_templates import line, style_sheet, template
from adapters.text import harmless, printable, web_url
from bot.model import Action, Block, Image, Span

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
"""Keeps the style sheet for dark mode, which cannot be inlined."""
WIDTH = 552
"""Pixels of a picture: the sheet's, within its margins."""
_GAP = "MARK-OF-A-GAP"
"""Stands in our own templates where something is put in afterwards."""
_TAGS = {"item": "li", "heading": "h1", "masthead": "h1", "lead": "h2", "title": "h2", "preheader": "div"}
"""Elements of paragraphs by role; others are a `p`. The class is named after the role."""
_PLAIN = frozenset({"item", "heading", "text"})
"""Roles whose element needs no class."""


def html_body(
    blocks: Iterable[Block],
    actions: Iterable[Action],
    footer: Sequence[Block] = (),
    *,
    title: str,
    image: Image | None = None,
) -> str:
    """A message as an HTML document, its picture above its lead.

    All text of others passes `printable`, `web_url` and Jinja's escaping.
    """
    before_title, before_content, end = _page()
    blocks = tuple(blocks)
    above = sum(1 for _ in takewhile(lambda block: block.role != "lead", blocks)) if image else 0
    content = [*_paragraphs(blocks[:above]), *([_picture(image)] if image else []), *_paragraphs(blocks[above:])]
    for action in actions:
        if url := web_url(action.url):
            content += _button(printable(action.label), url)
    if footer:
        opening, closing = _pair("div", "footer")
        content += [opening, *_paragraphs(footer), closing]
    return "".join((before_title, escape(printable(title).strip()), before_content, "\n".join(content), end))


def _paragraphs(blocks: Iterable[Block]) -> Iterator[str]:
    """Paragraphs as HTML; neighbouring items are one list."""
    for is_item, neighbours in groupby(blocks, key=_is_item):
        opening, closing = _pair("ol") if is_item else ("", "")
        yield from (line for line in (opening, *map(_paragraph, neighbours), closing) if line)


def _is_item(block: Block) -> bool:
    return block.role == "item"


@lru_cache(maxsize=2_048)
def _paragraph(block: Block) -> str:
    """A paragraph, made harmless and escaped; cached, as most readers get the same papers."""
    tag = _TAGS.get(block.role, "p")
    attribute = "" if block.role in _PLAIN else f' class="{block.role}"'
    line, inner, after = _line(block.spans), "", ""
    if block.note:
        note = f'<p class="note">{_line(block.note)}</p>'
        inner, after = (note, "") if tag == "li" else ("", note)
    direction = ' dir="auto"' if any(map(_is_right_to_left, line)) else ""  # nearly no mail needs its bytes
    return _inlined(f"<{tag}{attribute}{direction}>{line}{inner}</{tag}>{after}")


def _is_right_to_left(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")


def _line(spans: Iterable[Span]) -> str:
    return str(line(map(harmless, spans)).strip())


@lru_cache(maxsize=64)
def _picture(image: Image) -> str:
    """A picture as wide as the sheet, or as a phone."""
    html = Markup('<p class="picture"><img src="{}" alt="{}" width="{}" height="{}"></p>')
    height = round(WIDTH * image.height / image.width)
    return _inlined(html.format(web_url(image.url) or "", printable(image.alt), WIDTH, height))


@lru_cache(maxsize=256)
def _button(label: str, url: str) -> tuple[str, str]:
    link = Markup(
        '<table role="presentation" class="action"><tr><td class="button"><a href="{}">{}</a></td></tr></table>'
    ).format(url, label)
    return _inlined(link), _inlined(Markup('<p class="note">{}</p>').format(url))


@cache
def _pair(tag: str, name: str = "") -> tuple[str, str]:
    """An element's tags, before and after what it holds."""
    attribute = f' class="{name}"' if name else ""
    opening, closing = _inlined(f"<{tag}{attribute}>{_GAP}</{tag}>").split(_GAP)
    return opening, closing


@cache
def _page() -> tuple[str, str, str]:
    """The document before its title, before its content, and after it."""
    html = template(__package__, "mail.html").render(
        title=_GAP,
        content=_GAP,
        styles=style_sheet(__package__, "mail.css"),
        dark_styles=style_sheet(__package__, "dark.css"),
    )
    before_title, before_content, end = _INLINER.inline(html).split(_GAP)
    return before_title, before_content, end


def _inlined(html: str) -> str:
    return _INLINER.inline_fragment(html, str(style_sheet(__package__, "mail.css")))
