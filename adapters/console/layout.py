"""Rows of a message on a screen, whatever draws them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from adapters.text import harmless, printable, web_url
from bot.model import Message, Role, Span

REPLY_INDENT = 4
"""Columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the screen. Its spans are printable and their URLs safe; line breaks in them are `\\n`."""

    role: Role | Literal["rule", "gap", "buttons"]
    spans: tuple[Span, ...] = ()
    lead: str = ""
    """Text before the first line; other lines are indented by its width."""
    indent: int = 0


def post_rows(message: Message, *, is_reply: bool) -> Iterator[Row]:
    """A message in the channel itself, under a rule; a reply of a thread, indented under an empty line."""
    yield Row("gap" if is_reply else "rule")
    yield from message_rows(message, indent=REPLY_INDENT if is_reply else 0)


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
