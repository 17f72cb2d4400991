"""Buttons whose options do not fit into a custom_id's hundred characters: the options are noted in the database."""

from __future__ import annotations

from adapters.discord.blocks import Json, decode_action, payload, shelf_mark, too_long
from adapters.discord.servers import Notes
from bot.model import Message

NOTE = "discord button "
"""Begins a note's name; the rest is the mark that the button carries."""


class Shelf:
    """Puts options away and finds them again, also after a restart."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def payload(self, message: Message) -> Json:
        """The message with all its buttons."""
        for mark, options in too_long(message):
            await self._notes.note(NOTE + mark, options)
        return payload(message, shelved=True)

    async def decode(self, custom_id: str) -> tuple[str, dict[str, str]]:
        """The command and options of a pressed button; "" for what no button of ours says."""
        mark = shelf_mark(custom_id)
        if mark is None:
            return decode_action(custom_id)
        head = custom_id.removesuffix(mark).removesuffix("~")
        options = await self._notes.noted(NOTE + mark)
        return decode_action(head + options) if options is not None else ("", {})
