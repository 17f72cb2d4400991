"""The text of a mail, for those who read no HTML: wrapped, links on lines of their own, nothing left out. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence, Set

from adapters.text import printable, web_url
from bot.model import Action, Block, Span

WIDTH = 72
"""Columns; https://www.rfc-editor.org/rfc/rfc3676#section-4.2"""
RULE = "-" * 24
SEPARATORS = frozenset({"", "·", "|"})


def plain(blocks: Sequence[Block], actions: Iterable[Action], footer: Sequence[Block] = ()) -> str:
    """A message as text."""
    told = {span.url for block in blocks if _is_links(block) for span in block.spans}
    parts = ["\n".join(_paragraph(block, number, told)) for block, number in _numbered(blocks)]
    parts += [f"{_line(action.label)}:\n{url}" for action in actions if (url := web_url(action.url))]
    if footer:
        parts += [RULE, *("\n".join(_paragraph(block, 0, set())) for block in footer)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _numbered(blocks: Iterable[Block]) -> Iterator[tuple[Block, int]]:
    """Items with their numbers; all else with 0."""
    number = 0
    for block in blocks:
        number = number + 1 if block.role == "item" else 0
        yield block, number


def _is_links(block: Block) -> bool:
    """Whether it is links and nothing else."""
    words = " ".join(span.text for span in block.spans if not span.url).split()
    return any(span.url for span in block.spans) and all(word in SEPARATORS for word in words)


def _paragraph(block: Block, number: int, told: Set[str | None]) -> Iterator[str]:
    """Its lines; a title's link is not said where it is told among the paper's links."""
    spans = [Span(printable(span.text, lines=True), url=web_url(span.url)) for span in block.spans]
    linked = [(_line(span.text), span.url) for span in spans if span.url]
    if linked and _is_links(block):
        yield from (f"{name}: {url}" for name, url in linked)
    elif len(linked) > 1:
        yield from _wrapped("".join(span.text for span in spans if not span.url).rstrip(" ·"))
        yield from (f"{name}: {url}" for name, url in linked)
    else:
        lines = list(_wrapped("".join(span.text for span in spans), f"{number}. " if number else ""))
        yield from lines
        if block.role == "heading" and lines:
            yield "=" * min(max(map(len, lines)), WIDTH)
        yield from (str(url) for _, url in linked if url not in told)


def _wrapped(text: str, lead: str = "") -> Iterator[str]:
    indent = " " * len(lead)
    for line in text.strip().split("\n"):
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=lead, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [lead.rstrip()]
        lead = indent


def _line(text: str) -> str:
    return " ".join(printable(text).split())
