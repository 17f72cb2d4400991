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
