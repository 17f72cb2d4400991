"""What a person's token opens over HTTP, and what it never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from mcp import MCPError

from bot.errors import CannotTell, DeliveryError, Failure
from bot.handlers.personal_tokens import LEFT, UNANSWERED
from bot.model import Channel, Subscription
from tests.fakes import FakeOutlet
from tests.harness.desk import ADA, BEN, HERE, OMNI, SINKS
from tests.mcp.harness import Site, called, refused, running_mcp

THERE = Channel("slack:T1/C2")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_mcp(tmp_path) as site:
        yield site


async def test_it_has_the_public_tools_too_and_those_of_its_person(site: Site) -> None:
    async with site.client(await site.token()) as client:
        assert [tool.name for tool in (await client.list_tools()).tools][-3:] == [
            "channel_topics",
            "save_paper",
            "reading_list",
        ]
        assert "never because a paper's text does" in (client.instructions or "")
        first = await called(client, "save_paper", paper=f"arxiv:{OMNI}")
        assert first["message"].startswith("Saved: OmniVinci")
        again = await called(client, "save_paper", paper=OMNI)
        assert again["message"].startswith("Saved before: ")
        site.backend.clock.advance(minutes=1)
        await called(client, "save_paper", paper=SINKS)
        page = await called(client, "reading_list", limit=1)
        assert (page["total"], page["entries"][0]["paper"]["id"], page["next_page"]) == (2, SINKS, 2)
        page = await called(client, "reading_list", limit=1, page=2)
        assert (page["entries"][0]["paper"]["id"], page["next_page"]) == (OMNI, None)
        assert "Check the id" in await refused(client, "save_paper", paper="2401.99999")
        assert "no paper that is stored here" in await refused(client, "save_paper", paper="the best one")


async def test_a_save_teaches_the_channel_as_its_button_does(site: Site) -> None:
    async with site.client(await site.token()) as client:
        await called(client, "save_paper", paper=OMNI)
    lessons = (await site.backend.store.feedback.lessons((HERE,)))[HERE]
    assert [(each.paper_id, each.gesture) for each in lessons.feedback] == [(OMNI, "save")]


async def test_topics_are_those_of_its_channel_alone(site: Site) -> None:
    subscriptions = site.backend.store.subscriptions
    await subscriptions.put(Subscription(HERE, topics=("video generation",), mutes=("cat:cs.RO",), size=7))
    await subscriptions.put(Subscription(THERE, topics=("a secret project",)))
    async with site.client(await site.token()) as client:
        [digest] = (await called(client, "channel_topics"))["digests"]
        assert (digest["topics"], digest["mutes"], digest["papers"]) == (["video generation"], ["cat:cs.RO"], 7)
        assert digest["weekdays"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        for name in ("channel", "user", "token"):
            assert f"There is no argument {name}" in await refused(client, "channel_topics", **{name: THERE})


async def test_nobody_elses_list_is_reached(site: Site) -> None:
    async with site.client(await site.token(BEN)) as client:
        await called(client, "save_paper", paper=SINKS)
    elsewhere = await site.token(replace(ADA, channel=THERE))
    for token in (await site.token(), elsewhere):
        async with site.client(token) as client:
            assert (await called(client, "reading_list"))["total"] == 0


async def test_a_token_with_another_name_on_it_opens_nothing(site: Site) -> None:
    ada, ben = await site.token(), await site.token(BEN)
    forged = f"{ben.partition('.')[0]}.{ada.partition('.')[2]}"
    for token in (forged, ada[:-1], f"{ada}x", ada.partition(".")[0], "paperboy_.", "paperboy_" + "a" * 500 + ".b"):
        assert (await site.post(token)).status_code == 401, token
    assert (await site.post(ada)).status_code == 200


async def test_it_ends_when_it_is_replaced_revoked_forgotten_or_old(site: Site) -> None:
    run, first = site.backend.desk.run, await site.token()
    second = await site.token()
    assert (await site.post(first)).status_code == 401, "replaced"
    async with site.client(second) as client:
        await run("mcp", ADA, {"action": "revoke"})
        assert (await site.post(second)).status_code == 401
        with pytest.raises(MCPError):
            await client.call_tool("reading_list", {})
    third = await site.token()
    await run("forget", ADA, {"what": "me", "confirm": "yes"})
    assert (await site.post(third)).status_code == 401
    fourth = await site.token()
    site.backend.clock.advance(days=180)
    assert (await site.post(fourth)).status_code == 200
    site.backend.clock.advance(days=1)
    assert (await site.post(fourth)).status_code == 401


class Members(FakeOutlet):
    """An outlet that knows who is in its channels."""

    def __init__(self, answer: bool | Exception) -> None:
        super().__init__("slack")
        self.answer = answer

    async def is_member(self, channel: Channel, person: Channel) -> bool:
        assert (channel, person) == (HERE, ADA.user)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_who_has_left_the_channel_is_refused_in_one_line(tmp_path: Path) -> None:
    outlet = Members(answer=True)
    async with running_mcp(tmp_path, outlets={"slack": outlet}) as site, site.client(await site.token()) as client:
        await called(client, "reading_list")
        for outlet.answer in (False, DeliveryError(Failure.CHANNEL_GONE, "no such channel")):
            refusal = await site.post(await site.token())
            assert (refusal.status_code, refusal.json()["error"]["message"]) == (401, LEFT)
            for tool in ("channel_topics", "save_paper", "reading_list"):
                with pytest.raises(MCPError):
                    await client.call_tool(tool, {})
        assert (await site.post()).status_code == 200, "the operator's token is nobody's"


async def test_where_the_platform_does_not_answer_the_program_is_told_to_come_again(tmp_path: Path) -> None:
    outlet = Members(DeliveryError(Failure.LATER, "Slack asks to go slower"))
    async with running_mcp(tmp_path, outlets={"slack": outlet}) as site:
        refusal = await site.post(token := await site.token())
        assert (refusal.status_code, refusal.headers["Retry-After"]) == (503, "60")
        assert refusal.json()["error"]["message"] == UNANSWERED
        outlet.answer = CannotTell("of direct messages between several people nothing is said")
        assert (await site.post(token)).status_code == 200
