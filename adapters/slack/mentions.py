"""Addresses in a direct message -> Slack's references to channels. Pure.

A reference notifies nobody, and Slack shows the channel's name to those alone who may see the channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.slack.markup import Json

DIRECT_MESSAGES = "these direct messages"
"""Words for the address of a person's own direct messages."""


def with_mentions(body: Json, team: str) -> Json:
    """A payload with references in place of this workspace's channel addresses; never longer than before."""
    address = re.compile(rf"slack:{re.escape(team)}/([CDG][A-Z0-9]+)")
    return {
        **body,
        "text": address.sub(_reference, body["text"]),
        "blocks": [_block_with_mentions(block, address) for block in body["blocks"]],
    }


def _block_with_mentions(block: Json, address: re.Pattern[str]) -> Json:
    match block:
        case {"type": "section", "text": {"text": str(text)}}:
            return {**block, "text": {**block["text"], "text": address.sub(_reference, text)}}
        case {"type": "rich_text", "elements": sections}:
            split = [{**each, "elements": list(_split(each["elements"], address))} for each in sections]
            return {**block, "elements": split}
    return block


def _reference(match: re.Match[str]) -> str:
    return DIRECT_MESSAGES if match[1].startswith("D") else f"<#{match[1]}>"


def _split(elements: list[Json], address: re.Pattern[str]) -> Iterator[Json]:
    """Rich text has no references within a text: they are elements of their own."""
    for element in elements:
        if "text" not in element:  # a date
            yield element
            continue
        at, text = 0, str(element["text"])
        for match in address.finditer(text):
            if before := text[at : match.start()]:
                yield {**element, "text": before}
            is_direct = match[1].startswith("D")
            yield (
                {"type": "text", "text": DIRECT_MESSAGES} if is_direct else {"type": "channel", "channel_id": match[1]}
            )
            at = match.end()
        if not at or text[at:]:
            yield {**element, "text": text[at:]}
