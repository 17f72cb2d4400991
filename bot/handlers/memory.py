"""Handler of `memory`: a search of what the channel was shown and liked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.commands import typed
from bot.digest.memory import public_likes
from bot.handlers.context import Context, Invocation, handles
from bot.handlers.papers import listing_page, worded_listing
from bot.model import Message, PublicLikes, ShownPaper
from bot.wording.cards import Entry
from bot.wording.memory import shown_spans
from bot.wording.notices import problem
from bot.wording.parts import say
from bot.wording.results import NO_MORE, correction_note, match_note

if TYPE_CHECKING:
    from bot.search import SearchResults


@handles("memory")
async def search_memory(context: Context, invocation: Invocation) -> Message:
    """Papers that the channel was shown or liked, with the day, the likes and a link to the message."""
    channel = invocation.channel
    lessons = await context.store.feedback.lessons((channel,))
    likes = public_likes(lessons[channel]) if channel in lessons else {}
    ids = frozenset(await context.store.shown.ids(channel)) | likes.keys()
    if not ids:
        return say(f"This channel was shown nothing yet. {typed('search video diffusion')} looks through all papers.")
    start, end = invocation.page(invocation.number("count"))
    query = invocation.text("query")
    results = await context.search.search(query, limit=end - start, offset=start, now=invocation.now, among=ids)
    if not results.hits:
        if start:
            return problem(NO_MORE)
        return say(f"Nothing like that was shown or liked here. {typed(f'search {query}')} looks through all papers.")
    places = await context.store.shown.last(channel, [hit.paper.id for hit in results.hits])
    entries = await _entries(context, invocation, results, places, likes)
    title = f"Shown or liked here: {results.query}"
    corrections = [(each.typed, each.corrected) for each in results.corrections]
    notes = (correction_note(corrections),) if corrections else ()
    now = await context.local_now(invocation)
    page = listing_page(invocation, title, entries, more=results.more, notes=notes, now=now)
    return await worded_listing(context, invocation, page)


async def _entries(
    context: Context,
    invocation: Invocation,
    results: SearchResults,
    shown: Mapping[str, ShownPaper],
    likes: Mapping[str, PublicLikes],
) -> tuple[Entry, ...]:
    now, places = await context.local_now(invocation), [shown.get(hit.paper.id) for hit in results.hits]
    memory = context.engine.memory
    urls = await asyncio.gather(
        *(memory.link(invocation.channel, place and place.ref, place and place.opener) for place in places)
    )
    return tuple(
        Entry(
            hit.paper,
            None,
            results.stems,
            match_note(partial=hit.partial, by_meaning=hit.by_meaning),
            shown_spans(place, likes.get(hit.paper.id), url, now),
        )
        for hit, place, url in zip(results.hits, places, urls, strict=True)
    )
