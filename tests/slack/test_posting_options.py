"""The user group that a message mentions, and what Slack says of its groups."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.blocks import payload
from bot.errors import GroupsError
from bot.model import Block, Channel, Group, Message, Span
from tests.harness.examples import examples
from tests.harness.strategies import MESSAGES
from tests.slack.fake import FakeSlack, Fault
from tests.slack.payload_checks import check
from tests.slack.test_outlet import HERE, OnSlack, session, slack  # noqa: F401 - fixtures
from tests.slack.test_outlet import on_slack as on  # noqa: F401 - a fixture

OPENER = Message((Block("heading", (Span("Papers"),)), Block("text", (Span("<!subteam^S2> <!here>"),))), private=False)


@pytest.fixture(autouse=True)
def _groups(slack: FakeSlack) -> None:  # noqa: F811 - the fixture
    slack.team("T1").groups = {"S2": ("ops", {"U1"}), "S3": ("all-hands", {"U1", "U2"})}


@given(MESSAGES, st.sampled_from(["", "S2", "<!channel>", "S2> <!here", "U1", "s2", "S2|ops"]))
@examples(40)
def test_a_message_notifies_the_one_group_that_it_names_and_nobody_else(message: Message, group: str):
    blocks = (*message.blocks, Block("text", (Span("<!subteam^S3> <@U1> @here"), Span("<!channel>", code=True))))
    check(payload(replace(message, blocks=blocks, mention=group)), pings=["S2"] if group == "S2" else [])


async def test_an_opener_mentions_its_group_once_and_never_in_the_channel_from_its_thread(on: OnSlack):  # noqa: F811
    opener = await on.outlet.post(HERE, replace(OPENER, mention="S2"), under=None, key="k")
    await on.outlet.post(HERE, replace(OPENER, silent=True, crosspost=True, tags=("a",)), under=opener, key="r")
    assert [who for _, who in on.slack.pings] == ["S2"]
    assert len(on.c1.roots) == 1
    assert on.slack.calls("chat.postMessage")[-1].args["reply_broadcast"] in {False, "false", "0"}


async def test_a_deleted_group_is_left_out_and_the_message_comes(on: OnSlack):  # noqa: F811
    await on.outlet.post(HERE, replace(OPENER, mention="S9"), under=None, key="k")
    assert on.slack.pings == []


async def test_without_the_scope_the_group_is_mentioned_as_it_was_chosen(on: OnSlack):  # noqa: F811
    on.slack.team("T1").token.scopes -= {"usergroups:read"}
    await on.outlet.post(HERE, replace(OPENER, mention="S2"), under=None, key="k")
    assert [who for _, who in on.slack.pings] == ["S2"]


async def test_the_groups_of_a_workspace_have_their_people(on: OnSlack):  # noqa: F811
    everybody = Group("S3", "all-hands", frozenset({"U1", "U2"}))
    assert await on.outlet.groups(HERE) == (everybody, Group("S2", "ops", frozenset({"U1"})))
    on.slack.team("T1").groups = {}
    assert await on.outlet.groups(Channel("slack:T1/C2")) != (), "asked once a minute"
    assert len(on.slack.calls("usergroups.list")) == 1


async def test_what_keeps_slack_from_telling_its_groups_is_said_with_the_remedy(on: OnSlack):  # noqa: F811
    team = on.slack.team("T1")
    on.slack.fails("usergroups.list", Fault.wait(30))
    with pytest.raises(GroupsError, match="try again in a minute") as caught:
        await on.outlet.groups(HERE)
    assert not caught.value.lasting
    team.groups = None
    with pytest.raises(GroupsError, match="paid plans") as caught:
        await on.outlet.groups(HERE)
    assert caught.value.lasting
    team.token.scopes -= {"usergroups:read"}
    with pytest.raises(GroupsError, match="usergroups:read") as caught:
        await on.outlet.groups(HERE)
    assert caught.value.lasting
