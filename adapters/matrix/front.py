"""Matrix as a front: one sync loop, by one process, and the events that it brings."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import nio
from cachetools import LRUCache

from adapters.keyed_lock import KeyedLock
from adapters.matrix.answers import Answers, Incoming
from adapters.matrix.client import ENCRYPTED, MatrixClient
from adapters.matrix.content import WORD, content
from adapters.paper_links import linked_paper_ids
from adapters.reactions import reaction_value
from adapters.tasks import BackgroundTasks
from bot.errors import DeliveryError
from bot.model import Caller, Ref, opinion
from bot.ports import Asgi, Desk
from bot.ports.leases import Leases, kept
from bot.wording.notices import problem

log = logging.getLogger("paperboy.matrix")
LEASE, LEASE_SECONDS = "matrix sync", 60.0
SYNC_MILLISECONDS = 30_000
FILTER = {
    "presence": {"types": []},
    "room": {"ephemeral": {"types": []}, "state": {"lazy_load_members": True}, "timeline": {"limit": 100}},
}
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


class MatrixFront:
    """Serves one desk at a time. `serve` returns when the homeserver is lost; its supervisor calls it again."""

    name = "matrix"
    asgi: tuple[str, Asgi] | None = None

    def __init__(self, client: MatrixClient, notes: Any = None, leases: Leases | None = None) -> None:
        """`notes` keep how far it has read; `leases` are given where other processes share the store."""
        self._client, self._notes, self._leases = client, notes, leases

    async def serve(self, desk: Desk) -> None:
        """Sync until cancelled, or until the homeserver refuses, which is logged in one line."""
        events = Events(self._client, desk)
        async with AsyncExitStack() as stack:
            if self._leases is not None:
                while not await self._leases.take(LEASE, LEASE_SECONDS):  # noqa: ASYNC110 - held by another process
                    await asyncio.sleep(LEASE_SECONDS / 4)
                await stack.enter_async_context(kept(self._leases, LEASE, LEASE_SECONDS, LEASE_SECONDS / 3))
            try:
                await self._listen(events)
            except DeliveryError as error:
                log.error("no connection to the homeserver reason=%r", error.reason)  # noqa: TRY400 - a traceback tells no more
            finally:
                await events.tasks.finish(1.0)

    async def _listen(self, events: Events) -> None:
        await self._client.check_account()
        sdk, note = self._client.nio, f"matrix sync {self._client.user}"
        since = sdk.next_batch or (await self._notes.get_note(note) if self._notes else None)
        while True:
            is_first = not sdk.next_batch
            request = sdk.sync(0 if is_first else SYNC_MILLISECONDS, FILTER, since or None, is_first)
            response = await self._client.ask(request)
            since = response.next_batch
            for noted in response.account_data_events:
                if getattr(noted, "type", "") == "m.direct":
                    self._client.learn_direct(noted.content)
            events.take(response.rooms)
            if self._notes is not None and response.rooms.join:
                await self._notes.put_note(note, since)


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
            self.tasks.start("invitation", self._join(room, invited.invite_state))
        for room in rooms.leave:
            self.tasks.start("removal", self._gone(room, REMOVED))
        for room, joined in rooms.join.items():
            events = joined.timeline.events
            for event in (*joined.state, *events):
                self._learn(room, event)
            joins = [number for number, event in enumerate(events) if self._is_own_join(event)]
            for event in events[joins[-1] if joins else 0 :]:  # what was before is not for Paperboy
                self.tasks.start("event", self._handle(room, event))

    def _learn(self, room: str, event: Any) -> None:
        """Note who has made a room, and forget who was known to be in it."""
        match event:
            case nio.RoomCreateEvent(room_version=version) if version.isdigit() and int(version) >= CREATORS_ABOVE_ALL:
                self._creators[room] = {event.sender, *event.source["content"].get("additional_creators", ())}
            case nio.RoomMemberEvent():
                self._client.memberships.forget(*map(self._client.address, (room, event.state_key)))

    def _is_own_join(self, event: Any) -> bool:
        is_own = isinstance(event, nio.RoomMemberEvent) and event.state_key == self._client.user
        return is_own and event.membership == "join" and event.prev_membership != "join"

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
        person = await self._client.person_in(room)
        log.warning("lost room=%s reason=%r", room, reason)
        await self._desk.gone(self._client.address(person or room), reason)
        if person is not None:
            await self._client.set_direct(person, None)

    # --- events

    async def _handle(self, room: str, event: Any) -> None:
        client = self._client
        async with self._order.of((room, event.sender)):
            if event.sender == client.user or room not in client.nio.rooms:
                return
            caller = await self._caller(room, event.sender)
            match event:
                case nio.RoomMessageText() if event.source.get("unsigned", {}).get("age", 0) < TOO_LATE:
                    await self._hear(room, event, caller)
                case nio.ReactionEvent():
                    self._reactions[event.event_id] = event.reacts_to, event.sender, reaction_value(event.key) or 0
                    await self._react(room, event.reacts_to, event.sender)
                case nio.RedactionEvent() if (reaction := self._reactions.pop(event.redacts, None)) is not None:
                    await self._react(room, *reaction[:2])
                case nio.RoomUpgradeEvent():
                    await client.ask(client.nio.join(event.replacement_room))  # else it is invited there
                    await self._follow(event.replacement_room)
                case nio.RoomEncryptionEvent():
                    await client.answer(room, content(problem(f"I can't be of use here any more: {ENCRYPTED}.")))
                    await self._gone(room, ENCRYPTED)
                case nio.RoomMemberEvent(membership="leave" | "ban") if caller.direct:
                    await self._gone(room, LEFT)
                    await client.ask(client.nio.room_leave(room))

    async def _react(self, room: str, ref: str, person: str) -> None:
        """Report a person's opinion of a message: the majority of their reactions to it."""
        votes = [vote for own, author, vote in self._reactions.values() if (own, author) == (ref, person)]
        who = partial(self._caller, room, person)
        caller = await who()
        await self._desk.react(caller.channel, Ref(ref), caller.user, opinion(votes), who)

    async def _hear(self, room: str, event: nio.RoomMessageText, caller: Caller) -> None:
        thread = reply = None
        relates = event.source["content"].get("m.relates_to")  # which anybody fills in as they like
        match relates:
            case {"rel_type": "m.replace"}:
                return
            case {"rel_type": "m.thread", "event_id": str(opener)}:
                thread = Ref(opener)
        match relates:
            case {"m.in_reply_to": {"event_id": str(answered)}} if not relates.get("is_falling_back"):
                reply = answered
        text = _QUOTED.sub("", event.body, count=1) if reply else event.body
        incoming = Incoming(room, event.event_id, thread, replace(caller, thread=thread))
        line = self._addressed(room, event, text)
        if reply and await self._answers.press(incoming, reply, line or text):
            return
        if caller.direct and line is None and await self._answers.fill_in(incoming, text):
            return
        if line is not None or caller.direct:
            await self._answers.command(incoming, line or text)
        elif papers := linked_paper_ids(text):
            for card in (await self._desk.linked(incoming.caller, papers)).values():
                await self._client.answer(room, content(card, notice=True, thread=thread or event.event_id))

    def _addressed(self, room: str, event: nio.RoomMessageText, text: str) -> str | None:
        """The text that a message has for Paperboy: after `!papers`, or after its name at the beginning; else None."""
        user = self._client.user
        names = (user, self._client.nio.rooms[room].user_name(user) or user, user[1:].partition(":")[0])
        end = "[:,]?" if f"matrix.to/#/{user}" in str(event.formatted_body) else "[:,]"
        called = rf"{re.escape(WORD)}|@?(?:{'|'.join(map(re.escape, names))}){end}"
        match = re.match(rf"\s*(?:{called})(?=\s|$)(.*)", text, re.IGNORECASE | re.DOTALL)
        return match[1].strip() or "help" if match else None

    async def _caller(self, room: str, person: str) -> Caller:
        """A person with the rights that their power level gives in a room. Raises DeliveryError."""
        client, state = self._client, self._client.nio.rooms[room]
        is_direct = await client.person_in(room) == person and state.member_count <= 2
        level = ADMIN if person in self._creators.get(room, ()) else state.power_levels.get_user_level(person)
        return Caller(
            client.address(person if is_direct else room),
            client.address(person),
            may_manage=is_direct or level >= MODERATOR,
            admin=not is_direct and level >= ADMIN,
            needs=NEEDS,
            command_word="" if is_direct else WORD,
            name=state.user_name(person) or person[1:].partition(":")[0],
            direct=is_direct,
        )
