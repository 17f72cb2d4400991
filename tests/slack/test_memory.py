"""A liked paper that a pick is close to, on Slack: the sentence in the thread, the permalink in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.errors import DeliveryError
from bot.model import Channel, Ref
from tests.contracts.outlet import say
from tests.harness.desk import NOW
from tests.harness.engine import running_backend
from tests.harness.memory import close_paper, like_first
from tests.slack.fake import FakeSlack
from tests.slack.harness import workspace
from tests.slack.test_outlet import HERE, OnSlack


@pytest.fixture
async def on() -> AsyncIterator[OnSlack]:
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        yield OnSlack(slack, session)


async def test_the_reply_links_to_the_message_that_was_liked(on: OnSlack, tmp_path: Path) -> None:
    with running_backend(tmp_path, {"slack": on.outlet}, meaning=True) as backend:
        liked = await like_first(backend, HERE)
        await close_paper(backend, HERE, liked)
    first, second = on.c1.roots
    [about] = [post for post in on.c1.thread(first.ts) if liked.title in post.shown]
    [reply] = on.c1.thread(second.ts)
    assert "which three of you liked" in reply.shown
    permalink = f"{on.slack.url}/archives/C1/p{about.ts.replace('.', '')}"
    assert f"<{permalink}|on {NOW.day} {NOW:%B}>" in str(reply.raw["blocks"])


async def test_a_message_that_is_gone_has_no_address(on: OnSlack) -> None:
    opener = await on.outlet.post(HERE, say("Hello"), under=None, key="a")
    assert await on.outlet.link(HERE, opener, opener=opener) == f"{on.slack.url}/archives/C1/p{opener.replace('.', '')}"
    with pytest.raises(DeliveryError):
        await on.outlet.link(HERE, Ref("1.000001"), opener=None)


async def test_the_command_answers_its_asker_alone(tmp_path: Path) -> None:
    async with workspace(tmp_path) as w:
        paper = (await w.backend.engine.shortlist()).trends[0].paper
        await w.backend.store.people.react(HERE, Channel("slack:T1/U9"), paper.id, 1, NOW)
        answer = (await w.ada.command("/papers", f"memory {paper.title}", w.channel)).message
        assert answer in w.ada.private(w.channel)
        assert "one of you liked it" in answer.shown
        assert paper.title in answer.shown
