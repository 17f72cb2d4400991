"""Messages as rows, and rows as plain text: no escape codes, no wrapping, every URL in full. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from adapters.text import harmless, printable, web_url
from bot.model import Message, Role, Span

RULE = "─" * 72
BUTTON_GAP = "  "


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of a message. Its spans are printable and their URLs safe; line breaks in them are `\\n`."""

    role: Role | Literal["rule", "gap", "buttons"]
    spans: tuple[Span, ...] = ()
    lead: str = ""
    """Text before the first line; other lines are indented by its width."""
    indent: int = 0


def message_rows(message: Message, *, indent: int = 0, numbered: bool = False) -> Iterator[Row]:
    """Paragraphs of a message, then its buttons as one row; `numbered` buttons show the number that presses them."""
    number = 0
    for block in message.blocks:
        number = (number or message.first - 1) + 1 if block.role == "item" else 0
        lead = f"{number}. " if number else ""
        if number > message.first and block.note:
            yield Row("gap")  # room between papers
        yield Row(block.role, tuple(map(harmless, block.spans)), lead=lead, indent=indent)
        if block.note:
            yield Row("note", tuple(map(harmless, block.note)), indent=indent + len(lead))
    if message.actions:
        buttons = (
            Span(f"[{number}] {label}" if numbered else f"[{label}]", url=web_url(action.url))
            for number, action in enumerate(message.actions, start=1)
            for label in [printable(action.label)]
        )
        yield Row("buttons", tuple(buttons), indent=indent)


def text_rows(message: Message) -> list[Row]:
    """The paragraphs of a message alone, without room between them."""
    return [row for row in message_rows(message) if row.role not in {"gap", "buttons"}]


def plain_text(rows: Iterable[Row]) -> str:
    """The rows as text that ends in a line break."""
    return "".join(f"{line}\n" for row in rows for line in _lines(row))


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
