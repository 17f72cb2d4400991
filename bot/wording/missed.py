"""The papers of digests that did not arrive, listed in the next one. Pure."""

from __future__ import annotations

from datetime import date

from bot.model import Block, Digest, Span
from bot.wording.parts import day_text, title_span


def missed_blocks(digest: Digest, today: date) -> tuple[Block, ...]:
    """One paragraph for each earlier digest that did not arrive, or may not have, with its papers as links."""
    blocks = []
    for missed in digest.missed:
        if not missed.papers:
            continue
        what = "did not arrive" if missed.certain else "may not have reached you"
        links = [part for paper in missed.papers for part in (Span("\n• "), title_span(paper))]
        blocks.append(Block("text", (Span(f"The digest of {day_text(missed.day, today)} {what}. It had:"), *links)))
    return tuple(blocks)
