"""An opener is deleted before its replies are posted: Slack refuses them, or makes root messages of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.errors import DeliveryError, Failure
from bot.model import Channel
from tests.fakes import paper
from tests.harness.delivery import Delivery
from tests.slack.fake import DROP_AFTER, FakeSlack, Fault
from tests.slack.test_outlet import HERE, OnSlack, find, post

ALICE = Channel("slack:T1/U1")
PAPERS = [paper(number) for number in range(1, 6)]


@pytest.fixture(params=[True, False], ids=["unthreads", "refuses"])
async def on_slack(request: pytest.FixtureRequest) -> AsyncIterator[OnSlack]:
    async with FakeSlack(unthreads=request.param) as slack, aiohttp.ClientSession() as session:
        yield OnSlack(slack, session)


async def test_a_reply_without_an_opener_is_no_root_message(on_slack: OnSlack):
    opener = await post(on_slack)
    await on_slack.outlet.retract(HERE, opener)
    with pytest.raises(DeliveryError, match="was deleted") as caught:
        await post(on_slack, "Reply", under=opener)
    assert caught.value.kind is Failure.THREAD_GONE
    assert await on_slack.roots() == []


async def test_a_reply_that_cannot_be_taken_back_still_ends_the_thread(on_slack: OnSlack):
    opener = await post(on_slack)
    await on_slack.outlet.retract(HERE, opener)
    on_slack.slack.fails("chat.delete", "cant_delete_message")
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack, "Reply", under=opener)
    assert caught.value.kind is Failure.THREAD_GONE


async def test_a_reply_without_an_opener_whose_answer_was_lost_is_found_and_taken_back(on_slack: OnSlack):
    opener = await post(on_slack, key="opener")
    await on_slack.outlet.retract(HERE, opener)
    on_slack.slack.fails("chat.postMessage", DROP_AFTER)
    with pytest.raises(DeliveryError):
        await post(on_slack, "Reply", under=opener, key="reply")
    strays = len(await on_slack.roots())
    assert strays == on_slack.slack.unthreads
    assert await find(on_slack, "reply", under=opener) is None
    assert await on_slack.roots() == []


async def test_a_thread_whose_opener_was_deleted_after_a_reply_goes_on(on_slack: OnSlack):
    opener = await post(on_slack)
    await post(on_slack, "First", under=opener)
    await on_slack.outlet.retract(HERE, opener)
    await post(on_slack, "Second", under=opener)
    assert on_slack.shown(on_slack.c1.thread(opener)) == ["First", "Second"]


async def test_a_reply_that_slack_says_is_elsewhere_stays_while_its_opener_is_there(on_slack: OnSlack):
    opener = await post(on_slack)
    reply = await post(on_slack, "Reply", under=opener)
    answer = await post(on_slack, "Reply to a reply", under=reply)
    assert [each.ts for each in on_slack.c1.thread(opener)] == [reply, answer]


async def test_the_rest_of_the_thread_is_left_and_whoever_set_it_is_told_once(on_slack: OnSlack, tmp_path: Path):
    delivery, slack = Delivery(tmp_path / "paperboy.db", on_slack.outlet), on_slack.slack
    on_slack.outlet.pace = 0.0
    with delivery.store:
        await delivery.subscribe(HERE, set_by=ALICE)
        await delivery.keep(HERE, PAPERS)
        slack.plan.add("chat.postMessage", Fault.wait(30), lambda args: "thread_ts" in args)
        await delivery.deliver()
        [opener] = on_slack.c1.roots
        opener.deleted = True
        for _ in range(3):
            await delivery.deliver_after(minutes=1)
        assert await delivery.digest_state(HERE) == "done"
        assert await delivery.pause_reason(HERE) is None
    tried = [call for call in slack.calls("chat.postMessage") if "thread_ts" in call.args]
    assert len(tried) == 2, "one that had to wait, one that found no opener"
    assert await on_slack.roots() == []
    [notice] = on_slack.alice.dm.messages
    assert "the message it replies to was deleted" in notice.shown
