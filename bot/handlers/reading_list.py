"""Handlers of the reading list, and of what a channel liked."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.commands.notes import NOTHING, TAGS_MAX
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, handles
from bot.handlers.papers import worded_listing
from bot.handlers.permission import teach
from bot.model import Action, Form, Message, SavedPaper
from bot.wording import reading_list as wording
from bot.wording.export import export_answer
from bot.wording.parts import say
from bot.wording.zotero import saved_note


@handles("save")
async def save_paper(context: Context, invocation: Invocation) -> Message:
    """Put a paper on the reading list; the channel's profile learns from it."""
    paper = await context.paper(invocation.text("paper"))
    user = invocation.caller.user
    new = await context.store.people.save(user, paper.id, invocation.now)
    await teach(context, invocation, paper.id, "save")
    account = await context.store.zotero.account(user) if context.zotero and new else None
    options = {"paper": paper.id}
    note = Action("Note…", "saved note", options)
    actions = (wording.READING_LIST, note, Action("Undo", "unsave", options))
    answer = wording.confirmation(paper, "Saved: " if new else "Saved before: ", *actions)
    if account is None or context.zotero is None:
        return answer
    context.zotero.wake()
    return replace(answer, blocks=(*answer.blocks, saved_note(account)))


@handles("unsave")
async def unsave_paper(context: Context, invocation: Invocation) -> Message:
    """Take a paper off the reading list."""
    paper_id = invocation.text("paper")
    removed = await context.store.people.unsave(invocation.caller.user, paper_id)
    await context.store.feedback.withdraw(invocation.caller.user, paper_id, "save")
    text = "Taken off your reading list: " if removed else "It was not on your reading list: "
    return replace(say(f"{text}{paper_id}", actions=(wording.READING_LIST,)), paper_id=paper_id)


@handles("saved list")
async def list_saved(context: Context, invocation: Invocation) -> Message:
    """The reading list, ten a page, latest first."""
    entries = await context.store.reading_lists.entries(invocation.caller.user)
    if not entries:
        return say("Your reading list is empty. `/papers save 2405.14105` puts a paper on it.")
    tags = invocation.options.get("tag", ())
    view = wording.ListView(str(invocation.options.get("show", "all")), tags if isinstance(tags, tuple) else ())
    total = len(view.of(entries))
    if not total:
        return wording.empty_view(view)
    start = invocation.page(wording.LISTED)[0]
    if start >= total:  # the last page lost its last entry
        start = (total - 1) // wording.LISTED * wording.LISTED
    message = await worded_listing(context, invocation, wording.list_page(entries, view, start))
    return wording.with_list_buttons(message, entries, view, start)


@handles("saved entry")
async def show_entry(context: Context, invocation: Invocation) -> Message:
    """One entry of the reading list."""
    entry = await context.store.reading_lists.entry(invocation.caller.user, invocation.text("paper"))
    if entry is None:
        return say("That paper is not on your reading list any more.", actions=(wording.READING_LIST,))
    return wording.entry_card(entry, (await context.local_now(invocation)).date())


@handles("saved read", "saved unread")
async def mark(context: Context, invocation: Invocation) -> Message | Form:
    """Mark a paper; from a button of the list, the answer is the list."""
    read = invocation.command.name == "saved read"
    entry = await _on_list(context, invocation)
    user, paper_id = invocation.caller.user, entry.paper.id
    changed = await context.store.reading_lists.mark(user, paper_id, invocation.now if read else None)
    if invocation.has("start"):
        return await list_saved(context, invocation)
    return wording.marked(entry.paper, read=read, changed=changed)


@handles("saved note")
async def note(context: Context, invocation: Invocation) -> Message | Form:
    """Write a note on a paper; without its text, the form."""
    if not invocation.has("text"):
        paper = await context.paper(invocation.text("paper"))
        entry = await context.store.reading_lists.entry(invocation.caller.user, paper.id)
        return wording.note_form(paper, entry.note if entry else "")
    entry = await _on_list(context, invocation)
    text = invocation.text("text")
    await context.store.reading_lists.annotate(invocation.caller.user, entry.paper.id, text)
    return wording.noted(replace(entry, note=text))


@handles("saved tag")
async def tag(context: Context, invocation: Invocation) -> Message | Form:
    """Change the tags of a paper; without any, the form."""
    if not invocation.has("tags"):
        paper = await context.paper(invocation.text("paper"))
        saved = await context.store.reading_lists.entry(invocation.caller.user, paper.id)
        return wording.tags_form(paper, saved.tags if saved else ())
    edits = invocation.value("tags", tuple)
    removed = [each.removeprefix("-") for each in edits if each.startswith("-") and each != NOTHING]
    added = [each for each in edits if not each.startswith("-")]
    entry = await _on_list(context, invocation)
    if NOTHING in edits or invocation.text("replace") == "yes":
        removed += [each for each in entry.tags if each not in added]
    if len({*entry.tags, *added} - {*removed}) > TAGS_MAX:
        raise UserError(f"A paper has at most {TAGS_MAX} tags. Take some off first, as in `-{entry.tags[0]}`.")
    tags = await context.store.reading_lists.tag(invocation.caller.user, entry.paper.id, added, removed)
    return wording.tagged(replace(entry, tags=tags))


async def _on_list(context: Context, invocation: Invocation) -> SavedPaper:
    """The entry of the paper that a command names; it is saved if it was not."""
    user = invocation.caller.user
    paper = await context.paper(invocation.text("paper"))
    if await context.store.people.save(user, paper.id, invocation.now):
        await teach(context, invocation, paper.id, "save")
    return await context.store.reading_lists.entry(user, paper.id) or SavedPaper(paper)


@handles("saved export")
async def export_saved(context: Context, invocation: Invocation) -> Message:
    """The reading list as a file."""
    user, file_format = invocation.caller.user, invocation.text("format")
    entries = await context.store.reading_lists.entries(user)
    papers = await context.worded(invocation.channel, *(entry.paper for entry in entries))
    worded = [replace(entry, paper=paper) for entry, paper in zip(entries, papers, strict=True)]
    download = context.downloads.url(user, file_format) if context.downloads else None
    return await asyncio.to_thread(export_answer, worded, file_format, download)


@handles("saved feed")
async def show_feed(context: Context, invocation: Invocation) -> Message:
    """The link of the reading list's feed, or a new one."""
    if context.downloads is None:
        return wording.NO_FEED
    reset = invocation.text("action") == "reset"
    return wording.feed_link(await context.downloads.feed_url(invocation.caller.user, reset=reset), reset=reset)


@handles("saved channel")
async def list_favourites(context: Context, invocation: Invocation) -> Message:
    """Papers that people of the channel liked and shared there."""
    favourites = await context.store.reading_lists.favourites(invocation.channel)
    if not favourites:
        return wording.NO_FAVOURITES
    start = invocation.page(wording.LISTED)[0]
    return await worded_listing(context, invocation, wording.favourites_page(favourites, start))
