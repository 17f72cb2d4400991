"""Answers about what a channel follows: topics list, add, remove, mute, unmute, and the two buttons that lead there."""

from __future__ import annotations

import difflib
from dataclasses import replace
from math import ceil

from bot.commands import TOPICS_MAX
from bot.digest.selection import LONGEST_WINDOW, best
from bot.errors import QueryError, UserError
from bot.handlers.context import Asked, Room
from bot.model import Action, Block, Message, Paper, Span
from bot.query.parser import canonical
from bot.wording.channel import TopicPreview, not_subscribed, topic_list, topic_preview, topic_saved
from bot.wording.notices import problem
from bot.wording.parts import block, title_of

EXAMPLES = 5
PROPOSED_AUTHORS = 3


class TopicAnswers:
    """Every change is shown before it is saved."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def topics_list(self, asked: Asked) -> Message:
        """What the channel follows and mutes."""
        return topic_list(await self._room.wish(asked.channel), asked.number("page"))

    async def topics_add(self, asked: Asked) -> Message:
        """Preview, then follow."""
        return await self._add(asked, mute=False)

    async def topics_mute(self, asked: Asked) -> Message:
        """Preview, then leave out."""
        return await self._add(asked, mute=True)

    async def topics_remove(self, asked: Asked) -> Message:
        """Stop following."""
        return await self._take_off(asked, mute=False)

    async def topics_unmute(self, asked: Asked) -> Message:
        """Stop leaving out."""
        return await self._take_off(asked, mute=True)

    async def follow(self, asked: Asked) -> Message:
        """A paper's authors, organisation and subjects, each a preview away from being followed."""
        return _proposals(await self._room.paper(asked.text("paper")), "topics add", "Follow what?")

    async def less(self, asked: Asked) -> Message:
        """The same for muting."""
        return _proposals(await self._room.paper(asked.text("paper")), "topics mute", "Less of what?")

    async def _add(self, asked: Asked, *, mute: bool) -> Message:
        topic = asked.text("topic")
        async with self._room.changing:
            wish = await self._room.wish_or_default(asked.caller, asked.now)
            lines = wish.mutes if mute else wish.topics
            if any(same(topic, line) for line in lines):
                return topic_saved(wish, topic, "Already muted:" if mute else "Already following")
            if len(lines) >= TOPICS_MAX:
                raise UserError(f"A channel can have {TOPICS_MAX} of them. Remove one first, or join two with |.")
            if not asked.confirmed:
                return topic_preview(await self._preview(asked, topic, mute=mute))
            changed = replace(wish, mutes=(*lines, topic)) if mute else replace(wish, topics=(*lines, topic))
            if wish.next_due is None and wish.paused_at is None:
                changed = replace(changed, next_due=await self._room.due(wish, asked.now))
            await self._room.put(changed)
        return topic_saved(changed, topic, "Muted" if mute else "Following")

    async def _preview(self, asked: Asked, topic: str, *, mute: bool) -> TopicPreview:
        """What the last 14 days would have brought, or as many of them as are known."""
        shortlist = await self._room.engine.shortlist()
        matched, said = await self._room.matching(shortlist, topic)
        mask = (said if mute else matched) & shortlist.window(shortlist.now - LONGEST_WINDOW)
        ages = [trend.paper.age_at for trend in shortlist.trends if trend.paper.age_at is not None]
        known = (shortlist.now - min(ages)).total_seconds() / 86_400 if ages else 0.0
        return TopicPreview(
            topic=topic,
            mute=mute,
            matched=mask.bit_count(),
            close=(mask & ~said).bit_count(),
            noticed=(mask & ((1 << shortlist.with_signals) - 1)).bit_count(),
            days=min(max(ceil(known), 1), LONGEST_WINDOW.days),
            examples=tuple(trend.paper for trend in best(shortlist, mask, EXAMPLES)),
            subscribed=await self._room.wish(asked.channel) is not None,
        )

    async def _take_off(self, asked: Asked, *, mute: bool) -> Message:
        text = asked.text("topic")
        async with self._room.changing:
            wish = await self._room.wish(asked.channel)
            if wish is None:
                return not_subscribed()
            lines = wish.mutes if mute else wish.topics
            found = next((line for line in lines if same(text, line)), None)
            if found is None:
                raise _not_there(text, lines, mute=mute)
            kept = tuple(line for line in lines if line != found)
            changed = replace(wish, mutes=kept) if mute else replace(wish, topics=kept)
            await self._room.put(changed)
        return topic_saved(changed, found, "No longer muted:" if mute else "No longer following")


def same(a: str, b: str) -> bool:
    """Whether two lines mean the same, as far as their canonical form shows."""
    return _form(a) == _form(b)


def _form(line: str) -> str:
    try:
        return canonical(line).casefold()
    except QueryError:
        return " ".join(line.split()).casefold()


def _not_there(text: str, lines: tuple[str, ...], *, mute: bool) -> UserError:
    what = "muted" if mute else "followed"
    if not lines:
        return UserError(f"Nothing is {what} here.")
    nearest = difflib.get_close_matches(text.casefold(), [line.casefold() for line in lines], n=1, cutoff=0.5)
    meant = next((line for line in lines if nearest and line.casefold() == nearest[0]), None)
    hint = f"Did you mean “{meant}”?" if meant else "Type “topics” to see what is."
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return UserError(f"“{short}” is not {what} here. {hint}")


def _proposals(paper: Paper, command: str, question: str) -> Message:
    topics = list(_topics_of(paper))
    if not topics:
        return problem("Nothing is known about this paper to go by: no authors, organisation or category.")
    actions = tuple(Action(label, command, {"topic": topic}) for label, topic in topics)
    blocks = (
        Block("text", (Span(question, bold=True), Span(f" {title_of(paper)}"))),
        block("You will see what it would have meant before anything is saved.", "note"),
    )
    return Message(blocks, actions, question, paper.id)


def _topics_of(paper: Paper) -> list[tuple[str, str]]:
    """(button, topic) for its organisation, categories, first and last authors, and papers like it."""
    authors = dict.fromkeys((*paper.authors[: PROPOSED_AUTHORS - 1], *paper.authors[-1:]))
    found = [(paper.organization, f'org:"{_plain(paper.organization)}"')] if paper.organization else []
    found += [(category, f"cat:{category}") for category in paper.categories[:3]]
    found += [(author, f'author:"{_plain(author)}"') for author in authors]
    found += [("Papers like this", f"like:{paper.id}")]
    return [(label[:70], topic) for label, topic in found if _valid(topic)]


def _plain(name: str) -> str:
    return " ".join(name.replace('"', " ").split())


def _valid(topic: str) -> bool:
    try:
        canonical(topic)
    except QueryError:
        return False
    return True
