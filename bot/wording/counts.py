"""The line of a card that counts who openly likes a paper or wants to discuss it. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Block, Message, Span
from bot.model.counts import Counts


def counts_text(counts: Counts) -> str:
    """Public counts of a card: `👍 3 · 💬 2 want to discuss`; empty where there are none."""
    verb = "wants" if counts.wishes == 1 else "want"
    parts = (f"👍 {counts.likes}" if counts.likes else "", f"💬 {counts.wishes} {verb} to discuss")
    return " · ".join(part for part, number in zip(parts, (counts.likes, counts.wishes), strict=True) if number)


def is_card(message: Message) -> bool:
    """Whether a message is about a paper and has the button that says “Let's discuss”."""
    return any(action.command == "discuss" for action in message.actions)


def with_counts(card: Message, counts: Counts) -> Message:
    """A card with the counts in its last line, above its buttons."""
    text = counts_text(counts)
    return replace(card, blocks=(*card.blocks, Block("note", (Span(text),)))) if text else card
