"""Handler of `links`, and the cards of papers that people link to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.errors import SourceError
from bot.handlers.context import ChangedMeanwhile, Context, Invocation, announced, handles
from bot.model import Caller, Message, Paper
from bot.model.paper_id import arxiv_id
from bot.wording import linked as wording
from bot.wording.cards import paper_blocks, paper_buttons, paper_picture
from bot.wording.parts import title_of

log = logging.getLogger("paperboy.desk")

CARDS_AT_ONCE = 3
"""Cards for one message; whoever links to more papers gets cards for the first ones."""


@handles("links")
async def switch_links(context: Context, invocation: Invocation) -> Message:
    """Say whether linked papers get a card, or switch that on or off."""
    channel, caller = invocation.channel, invocation.caller
    before = await context.store.channels.settings(channel)
    on = invocation.text("state") == "on" if invocation.has("state") else before.links
    obstacle = caller.links_obstacle if on else None
    answer = wording.links_answer(on=on, changed=on != before.links, obstacle=obstacle)
    if on == before.links:
        return answer
    if not await context.store.channels.change(channel, before, replace(before, links=on)):
        raise ChangedMeanwhile
    return announced(answer, caller, wording.LINKS_ON if on else wording.LINKS_OFF)


async def linked_cards(context: Context, caller: Caller, ids: Sequence[str], now: datetime) -> dict[str, Message]:
    """Cards of the papers that a person linked to, by the ids as linked; none where the channel wants none.

    A paper gets one a day. It counts as shown from now on.
    """
    settings = await context.store.channels.settings(caller.channel)
    if not context.store.writable or not settings.links:
        return {}
    papers: dict[str, Paper] = {}
    for linked in ids[:CARDS_AT_ONCE]:
        if (paper := await _paper(context, linked)) is not None:
            papers[linked] = paper
    if not papers:
        return {}
    day = now.astimezone(ZoneInfo(await context.timezone(caller))).date()
    facts = caller.channel, caller.user, caller.name, [paper.id for paper in papers.values()], day, now
    fresh = set(await context.store.links.record(*facts))
    fresh_papers = {linked: paper for linked, paper in papers.items() if paper.id in fresh}
    trends = await context.engine.trends(fresh_papers.values(), now)
    worded = dict(zip(fresh_papers, await context.worded(caller.channel, *fresh_papers.values()), strict=True))
    return {
        linked: Message(
            tuple(paper_blocks(paper, trends.get(paper.id), now=now)),
            paper_buttons(paper),
            title_of(paper),
            paper.id,
            paper,
            private=False,
            image=paper_picture(paper) if settings.pictures else None,
        )
        for linked, paper in worded.items()
    }


async def _paper(context: Context, linked: str) -> Paper | None:
    """The paper of an id or a DOI: stored, or for an arXiv id from a source; None if neither has it."""
    if stored := await context.store.papers.find(linked):
        return stored
    try:
        return await context.engine.fetch_paper(linked) if arxiv_id(linked) else None
    except SourceError as error:
        log.info("a linked paper was not looked up paper=%s reason=%r", linked, error.reason)
        return None
