"""Rows as a terminal shows them: wrapped to its width, with colours and links where it has colours."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console as Screen
from rich.rule import Rule
from rich.style import Style
from rich.text import Text

from adapters.console.layout import Row
from adapters.console.plain import BETWEEN_BUTTONS, spelled_out
from bot.model import Span

WIDEST = 100
"""Columns; longer lines are hard to read."""
NARROWEST = 16
"""Columns; below that the indent gives way to the terminal's own wrapping."""

# The sixteen colours of the reader's own theme only, so that it is legible on any background.
_ROLES = {"heading": Style(bold=True), "note": Style(dim=True), "buttons": Style(color="cyan")}
_LEAD = Style(color="cyan", bold=True)
_CODE = Style(color="magenta")


def draw(rows: Iterable[Row], width: int, *, color: bool) -> str:
    """The rows as text for a terminal that many columns wide; without colour there is no escape code in it."""
    screen = Screen(
        file=io.StringIO(),
        force_terminal=color,
        color_system="standard" if color else None,
        width=min(width, WIDEST),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},  # the caller has decided
    )
    with screen.capture() as drawn:
        for row in rows:
            _draw(screen, row, color=color)
    return drawn.get()


def _draw(screen: Screen, row: Row, *, color: bool) -> None:
    if row.role == "rule":
        screen.print(Rule(style="cyan" if color else "none"))
        return
    room = max(screen.width - row.indent - len(row.lead), NARROWEST)
    spans = _packed(row.spans, room) if row.role == "buttons" else row.spans
    text = Text(style=_ROLES.get(row.role, ""))
    for span in spans:
        text.append(span.text if color else spelled_out(span), _style(span))
    lead = Text(f"{' ' * row.indent}{row.lead}", _LEAD)
    for line in text.wrap(screen, room, overflow="fold") or [Text()]:
        line.rstrip()
        screen.print(lead, line, sep="", soft_wrap=True)  # wrapped here, so that no line is filled up with blanks
        lead = Text(" " * len(lead))


def _packed(buttons: Iterable[Span], room: int) -> Iterator[Span]:
    """Buttons on lines, none broken over two."""
    used = 0
    for button in buttons:
        size = cell_len(button.text)
        if used:
            fits = used + len(BETWEEN_BUTTONS) + size <= room
            yield Span(BETWEEN_BUTTONS if fits else "\n")
            used = used + len(BETWEEN_BUTTONS) if fits else 0
        yield button
        used += size


def _style(span: Span) -> Style:
    code = _CODE if span.code else Style.null()
    linked = Style(underline=True, link=span.url) if span.url else Style.null()
    return Style(bold=span.bold or None, italic=span.italic or None) + code + linked
