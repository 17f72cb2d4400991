"""Answers to searches: search, similar."""

from __future__ import annotations

from bot.commands import MOST_PAPERS
from bot.handlers.context import Asked, Room, page_of
from bot.handlers.papers import card, page
from bot.model import Message, Paper, Trend
from bot.query.parser import parse
from bot.search import Correction, Elsewhere, Hit, Order, Results
from bot.wording import parts, results
from bot.wording.cards import Entry, paper_listing
from bot.wording.notices import problem
from bot.wording.parts import title_of

FROM_ELSEWHERE = 5
"""Papers that are not stored, at most, in one answer."""


class SearchAnswers:
    """Finding; a paper that is not stored is stored once somebody opens it."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def search(self, asked: Asked) -> Message:
        """Results with their sentence and evidence, a page at a time; where few are stored, the sources are asked."""
        start, end = page_of(asked, asked.number("count"))
        order: Order = asked.text("order")  # type: ignore[assignment]  # the table's choices are these
        query, size = asked.text("query"), end - start
        found = await self._room.find(query, order=order, limit=size, offset=start, now=asked.now)
        if found.paper_id is not None:
            known = found.hits[0].paper if found.hits else await self._room.paper(found.paper_id)
            return await card(self._room, known, asked)
        if found.only_common:
            return _not_found(asked, only_common=True)
        beyond = await self._beyond(asked, found)
        if not found.hits and not beyond.found:
            return _not_found(asked, beyond.faults)
        trends = await self._room.engine.trends((hit.paper for hit in found.hits), asked.now)
        entries = [_entry(hit, trends, found.stems) for hit in found.hits]
        entries += [_stranger(paper, source, found.stems) for paper, source in beyond.found]
        title = f"Papers for {found.query}"
        return paper_listing(page(asked, title, tuple(entries), more=found.more, notes=_notes(found, beyond)))

    async def _beyond(self, asked: Asked, found: Results) -> Elsewhere:
        """What the sources find, if the first page lacks papers with all of the words."""
        whole = sum(not hit.partial for hit in found.hits)
        if asked.number("page") > 1 or whole >= asked.number("count"):
            return Elsewhere()
        beyond = await self._room.engine.search_sources(parse(found.query))
        stored = await self._room.store.papers.get(paper.id for paper, _ in beyond.found)
        room = min(FROM_ELSEWHERE, MOST_PAPERS - len(found.hits))
        return Elsewhere(tuple(pair for pair in beyond.found if pair[0].id not in stored)[:room], beyond.faults)

    async def similar(self, asked: Asked) -> Message:
        """Papers like one, with what they share."""
        paper = await self._room.paper(asked.text("paper"))
        start, end = page_of(asked, asked.number("count"))
        found, more = await self._room.search.similar(paper, limit=end - start, offset=start)
        if not found:
            return problem(f"Nothing stored is close to “{title_of(paper)}”.")
        trends = await self._room.engine.trends((n.paper for n in found), asked.now)
        entries = tuple(
            Entry(n.paper, trends[n.paper.id].evidence, frozenset(n.stems), "" if n.stems else "close in meaning")
            for n in found
        )
        return paper_listing(page(asked, f"Like “{title_of(paper)}”", entries, more=more))


def _entry(hit: Hit, trends: dict[str, Trend], stems: frozenset[str]) -> Entry:
    note = results.match_note(partial=hit.partial, meant=hit.meant)
    return Entry(hit.paper, trends[hit.paper.id].evidence, stems, note)


def _stranger(paper: Paper, source: str, stems: frozenset[str]) -> Entry:
    return Entry(paper, None, stems, f"found by {parts.source_name(source)}, not stored here")


def _notes(found: Results, beyond: Elsewhere) -> tuple[str, ...]:
    notes = [_corrected(found.corrections)] if found.corrections else []
    whole = any(not hit.partial for hit in found.hits)
    if found.hits and not whole:
        if all(hit.meant for hit in found.hits):
            notes.append("Nothing stored has any of the words; these are close in meaning.")
        else:
            notes.append("Nothing stored has all of the words; these have some.")
    # Who finds what was asked for need not hear of it.
    faults = () if whole else beyond.faults
    return (*notes, *(f"{fault[:1].upper()}{fault[1:]}." for fault in faults))


def _corrected(corrections: tuple[Correction, ...]) -> str:
    told = "; ".join(f"“{each.meant}” instead of “{each.typed}”" for each in corrections)
    return f"Looked for {told}, which no stored paper has."


def _not_found(asked: Asked, faults: tuple[str, ...] = (), *, only_common: bool = False) -> Message:
    first = asked.number("page") == 1
    why = results.nothing_found(first=first, only_common=only_common, example="search video diffusion")
    return problem(f"{why} {'; '.join(faults)}." if faults and first else why)
