"""Requests to a homeserver as one account: each is sent once, and its failure is a DeliveryError."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp
from nio import AsyncClient, AsyncClientConfig, ErrorResponse, RoomPreset
from nio.responses import EmptyResponse

from adapters.failures import connection_failure
from adapters.matrix.content import Json
from adapters.membership import Memberships
from bot.errors import DeliveryError, Failure
from bot.model import Channel, platform

logging.getLogger("nio").setLevel(logging.ERROR)  # warns of each event that does not fit its schema, with its text

REQUEST_SECONDS = 30.0
LONGEST_WAIT = 30.0
"""Seconds that an answer waits for a rate limit."""
ATTEMPTS = 4
_LONGEST_QUOTE = 80
"""Characters of a server's own words in a reason."""
ENCRYPTED = (
    "the room is encrypted, and Paperboy reads and writes unencrypted messages only: invite it to a room without"
    " encryption"
)
NOT_HERE = "Paperboy is not in the room, or may not write there: invite it again, or give it the power to send messages"
_BY_CODE = {
    "M_LIMIT_EXCEEDED": (Failure.LATER, "the homeserver asks to go slower"),
    "M_UNKNOWN_TOKEN": (Failure.LATER, "the homeserver does not accept the token: see MATRIX_ACCESS_TOKEN"),
    "M_USER_SUSPENDED": (Failure.LATER, "the homeserver has suspended Paperboy's account"),
    "M_USER_DEACTIVATED": (Failure.LATER, "the homeserver has closed Paperboy's account"),
    "M_USER_LOCKED": (Failure.LATER, "the homeserver has locked Paperboy's account"),
    "M_FORBIDDEN": (Failure.CHANNEL_GONE, NOT_HERE),
    "M_NOT_FOUND": (Failure.CHANNEL_GONE, "the homeserver knows no such room or person"),
    "M_TOO_LARGE": (Failure.MESSAGE_REFUSED, "the homeserver finds it too large"),
}
"""https://spec.matrix.org/latest/client-server-api/#standard-error-response; others go by the HTTP status."""


