"""Addresses in what a person is told, as Slack names channels: by a reference. It notifies nobody, and Slack shows the
name to those alone who may see the channel. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from adapters.slack.markup import Json

THEIRS = "these direct messages"
"""What a person set up for themselves."""


def named(body: Json, team: str) -> Json:
    """A message's payload with the addresses of this workspace's channels made readable; never longer than it was."""
    address = re.compile(rf"slack:{re.escape(team)}/([CDG][A-Z0-9]+)")
    return {
        **body,
        "text": address.sub(_reference, body["text"]),
        "blocks": [_named(block, address) for block in body["blocks"]],
    }


def _named(block: Json, address: re.Pattern[str]) -> Json:
    match block:
        case {"type": "section", "text": {"text": str(text)}}:
            return {**block, "text": {**block["text"], "text": address.sub(_reference, text)}}
        case {"type": "rich_text", "elements": elements}:
            parted = [{**each, "elements": list(_parted(each["elements"], address))} for each in elements]
            return {**block, "elements": parted}
    return block


def _reference(match: re.Match[str]) -> str:
    return THEIRS if match[1].startswith("D") else f"<#{match[1]}>"


def _parted(elements: list[Json], address: re.Pattern[str]) -> Iterator[Json]:
    """Rich text has no references within a text: they are elements of their own."""
    for element in elements:
        at, text = 0, str(element.get("text") or "")
        for match in address.finditer(text):
            if before := text[at : match.start()]:
                yield {**element, "text": before}
            yield _element(match[1])
            at = match.end()
        if not at or text[at:]:
            yield {**element, "text": text[at:]}


def _element(room: str) -> dict[str, Any]:
    return {"type": "text", "text": THEIRS} if room.startswith("D") else {"type": "channel", "channel_id": room}
