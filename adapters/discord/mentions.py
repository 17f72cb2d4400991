"""Addresses in what a person is told, as Discord names channels: by a reference. It notifies nobody, and Discord shows
the name to those alone who may see the channel. Pure.
"""

from __future__ import annotations

import re

from adapters.discord.blocks import Json

_ADDRESS = re.compile(r"discord\\:(\\@|\d+)/(\d+)")
THEIRS = "these DMs"
"""What a person set up for themselves."""


def named(body: Json) -> Json:
    """A message's payload with the addresses of channels made readable; never longer than it was."""
    return {**body, "components": [_named(each) for each in body["components"]]}


def _named(component: Json) -> Json:
    if isinstance(content := component.get("content"), str):
        return {**component, "content": _ADDRESS.sub(_reference, content)}
    if inner := component.get("components"):
        return {**component, "components": [_named(each) for each in inner]}
    return component


def _reference(match: re.Match[str]) -> str:
    return THEIRS if match[1] == "\\@" else f"<#{match[2]}>"
