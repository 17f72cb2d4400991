"""Tables and feedback buttons where Slack takes them; where it does not, today's blocks, and no second try."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from adapters.slack.blocks import payload
from adapters.slack.buttons import decode_action
from adapters.slack.new_blocks import new_payload
from bot.model import Action, Block, Message, SourceReport, Span
from bot.sources.sample import NOW
from bot.wording.status import status_report
from tests.harness.examples import examples
from tests.harness.strategies import MESSAGES
from tests.slack.fake import Posted
from tests.slack.harness import Workspace, openers, workspace
from tests.slack.payload_checks import check


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []


def kinds(post: Posted) -> list[str]:
    return [block["type"] for block in post.raw["blocks"]]


def shown(message: Message) -> dict[str, Any]:
    return new_payload(message) or payload(message)


VOTES = (Action("👍", "like", {"paper": "1"}), Action("👎", "dislike", {"paper": "1"}))


@given(MESSAGES)
@examples(30)
def test_new_blocks_are_of_the_sdks_shape_and_ping_nobody_whatever_the_message(message: Message):
    rows = tuple(
        Block("item", each.spans, cells=(*each.spans[:2], Span("2", bold=True))[:2]) for each in message.blocks
    )
    rows = tuple(each for each in rows if len(each.cells) == 2)
    message = replace(message, blocks=rows or message.blocks, columns=("A", "B"), actions=(*message.actions, *VOTES))
    check(new_payload(message, removable=True) or payload(message))
    check(shown(replace(message, actions=())))


def test_a_table_has_the_cells_heads_and_notes_around_it_and_no_empty_column():
    rows = tuple(
        Block("item", (Span(name),), cells=(Span(name, bold=True), Span(""), Span("<!channel>"))) for name in ("a", "b")
    )
    blocks = (Block("heading", (Span("Title"),)), *rows, Block("note", (Span("below"),)))
    message = Message(blocks, (Action("Share", "why"),), "Title", columns=("Name", "Never", "Text"))
    body = shown(message)
    check(body)
    assert [each["type"] for each in body["blocks"]] == ["header", "table", "context", "actions"]
    table = body["blocks"][1]
    assert [len(row) for row in table["rows"]] == [2, 2, 2]
    assert table["rows"][1][1] == {"type": "raw_text", "text": "<!channel>"}
    assert body["text"] == payload(message)["text"]


def test_the_votes_of_a_card_are_one_pair_of_feedback_buttons_that_stand_for_their_commands():
    message = Message((Block("text", (Span("x"),)),), (Action("Save", "save", {"paper": "1"}), *VOTES))
    *_, actions, context = shown(message)["blocks"]
    assert [each["text"]["text"] for each in actions["elements"]] == ["Save"]
    [feedback] = context["elements"]
    pressed = [decode_action("feedback", feedback[name]["value"]) for name in ("positive_button", "negative_button")]
    assert pressed == [("like", {"paper": "1"}), ("dislike", {"paper": "1"})]


async def test_why_status_and_subscriptions_are_tables(w: Workspace):
    await w.digest()
    for line, head in (("why 2510.20579", "Signal"), ("subscriptions", "Channel")):
        answer = (await w.ada.command("/papers", line, w.channel)).message
        assert "table" in kinds(answer), line
        assert head in answer.shown
        assert answer.raw["text"]
    reports = [SourceReport("huggingface", NOW, NOW, 67, 222), SourceReport("arxiv", NOW, None, fault="HTTP 503")]
    status = status_report(reports, (), papers=67, observations=222, now=NOW)
    body = shown(status)
    check(body)
    assert [each["text"] for each in body["blocks"][1]["rows"][2]] == ["arXiv", "down, HTTP 503", "not yet", "–", "–"]


async def test_a_table_of_channels_names_none_that_its_reader_may_not_see(w: Workspace):
    secret = w.team.channel("C7", [w.ben], private=True, named="secret")
    await w.ben.command("/papers", "subscribe", secret)
    await w.ada.command("/papers", "subscribe", w.channel)
    answer = (await w.ada.command("/papers", "subscriptions", w.channel)).message
    assert "table" in kinds(answer)
    assert "secret" not in answer.shown
    assert "C7" not in str(answer.raw)
    assert f"#{w.channel.name}" in answer.shown


async def test_where_slack_refuses_them_todays_blocks_come_and_they_are_not_tried_again(w: Workspace, caplog):
    caplog.set_level(logging.WARNING, "paperboy.slack")
    w.slack.new_blocks = False
    first, second, _ = await w.digest()
    assert "👍" in first.buttons
    assert kinds(first) == kinds(second)
    assert len(openers(w.channel)) == 1
    refused = [call for call in w.slack.calls("chat.postMessage") if call.error == "invalid_blocks"]
    assert len(refused) == 1
    assert caplog.text.count("refuses new blocks") == 1
    answer = (await w.ada.command("/papers", "why 2510.20579", w.channel)).message
    assert "table" not in kinds(answer)
    assert "Why this rank" in answer.shown


async def test_a_refused_answer_by_response_url_comes_in_todays_blocks_once(w: Workspace):
    w.slack.new_blocks = False
    reply = await w.ada.command("/papers", "why 2510.20579", w.channel)
    assert "table" not in kinds(reply.message)
    assert reply.refusals == ["invalid_blocks"]
    assert len(reply.messages) == 1
