"""Messages written to Paperboy: mentions in channels, answered for everybody there, and direct messages.

No privileged intent is needed: Discord sends the text of messages that mention the bot or are written to it. Others
are passed over before discord.py reads them; with the intent, those with links to papers are read too. An answer that
is for one person alone is a button in a channel, since only what is pressed can be answered privately.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import discord
from discord.http import Route

from adapters.discord import forms
from adapters.discord.blocks import Json
from adapters.discord.client import send
from adapters.discord.events import PlatformEvents
from adapters.discord.failures import TRANSPORT, delivery_error
from adapters.discord.mentions import with_commands
from adapters.discord.origin import NEEDS, permissions_in, role_ids
from adapters.discord.outlet import PEOPLE
from adapters.discord.overflow import Overflow
from adapters.discord.servers import Notes
from adapters.discord.visibility import Reader, visible_part
from adapters.paper_links import linked_paper_ids
from bot.model import Caller, Channel, Form, Message, Ref
from bot.ports import Desk
from bot.wording.export import file_parts

log = logging.getLogger("paperboy.discord")

MESSAGE_CREATE = "MESSAGE_CREATE"
WRITTEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
PART_MAX = 1_800
"""Characters of a file in one message where it cannot be attached; escaped they take twice as many."""


class Conversations(PlatformEvents):
    """The gateway client with its handler of messages."""

    def __init__(self, desk: Desk, notes: Notes, *, reads_messages: bool = False, **options: Any) -> None:
        """`reads_messages`: the operator was given the privileged intent, for links to papers in any message."""
        super().__init__(desk, notes, message_content=reads_messages, **options)
        self._overflow = Overflow(notes)
        parsers: Any = self._connection.parsers
        parsers[MESSAGE_CREATE] = partial(self._read_if_addressed, parsers[MESSAGE_CREATE])

    def _read_if_addressed(self, read: Callable[[Any], object], data: Any) -> None:
        mentions = data.get("mentions") if isinstance(data, dict) else None
        listed = mentions if isinstance(mentions, list) else []
        own_id = str(self.user.id) if self.user else ""
        is_direct = isinstance(data, dict) and data.get("guild_id") is None
        is_addressed = is_direct or any(isinstance(each, dict) and str(each.get("id")) == own_id for each in listed)
        if is_addressed or (self.reads_messages and isinstance(data, dict) and linked_paper_ids(data.get("content"))):
            read(data)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is written to Paperboy; one that cannot be read is a line in the log."""
        try:
            await self._hear(message)
        except (*TRANSPORT, LookupError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
            log.warning("could not answer a message channel=%s reason=%r", message.channel.id, reason[:200])

    async def _hear(self, message: discord.Message) -> None:
        """Answer a person's message that mentions Paperboy in its words, or that is written to it alone."""
        if message.author.bot or message.webhook_id is not None or message.type not in WRITTEN or self.user is None:
            return
        mention = re.compile(rf"<@!?{self.user.id}>")
        if message.guild is not None and not mention.search(message.content):
            if self.reads_messages:
                await self._show_cards(message)
            return  # a reply to Paperboy's message mentions it too, and is written to others
        text = mention.sub(" ", message.content).strip()
        reader = await self._reader(message)
        if reader is None or (message.guild is None and not text):
            return
        answer = await self._answer_to(text, reader, message)
        if answer is not None:
            await self._reply(message, reader, answer)

    async def _show_cards(self, message: discord.Message) -> None:
        """Reply with a card to a message that links to papers, where the channel wants that."""
        papers = linked_paper_ids(message.content)
        reader = await self._reader(message) if papers else None
        if reader is None:
            return
        caller = Caller(reader.address, reader.person, name=message.author.display_name)
        for number, card in enumerate((await self._desk.linked(caller, papers)).values()):
            body = await self._overflow.payload(with_commands(card, self.menu_ids), self._home(message, reader))
            await self._post_reply(message, body, number)

    @staticmethod
    def _home(message: discord.Message, reader: Reader) -> Channel:
        """Address of the server, of direct messages that of the person, with which notes are erased."""
        return reader.person if message.guild is None else Channel(f"discord:{message.guild.id}")

    async def _reader(self, message: discord.Message) -> Reader | None:
        """The asker and the place; None if Discord does not say where."""
        person = Channel(f"{PEOPLE}/{message.author.id}")
        if message.guild is None:
            return Reader(person, person, None, message.author)
        address = await self._address(message.guild.id, message.channel.id)
        return Reader(address, person, message.guild, message.author) if address else None

    async def _answer_to(self, text: str, reader: Reader, message: discord.Message) -> Message | Form | None:
        is_direct = message.guild is None
        thread = None if is_direct or str(message.channel.id) == reader.address.rpartition("/")[2] else message.channel
        own = permissions_in(message.channel, message.author)
        caller = Caller(
            reader.address,
            reader.person,
            may_manage=is_direct or own.manage_channels,
            admin=own.administrator or own.manage_guild,
            groups=role_ids(message.author),
            only_public=not is_direct,
            needs=NEEDS,
            command_word="" if is_direct else "@Paperboy",
            name=message.author.display_name,
            thread=Ref(str(thread.id)) if thread else None,
            direct=is_direct,
        )
        return await self._desk.hear(text, caller)

    async def _reply(self, message: discord.Message, reader: Reader, answer: Message | Form) -> None:
        """Post the answer as a reply to the message, without a ping; the nonce keeps a repeat from doubling it."""
        home = self._home(message, reader)
        if isinstance(answer, Form):
            bodies = [forms.panel(answer)]
        else:
            parts = [answer, *(file_parts(answer.file, PART_MAX) if answer.file else ())]
            visible = [with_commands(visible_part(part, reader), self.menu_ids) for part in parts]
            bodies = [await self._overflow.payload(part, home) for part in visible]
        for number, body in enumerate(bodies):
            await self._post_reply(message, body, number)

    async def _post_reply(self, message: discord.Message, body: Json, number: int) -> None:
        reference = {"message_id": str(message.id), "fail_if_not_exists": False}
        nonce = {"nonce": f"{message.id}-{number}"[:25], "enforce_nonce": True}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=message.channel.id)
        try:
            await send(self.http, route, json={**body, **nonce, "message_reference": reference})
        except TRANSPORT as error:
            reason = delivery_error(error).reason
            log.warning("could not answer a message channel=%s reason=%r", message.channel.id, reason)