class MatrixClient:
    """One account on its homeserver. The rooms of `nio` are known once a front has synced."""

    def __init__(self, url: str, user: str, token: str, session: aiohttp.ClientSession | None = None) -> None:
        # A repeat is delivery's to decide.
        config = AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0, request_timeout=REQUEST_SECONDS)
        self.nio = AsyncClient(url, user, config=config)
        self.nio.user_id, self.nio.access_token, self.nio.client_session = user, token, session
        self.user, self.name = user, user.partition(":")[2]
        self.memberships = Memberships()
        self._direct: dict[str, str] | None = None
        self._direct_lock = asyncio.Lock()

    async def ask(self, request: Awaitable[Any], *, maybe: bool = False, lost: Failure = Failure.LATER) -> Any:
        """The response to one of nio's requests; with `maybe`, None for what there is not. Raises DeliveryError.

        `lost` is the kind of failure of a request whose answer did not come.
        """
        try:
            response = await request
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise connection_failure(error, "the homeserver", lost) from error
        response = response[0] if isinstance(response, tuple) else response  # of an upload, which has keys beside
        http = response.transport_response
        if http.status >= 400 and not isinstance(response, ErrorResponse):
            response = ErrorResponse.from_dict(response.content)  # nio takes a refusal of state for the state
        if not isinstance(response, ErrorResponse):
            return response
        if maybe and response.status_code == "M_NOT_FOUND":
            return None
        raise _delivery_error(response, http.status, lost)

    async def check_account(self) -> str:
        """The account's name. Raises DeliveryError if the token is another's, or none."""
        account = str((await self.ask(self.nio.whoami())).user_id)
        if account != self.user:
            reason = f"MATRIX_ACCESS_TOKEN is that of {account}, and MATRIX_USER is {self.user}"
            raise DeliveryError(Failure.LATER, reason)
        return account

    async def send(self, room: str, content: Json, transaction: str, kind: str = "m.room.message") -> str:
        """Send an event and return its id; the homeserver takes a transaction once. Raises DeliveryError."""
        request = self.nio.room_send(room, kind, content, tx_id=transaction)
        return str((await self.ask(request, lost=Failure.UNKNOWN)).event_id)

    async def answer(self, room: str, content: Json, transaction: str = "", kind: str = "m.room.message") -> str:
        """Send as `send` does, again where the homeserver asks to wait or broke off: a repeat changes nothing."""
        transaction = transaction or uuid4().hex
        for attempt in range(1, ATTEMPTS):
            try:
                return await self.send(room, content, transaction, kind)
            except DeliveryError as error:
                if error.kind not in {Failure.LATER, Failure.UNKNOWN}:
                    raise
                await asyncio.sleep(min(error.retry_after or float(attempt), LONGEST_WAIT))
        return await self.send(room, content, transaction, kind)

    async def event(self, room: str, event_id: str) -> Json | None:
        """An event as the homeserver shows it; None if it is redacted or there is none. Raises DeliveryError."""
        response = await self.ask(self.nio.room_get_event(room, event_id), maybe=True)
        source: Json = response.event.source if response else {}
        return source if source.get("content") and "redacted_because" not in source.get("unsigned", {}) else None

    async def state(self, room: str, kind: str, key: str = "") -> Json | None:
        """Content of a state event; None without one. Raises DeliveryError."""
        response = await self.ask(self.nio.room_get_state_event(room, kind, key), maybe=True)
        return response.content if response else None

    # --- direct messages

    def address(self, target: str) -> Channel:
        """The address of a room or person: `matrix:example.org/!room`, `matrix:example.org/@user`."""
        return Channel(f"matrix:{self.name}/{target}")

    async def room_of(self, channel: Channel) -> str:
        """The room of an address; one for direct messages is made if there is none. Raises DeliveryError."""
        target = target_of(channel)
        if platform(channel) != "matrix" or target[:1] not in {"!", "@"}:
            reason = "this is no Matrix address; it looks like matrix:example.org/!room:example.org"
            raise DeliveryError(Failure.CHANNEL_GONE, reason)
        if target.startswith("!"):
            return target
        async with self._direct_lock:
            room = (await self._direct_rooms()).get(target)
            members = self.nio.rooms[room].member_count if room in self.nio.rooms else 2
            if room is None or members > 2:  # a third person would read what is for one alone
                request = self.nio.room_create(is_direct=True, invite=[target], preset=RoomPreset.trusted_private_chat)
                room = str((await self.ask(request)).room_id)
                await self.set_direct(target, room)
        return room

    async def person_in(self, room: str) -> str | None:
        """The person whose direct messages a room is. Raises DeliveryError."""
        return next((person for person, own in (await self._direct_rooms()).items() if own == room), None)

    async def set_direct(self, person: str, room: str | None) -> None:
        """Note the room of a person's direct messages with the account, as clients do; None: there is none any more."""
        rooms = await self._direct_rooms()
        self._direct = {**rooms, person: room} if room else {key: rooms[key] for key in rooms if key != person}
        path = f"/_matrix/client/v3/user/{quote(self.user)}/account_data/m.direct"
        data = json.dumps({each: [own] for each, own in self._direct.items()})
        await self.ask(self.nio._send(EmptyResponse, "PUT", path, data))  # noqa: SLF001 - nio reads them, and sets none

    async def _direct_rooms(self) -> dict[str, str]:
        if self._direct is None:
            response = await self.ask(self.nio.list_direct_rooms(), maybe=True)
            self.learn_direct(response.rooms if response else {})
        return self._direct or {}

    def learn_direct(self, rooms: dict[str, list[str]]) -> None:
        """Take over the rooms that the account has noted, also by another process."""
        self._direct = {person: own[-1] for person, own in rooms.items() if own}


def target_of(address: Channel) -> str:
    """The room or person of an address."""
    return address.partition("/")[2]


def _delivery_error(response: ErrorResponse, status: int, lost: Failure) -> DeliveryError:
    """Outcome of a request that the homeserver, or something before it, answered with an error."""
    code, wait = response.status_code, response.retry_after_ms
    if code in _BY_CODE:
        kind, reason = _BY_CODE[code]
    elif not 400 <= status < 500:
        kind, reason = lost, f"the homeserver failed to answer (HTTP {status})"
    elif code is None or status == 401:
        kind, reason = Failure.LATER, f"something between Paperboy and the homeserver refused it (HTTP {status})"
    else:
        words = " ".join(f"{code} {response.message}".split())[:_LONGEST_QUOTE]
        kind, reason = Failure.MESSAGE_REFUSED, f"the homeserver refused it ({words})"
    return DeliveryError(kind, reason, retry_after=wait / 1_000 if wait and kind is Failure.LATER else None)
