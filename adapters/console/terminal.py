"""Rows as text for a terminal: wrapped to its width, with colours and links if it has colours."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console as RichConsole
from rich.rule import Rule
from rich.style import Style
from rich.text import Text

from adapters.console.streams import descriptor
from adapters.plain_text import BUTTON_GAP, Row, text_and_url
from bot.model import Span

MAX_WIDTH = 100
"""Columns; longer lines are hard to read."""
MIN_WIDTH = 16
"""Columns left of the indent; below that the terminal itself wraps."""

# Only the sixteen colours of the reader's own theme, which are legible on any background.
_ROLE_STYLES = {"heading": Style(bold=True), "note": Style(dim=True), "buttons": Style(color="cyan")}
_LEAD = Style(color="cyan", bold=True)
_CODE = Style(color="magenta")


def terminal_text(rows: Iterable[Row], out: TextIO, *, color: bool | None = None, width: int | None = None) -> str:
    """The rows as text for a terminal; None asks the terminal. Without colour there is no escape code in it."""
    if color is None:
        color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"  # https://no-color.org
    screen = RichConsole(
        file=io.StringIO(),
        force_terminal=color,
        color_system="standard" if color else None,
        width=min(width or _width_of(out), MAX_WIDTH),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},  # decided above
    )
    with screen.capture() as drawn:
        for row in rows:
            _draw(screen, row, color=color)
    return drawn.get()


def _width_of(out: TextIO) -> int:
    """Columns of a terminal; 80 if it does not say."""
    number = descriptor(out)
    try:
        return (os.get_terminal_size(number).columns if number is not None else 0) or 80
    except OSError:
        return 80


def _draw(screen: RichConsole, row: Row, *, color: bool) -> None:
    if row.role == "rule":
        screen.print(Rule(style="cyan" if color else "none"))
        return
    room = max(screen.width - row.indent - len(row.lead), MIN_WIDTH)
    spans = _buttons_in_lines(row.spans, room) if row.role == "buttons" else row.spans
    text = Text(style=_ROLE_STYLES.get(row.role, ""))
    for span in spans:
        link = Style(underline=True, link=span.url) if span.url else Style.null()
        style = Style(bold=span.bold or None, italic=span.italic or None) + (_CODE if span.code else None) + link
        text.append(span.text if color else text_and_url(span), style)
    lead = Text(f"{' ' * row.indent}{row.lead}", _LEAD)
    for line in text.wrap(screen, room, overflow="fold") or [Text()]:
        line.rstrip()
        screen.print(lead, line, sep="", soft_wrap=True)  # wrapped here, so that no line is filled up with blanks
        lead = Text(" " * len(lead))


def _buttons_in_lines(buttons: Iterable[Span], room: int) -> Iterator[Span]:
    """Buttons with gaps and line breaks between them, so that none is broken over two lines."""
    used = 0
    for button in buttons:
        size = cell_len(button.text)
        if used:
            fits = used + len(BUTTON_GAP) + size <= room
            yield Span(BUTTON_GAP if fits else "\n")
            used = used + len(BUTTON_GAP) if fits else 0
        yield button
        used += size
