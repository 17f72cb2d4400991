"""Answers in the room or, those for one person alone, in direct messages; forms and what is replied to them."""

from __future__ import annotations

import io
from collections.abc import Awaitable
from typing import NamedTuple

from cachetools import TTLCache

from adapters.matrix.client import MatrixClient
from adapters.matrix.content import content, pressed, relation
from adapters.matrix.forms import CANCEL, filled_in, form_message, names_field
from bot.commands import COMMANDS, parse_line, written_line
from bot.errors import UserError
from bot.model import Caller, File, Form, Message
from bot.ports import Desk
from bot.wording.changes import change_message
from bot.wording.notices import problem

BY_DIRECT_MESSAGE = "✉️"
"""Reaction to a message that was answered to its author alone."""
FORM = "org.paperboy.form"
"""Field of the content of a form, which is filled in while this process remembers it."""
CLOSED = problem("This form is closed. Type its command again.")
FORM_SECONDS, MOST_FORMS = 3_600, 500
OPEN_TO_ALL = frozenset({"help", "test"})
"""Commands besides those for managers whose answers concern the room."""


class Asked(NamedTuple):
    """A message that Paperboy answers."""

    room: str
    event_id: str
    thread: str | None
    caller: Caller


class Answers:
    """Carries out what messages say, and shows the answers."""

    def __init__(self, client: MatrixClient, desk: Desk) -> None:
        self._client, self._desk = client, desk
        self._forms: TTLCache[str, tuple[Form, Caller]] = TTLCache(MOST_FORMS, FORM_SECONDS)

    async def command(self, asked: Asked, text: str) -> None:
        """Answer a written command or sentence. Raises DeliveryError."""
        answer = await self._desk.hear(text, asked.caller)
        if answer is not None:
            await self._show(asked, answer, openly=_concerns_room(text))

    async def reply(self, asked: Asked, replied_to: str, text: str) -> bool:
        """Carry out a reply that fills in a form, or names a button of a message; whether it did."""
        if replied_to in self._forms:
            return await self._form(asked, replied_to, text)
        event = await self._client.event(asked.room, replied_to) or {}
        if event.get("sender") == self._client.user and FORM in event["content"]:
            await self._show(asked, CLOSED)
            return True
        action = pressed(event["content"], text) if event.get("sender") == self._client.user else None
        if action is None or action[0] not in COMMANDS:
            return False
        await self._show(asked, await self._desk.run(action[0], asked.caller, action[1]))
        return True

    async def form_line(self, asked: Asked, text: str) -> bool:
        """Carry out a direct message that names a field of its author's latest form; whether it did."""
        own = [ref for ref, (_, caller) in self._forms.items() if caller.user == asked.caller.user]
        if not own or not (text.strip().lower() == CANCEL or names_field(self._forms[own[-1]][0], text)):
            return False
        return await self._form(asked, own[-1], text)

    async def _form(self, asked: Asked, ref: str, text: str) -> bool:
        form, caller = self._forms[ref]
        if caller.user != asked.caller.user:
            return False
        if text.strip().lower() == CANCEL:
            del self._forms[ref]
            await self._show(asked, problem("Nothing was changed."))
            return True
        filled = filled_in(form, text)
        read = await self._desk.read(filled, caller.channel) if filled else form
        answer = read if isinstance(read, Form) else await self._desk.apply(read, caller)
        if not isinstance(answer, Form):
            del self._forms[ref]
        await self._show(asked._replace(caller=caller), answer)
        return True

    async def _show(self, asked: Asked, answer: Message | Form, *, openly: bool = False) -> None:
        client, caller = self._client, asked.caller
        message = form_message(answer) if isinstance(answer, Form) else answer
        alone = isinstance(answer, Form) or (message.private and not openly)
        room = await client.room_of(caller.user) if alone else asked.room
        place = relation(thread=asked.thread, reply_to=asked.event_id) if room == asked.room else {}
        made = {**content(message, notice=True), **place, **({FORM: True} if isinstance(answer, Form) else {})}
        ref = await client.answer(room, made, f"pb{asked.event_id}")
        if isinstance(answer, Form):
            self._forms[ref] = answer, caller
        elif answer.file is not None:
            await self._send_file(await client.room_of(caller.user), answer.file)
        if room == asked.room:
            return
        tick = {"m.relates_to": {"rel_type": "m.annotation", "event_id": asked.event_id, "key": BY_DIRECT_MESSAGE}}
        await client.answer(asked.room, tick, kind="m.reaction")
        if message.announcement:
            line = content(change_message(message.announcement), notice=True)
            await client.answer(asked.room, {**line, **relation(thread=asked.thread, reply_to=asked.event_id)})

    async def _send_file(self, room: str, file: File) -> None:
        size = len(file.content)
        request = self._client.nio.upload(io.BytesIO(file.content), file.media_type, file.name, filesize=size)
        uploaded = await self._client.ask(_first(request))
        info = {"mimetype": file.media_type, "size": size}
        made = {"msgtype": "m.file", "body": file.name, "url": uploaded.content_uri, "info": info, "m.mentions": {}}
        await self._client.answer(room, made)


async def _first(request: Awaitable[tuple[object, object]]) -> object:
    return (await request)[0]


def _concerns_room(text: str) -> bool:
    """Whether everybody in the room may read a command's answer, because it is about the room, or is a mistake."""
    try:
        command, _ = parse_line(written_line(text) or "")
    except UserError:
        return True
    return command in OPEN_TO_ALL or COMMANDS[command].permission == "managers"
