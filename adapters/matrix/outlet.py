"""Matrix as an outlet: posts in threads, finds its messages by the key in their content, proves by the room's state."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from adapters.matrix.client import ENCRYPTED, NOT_HERE, MatrixClient, target_of
from adapters.matrix.content import KEY, content, edited
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.ports import Claim, no_claim

PAGE = 100
"""Messages read at once; most homeservers give no more."""


class MatrixOutlet:
    """Posts to rooms and to people. Implements `ports.Outlet`, `Linking` and `Editing`."""

    name = "matrix"
    threads = True
    pace = 0.0
    """The homeserver says when it is too fast."""

    def __init__(self, client: MatrixClient) -> None:
        self.client = client

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message. The homeserver takes a key once in a thread, for hours: a repeat changes nothing."""
        room = await self.client.room_of(channel)
        if under is not None:
            await self._require(room, under)
        made = content(message, key=key, notice=under is not None, thread=under)
        await claim()
        return Ref(await self.client.send(room, made, f"{key}{under or ''}"))

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Put a message in the place of one of ours. Raises DeliveryError."""
        room = await self.client.room_of(channel)
        await self._require(room, ref)
        made = content(message, key=key, notice=under is not None)
        await self.client.answer(room, edited(made, ref))

    async def _require(self, room: str, ref: Ref) -> None:
        """Raise DeliveryError for a message that is gone: the homeserver would take a reply or an edit all the same."""
        if await self.client.event(room, ref) is None:
            raise DeliveryError(Failure.THREAD_GONE, "the message was deleted")

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """Id of the message with this key among ours since then. Raises DeliveryError."""
        client, token = self.client, ""
        oldest = since.timestamp() * 1_000
        ours = {"types": ["m.room.message"], "senders": [client.user]}
        try:
            room = await client.room_of(channel)
            while True:
                request = client.nio.room_messages(room, start=token or None, limit=PAGE, message_filter=ours)
                page = await client.ask(request)
                for event in page.chunk:
                    made = event.source.get("content", {})  # an edit has the key in its new content alone
                    if made.get(KEY) == key and made.get("m.relates_to", {}).get("event_id") == under:
                        return Ref(event.event_id)
                if not page.end or page.end == token or (page.chunk and page.chunk[-1].server_timestamp < oldest):
                    return None
                token = page.end
        except DeliveryError as error:
            raise error.as_failed_search() from error

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Redact a message, if it still exists. Raises DeliveryError."""
        room = await self.client.room_of(channel)
        await self.client.ask(self.client.nio.room_redact(room, ref), maybe=True)

    async def prove(self, channel: Channel) -> None:
        """Read that Paperboy is in the room and may write: a message would leave a trace. Raises DeliveryError."""
        client = self.client
        room = await client.room_of(channel)
        member = await client.state(room, "m.room.member", client.user) or {}
        levels = await client.state(room, "m.room.power_levels") or {}
        own = levels.get("users", {}).get(client.user, levels.get("users_default", 0))
        needed = levels.get("events", {}).get("m.room.message", levels.get("events_default", 0))
        if await client.state(room, "m.room.encryption") is not None:
            raise DeliveryError(Failure.CHANNEL_GONE, ENCRYPTED)
        if member.get("membership") != "join":
            raise DeliveryError(Failure.CHANNEL_GONE, NOT_HERE)
        if own < needed:
            reason = f"Paperboy may not write in the room: give it power level {needed} there (it has {own})"
            raise DeliveryError(Failure.CHANNEL_GONE, reason)

    async def is_member(self, channel: Channel, person: Channel) -> bool:
        """Whether a person is in a room. Raises DeliveryError."""

        async def ask() -> bool:
            room = await self.client.room_of(channel)
            people = self.client.user, target_of(person)  # to whom was removed, a room stays as it was then
            states = [await self.client.state(room, "m.room.member", each) or {} for each in people]
            return all(state.get("membership") == "join" for state in states)

        return await self.client.memberships.look_up(channel, person, ask)

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:  # noqa: ARG002 - replies have addresses of their own
        """The address of a message, which opens in its reader's own client; none in direct messages."""
        target = target_of(channel)
        if not target.startswith("!"):
            return None
        return f"https://matrix.to/#/{quote(target)}/{quote(ref)}?via={quote(self.client.name)}"
