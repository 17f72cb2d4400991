"""Plain text of a mail, complete: wrapped at 72 columns, each link on a line of its own. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache

from adapters.text import printable, web_url
from bot.model import Action, Block, Span

WIDTH = 72
"""Columns; https://www.rfc-editor.org/rfc/rfc3676#section-4.2"""
RULE = "-" * 24
RULES = {"heading": "=", "masthead": "=", "lead": "-", "title": "-"}
"""Mark that underlines the lines of a role."""
SEPARATORS = frozenset({"·", "|"})


def plain_text(blocks: Sequence[Block], actions: Iterable[Action], footer: Sequence[Block] = ()) -> str:
    """A message as plain text."""
    link_urls = frozenset(span.url for block in blocks if _is_link_list(block) for span in block.spans)
    parts = []
    number = 0
    for block in blocks:
        if block.role == "preheader":
            continue
        number = number + 1 if block.role == "item" else 0
        parts.append(_paragraph(block, number, link_urls.intersection(span.url for span in block.spans)))
        if block.note:
            parts[-1] += f"\n{_paragraph(Block('note', block.note), 0, frozenset())}"
    parts += [f"{_one_line(action.label)}:\n{url}" for action in actions if (url := web_url(action.url))]
    if footer:
        parts += [RULE, *(_paragraph(block, 0, frozenset()) for block in footer)]
    return "\n\n".join(part for part in parts if part) + "\n"


@lru_cache(maxsize=2_048)
def _paragraph(block: Block, number: int, link_urls: frozenset[str | None]) -> str:
    """A paragraph; cached, as most readers get the same papers."""
    return "\n".join(_lines(block, number, link_urls))


@lru_cache(maxsize=2_048)
def _is_link_list(block: Block) -> bool:
    """Whether a block has links and separators alone, and is no title."""
    words = " ".join(span.text for span in block.spans if not span.url).split()
    return (
        block.role not in RULES and any(span.url for span in block.spans) and all(word in SEPARATORS for word in words)
    )


def _lines(block: Block, number: int, link_urls: Set[str | None]) -> Iterator[str]:
    """Lines of a paragraph; a single link is left out where the paper's list of links repeats it."""
    spans = [Span(printable(span.text, lines=True), url=web_url(span.url)) for span in block.spans]
    links = [(_one_line(span.text), span.url) for span in spans if span.url]
    if links and _is_link_list(block):
        yield from (f"{label}: {url}" for label, url in links)
    elif len(links) > 1:
        yield from _wrapped("".join(span.text for span in spans if not span.url).rstrip(" ·"))
        yield from (f"{label}: {url}" for label, url in links)
    else:
        lines = list(_wrapped("".join(span.text for span in spans), f"{number}. " if number else ""))
        yield from lines
        if (rule := RULES.get(block.role)) and lines:
            yield rule * min(max(map(len, lines)), WIDTH)
        yield from (str(url) for _, url in links if url not in link_urls)


def _wrapped(text: str, prefix: str = "") -> Iterator[str]:
    indent = " " * len(prefix)
    for line in text.strip().split("\n"):
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=prefix, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [prefix.rstrip()]
        prefix = indent


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
