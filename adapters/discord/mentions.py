"""Channel addresses in notices, written as Discord's channel mentions. Pure.

A channel mention notifies no one, and Discord shows the name only to people who may see the channel.
"""

from __future__ import annotations

import re

from adapters.discord.blocks import Json

_ADDRESS = re.compile(r"discord\\:(\\@|\d+)/(\d+)")
OWN_MESSAGES = "these DMs"
"""Stands for the reader's own direct messages."""


def with_mentions(component: Json) -> Json:
    """A payload, or a component of one, with mentions for addresses; never longer than before."""
    changed = dict(component)
    if isinstance(content := component.get("content"), str):
        changed["content"] = _ADDRESS.sub(lambda m: OWN_MESSAGES if m[1] == "\\@" else f"<#{m[2]}>", content)
    if inner := component.get("components"):
        changed["components"] = [with_mentions(each) for each in inner]
    return changed
