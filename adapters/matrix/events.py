"""Events of a homeserver: invitations, removals, reactions, and messages that are written to Paperboy."""

from __future__ import annotations

import logging
import re
from collections.abc import Coroutine
from typing import Any

import nio
from cachetools import LRUCache

from adapters.keyed_lock import KeyedLock
from adapters.matrix.answers import Answers, Incoming
from adapters.matrix.client import ENCRYPTED, MatrixClient
from adapters.matrix.content import WORD, Json, content, relation
from adapters.paper_links import linked_paper_ids
from adapters.reactions import reaction_value
from adapters.tasks import BackgroundTasks
from bot.errors import DeliveryError
from bot.model import Caller, Ref, opinion
from bot.ports import Desk
from bot.wording.notices import problem

log = logging.getLogger("paperboy.matrix")
TOO_LATE = 300_000
"""Milliseconds after which a message that came while Paperboy was not running is not answered any more."""
MODERATOR, ADMIN = 50, 100
"""Power levels, as clients name them (https://spec.matrix.org/latest/client-server-api/#mroompower_levels)."""
CREATORS_ABOVE_ALL = 12
"""Room version from which creators have no power level, and all power."""
NEEDS = "power level 50 in this room (a moderator has it)"
REMOVED = "Paperboy was removed from the room: invite it again"
LEFT = "the person has left the direct messages"
MAX_REACTIONS = 20_000
_QUOTED = re.compile(r"\A(?:> .*\n)+\n")
"""The message that a reply repeats at its beginning, for clients that show no replies."""


