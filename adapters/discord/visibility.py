"""Answers without what the reader may not see: only channels of the same server that they can view, by name."""

from __future__ import annotations

import re
from typing import NamedTuple

import discord

from bot.model import Channel, Message
from bot.wording.visibility import addresses_in, channels_in, without_hidden

_ADDRESS = re.compile(r"discord:(\d+|@)/(\d+)")


class Reader(NamedTuple):
    """The person who reads an answer, and where."""

    address: Channel
    """Of the channel; for a thread, of its channel; for direct messages, of the person."""
    person: Channel
    guild: discord.Guild | None
    user: discord.User | discord.Member


def visible_part(message: Message, reader: Reader) -> Message:
    """The message without paragraphs about channels that the person may not view, and with names for addresses."""
    subjects = [_ADDRESS.fullmatch(each) for each, _ in channels_in(message, _ADDRESS)]
    hidden = {subject[0] for subject in subjects if subject and not _may_view(subject, reader)}
    addresses = addresses_in(message, _ADDRESS)
    return without_hidden(message, _ADDRESS, hidden, lambda address: _name(addresses[address], reader))


def _may_view(subject: re.Match[str], reader: Reader) -> bool:
    guild, member = reader.guild, reader.user
    if subject[0] in {reader.address, reader.person}:
        return True
    if guild is None or subject[1] != str(guild.id) or not isinstance(member, discord.Member):
        return False
    channel = guild.get_channel(int(subject[2]))
    return channel is not None and channel.permissions_for(member).view_channel


def _name(address: re.Match[str], reader: Reader) -> str:
    guild = reader.guild
    if address[1] == "@":
        member = guild.get_member(int(address[2])) if guild else None
        person = reader.user if address[0] == reader.person else member
        return person.display_name if person else "somebody"
    channel = guild.get_channel(int(address[2])) if guild else None
    return f"#{channel.name}" if channel else ""
