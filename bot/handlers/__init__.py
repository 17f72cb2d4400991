"""What each command does: command + caller + options -> Message or Form.

run ─► may they? ─► read the options ─► the handler named after the command ─► answer, for one or for all

room.py         what handlers share; what they may ask of the engine
papers.py       today, paper, why, catchup
searching.py    search, similar
topics.py       topics …, follow, less
channel.py      subscribe, pause, resume, unsubscribe, settings, test, preview, digest, subscriptions
tuning.py       tuning …
people.py       save, saved …, like, dislike, forget
house.py        status, help, about
completion.py   ways to go on while somebody types
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands import COMMANDS, Command, find, read_options
from bot.errors import UserError
from bot.handlers.channel import ChannelAnswers
from bot.handlers.completion import complete
from bot.handlers.context import Asked, Handler, Room
from bot.handlers.papers import PaperAnswers
from bot.handlers.people import PeopleAnswers
from bot.handlers.search import SearchAnswers
from bot.handlers.status import HouseAnswers
from bot.handlers.topics import TopicAnswers
from bot.handlers.tuning import TuningAnswers
from bot.model import Caller, Form, Message, SubscriptionChanges
from bot.wording.notices import not_permitted, problem

if TYPE_CHECKING:
    from bot.ports import Engine
    from bot.search import Search
    from bot.store import Store

__all__ = ["Answers", "Asked"]


class Answers:
    """Carries commands out. What a user did wrong comes back as a one-line message; faults of ours are raised."""

    def __init__(self, store: Store, search: Search, engine: Engine, *, version: str = "") -> None:
        self._room = Room(store, search, engine)
        self._channel = ChannelAnswers(self._room)
        self._handlers = _handlers(self._room, self._channel, version)

    async def run(self, command: str, caller: Caller, options: Mapping[str, str]) -> Message | Form:
        """Carry out one command."""
        try:
            known = find(command)
            if known.permission == "managers" and not caller.may_manage:
                return not_permitted(known.name, caller.needs)
            return await self._answer(known, caller, options)
        except UserError as error:
            return problem(str(error))

    async def apply(self, changes: SubscriptionChanges, caller: Caller) -> Message:
        """Save the settings that a form was read into."""
        if not caller.may_manage:
            return not_permitted("settings", caller.needs)
        return await self._channel.change(caller, changes, self._room.engine.clock())

    async def complete(self, command: str, option: str, prefix: str, caller: Caller) -> tuple[str, ...]:
        """At most 25 ways to go on, from memory once the channel has been seen."""
        if caller.channel not in self._room.wishes:
            await self._room.wish(caller.channel)
        return complete(command, option, prefix, self._room.wishes.get(caller.channel), self._room.engine.latest)

    async def _answer(self, command: Command, caller: Caller, raw: Mapping[str, str]) -> Message | Form:
        now = self._room.engine.clock()
        local = await self._local(caller)
        # The settings form has a fault per field, so its handler reads the answers itself.
        options = {} if command.name == "settings" else read_options(command, raw, today=local.date())
        answer = await self._handlers[command.name](Asked(command, caller, options, raw, now))
        if isinstance(answer, Message) and options.get("share") == "yes":
            await self._note_shared(caller, options, now)
            return _for_all(answer)
        return answer

    async def _note_shared(self, caller: Caller, options: Mapping[str, object], now: datetime) -> None:
        """A paper that somebody showed to everybody teaches the channel's profile."""
        paper_id, store = options.get("paper"), self._room.store
        if isinstance(paper_id, str) and store.writable:
            await store.feedback.record(caller.channel, caller.user, paper_id, "share", now)

    async def _local(self, caller: Caller) -> datetime:
        return self._room.engine.clock().astimezone(ZoneInfo(await self._room.timezone(caller)))


def _handlers(room: Room, channel: ChannelAnswers, version: str) -> dict[str, Handler]:
    """Each command's function, found by its name: `topics add` is `topics_add`."""
    subjects = (
        PaperAnswers(room),
        SearchAnswers(room),
        TopicAnswers(room),
        channel,
        PeopleAnswers(room),
        TuningAnswers(room),
        HouseAnswers(room, version),
    )
    return {
        command.name: next(
            getattr(subject, command.handler) for subject in subjects if hasattr(subject, command.handler)
        )
        for command in COMMANDS.values()
    }


def _for_all(answer: Message) -> Message:
    """The same for everybody, without the button that was just pressed."""
    actions = tuple(action for action in answer.actions if action.label != "Share")
    return replace(answer, private=False, actions=actions)
