"""What a person may be shown of other channels: those of the same server that they can see, by name."""

from __future__ import annotations

import re

import discord

from adapters.discord.origin import Origin
from bot import wording
from bot.model import Message

_ADDRESS = re.compile(r"discord:(\d+|@)/(\d+)")


def seen(message: Message, origin: Origin) -> Message:
    """The message without the paragraphs about channels that are not theirs to see, and with names for addresses."""
    about = [_ADDRESS.fullmatch(each) for each in wording.channels_in(message, _ADDRESS)]
    hidden = {each[0] for each in about if each and not _visible(each, origin)}
    found = wording.addresses_in(message, _ADDRESS)
    return wording.seen(message, _ADDRESS, hidden, lambda address: _name(found[address], origin))


def _visible(about: re.Match[str], origin: Origin) -> bool:
    guild, member = origin.interaction.guild, origin.interaction.user
    if about[0] in {origin.address, origin.person}:
        return True
    if guild is None or about[1] != str(guild.id) or not isinstance(member, discord.Member):
        return False
    channel = guild.get_channel(int(about[2]))
    return channel is not None and channel.permissions_for(member).view_channel


def _name(about: re.Match[str], origin: Origin) -> str:
    guild = origin.interaction.guild
    if about[1] == "@":
        person = guild.get_member(int(about[2])) if guild else None
        mine = origin.interaction.user if about[0] == origin.person else person
        return mine.display_name if mine else "somebody"
    channel = guild.get_channel(int(about[2])) if guild else None
    return f"#{channel.name}" if channel else ""