class Events:
    """Handles the events of one connection; those of a person in a room in the order in which they came."""

    def __init__(self, client: MatrixClient, desk: Desk) -> None:
        self._client, self._desk, self._answers = client, desk, Answers(client, desk)
        self.tasks, self._order = BackgroundTasks("matrix"), KeyedLock()
        self._creators: dict[str, set[str]] = {}
        self._reactions: LRUCache[str, tuple[str, str, int]] = LRUCache(MAX_REACTIONS)
        """Message, person and vote of each reaction: who takes one back says its id alone."""

    def take(self, rooms: Any) -> None:
        """Start handling what a sync brought."""
        for room, invited in rooms.invite.items():
            self._start(self._join(room, invited.invite_state))
        for room in rooms.leave:
            self._start(self._gone(room, REMOVED))
        for room, joined in rooms.join.items():
            for event in (*joined.state, *joined.timeline.events):
                version = event.room_version if isinstance(event, nio.RoomCreateEvent) else ""
                if version.isdigit() and int(version) >= CREATORS_ABOVE_ALL:
                    more = event.source["content"].get("additional_creators", ())
                    self._creators[room] = {event.sender, *more}
                if isinstance(event, nio.RoomMemberEvent):
                    self._client.memberships.forget(*map(self._client.address, (room, event.state_key)))
            events = joined.timeline.events
            joins = [number for number, event in enumerate(events) if self._is_own_join(event)]
            for event in events[joins[-1] if joins else 0 :]:  # what was before is not for Paperboy
                self._start(self._handle(room, event))

    def _is_own_join(self, event: Any) -> bool:
        is_own = isinstance(event, nio.RoomMemberEvent) and event.state_key == self._client.user
        return is_own and event.membership == "join" and event.prev_membership != "join"

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        async def logged() -> None:
            try:
                await work
            except DeliveryError as error:
                log.warning("an event could not be answered reason=%r", error.reason)

        self.tasks.start("event", logged())

    # --- rooms

    async def _join(self, room: str, invitation: list[Any]) -> None:
        """Join a room and greet it once; one that is encrypted is told why not, and left."""
        client, own = self._client, [e for e in invitation if getattr(e, "state_key", "") == self._client.user]
        if not own:
            return
        await client.ask(client.nio.join(room))
        await self._follow(room)
        target, inviter = own[0].sender if own[0].content.get("is_direct") else room, own[0].sender
        if await client.state(room, "m.room.encryption") is not None:
            await client.answer(room, content(problem(f"I can't be of use here: {ENCRYPTED}.")))
            await client.ask(client.nio.room_leave(room))
            if target == room:
                return  # for a person there are direct messages without encryption
        elif target == inviter:
            await client.set_direct(inviter, room)
        hello = await self._desk.joined(client.address(target), client.address(inviter))
        if hello is not None:
            await client.answer(await client.room_of(client.address(target)), content(hello))

    async def _follow(self, room: str) -> None:
        """Report that a room takes the place of another one, if that one says so too: anybody can claim it."""
        client = self._client
        old = ((await client.state(room, "m.room.create") or {}).get("predecessor") or {}).get("room_id")
        if isinstance(old, str) and old in client.nio.rooms:
            tombstone = await client.state(old, "m.room.tombstone") or {}
            if tombstone.get("replacement_room") == room:
                await self._desk.moved(client.address(old), client.address(room))

    async def _gone(self, room: str, reason: str) -> None:
        person = (await self._client.direct_people()).get(room)
        log.warning("lost room=%s reason=%r", room, reason)
        await self._desk.gone(self._client.address(person or room), reason)
        if person is not None:
            await self._client.set_direct(person, None)

    # --- events

    async def _handle(self, room: str, event: Any) -> None:
        client = self._client
        if event.sender == client.user:
            return
        async with self._order.of((room, event.sender)):
            if room not in client.nio.rooms:
                return
            member_count = client.nio.rooms[room].member_count
            is_direct = (await client.direct_people()).get(room) == event.sender and member_count <= 2
            match event:
                case nio.RoomMessageText() if event.source.get("unsigned", {}).get("age", 0) < TOO_LATE:
                    await self._hear(room, event, is_direct=is_direct)
                case nio.ReactionEvent():
                    self._reactions[event.event_id] = event.reacts_to, event.sender, reaction_value(event.key) or 0
                    await self._react(room, event.reacts_to, event.sender, is_direct=is_direct)
                case nio.RedactionEvent() if (reaction := self._reactions.pop(event.redacts, None)) is not None:
                    await self._react(room, *reaction[:2], is_direct=is_direct)
                case nio.RoomUpgradeEvent():
                    await client.ask(client.nio.join(event.replacement_room))  # else it is invited there
                    await self._follow(event.replacement_room)
                case nio.RoomEncryptionEvent():
                    await client.answer(room, content(problem(f"I can't be of use here any more: {ENCRYPTED}.")))
                    await self._gone(room, ENCRYPTED)
                case nio.RoomMemberEvent() if is_direct and event.membership in {"leave", "ban"}:
                    await self._gone(room, LEFT)
                    await client.ask(client.nio.room_leave(room))

    async def _react(self, room: str, ref: str, person: str, *, is_direct: bool) -> None:
        """Report a person's opinion of a message: the majority of their reactions to it."""
        votes = [vote for own, author, vote in self._reactions.values() if (own, author) == (ref, person)]
        caller = self._caller(room, person, None, is_direct=is_direct)

        async def who() -> Caller:
            return caller

        await self._desk.react(caller.channel, Ref(ref), caller.user, opinion(votes), who)

    async def _hear(self, room: str, event: nio.RoomMessageText, *, is_direct: bool) -> None:
        made: Json = event.source["content"]
        relates = _fields(made.get("m.relates_to"))
        if relates.get("rel_type") == "m.replace":
            return
        thread = _text(relates.get("event_id")) if relates.get("rel_type") == "m.thread" else None
        reply = None if relates.get("is_falling_back") else _text(_fields(relates.get("m.in_reply_to")).get("event_id"))
        text = _QUOTED.sub("", event.body, count=1) if reply else event.body
        incoming = Incoming(room, event.event_id, thread, self._caller(room, event.sender, thread, is_direct=is_direct))
        line = self._addressed(room, made, text)
        if reply and await self._answers.press(incoming, reply, line or text):
            return
        if is_direct and line is None and await self._answers.fill_in(incoming, text):
            return
        if line is not None or is_direct:
            await self._answers.command(incoming, line or text)
        elif papers := linked_paper_ids(text):
            for card in (await self._desk.linked(incoming.caller, papers)).values():
                place = relation(thread=thread or event.event_id)
                await self._client.answer(room, {**content(card, notice=True), **place})

    def _addressed(self, room: str, made: Json, text: str) -> str | None:
        """The text that a message has for Paperboy: after `!papers`, or after its name at the beginning; else None."""
        user = self._client.user
        names = (user, self._client.nio.rooms[room].user_name(user) or user, user[1:].partition(":")[0])
        end = "[:,]?" if f"matrix.to/#/{user}" in str(made.get("formatted_body")) else "[:,]"
        called = rf"{re.escape(WORD)}|@?(?:{'|'.join(map(re.escape, names))}){end}"
        match = re.match(rf"\s*(?:{called})(?=\s|$)(.*)", text, re.IGNORECASE | re.DOTALL)
        return match[1].strip() or "help" if match else None

    def _caller(self, room: str, person: str, thread: str | None, *, is_direct: bool) -> Caller:
        """A person with the rights that their power level gives in a room."""
        client, state = self._client, self._client.nio.rooms[room]
        level = ADMIN if person in self._creators.get(room, ()) else state.power_levels.get_user_level(person)
        return Caller(
            client.address(person if is_direct else room),
            client.address(person),
            may_manage=is_direct or level >= MODERATOR,
            admin=not is_direct and level >= ADMIN,
            needs=NEEDS,
            command_word="" if is_direct else WORD,
            name=state.user_name(person) or person[1:].partition(":")[0],
            thread=Ref(thread) if thread else None,
            direct=is_direct,
        )


def _fields(value: object) -> Json:
    """An object of an event's content, which anybody fills in as they like."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
