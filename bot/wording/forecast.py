"""The forecast of a paper without votes, with what speaks for it and against it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.model import Block, Span, Trend
from bot.wording.evidence import ODDS_LEAST, odds_text

PARTS_MAX = 4
"""Features that are named on each side."""
PART_LEAST = 0.05
"""Log-odds from which a feature is named."""
NOTICED = "“Noticed” means listed on Hugging Face’s Daily Papers, where people vote; the odds are a forecast."
HOW = (
    f"{NOTICED} It is read off the paper alone: text, categories, comment and number of authors, no names. The figures"
    " are what each adds to the logarithm of the odds. Papers without votes stand by them, after all that have votes."
)
ELSEWHERE = "Hugging Face’s Daily Papers lists papers of arXiv alone, so there is no forecast for this one."
EARLY_ORDER = (
    "No votes yet: these stand by a forecast, read off each paper alone, of which will be listed on Hugging Face’s"
    " Daily Papers, where people vote."
)
"""Above a list of papers that nobody has noticed yet."""


def forecast_blocks(trend: Trend, parts: Mapping[str, float]) -> Iterator[Block]:
    """A sentence with the odds, the strongest parts for and against, and how they are found; nothing without parts."""
    if not parts:
        return
    if not trend.paper.is_arxiv:
        yield Block("note", (Span(ELSEWHERE),))
        return
    if trend.listed:
        odds = f"{odds_text(trend.listed)}" if trend.listed >= ODDS_LEAST else "few such papers get noticed"
        yield Block("text", (Span(f"Forecast: {odds}."),))
    strongest = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))
    for side, sign in (("For it", 1), ("Against it", -1)):
        named = [f"{name} {part:+.2f}" for name, part in strongest if part * sign >= PART_LEAST][:PARTS_MAX]
        if named:
            yield Block("item", (Span(f"{side}: ", bold=True), Span(" · ".join(named).replace("-", "−"))))
    yield Block("note", (Span(HOW),))
