"""Answers to one person: reading list, reactions, and what is erased on request."""

from __future__ import annotations

from bot.handlers.context import Asked, Room, page_of
from bot.model import Action, Block, Message, Span
from bot.wording.cards import Entry, Listing, paper_listing
from bot.wording.channel import page_buttons
from bot.wording.export import bibtex, csv_table
from bot.wording.notices import not_permitted
from bot.wording.parts import block, count, say, title_of
from bot.wording.status import erase_question, erased

LISTED = 10
EXPORTED = 20
"""Entries in one message: a platform takes a few thousand characters."""


class PeopleAnswers:
    """What a person keeps and says."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def save(self, asked: Asked) -> Message:
        """Onto the reading list."""
        paper = await self._room.paper(asked.text("paper"))
        new = await self._room.store.people.save(asked.caller.user, paper.id, asked.now)
        await self._room.store.feedback.record(asked.channel, asked.caller.user, paper.id, "save", asked.now)
        actions = (Action("Reading list", "saved list"), Action("Undo", "unsave", {"paper": paper.id}))
        return _about(paper.id, "Saved: " if new else "Saved before: ", title_of(paper), actions)

    async def unsave(self, asked: Asked) -> Message:
        """Off it."""
        paper_id = asked.text("paper")
        gone = await self._room.store.people.unsave(asked.caller.user, paper_id)
        await self._room.store.feedback.withdraw(asked.caller.user, paper_id, "save")
        text = "Taken off your reading list: " if gone else "It was not on your reading list: "
        return _about(paper_id, text, paper_id, (Action("Reading list", "saved list"),))

    async def saved_list(self, asked: Asked) -> Message:
        """Ten a page, latest first."""
        saved = await self._room.store.people.reading_list(asked.caller.user)
        start, end = page_of(asked, LISTED)
        entries = tuple(Entry(paper) for paper in saved[start:end])
        if not entries:
            return say("Your reading list is empty. `/papers save 2405.14105` puts a paper on it.")
        page = Listing(
            f"Your reading list ({count(len(saved), 'paper')})",
            entries,
            "saved list",
            page=asked.number("page"),
            more=end < len(saved),
            sharable=False,
        )
        message = paper_listing(page)
        exports = tuple(Action(name, "saved export", {"format": name.lower()}) for name in ("BibTeX", "CSV"))
        return Message(message.blocks, (*message.actions, *exports), message.title)

    async def saved_export(self, asked: Asked) -> Message:
        """The reading list as text to copy."""
        saved = await self._room.store.people.reading_list(asked.caller.user)
        start, end = page_of(asked, EXPORTED)
        if not saved[start:end]:
            return say("There is nothing to export. `/papers save 2405.14105` puts a paper on your reading list.")
        style = asked.text("format")
        text = (bibtex if style == "bibtex" else csv_table)(saved[start:end])
        blocks = [Block("text", (Span(text, code=True),))]
        if len(saved) > EXPORTED:
            blocks.append(block(f"{start + 1} to {min(end, len(saved))} of {len(saved)}.", "note"))
        turned = page_buttons("saved export", asked.number("page"), more=end < len(saved))
        actions = tuple(Action(a.label, a.command, {**a.options, "format": style}) for a in turned)
        return Message(tuple(blocks), actions, f"Your reading list as {'BibTeX' if style == 'bibtex' else 'CSV'}")

    async def like(self, asked: Asked) -> Message:
        """👍"""
        return await self._react(asked, 1, "👍 Noted for this channel: ")

    async def dislike(self, asked: Asked) -> Message:
        """👎"""
        return await self._react(asked, -1, "👎 Noted for this channel: ")

    async def _react(self, asked: Asked, value: int, text: str) -> Message:
        paper = await self._room.paper(asked.text("paper"))
        await self._room.store.people.react(asked.channel, asked.caller.user, paper.id, value, asked.now)
        what = "follow" if value > 0 else "less"
        label = "Follow this…" if value > 0 else "Less of this…"
        actions = (Action(label, what, {"paper": paper.id}), Action("Tuning", "tuning list"))
        return _about(paper.id, text, title_of(paper), actions)

    async def forget(self, asked: Asked) -> Message:
        """Erase, after asking."""
        what = asked.text("what")
        if what == "channel" and not asked.caller.may_manage:
            return not_permitted("forget channel", asked.caller.needs)
        if not asked.confirmed:
            return erase_question(what)
        who = asked.channel if what == "channel" else asked.caller.user
        return erased(await self._room.store.people.forget(who))


def _about(paper_id: str, text: str, title: str, actions: tuple[Action, ...]) -> Message:
    return Message((Block("text", (Span(text), Span(title))),), actions, f"{text}{title}", paper_id)
