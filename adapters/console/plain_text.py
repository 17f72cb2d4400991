"""Rows as plain text: no escape codes, no wrapping, every URL in full. For files, pipes and logs. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.console.layout import Row
from adapters.text import printable
from bot.model import File, Span

RULE = "─" * 72
BUTTON_GAP = "  "


def plain_text(rows: Iterable[Row]) -> str:
    """The rows as text that ends in a line break."""
    return "".join(f"{line}\n" for row in rows for line in _lines(row))


def file_text(file: File) -> str:
    """Content of a text file without characters that act on a screen; lines are as long as they are."""
    return printable(file.content.decode("utf-8", "replace"), lines=True)


def text_and_url(span: Span) -> str:
    """Text of a span and the URL of its link: `Title <https://…>`."""
    return span.text if span.url is None or span.text == span.url else f"{span.text} <{span.url}>"


def _lines(row: Row) -> list[str]:
    if row.role == "rule":
        return [RULE]
    if row.role == "gap":
        return [""]
    gap = BUTTON_GAP if row.role == "buttons" else ""
    first, *others = gap.join(map(text_and_url, row.spans)).replace("\u00a0", " ").split("\n")
    margin = " " * (row.indent + len(row.lead))
    lines = [f"{' ' * row.indent}{row.lead}{first}", *(f"{margin}{line}" for line in others)]
    return [line.rstrip() for line in lines]
