"""Handlers of searches: search, similar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.commands import MOST_PAPERS, typed
from bot.handlers.context import Context, Invocation, handles
from bot.handlers.corrections import category_question, exactly, with_hints
from bot.handlers.papers import current_card, listing_page, worded_listing
from bot.model import Action, Message, Order, Trend
from bot.query.parser import like_ids, parse
from bot.search import RemoteResults, SearchResults
from bot.wording.cards import Entry
from bot.wording.notices import problem
from bot.wording.parts import say, source_name, title_of
from bot.wording.results import correction_note, match_note, nothing_found, some_words, unanswered

FROM_SOURCES = 5
"""Papers that are not stored, at most, in one answer."""


@handles("search")
async def search_papers(context: Context, invocation: Invocation) -> Message:
    """Results with summary and evidence, a page at a time; the sources are asked where few are stored."""
    start, end = invocation.page(invocation.number("count"))
    order: Order = invocation.text("order")  # type: ignore[assignment]  # the table's choices are these
    standing = await context.engine.standings() if order == "trending" else {}
    results = await context.search.search(
        invocation.text("query"), limit=end - start, offset=start, order=order, now=invocation.now, standing=standing
    )
    if results.paper_id is not None:
        paper = results.hits[0].paper if results.hits else await context.paper(results.paper_id)
        return await current_card(context, paper, invocation)
    if results.only_common:
        return _nothing_found(invocation, results, only_common=True)
    remote = await _search_sources(context, invocation, results)
    if not results.hits and not remote.papers:
        nothing = category_question(invocation) or _nothing_found(invocation, results, remote.faults)
        return await _with_hints(context, invocation, nothing, results)
    trends = await context.engine.trends((hit.paper for hit in results.hits), invocation.now)
    entries = _entries(results, remote, trends)
    notes = _notes(results, remote)
    title = f"Papers for {results.query}"
    now = await context.local_now(invocation)
    page = listing_page(invocation, title, entries, more=results.more, notes=notes, now=now)
    others: tuple[Action, ...] = ()
    if results.corrections:
        exact = exactly(results.query, results.corrections)
        others = (Action("As typed", "search", {**page.options, "query": exact}),)
    page = replace(page, counted=len(results.hits), others=others)
    answer = await worded_listing(context, invocation, page)
    return await _with_hints(context, invocation, answer, results)


def _entries(results: SearchResults, remote: RemoteResults, trends: Mapping[str, Trend]) -> tuple[Entry, ...]:
    """The stored papers, then those that the sources know."""
    stored = (
        Entry(
            hit.paper,
            trends[hit.paper.id].evidence,
            results.stems,
            match_note(partial=hit.partial, by_meaning=hit.by_meaning),
        )
        for hit in results.hits
    )
    others = (
        Entry(paper, None, results.stems, f"found by {source_name(source)}, not stored here")
        for paper, source in remote.papers
    )
    return (*stored, *others)


async def _with_hints(context: Context, invocation: Invocation, answer: Message, results: SearchResults) -> Message:
    """The first page with what the query may have meant."""
    if invocation.page(1)[0]:
        return answer
    titles = [hit.paper.title for hit in results.hits]
    return await with_hints(context, invocation, answer, is_empty=not results.hits, titles=titles)


async def _search_sources(context: Context, invocation: Invocation, results: SearchResults) -> RemoteResults:
    """Results of the sources, if the first page is not full of papers with all of the words."""
    whole = sum(not hit.partial for hit in results.hits)
    if invocation.page(1)[0] or whole >= invocation.number("count"):
        return RemoteResults()
    remote = await context.engine.search_sources(parse(results.query))
    stored = await context.store.papers.get([paper.id for paper, _ in remote.papers])
    limit = min(FROM_SOURCES, MOST_PAPERS - len(results.hits))
    return RemoteResults(tuple(pair for pair in remote.papers if pair[0].id not in stored)[:limit], remote.faults)


@handles("similar")
async def list_similar(context: Context, invocation: Invocation) -> Message:
    """Papers like one, with the words they share in bold."""
    paper = await context.paper(invocation.text("paper"))
    start, end = invocation.page(invocation.number("count"))
    neighbours, more = await context.search.similar(paper, limit=end - start, offset=start)
    if not neighbours:
        return problem(f"Nothing stored is close to “{title_of(paper)}”.")
    trends = await context.engine.trends((n.paper for n in neighbours), invocation.now)
    entries = tuple(
        Entry(n.paper, trends[n.paper.id].evidence, frozenset(n.stems), "" if n.stems else "close to it")
        for n in neighbours
    )
    now = await context.local_now(invocation)
    page = listing_page(invocation, f"Like “{title_of(paper)}”", entries, more=more, now=now)
    return await worded_listing(context, invocation, page)


def _notes(results: SearchResults, remote: RemoteResults) -> tuple[str, ...]:
    notes = []
    if results.corrections:
        notes.append(correction_note([(each.typed, each.corrected) for each in results.corrections]))
    if any(not hit.partial for hit in results.hits):
        return tuple(notes)  # faults of the sources matter only if nothing stored has all of the words
    if results.hits:
        notes.append(some_words(results.query, by_meaning=all(hit.by_meaning for hit in results.hits)))
    return (*notes, *([f"{unanswered(remote.faults)}."] if remote.faults else []))


def _nothing_found(
    invocation: Invocation, results: SearchResults, faults: tuple[str, ...] = (), *, only_common: bool = False
) -> Message:
    first = not invocation.page(1)[0]
    like = bool(like_ids(parse(results.query)))
    example = typed("search video diffusion")
    why = nothing_found(first=first, only_common=only_common, query=results.query, like=like, example=example)
    return say(f"{why} {unanswered(faults)}." if faults and first else why)
