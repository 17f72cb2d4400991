"""Papers that people linked to: named in the next digest; the answers to `links`. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from bot.model import Action, Block, Digest, Message, Span
from bot.model.linked import LinkedPaper
from bot.wording.parts import say, title_span, weekday_text

NAME_MAX = 40
"""Characters of a person's name."""


def linked_blocks(digest: Digest, today: date) -> tuple[Block, ...]:
    """Note with papers left out because somebody linked to them here, with their names and days."""
    if not digest.linked:
        return ()
    papers = [span for each in digest.linked for span in _linked(each, digest, today)]
    return (Block("note", (Span("Shared here already: "), *papers[1:], Span("."))),)


def _linked(linked: LinkedPaper, digest: Digest, today: date) -> Iterator[Span]:
    day = linked.at.astimezone(ZoneInfo(digest.timezone)).date()
    name = " ".join(linked.by.split())[:NAME_MAX]
    yield Span("; ")
    yield title_span(linked.paper)
    yield Span(f" ({f'by {name}, ' if name else ''}{weekday_text(day, today)})")


def links_answer(*, on: bool, changed: bool, obstacle: str | None) -> Message:
    """Answer to `links`: whether papers that people link to get a card here."""
    if not on:
        state = "Papers that people link to here get no card" + (" any more." if changed else ".")
        return say(state, actions=(Action("Links on", "links", {"state": "on"}),))
    state = "A paper that somebody links to here gets a card, once a day, and no digest repeats it."
    actions = (Action("Links off", "links", {"state": "off"}),)
    if obstacle is None:
        return say(state, actions=actions)
    return say(state, f"But none comes yet: {obstacle.rstrip('.')}.", actions=actions)


LINKS_ON = "switched on cards for papers that people link to"
LINKS_OFF = "switched off cards for papers that people link to"
