"""Handler of `saved import`: a bibliography's entries -> papers of the reading list; what is not found is named."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.commands.bibliography import BibEntry, read_bibliography
from bot.commands.notes import NOTE_MAX, TAGS_MAX
from bot.errors import SourceError
from bot.handlers.context import Context, Invocation, handles, log
from bot.model import Form, Message, Paper, SavedPaper
from bot.wording import reading_list_import as wording

ORDER = timedelta(milliseconds=1)
"""Between two entries of one import, so that the list has them in the order of the file."""


@handles("saved import")
async def import_saved(context: Context, invocation: Invocation) -> Message | Form:
    """Read a bibliography onto the reading list. It teaches the channel's profile nothing."""
    text = invocation.options.get("file") or invocation.options.get("entries")
    if not isinstance(text, str):
        return wording.import_form()
    bibliography = await asyncio.to_thread(read_bibliography, text)
    entries = bibliography.entries
    papers, fault = await _papers(context, entries)
    saved = _merged(zip(entries, papers, strict=True), invocation.now)
    new = await context.store.reading_lists.merge(invocation.caller.user, saved)
    missing = [entry for entry, paper_id in zip(entries, papers, strict=True) if paper_id is None]
    return wording.imported(len(saved), new, missing, bibliography.broken, fault)


async def _papers(context: Context, entries: Sequence[BibEntry]) -> tuple[list[str | None], str]:
    """The id of each entry's paper, None if it is not known; and the source that did not answer, if one did not."""
    stored_ids = await _resolved(context, entries)
    ids = [entry.ids[0] for entry, paper_id in zip(entries, stored_ids, strict=True) if paper_id is None and entry.ids]
    if not ids or not context.store.writable:
        return stored_ids, ""
    try:
        await context.engine.fetch_papers(list(dict.fromkeys(ids)))
    except SourceError as error:
        log.warning("papers of an import were not looked up source=%s reason=%r", error.source, error.reason)
        return stored_ids, error.source
    return await _resolved(context, entries), ""


async def _resolved(context: Context, entries: Sequence[BibEntry]) -> list[str | None]:
    """The id under which each entry's paper is stored: by its ids, else by its title."""
    titles = [entry.title.rstrip(".") for entry in entries]
    ids = [each for entry in entries for each in entry.ids]
    by_id, by_title = await context.store.reading_lists.resolve(ids, filter(None, titles))
    named = (next((by_id[each] for each in entry.ids if each in by_id), None) for entry in entries)
    return [paper_id or by_title.get(title) for paper_id, title in zip(named, titles, strict=True)]


def _merged(found: Iterable[tuple[BibEntry, str | None]], now: datetime) -> list[SavedPaper]:
    """An entry a paper, in the order of the file, which is that of the list: the first is the latest."""
    saved: dict[str, SavedPaper] = {}
    for entry, paper_id in found:
        if paper_id is None:
            continue
        saved_at, read_at = now - len(saved) * ORDER, now if entry.read else None
        new = SavedPaper(Paper(paper_id, ""), saved_at, read_at, entry.note, entry.tags)
        before = saved.get(paper_id, new)
        notes = (before.note, "" if entry.note in before.note else entry.note)
        note = " · ".join(filter(None, notes))[:NOTE_MAX]
        tags = tuple(dict.fromkeys((*before.tags, *entry.tags)))[:TAGS_MAX]
        saved[paper_id] = replace(before, note=note, tags=tags, read_at=before.read_at or new.read_at)
    return list(saved.values())
