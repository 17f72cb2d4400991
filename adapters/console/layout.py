"""A message as rows of a screen: what stands where, before anybody decides how it is drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.text import printable, web_url
from bot.model import Action, Message, Role, Span, Thread

REPLY_INDENT = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the screen. Its spans are printable and their URLs safe; a line break is a `\\n` in them."""

    role: Role | Literal["rule", "gap", "buttons"]
    spans: tuple[Span, ...] = ()
    lead: str = ""
    """What stands before the first line; the other lines are indented by as much."""
    indent: int = 0


def thread_rows(thread: Thread) -> Iterator[Row]:
    """An opener under a rule, its replies indented beneath."""
    yield from opener_rows(thread.opener)
    for reply in thread.replies:
        yield from reply_rows(reply)


def opener_rows(message: Message) -> Iterator[Row]:
    """A message that stands in the channel itself."""
    yield Row("rule")
    yield from message_rows(message)


def reply_rows(message: Message) -> Iterator[Row]:
    """A message of a thread."""
    yield Row("gap")
    yield from message_rows(message, indent=REPLY_INDENT)


def message_rows(message: Message, *, indent: int = 0, numbered: bool = False) -> Iterator[Row]:
    """A message's paragraphs, then its buttons: with numbers to press them by, or as labels."""
    number = 0
    for block in message.blocks:
        number = number + 1 if block.role == "item" else 0
        spans = tuple(map(_safe, block.spans))
        yield Row(block.role, spans, lead=f"{number}. " if number else "", indent=indent)
    if message.actions:
        yield Row("buttons", tuple(_button_spans(message.actions, numbered=numbered)), indent=indent)


def _safe(span: Span) -> Span:
    text = printable(span.text, lines=True)
    url = web_url(span.url)
    return Span(text, url=url, bold=span.bold, italic=span.italic, code=span.code)


def _button_spans(actions: Sequence[Action], *, numbered: bool) -> Iterator[Span]:
    """A span a button."""
    for number, action in enumerate(actions, start=1):
        label = printable(action.label)
        yield Span(f"[{number}] {label}" if numbered else f"[{label}]", url=web_url(action.url))
