"""Buttons whose options do not fit into a custom_id's hundred characters: the options are noted in the database."""

from __future__ import annotations

from adapters.discord.blocks import Json, decode_action, overflow_key, payload, too_long
from adapters.discord.servers import Notes
from bot.model import Channel, Message


class Overflow:
    """Puts options away and finds them again, also after a restart, until the server or person is forgotten."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def payload(self, message: Message, home: Channel) -> Json:
        """The message with all its buttons."""
        for mark, options in too_long(message):
            await self._notes.note(_name(home, mark), options)
        return payload(message, shelved=True)

    async def decode(self, custom_id: str, home: Channel) -> tuple[str, dict[str, str]]:
        """The command and options of a pressed button; "" for what no button of ours says."""
        mark = overflow_key(custom_id)
        if mark is None:
            return decode_action(custom_id)
        head = custom_id.removesuffix(mark).removesuffix("~")
        options = await self._notes.noted(_name(home, mark))
        return decode_action(head + options) if options is not None else ("", {})


def _name(home: Channel, mark: str) -> str:
    """Of a note. It begins with an address, so that it goes with it."""
    return f"{home} button {mark}"
