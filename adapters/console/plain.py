"""Rows as plain text: no escape codes, nothing wrapped, every address in full. For files, pipes and logs. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.console.layout import Row
from bot.model import Span

RULE = "─" * 72
BETWEEN_BUTTONS = "  "


def draw(rows: Iterable[Row]) -> str:
    """The rows as text that ends in a line break."""
    return "".join(f"{line}\n" for row in rows for line in _lines(row))


def spelled_out(span: Span) -> str:
    """The text of a span with the address of its link: `Title <https://…>`."""
    if span.url is None or span.text == span.url:
        return span.text
    return f"{span.text} <{span.url}>"


def _lines(row: Row) -> list[str]:
    if row.role == "rule":
        return [RULE]
    if row.role == "gap":
        return [""]
    between = BETWEEN_BUTTONS if row.role == "buttons" else ""
    first, *more = between.join(map(spelled_out, row.spans)).replace("\u00a0", " ").split("\n")
    margin = " " * (row.indent + len(row.lead))
    lines = [f"{' ' * row.indent}{row.lead}{first}", *(f"{margin}{line}" for line in more)]
    return [line.rstrip() for line in lines]
