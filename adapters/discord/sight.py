"""What a person may be shown of other channels: those of the same server that they can see, by name."""

from __future__ import annotations

import re
from dataclasses import replace

import discord

from adapters.discord.spot import Spot
from bot import wording
from bot.model import Block, Message

_ADDRESS = re.compile(r"discord:(\d+|@)/(\d+)")
LEFT_OUT = "Channels that you cannot see are left out."


def seen(message: Message, spot: Spot) -> Message:
    """The message without the paragraphs about channels that are not theirs to see, and with names for addresses."""
    kept: list[Block] = []
    hidden = False
    for block in message.blocks:
        about = _ADDRESS.fullmatch(block.spans[0].text) if block.spans and block.spans[0].code else None
        if about and not _visible(about, spot):
            hidden = True
        else:
            kept.append(_readable(block, spot) if about else block)
    note = (wording.block(LEFT_OUT, "note"),) if hidden else ()
    return replace(message, blocks=(*kept, *note))


def _visible(about: re.Match[str], spot: Spot) -> bool:
    guild, member = spot.interaction.guild, spot.interaction.user
    if about[0] in {spot.address, spot.person}:
        return True
    if guild is None or about[1] != str(guild.id) or not isinstance(member, discord.Member):
        return False
    channel = guild.get_channel(int(about[2]))
    return channel is not None and channel.permissions_for(member).view_channel


def _readable(block: Block, spot: Spot) -> Block:
    spans = []
    for span in block.spans:
        text = _ADDRESS.sub(lambda about: _name(about, spot), span.text)
        spans.append(replace(span, text=text, code=span.code and text == span.text))
    return replace(block, spans=tuple(spans))


def _name(about: re.Match[str], spot: Spot) -> str:
    guild = spot.interaction.guild
    if about[1] == "@":
        person = guild.get_member(int(about[2])) if guild else None
        mine = spot.interaction.user if about[0] == spot.person else person
        return mine.display_name if mine else "somebody"
    channel = guild.get_channel(int(about[2])) if guild else None
    return f"#{channel.name}" if channel else about[0]
