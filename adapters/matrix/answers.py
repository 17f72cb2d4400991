"""Answers in the room or, those for one person alone, in direct messages; forms and what is replied to them."""

from __future__ import annotations

import io
from collections.abc import Awaitable
from typing import NamedTuple

from cachetools import TTLCache

from adapters.matrix.client import MatrixClient
from adapters.matrix.content import content, pressed, relation
from adapters.matrix.forms import CANCEL, filled_in, form_message
from bot.commands import COMMANDS, parse_line, written_line
from bot.errors import DeliveryError, UserError
from bot.model import Caller, Channel, File, Form, Message
from bot.ports import Desk
from bot.wording.changes import change_message
from bot.wording.notices import problem
from bot.wording.parts import is_shareable, say

BY_DIRECT_MESSAGE = "✉️"
"""Reaction to a message that was answered to its author alone."""
FORM_SECONDS, MOST_FORMS = 900, 500
"""How long a form waits for its lines, and how many do."""
KEY_STAYS = say("Your message with the key stays in this room, where I may not remove messages. Please remove it.")
OPEN_TO_ALL = frozenset({"help", "test"})
"""Commands besides those for managers whose answers concern the room."""


class Incoming(NamedTuple):
    """A message that Paperboy answers."""

    room: str
    event_id: str
    thread: str | None
    caller: Caller


class Answers:
    """Carries out what messages say, and shows the answers."""

    def __init__(self, client: MatrixClient, desk: Desk) -> None:
        self._client, self._desk = client, desk
        self._forms: TTLCache[Channel, tuple[Form | None, Caller]] = TTLCache(MOST_FORMS, FORM_SECONDS)

    async def command(self, incoming: Incoming, text: str) -> None:
        """Answer a written command or sentence. Raises DeliveryError."""
        answer = await self._desk.hear(text, incoming.caller)
        name, options = _parsed(text)
        if any(option.secret for option in COMMANDS[name].options if option.name in options):
            await self._remove(incoming)
        if answer is not None:
            await self._show(incoming, answer, name)

    async def press(self, incoming: Incoming, replied_to: str, text: str) -> bool:
        """Carry out a reply that names a button of one of Paperboy's messages; whether it did. Raises DeliveryError."""
        event = await self._client.event(incoming.room, replied_to) or {}
        action = pressed(event["content"], text) if event.get("sender") == self._client.user else None
        if action is None or action[0] not in COMMANDS:
            return False
        command, options = action
        line = COMMANDS[command].line(options)
        if _may_be_shared(command) and _parsed(line) == action:
            await self.command(incoming, line)  # which answers for everybody where that is allowed
        else:
            await self._show(incoming, await self._desk.run(command, incoming.caller, options), command)
        return True

    async def fill_in(self, incoming: Incoming, text: str) -> bool:
        """Carry out a direct message whose author has a form to fill in; whether that is so. Raises DeliveryError."""
        form, caller = self._forms.pop(incoming.caller.user, (None, incoming.caller))
        if form is None:
            return False
        filled = filled_in(form, text)
        answer: Message | Form = problem("Nothing was changed.")
        if text.strip().lower() != CANCEL:
            read = await self._desk.read(filled, caller.channel) if filled else form
            answer = read if isinstance(read, Form) else await self._desk.apply(read, caller)
            if any(field.secret for field in form.fields):
                await self._remove(incoming)
        await self._show(incoming._replace(caller=caller), answer)
        return True

    async def _remove(self, incoming: Incoming) -> None:
        """Take a message with somebody's key out of its room, or say that it stays. Raises DeliveryError."""
        client = self._client
        try:
            await client.ask(client.nio.room_redact(incoming.room, incoming.event_id, "a key"), maybe=True)
        except DeliveryError:  # it takes the power to remove messages of others
            await client.answer(incoming.room, content(KEY_STAYS, notice=True))

    async def _show(self, incoming: Incoming, answer: Message | Form, command: str = "") -> None:
        """Show an answer in the room, if it is for everybody or about the room; else to its asker alone."""
        client, caller = self._client, incoming.caller
        message = form_message(answer) if isinstance(answer, Form) else answer
        openly = not message.private or (_concerns_room(command) and not is_shareable(message))
        alone = isinstance(answer, Form) or not openly
        room = await client.room_of(caller.user) if alone else incoming.room
        place = relation(thread=incoming.thread, reply_to=incoming.event_id) if room == incoming.room else {}
        await client.answer(room, {**content(message, notice=True), **place}, f"pb{incoming.event_id}")
        if isinstance(answer, Form):
            self._forms[caller.user] = answer, caller
        elif answer.file is not None:
            await self._send_file(await client.room_of(caller.user), answer.file)
        if room == incoming.room:
            return
        tick = {"m.relates_to": {"rel_type": "m.annotation", "event_id": incoming.event_id, "key": BY_DIRECT_MESSAGE}}
        await client.answer(incoming.room, tick, kind="m.reaction")
        if message.announcement:
            line = content(change_message(message.announcement), notice=True)
            await client.answer(incoming.room, {**line, **relation(thread=incoming.thread, reply_to=incoming.event_id)})

    async def _send_file(self, room: str, file: File) -> None:
        size = len(file.content)
        request = self._client.nio.upload(io.BytesIO(file.content), file.media_type, file.name, filesize=size)
        uploaded = await self._client.ask(_first(request))
        info = {"mimetype": file.media_type, "size": size}
        made = {"msgtype": "m.file", "body": file.name, "url": uploaded.content_uri, "info": info, "m.mentions": {}}
        await self._client.answer(room, made)


async def _first(request: Awaitable[tuple[object, object]]) -> object:
    return (await request)[0]


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    """Command and options of a written line; `help` for a mistake."""
    try:
        return parse_line(written_line(text) or "")
    except UserError:
        return "help", {}


def _may_be_shared(command: str) -> bool:
    return COMMANDS[command].option("share") is not None


def _concerns_room(command: str) -> bool:
    """Whether what a command says beside its answers that may be shared is for everybody: that nothing was found."""
    return bool(command) and (
        command in OPEN_TO_ALL or COMMANDS[command].permission == "managers" or _may_be_shared(command)
    )
