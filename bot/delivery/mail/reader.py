"""Pages for the reader of a mail: a past digest, why a paper is in it and votes on it, the reading list, a pause.

A signed link says who reads. To look changes nothing, since programs open every link of a mail; a button posts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.commands.options import ALL_DIGESTS
from bot.delivery.mail.links import Links, Purpose
from bot.errors import GoneError, UnknownPaperError, UserError
from bot.model import MAIN, Caller, Channel, File, Lessons, Message, Span, Subscription
from bot.model.feedback import opinion
from bot.model.mailbox import READER, mail_channel
from bot.model.schedule import local_day
from bot.model.subscription import labelled
from bot.ports import Clock, Desk
from bot.store import Store
from bot.wording import mail as wording
from bot.wording.export import FORMATS, export_file
from bot.wording.mail_digest import digest_message

PAUSE = timedelta(days=7)
VOTES = frozenset({"like", "dislike", "save"})
UNDOS = frozenset({"unvote", "unsave"})


class MailReader:
    """The pages below `Mailbox.reader`."""

    def __init__(self, store: Store, desk: Desk, links: Links, clock: Clock) -> None:
        self._store = store
        self._desk = desk
        self._links = links
        self._clock = clock

    async def show(self, token: str, page: str, key: str) -> Message:
        """A page: `digest` of a day, `pick` of a paper, `saved` of a page number, `pause`. Raises UserError."""
        channel = self._channel(token)
        pages: dict[str, Callable[[Channel, str], Any]] = {
            "digest": self._digest,
            "pick": self._pick,
            "saved": self._saved,
            "pause": self._pause_question,
        }
        message: Message = await pages[page](channel, key)
        return _with_own_links(message, self._links.url_of(Purpose.READER, token))

    async def act(self, token: str, page: str, key: str, command: str) -> Message:
        """Do what a button of a page says. Raises UserError."""
        channel = self._channel(token)
        if page == "pick" and command in VOTES:
            message = await self._vote(channel, key, command)
        elif page == "pick" and command in UNDOS:
            message = await self._take_back(channel, key, command)
        elif page == "pause" and command in {"pause", "resume"}:
            message = await self._pause(channel, command)
        else:
            raise UserError("This page has no such button. Please use one of those that it shows.")
        return _with_own_links(message, self._links.url_of(Purpose.READER, token))

    async def file(self, token: str, file_format: str) -> File:
        """The reading list as a file. Raises UserError."""
        saved = await self._store.reading_lists.entries(self._channel(token))
        if not saved or file_format not in FORMATS:
            raise UserError("There is nothing on this reading list any more.")
        return await asyncio.to_thread(export_file, saved, file_format)

    async def state(self, subscriber_token: str) -> Message:
        """A pause and links to the reader's own pages, for the holder of a preferences token."""
        subscriber = self._links.read(Purpose.PREFERENCES, subscriber_token)
        subscription = await self.subscription(mail_channel(subscriber))
        message = wording.mail_state(subscription, self._clock())
        return _with_own_links(message, self._links.url(Purpose.READER, subscriber))

    async def _digest(self, channel: Channel, key: str) -> Message:
        try:
            text, _, name = key.partition(":")
            day = date.fromisoformat(text)
        except ValueError:
            raise UserError("There is no such digest: its address ends with a day, as in 2026-11-22.") from None
        digest = await self._store.ledger.digest(channel, day, name or MAIN)
        if digest is None:
            to_come = day > self._clock().date()
            raise UserError("That digest is still to come." if to_come else "No digest of that day is stored.")
        return wording.mail_past_digest(await asyncio.to_thread(digest_message, digest), digest)

    async def _pick(self, channel: Channel, key: str) -> Message:
        why = await self._run("why", channel, {"paper": key})
        _check_paper(why)
        saved = any(paper.id == why.paper_id for paper in await self._store.people.reading_list(channel))
        lessons = (await self._store.feedback.lessons((channel,))).get(channel, Lessons())
        votes = [
            each.value for each in lessons.feedback if each.gesture == "reaction" and each.paper_id == why.paper_id
        ]
        return wording.mail_pick(why, vote=opinion(votes), saved=saved)

    async def _vote(self, channel: Channel, key: str, command: str) -> Message:
        await self.subscription(channel)
        answer = await self._run(command, channel, {"paper": key})
        _check_paper(answer)
        return wording.mail_noted(command, answer, answer.blocks[0].spans[-1].text)

    async def _take_back(self, channel: Channel, key: str, command: str) -> Message:
        await self.subscription(channel)
        why = await self._run("why", channel, {"paper": key})
        paper_id = _check_paper(why)
        if command == "unvote":
            await self._store.people.react(channel, channel, paper_id, 0, self._clock())
        else:
            await self._run("unsave", channel, {"paper": paper_id})
        return wording.mail_noted(command, why, wording.pick_title(why))

    async def _saved(self, channel: Channel, key: str) -> Message:
        listing = await self._run("saved list", channel, {"page": key or "1"})
        return wording.mail_saved_papers(listing, int(key or "1"))

    async def _pause_question(self, channel: Channel, _: str) -> Message:
        subscription = await self.subscription(channel)
        return wording.mail_pause(subscription, self._clock(), self._pause_end(subscription))

    async def _pause(self, channel: Channel, command: str) -> Message:
        end = self._pause_end(await self.subscription(channel))
        every = {"name": ALL_DIGESTS}
        await self._run(command, channel, {**every, "until": end.isoformat()} if command == "pause" else every)
        return wording.mail_paused(await self.subscription(channel), self._clock())

    def _pause_end(self, subscription: Subscription) -> date:
        return local_day(subscription, self._clock()) + PAUSE

    async def _run(self, command: str, channel: Channel, options: dict[str, str]) -> Message:
        answer = await self._desk.run(command, Caller(channel, channel, may_manage=True), options)
        assert isinstance(answer, Message)  # noqa: S101 - these commands have no form
        return answer

    async def subscription(self, channel: Channel, name: str = "") -> Subscription:
        """A subscription of a mailbox, the first without a name. Raises GoneError after its end."""
        return subscription_of(await self._store.subscriptions.of(channel), name)

    def _channel(self, token: str) -> Channel:
        return mail_channel(self._links.read(Purpose.READER, token))


def subscription_of(subscriptions: Sequence[Subscription], name: str = "") -> Subscription:
    """The one of a name, or without one the first. Raises GoneError if there is none."""
    digests = labelled(subscriptions)
    subscription = next((each for each in digests if name in {"", each.name}), None)
    if subscription is None:
        raise GoneError("This subscription has ended. Subscribe again to get digests.")
    return subscription


def _check_paper(answer: Message) -> str:
    """The id of the paper that an answer is about. Raises UnknownPaperError, without the remedy: a chat's command."""
    if answer.paper_id is None:
        raise UnknownPaperError(f"{answer.text.partition('. ')[0].rstrip('.')}.")
    return answer.paper_id


def _with_own_links(message: Message, url: str) -> Message:
    """The message with a reader's URL in place of `READER`."""

    def own(link: str | None) -> str | None:
        return link.replace(READER, url, 1) if link and link.startswith(f"{READER}/") else link

    def own_spans(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(replace(span, url=own(span.url)) for span in spans)

    blocks = (replace(block, spans=own_spans(block.spans), note=own_spans(block.note)) for block in message.blocks)
    actions = (replace(action, url=own(action.url)) for action in message.actions)
    return replace(message, blocks=tuple(blocks), actions=tuple(actions))
