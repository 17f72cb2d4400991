"""Titles where a command takes a paper's id: the stored papers that may be meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.commands import Command, NoPaperIdError, typed
from bot.commands.times import excerpt
from bot.errors import QueryError, UserError
from bot.handlers.context import Context
from bot.model import Message, Paper
from bot.text.analyzer import words
from bot.wording.results import proposed_papers

PROPOSED = 5
"""Papers of one answer."""


async def titled_papers(context: Context, text: str, now: datetime) -> list[Paper]:
    """The stored papers nearest to a typed title, best first; only the one that has exactly this title if there is."""
    try:
        results = await context.search.search(text, limit=PROPOSED, now=now, literal=True)
    except QueryError:
        return []
    papers = [hit.paper for hit in results.hits]
    exact = [paper for paper in papers if words(paper.title) == words(text)]
    return exact[:1] or papers


def propose_papers(command: Command, raw: Mapping[str, str], error: NoPaperIdError, papers: list[Paper]) -> Message:
    """The question which paper is meant, with a button each. Raises UserError if no stored paper is near."""
    if not papers:
        line = f"search {error.text}"
        hint = f"To look for the title: {typed(line)}." if words(error.text) else f"Try {typed(command.example)}."
        raise UserError(f"{error} {hint}", lines=((line, line),) if words(error.text) else ())
    return proposed_papers(papers, excerpt(error.text), command.name, {**raw}, error.option)
