"""Checks of payloads that hold for any message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock

from adapters.slack import limits
from adapters.slack.markup import characters
from tests.slack.fake.blockkit import all_text, message_faults
from tests.slack.fake.reading import Reading, of_payload


def check(payload: dict[str, Any], pings: Sequence[str] = ()) -> Reading:
    """Every limit is kept, by the SDK's models, by the fake, and by the numbers; returns what is read."""
    blocks = payload["blocks"]
    for model in SdkBlock.parse_all(blocks):
        model.validate_json()
    assert message_faults(blocks) == []
    assert len(blocks) <= limits.BLOCKS
    assert characters(blocks) <= limits.MESSAGE
    assert all_text(blocks) <= limits.MESSAGE
    assert 0 < len(payload["text"]) <= limits.TEXT
    assert characters(blocks) + len(payload["text"]) <= limits.MESSAGE + limits.LEAST_TEXT
    assert payload["unfurl_links"] is payload["unfurl_media"] is False
    reading = of_payload(payload)
    assert reading.pings == list(pings)
    assert reading.auto_mentions == []
    return reading


def elements(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a payload."""
    return [each for block in payload["blocks"] if block["type"] == "actions" for each in block["elements"]]
