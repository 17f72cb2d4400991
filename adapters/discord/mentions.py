"""Channel addresses and commands, written as Discord's mentions. Pure.

A channel mention notifies no one, and Discord shows the name only to people who may see the channel. A command's
mention, when pressed, writes the command where its reader types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from adapters.discord.blocks import Json
from adapters.discord.markup import Mention
from adapters.discord.menu import ROOT, TEAM_ROOT
from bot.commands import COMMANDS
from bot.model import Message, Span

_ADDRESS = re.compile(r"discord\\:(\\@|\d+)/(\d+)")
OWN_MESSAGES = "these DMs"
"""Stands for the reader's own direct messages."""

_SHOWN = [command for command in COMMANDS.values() if not command.hidden]
_NAMES = "|".join(sorted((command.name for command in _SHOWN), key=len, reverse=True))
_COMMAND = re.compile(rf"(?<![\w/])/({ROOT}|{TEAM_ROOT}) (?:{_NAMES})(?![\w-])")
_TEAM_WORDS = "|".join({command.group or command.name for command in _SHOWN if command.team})
_OF_TEAM = re.compile(rf"(?<![\w/])/{ROOT} (?=(?:{_TEAM_WORDS})(?![\w-]))")
"""Before a command that stands in the second menu: our sentences know one alone."""


def with_commands(message: Message, menu_ids: str) -> Message:
    """The message with mentions for the commands that it names, each as it is called on Discord.

    `menu_ids`: Discord's ids of the two menus, with a space between them; one that is not known leaves its commands
    text. The words after a command stay text: a mention takes no options.
    """
    if f"/{ROOT} " not in message.text:
        return message
    ids = dict(zip((ROOT, TEAM_ROOT), menu_ids.split(), strict=False))

    def mentioning(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(part for span in spans for part in _with_commands(span, ids))

    blocks = (replace(each, spans=mentioning(each.spans), note=mentioning(each.note)) for each in message.blocks)
    return replace(message, blocks=tuple(blocks))


def _with_commands(span: Span, ids: Mapping[str, str]) -> Iterator[Span]:
    if span.url is not None:
        yield span
        return
    end, text = 0, _OF_TEAM.sub(f"/{TEAM_ROOT} ", span.text)
    for match in _COMMAND.finditer(text):
        if match[1] in ids:
            if before := text[end : match.start()]:
                yield replace(span, text=before)
            yield Mention(match[0], code=span.code, mention=f"<{match[0]}:{ids[match[1]]}>")
            end = match.end()
    if end < len(text):
        yield replace(span, text=text[end:])


def with_mentions(component: Json) -> Json:
    """A payload, or a component of one, with mentions for addresses; never longer than before."""
    changed = dict(component)
    if isinstance(content := component.get("content"), str):
        changed["content"] = _ADDRESS.sub(lambda m: OWN_MESSAGES if m[1] == "\\@" else f"<#{m[2]}>", content)
    if inner := component.get("components"):
        changed["components"] = [with_mentions(each) for each in inner]
    return changed
