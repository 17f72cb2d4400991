"""Permissions and storage of the fake Slack: each rule met once through the real SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.slack.fake import DROP, DROP_AFTER, HANG, FakeSlack, Fault
from tests.slack.fake_client import client, refuses


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        slack.team("T1").channel("C1", [slack.team("T1").user("U1")])
        yield slack


async def test_only_a_living_token_of_the_right_kind_gets_in(slack: FakeSlack) -> None:
    with refuses("not_authed"):
        await client(slack, "").auth_test()
    with refuses("invalid_auth"):
        await client(slack, "xoxb-no").auth_test()
    with refuses("not_allowed_token_type"):
        await client(slack, slack.app_token).chat_postMessage(channel="C1", text="x")
    with refuses("not_allowed_token_type"):
        await client(slack).apps_connections_open(app_token=slack.team("T1").bot_token)
    await slack.team("T1").revokes_tokens()
    with refuses("token_revoked"):
        await client(slack).auth_test()


async def test_a_missing_scope_is_named(slack: FakeSlack) -> None:
    team = slack.team("T2", scopes=["commands"])
    team.channel("C2")
    with pytest.raises(SlackApiError) as refused:
        await client(slack, team.bot_token).chat_postMessage(channel="C2", text="x")
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "commands")
    with refuses("missing_scope"):
        await client(slack, team.bot_token).conversations_history(channel="C2")


async def test_where_the_bot_is_not_it_cannot_post(slack: FakeSlack) -> None:
    team = slack.team("T1")
    team.channel("C2", bot=False)
    team.channel("C3", private=True, bot=False)
    slack.team("T2").channel("C4")
    for channel, code in (("C2", "not_in_channel"), ("C3", "channel_not_found"), ("C4", "channel_not_found")):
        with refuses(code):
            await client(slack).chat_postMessage(channel=channel, text="x")
    await team.user("U1").archives(team.channel("C1"))
    with refuses("is_archived"):
        await client(slack).chat_postMessage(channel="C1", text="x")
    slack.restricted["C2"] = "restricted_action"
    team.channel("C2", bot=True)
    with refuses("restricted_action"):
        await client(slack).chat_postMessage(channel="C2", text="x")


async def test_a_shared_channel_is_one_channel_in_two_workspaces(slack: FakeSlack) -> None:
    channel = slack.team("T2").shares(slack.team("T1").channel("C1"))
    for team in ("T1", "T2"):
        await client(slack, slack.team(team).bot_token).chat_postMessage(channel="C1", text=team)
    assert [post.shown for post in channel.roots] == ["T1", "T2"]


async def test_unknown_methods_and_arguments_are_refused(slack: FakeSlack) -> None:
    with refuses("unknown_method"):
        await client(slack).api_call("chat.shout")
    with refuses("invalid_arguments"):
        await client(slack).chat_postMessage(channel="C1", text="x", colour="red")


async def test_a_person_is_reached_by_direct_message(slack: FakeSlack) -> None:
    alice = slack.team("T1").user("U1")
    opened = await client(slack).conversations_open(users="U1")
    await client(slack).chat_postMessage(channel=opened["channel"]["id"], text="one")
    await client(slack).chat_postMessage(channel="U1", text="two")
    assert [post.shown for post in alice.dm.messages] == ["one", "two"]
    with refuses("user_not_found"):
        await client(slack).conversations_open(users="U404")


async def test_people_and_channels_can_be_looked_up(slack: FakeSlack) -> None:
    slack.team("T1").user("U1", tz="Europe/Berlin")
    slack.team("T1").user("U2", tz="Europe/Berlin", admin=True)
    user = (await client(slack).users_info(user="U2"))["user"]
    assert (user["tz"], user["is_admin"]) == ("Europe/Berlin", True)
    info = (await client(slack).conversations_info(channel="C1"))["channel"]
    assert (info["is_member"], info["is_private"], info["is_archived"]) == (True, False, False)
    assert (await client(slack).conversations_members(channel="C1"))["members"] == ["U1", "UBT1"]
    listed = await client(slack).conversations_list(types="public_channel,private_channel")
    assert [channel["id"] for channel in listed["channels"]] == ["C1"]


async def test_a_reply_needs_an_opener_that_exists(slack: FakeSlack) -> None:
    root = await client(slack).chat_postMessage(channel="C1", text="root")
    reply = await client(slack).chat_postMessage(channel="C1", text="reply", thread_ts=root["ts"])
    channel = slack.team("T1").channel("C1")
    assert reply["message"]["thread_ts"] == root["ts"]
    assert [post.shown for post in channel.thread(root["ts"])] == ["reply"]
    with refuses("thread_not_found"):
        await client(slack).chat_postMessage(channel="C1", text="x", thread_ts="1700000000.000001")
    with refuses("invalid_thread_ts"):
        await client(slack).chat_postMessage(channel="C1", text="x", thread_ts="soon")
    slack.unthreads = True
    lost = await client(slack).chat_postMessage(channel="C1", text="lost", thread_ts="1700000000.000001")
    assert "thread_ts" not in lost["message"]
    assert [post.shown for post in channel.roots] == ["root", "lost"]


async def test_metadata_comes_back_only_when_asked_for(slack: FakeSlack) -> None:
    metadata = {"event_type": "digest", "event_payload": {"key": "k"}}
    root = await client(slack).chat_postMessage(channel="C1", text="x", metadata=metadata, unfurl_links=False)
    await client(slack).chat_postMessage(channel="C1", text="y", metadata=metadata, thread_ts=root["ts"])
    for read in (
        await client(slack).conversations_history(channel="C1", include_all_metadata=True),
        await client(slack).conversations_replies(channel="C1", ts=root["ts"], include_all_metadata=True),
    ):
        assert [message["metadata"] for message in read["messages"]] == [metadata] * len(read["messages"])
    plainly = await client(slack).conversations_history(channel="C1")
    assert ["metadata" in message for message in plainly["messages"]] == [False]
    assert slack.posts[0].arguments["unfurl_links"] is False
    with refuses("invalid_metadata_schema"):
        await client(slack).chat_postMessage(channel="C1", text="x", metadata={"event_type": "digest"})
    with refuses("metadata_too_large"):
        big = {"event_type": "digest", "event_payload": {"key": "k" * 17_000}}
        await client(slack).chat_postMessage(channel="C1", text="x", metadata=big)


async def test_history_is_paged_newest_first_and_replies_oldest_first(slack: FakeSlack) -> None:
    sent = [await client(slack).chat_postMessage(channel="C1", text=str(number)) for number in range(5)]
    first = await client(slack).conversations_history(channel="C1", limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client(slack).conversations_history(channel="C1", limit=2, cursor=cursor)
    assert [message["text"] for message in first["messages"] + second["messages"]] == ["4", "3", "2", "1"]
    newer = await client(slack).conversations_history(channel="C1", oldest=sent[2]["ts"])
    assert [message["text"] for message in newer["messages"]] == ["4", "3"]
    for number in range(3):
        await client(slack).chat_postMessage(channel="C1", text=f"r{number}", thread_ts=sent[0]["ts"])
    replies = await client(slack).conversations_replies(channel="C1", ts=sent[0]["ts"], limit=3)
    assert [message["text"] for message in replies["messages"]] == ["0", "r0", "r1"]
    assert replies["has_more"]
    with refuses("thread_not_found"):
        await client(slack).conversations_replies(channel="C1", ts="1700000000.000001")


async def test_only_its_own_messages_are_edited_and_deleted(slack: FakeSlack) -> None:
    alice, channel = slack.team("T1").user("U1"), slack.team("T1").channel("C1")
    by_alice = alice.says(channel, "mine")
    metadata = {"event_type": "e", "event_payload": {}}
    ours = await client(slack).chat_postMessage(channel="C1", text="x", metadata=metadata)
    with refuses("cant_update_message"):
        await client(slack).chat_update(channel="C1", ts=by_alice.ts, text="y")
    with refuses("cant_delete_message"):
        await client(slack).chat_delete(channel="C1", ts=by_alice.ts)
    await client(slack).chat_update(channel="C1", ts=ours["ts"], text="y")
    post = channel.roots[-1]
    assert (post.shown, post.edits, post.metadata) == ("y", 1, metadata)
    await client(slack).chat_delete(channel="C1", ts=ours["ts"])
    with refuses("message_not_found"):
        await client(slack).chat_delete(channel="C1", ts=ours["ts"])
    assert channel.roots == [by_alice]


async def test_an_ephemeral_message_is_for_one_member_and_in_no_history(slack: FakeSlack) -> None:
    alice, channel = slack.team("T1").user("U1"), slack.team("T1").channel("C1")
    await client(slack).chat_postEphemeral(channel="C1", user="U1", text="psst")
    assert [post.shown for post in alice.private(channel)] == ["psst"]
    assert (await client(slack).conversations_history(channel="C1"))["messages"] == []
    with refuses("user_not_in_channel"):
        await client(slack).chat_postEphemeral(channel="C1", user="U2", text="psst")


async def test_one_message_a_second_and_channel_where_asked() -> None:
    async with FakeSlack(per_channel=1.0) as slack:
        for channel in ("C1", "C2"):
            slack.team("T1").channel(channel)
            await client(slack).chat_postMessage(channel=channel, text="x")
        with pytest.raises(SlackApiError) as refused:
            await client(slack).chat_postMessage(channel="C1", text="x")
        assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "1")
        slack.later(1)
        await client(slack).chat_postMessage(channel="C1", text="x")


async def test_an_app_sold_outside_the_marketplace_reads_once_a_minute() -> None:
    async with FakeSlack(internal=False) as slack:
        slack.team("T1").channel("C1")
        for number in range(16):
            await client(slack).chat_postMessage(channel="C1", text=str(number))
        page = await client(slack).conversations_history(channel="C1", limit=100)
        assert (len(page["messages"]), page["has_more"]) == (15, True)
        with pytest.raises(SlackApiError) as refused:
            await client(slack).conversations_history(channel="C1")
        assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "60")
        slack.later(60)
        await client(slack).conversations_history(channel="C1")


async def test_the_next_calls_fail_as_planned(slack: FakeSlack) -> None:
    post = "chat.postMessage"
    slack.fails(post, "fatal_error", Fault.wait(7), Fault.status(503), DROP, DROP_AFTER)
    slack.fails(post, "is_archived", channel="C2")
    with refuses("fatal_error"):
        await client(slack).chat_postMessage(channel="C1", text="1")
    with pytest.raises(SlackApiError) as refused:
        await client(slack).chat_postMessage(channel="C1", text="2")
    assert refused.value.response.headers["Retry-After"] == "7"
    with pytest.raises(SlackApiError) as refused:
        await client(slack).chat_postMessage(channel="C1", text="3")
    assert refused.value.response.status_code == 503
    for lost in ("4", "5"):
        with pytest.raises(aiohttp.ClientError):
            await client(slack).chat_postMessage(channel="C1", text=lost)
    slack.fails("auth.test", HANG)
    with pytest.raises(TimeoutError):
        await client(slack, timeout=0.1).auth_test()
    await client(slack).chat_postMessage(channel="C1", text="6")
    assert [message.shown for message in slack.team("T1").channel("C1").roots] == ["5", "6"]
    assert [call.error for call in slack.calls(post)] == ["fatal_error", "ratelimited", "status", "drop", "drop", None]
