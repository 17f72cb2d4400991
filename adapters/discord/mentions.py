"""Channel addresses and commands, written as Discord's mentions. Pure.

A channel mention notifies no one, and Discord shows the name only to people who may see the channel. A command's
mention, when pressed, writes the command where its reader types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from adapters.discord.blocks import Json
from adapters.discord.markup import Mention
from adapters.discord.menu import ROOT
from bot.commands import COMMANDS
from bot.model import Message, Span

_ADDRESS = re.compile(r"discord\\:(\\@|\d+)/(\d+)")
OWN_MESSAGES = "these DMs"
"""Stands for the reader's own direct messages."""

_NAMES = sorted((name for name, command in COMMANDS.items() if not command.hidden), key=len, reverse=True)
_COMMAND = re.compile(rf"(?<![\w/])/{ROOT} (?:{'|'.join(_NAMES)})(?![\w-])")


def with_commands(message: Message, menu_id: str) -> Message:
    """The message with mentions for the commands that it names; `menu_id` is Discord's id of the menu, "" if unknown.

    The words after a command stay text: a mention takes no options.
    """
    if not menu_id or f"/{ROOT} " not in message.text:
        return message

    def mentioning(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(part for span in spans for part in _with_commands(span, menu_id))

    blocks = (replace(each, spans=mentioning(each.spans), note=mentioning(each.note)) for each in message.blocks)
    return replace(message, blocks=tuple(blocks))


def _with_commands(span: Span, menu_id: str) -> Iterator[Span]:
    end = 0
    for match in _COMMAND.finditer(span.text) if span.url is None else ():
        if before := span.text[end : match.start()]:
            yield replace(span, text=before)
        yield Mention(match[0], code=span.code, mention=f"<{match[0]}:{menu_id}>")
        end = match.end()
    if end < len(span.text):
        yield replace(span, text=span.text[end:])


def with_mentions(component: Json) -> Json:
    """A payload, or a component of one, with mentions for addresses; never longer than before."""
    changed = dict(component)
    if isinstance(content := component.get("content"), str):
        changed["content"] = _ADDRESS.sub(lambda m: OWN_MESSAGES if m[1] == "\\@" else f"<#{m[2]}>", content)
    if inner := component.get("components"):
        changed["components"] = [with_mentions(each) for each in inner]
    return changed
