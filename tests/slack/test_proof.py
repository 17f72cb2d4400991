"""`prove`: an opener and a reply, both deleted again, the reply first; and what is missing where that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.slack import proof, repeats
from bot.errors import DeliveryError, Failure
from bot.model import Channel
from tests.slack.fake import DROP, DROP_AFTER, GARBAGE_AFTER, HANG_AFTER, Fault
from tests.slack.harness import workspace
from tests.slack.test_outlet import HERE, OnSlack, on_slack, session, slack

__all__ = ["on_slack", "session", "slack"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "PAUSES", (0.0, 0.0))


def left(on: OnSlack) -> list[str]:
    """What is left in the channel."""
    return [post.shown for post in on.c1.messages]


async def failure(on: OnSlack, channel: Channel = HERE) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await on.outlet.prove(channel)
    return caught.value


async def test_an_opener_and_a_reply_are_posted_and_the_reply_is_deleted_first(on_slack: OnSlack):
    await on_slack.outlet.prove(HERE)
    opener, reply = on_slack.c1.posts
    assert reply.thread_ts == opener.ts
    assert [call.args["ts"] for call in on_slack.slack.calls("chat.delete")] == [reply.ts, opener.ts]
    assert left(on_slack) == []
    assert on_slack.slack.pings == []


async def test_it_keeps_slacks_pace(on_slack: OnSlack):
    on_slack.slack.per_channel = 1.0
    await on_slack.outlet.prove(HERE)
    assert on_slack.hours.slept == [1.0]


async def test_a_person_is_proved_too(on_slack: OnSlack):
    await on_slack.outlet.prove(Channel("slack:T1/U1"))
    assert len(on_slack.alice.dm.posts) == 2
    assert on_slack.alice.dm.messages == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("restricted_action_non_threadable_channel", "takes no replies in threads"),
        ("restricted_action", "forbids Paperboy to reply in threads"),
        ("restricted_action_read_only_channel", "forbids Paperboy to reply in threads"),
        ("cannot_reply_to_message", "takes no replies"),
    ],
)
async def test_forbidden_replies_are_named_and_the_opener_is_deleted(on_slack: OnSlack, code: str, words: str):
    on_slack.slack.restricted_replies["C1"] = code
    error = await failure(on_slack)
    assert (error.kind, words in error.reason) == (Failure.THREAD_FORBIDDEN, True)
    assert left(on_slack) == []


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("not_in_channel", Failure.CHANNEL_GONE, "/invite @Paperboy"),
        ("restricted_action_thread_only_channel", Failure.CHANNEL_GONE, "only replies in threads"),
        ("restricted_action_read_only_channel", Failure.CHANNEL_GONE, "read-only"),
        ("restricted_action", Failure.CHANNEL_GONE, "forbids Paperboy to post"),
        ("missing_scope", Failure.WORKSPACE_CLOSED, "install the app again"),
    ],
)
async def test_a_forbidden_opener_is_named(on_slack: OnSlack, code: str, kind: Failure, words: str):
    on_slack.slack.fails("chat.postMessage", code)
    error = await failure(on_slack)
    assert (error.kind, words in error.reason) == (kind, True)
    assert on_slack.c1.posts == []


@pytest.mark.parametrize("fault", [DROP, GARBAGE_AFTER, Fault.status(500), Fault.wait(0)])
@pytest.mark.parametrize("deletion", [0, 1])
async def test_a_deletion_that_fails_once_is_made_again(on_slack: OnSlack, fault: Fault, deletion: int):
    for number in range(deletion + 1):
        if number == deletion:
            on_slack.slack.fails("chat.delete", fault)
    await on_slack.outlet.prove(HERE)
    assert left(on_slack) == []


@pytest.mark.parametrize("fault", [DROP_AFTER, GARBAGE_AFTER, HANG_AFTER])
@pytest.mark.parametrize("reply", [False, True])
async def test_a_post_whose_fate_is_unknown_is_found_and_deleted(on_slack: OnSlack, fault: Fault, reply: bool):
    on_slack.slack.plan.add("chat.postMessage", fault, lambda args: bool(args.get("thread_ts")) is reply)
    await on_slack.outlet.prove(HERE)
    assert len(on_slack.c1.posts) == 2
    assert left(on_slack) == []


@pytest.mark.parametrize("reply", [False, True])
async def test_a_post_that_did_not_arrive_is_no_proof(on_slack: OnSlack, reply: bool):
    on_slack.slack.plan.add("chat.postMessage", DROP, lambda args: bool(args.get("thread_ts")) is reply)
    assert (await failure(on_slack)).kind is Failure.UNKNOWN
    assert left(on_slack) == []


async def test_a_test_that_may_not_be_deleted_is_said_and_no_stone_is_made(on_slack: OnSlack):
    on_slack.slack.fails("chat.delete", "compliance_exports_prevent_deletion")
    error = await failure(on_slack)
    assert "posting works" in error.reason
    assert "by hand" in error.reason
    assert len(left(on_slack)) == 2, "the opener stays where the reply does"


async def test_a_slack_that_hangs_is_given_up(on_slack: OnSlack, monkeypatch):
    monkeypatch.setattr(proof, "CLEANUP_SECONDS", 0.05)
    on_slack.slack.fails("chat.delete", Fault("hang"), times=9)
    assert "in time" in (await failure(on_slack)).reason


async def test_where_replies_are_forbidden_the_digest_comes_as_one_message_and_is_not_paused(tmp_path: Path):
    async with workspace(tmp_path) as w:
        w.slack.restricted_replies["C1"] = "restricted_action_non_threadable_channel"
        assert await w.digest() == []
        subscription = await w.subscription()
        assert subscription is not None
        assert (subscription.paused_at, subscription.style) == (None, "compact")
        await w.backend.deliver()
        assert len(w.ada.dm.posts) == 1, "whoever subscribed is told once"
        w.backend.clock.advance(days=1)
        await w.backend.deliver()
        assert len(w.ada.dm.posts) == 1
