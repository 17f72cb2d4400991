"""Pictures on Slack: an image block under the text; a post is never lost for its picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from slack_sdk.errors import SlackApiError

from adapters.slack.blocks import payload
from adapters.slack.client import SlackClient
from adapters.slack.new_blocks import post_message
from adapters.slack.pictures import without_refused
from bot.errors import DeliveryError, Failure
from bot.model import Action, Block, Image, Message, Span
from tests.slack.fake import Fault
from tests.slack.payload_checks import check
from tests.slack.test_outlet import HERE, OnSlack, session, slack  # noqa: F401 - fixtures
from tests.slack.test_outlet import on_slack as on  # noqa: F401 - a fixture

PICTURE = Image("https://cdn.example/1.png", "Hugging Face's picture of “<!here> & co”", 1_200, 648)
SAVE = Action("Save", "save", {"paper": "1"})
CARD = Message((Block("text", (Span("A title"),)),), (SAVE,), "A title", image=PICTURE)
REFUSED = Fault.error("invalid_blocks")


def kinds(blocks: list) -> list[str]:
    return [block["type"] for block in blocks]


def test_it_stands_between_the_text_and_the_buttons_with_its_alternative():
    body = payload(CARD)
    check(body)
    assert kinds(body["blocks"]) == ["section", "image", "actions"]
    assert body["blocks"][1] == {"type": "image", "image_url": PICTURE.url, "alt_text": PICTURE.alt}


def test_a_long_message_keeps_its_picture_and_stays_within_the_limits():
    long = replace(CARD, blocks=tuple(Block("text", (Span("word " * 500),)) for _ in range(60)))
    check(body := payload(replace(long, image=replace(PICTURE, alt="a\n" * 5_000))))
    assert "image" in kinds(body["blocks"])


async def test_a_post_whose_picture_slack_cannot_download_comes_without_it(on: OnSlack):  # noqa: F811
    on.slack.fails("chat.postMessage", REFUSED)
    claims: list[int] = []

    async def claim() -> None:
        claims.append(1)

    await on.outlet.post(HERE, CARD, under=None, key="k", claim=claim)
    [post] = on.c1.messages
    assert kinds(post.raw["blocks"]) == ["section", "actions"]
    assert claims == [1], "one message, claimed once"
    assert on.hours.slept == [on.outlet.pace], "Slack counts the refused one too"


async def test_an_edit_and_a_reply_come_without_it_too(on: OnSlack):  # noqa: F811
    opener = await on.outlet.post(HERE, CARD, under=None, key="k")
    assert kinds(on.c1.messages[0].raw["blocks"]) == ["section", "image", "actions"]
    on.slack.fails("chat.update", REFUSED)
    await on.outlet.edit(HERE, opener, CARD, under=None, key="k")
    assert kinds(on.c1.messages[0].raw["blocks"]) == ["section", "actions"]
    on.slack.fails("chat.postMessage", REFUSED)
    await on.outlet.post(HERE, CARD, under=opener, key="r")
    assert await on.replies(0) == ["A title\nSave"]


async def test_a_message_that_is_refused_without_a_picture_is_refused(on: OnSlack):  # noqa: F811
    on.slack.fails("chat.postMessage", REFUSED, times=2)
    with pytest.raises(DeliveryError) as caught:
        await on.outlet.post(HERE, CARD, under=None, key="k")
    assert caught.value.kind is Failure.MESSAGE_REFUSED


async def test_any_other_failure_is_not_taken_for_the_pictures(on: OnSlack):  # noqa: F811
    on.slack.fails("chat.postMessage", Fault.wait(30))
    with pytest.raises(DeliveryError) as caught:
        await on.outlet.post(HERE, CARD, under=None, key="k")
    assert caught.value.kind is Failure.LATER
    assert len(on.slack.calls("chat.postMessage")) == 1


async def test_a_picture_that_slack_cannot_download_is_not_taken_for_blocks_that_it_does_not_know():
    """As in https://github.com/slackapi/python-slack-sdk/issues/1782."""
    votes = (Action("👍", "like", {"paper": "1"}), Action("👎", "dislike", {"paper": "1"}))
    card, bodies = replace(CARD, actions=votes), []
    reason = "downloading image failed [json-pointer:/blocks/1/image_url]"
    answer = {"ok": False, "error": "invalid_blocks", "errors": [reason]}

    async def post(body: dict) -> None:
        bodies.append(body)
        raise SlackApiError("refused", answer)

    connections = SlackClient("https://slack.com/api")
    client = connections.web_client("xoxb-1")
    with pytest.raises(SlackApiError) as caught:
        await post_message(client, card, post)
    assert without_refused(card, caught.value) == replace(card, image=None)
    assert "context_actions" in kinds(bodies[0]["blocks"])
    assert (len(bodies), dict(client.refusals)) == (1, {})
    await connections.close()
