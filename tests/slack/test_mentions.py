"""Addresses in notices, as Slack names channels."""

from __future__ import annotations

import pytest

from adapters.slack.blocks import payload
from adapters.slack.mentions import with_mentions
from bot.wording.notices import notice_message
from tests.slack.fake.reading import of_payload


@pytest.mark.parametrize("more", ["", " (an_error_with_marks_)"])
def test_a_channel_is_named_whether_the_text_is_mrkdwn_or_rich(more: str):
    body = with_mentions(payload(notice_message(f"The digests for slack:T1/C1 and slack:T1/D2 rest{more}.")), "T1")
    read = of_payload(body)
    assert read.shown == f"The digests for #C1 and these direct messages rest{more}."
    assert read.pings == []
    assert body["text"] == f"The digests for <#C1> and these direct messages rest{more}."


@pytest.mark.parametrize("more", ["", " (an_error_with_marks_)"])
def test_another_workspaces_channel_and_what_is_no_address_stay_as_they_are(more: str):
    body = payload(notice_message(f"slack:T2/C1, slack:T1/, slack:T1/U1 and {more}"))
    assert with_mentions(body, "T1") == body


HOME = "slack:T1"


def test_in_rich_text_words_around_references_stay_in_order_and_in_style():
    body = {
        "text": "",
        "blocks": [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": f"{HOME}/C1, {HOME}/G2 and {HOME}/D3", "style": {"bold": True}},
                            {"type": "text", "text": "no address"},
                            {"type": "text", "text": "slack:T1/C4 rests"},
                            {"type": "date", "timestamp": 1, "format": "{time}", "fallback": "01:00"},
                        ],
                    }
                ],
            },
            {"type": "divider"},
        ],
    }  # fmt: skip
    rich, divider = with_mentions(body, "T1")["blocks"]
    assert rich["elements"][0]["elements"] == [
        {"type": "channel", "channel_id": "C1"},
        {"type": "text", "text": ", ", "style": {"bold": True}},
        {"type": "channel", "channel_id": "G2"},
        {"type": "text", "text": " and ", "style": {"bold": True}},
        {"type": "text", "text": "these direct messages"},
        {"type": "text", "text": "no address"},
        {"type": "channel", "channel_id": "C4"},
        {"type": "text", "text": " rests"},
        {"type": "date", "timestamp": 1, "format": "{time}", "fallback": "01:00"},
    ]
    assert divider == {"type": "divider"}
