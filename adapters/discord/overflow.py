"""Button options that exceed a custom_id's hundred characters: kept in the database under a key that the id carries."""

from __future__ import annotations

from adapters.discord.blocks import Json, decode_action, fitted, overflow_key, oversized_options, payload
from adapters.discord.servers import Notes
from bot.model import Channel, Message


class Overflow:
    """Stores and restores such options; they last until their server or person is forgotten."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def payload(self, message: Message, home: Channel, *, attached: bool = False) -> Json:
        """Payload of a message with all its buttons; `home` is the server or person it is shown to."""
        message = fitted(message, overflow=True, attached=attached)
        for key, options in oversized_options(message):
            await self._notes.put_note(_note_name(home, key), options)
        return payload(message, overflow=True, attached=attached)

    async def decode(self, custom_id: str, home: Channel) -> tuple[str, dict[str, str]]:
        """Command and options of a pressed button; ("", {}) if it is not Paperboy's or its options are lost."""
        key = overflow_key(custom_id)
        if key is None:
            return decode_action(custom_id)
        options = await self._notes.get_note(_note_name(home, key))
        return decode_action(custom_id.removesuffix(f"~{key}") + options) if options is not None else ("", {})


def _note_name(home: Channel, key: str) -> str:
    # Notes whose name begins with an address are erased with it.
    return f"{home} button {key}"
