"""Which way rows are drawn: plain off a terminal, wrapped and perhaps coloured on one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from adapters.console import plain
from adapters.console.layout import Row, message_rows, thread_rows
from adapters.console.streams import StreamWriter
from adapters.console.surroundings import is_terminal, wants_color, width_of
from bot.model import Message, Thread


def draw(rows: Iterable[Row], out: TextIO, *, color: bool | None = None, width: int | None = None) -> str:
    """The rows as they suit where they go. `color` and `width` count on a terminal only; None asks the terminal."""
    if not is_terminal(out):
        return plain.draw(rows)
    from adapters.console import terminal  # noqa: PLC0415 - rich is slow to import, and files do without

    colored = wants_color(out, os.environ) if color is None else color
    return terminal.draw(rows, width or width_of(out), color=colored)


def render(shown: Thread | Message) -> str:
    """A thread or a message as plain text."""
    return plain.draw(_rows(shown))


def show(shown: Thread | Message, out: TextIO, *, color: bool | None = None, width: int | None = None) -> None:
    """Print a thread or a message. Raises OSError if nobody reads."""
    StreamWriter(out).write_now(draw(_rows(shown), out, color=color, width=width))


def _rows(shown: Thread | Message) -> Iterable[Row]:
    return thread_rows(shown) if isinstance(shown, Thread) else message_rows(shown)
