"""Answers in the room or, those for one person alone, in direct messages; forms and what is replied to them."""

from __future__ import annotations

import io
from functools import partial
from typing import NamedTuple

from cachetools import TTLCache

from adapters.matrix.client import MatrixClient
from adapters.matrix.content import ACTIONS, content
from bot.commands import CANCEL, COMMANDS, filled_by_lines, named_button, written_command
from bot.errors import DeliveryError
from bot.model import Action, Caller, Channel, File, Form, Message, Ref
from bot.ports import Desk
from bot.wording.changes import change_message
from bot.wording.forms import form_message
from bot.wording.notices import problem
from bot.wording.parts import is_shareable, say

BY_DIRECT_MESSAGE = "✉️"
"""Reaction to a message that was answered to its author alone."""
FORM_SECONDS, MOST_FORMS = 900, 500
"""How long a form waits for its lines, and how many do."""
KEY_STAYS = say("Your message with the key stays in this room, where I may not remove messages. Please remove it.")
OPEN_TO_ALL = frozenset({"", "help", "test"})
"""Commands besides those for managers whose answers concern the room; "" is a mistake."""


class Incoming(NamedTuple):
    """A message that Paperboy answers."""

    room: str
    event_id: str
    thread: Ref | None
    caller: Caller


class Answers:
    """Carries out what messages say, and shows the answers."""

    def __init__(self, client: MatrixClient, desk: Desk) -> None:
        self._client, self._desk = client, desk
        self._forms: TTLCache[Channel, tuple[Form, Caller]] = TTLCache(MOST_FORMS, FORM_SECONDS)

    async def command(self, incoming: Incoming, text: str) -> None:
        """Answer a written command or sentence. Raises DeliveryError."""
        name, options = written_command(text)
        if any(option.secret for each in options if (option := COMMANDS[name].option(each))):
            await self._remove(incoming)
        answer = await self._desk.hear(text, incoming.caller)
        if answer is not None:
            await self._show(incoming, answer, name)

    async def press(self, incoming: Incoming, replied_to: str, text: str) -> bool:
        """Carry out a reply that names a button of one of Paperboy's messages; whether it did. Raises DeliveryError."""
        event = await self._client.event(incoming.room, replied_to) or {}
        listed = event["content"].get(ACTIONS, ()) if event.get("sender") == self._client.user else ()
        action = named_button(text, [Action(*each) for each in listed])
        if action is None or action.command not in COMMANDS:
            return False
        command, options = action.command, dict(action.options)
        line = COMMANDS[command].line(options)
        if COMMANDS[command].shareable and written_command(line) == (command, options):
            await self.command(incoming, line)  # which answers for everybody where that is allowed
        else:
            await self._show(incoming, await self._desk.run(command, incoming.caller, options), command)
        return True

    async def fill_in(self, incoming: Incoming, text: str) -> bool:
        """Carry out a direct message whose author has a form to fill in; whether that is so. Raises DeliveryError."""
        if (pending := self._forms.pop(incoming.caller.user, None)) is None:
            return False
        form, caller = pending
        answer: Message | Form = problem("Nothing was changed.")
        if text.strip().lower() != CANCEL:
            if any(field.secret for field in form.fields):
                await self._remove(incoming)
            filled = filled_by_lines(form, text)
            read = await self._desk.read(filled, caller.channel) if filled else form
            answer = read if isinstance(read, Form) else await self._desk.apply(read, caller)
        await self._show(incoming._replace(caller=caller), answer, "settings")
        return True

    async def _remove(self, incoming: Incoming) -> None:
        """Take a message with somebody's key out of its room, or say that it stays. Raises DeliveryError."""
        client = self._client
        try:
            await client.ask(client.nio.room_redact(incoming.room, incoming.event_id, "a key"), maybe=True)
        except DeliveryError:  # it takes the power to remove messages of others
            await client.answer(incoming.room, content(KEY_STAYS, notice=True))

    async def _show(self, incoming: Incoming, answer: Message | Form, command: str) -> None:
        """Show an answer in the room, if it is for everybody or about the room; else to its asker alone."""
        client, (here, event_id, thread, caller) = self._client, incoming
        if isinstance(answer, Form):
            self._forms[caller.user] = answer, caller
            message, is_open = form_message(answer), False
        else:
            message, is_open = answer, not answer.private or (_concerns_room(command) and not is_shareable(answer))
        room = here if is_open else await client.room_of(caller.user)
        reply = partial(content, notice=True, thread=thread, reply_to=event_id)
        await client.answer(room, reply(message) if room == here else content(message, notice=True), f"pb{event_id}")
        if message.file is not None:
            await self._send_file(await client.room_of(caller.user), message.file)
        if room != here:
            tick = {"rel_type": "m.annotation", "event_id": event_id, "key": BY_DIRECT_MESSAGE}
            await client.answer(here, {"m.relates_to": tick}, kind="m.reaction")
            if message.announcement:
                await client.answer(here, reply(change_message(message.announcement)))

    async def _send_file(self, room: str, file: File) -> None:
        info = {"mimetype": file.media_type, "size": len(file.content)}
        upload = self._client.nio.upload(io.BytesIO(file.content), file.media_type, file.name, filesize=info["size"])
        url = (await self._client.ask(upload)).content_uri
        made = {"msgtype": "m.file", "body": file.name, "url": url, "info": info, "m.mentions": {}}
        await self._client.answer(room, made)


def _concerns_room(command: str) -> bool:
    """Whether what a command says beside its answers that may be shared is for everybody: that nothing was found."""
    return command in OPEN_TO_ALL or COMMANDS[command].permission == "managers" or COMMANDS[command].shareable
