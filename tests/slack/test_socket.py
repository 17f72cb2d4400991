"""The socket: dropped, sent away, deaf, without a network, refused; heard again each time, and closed cleanly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack import socket as subject
from adapters.slack.client import SlackClient
from adapters.slack.outlet import SlackOutlet
from adapters.slack.socket import SlackSocket
from adapters.slack.workspaces import SingleWorkspace
from bot.errors import DeliveryError, Failure
from bot.model import Channel
from tests.contracts.outlet import say
from tests.fakes.front import FakeDesk
from tests.slack.fake import FakeSlack, Fault
from tests.slack.harness import InMemorySecrets, Workspace, workspace


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(subject, "CHECK_SECONDS", 0.02)
    monkeypatch.setattr(subject, "BACK_OFF_SECONDS", (0.05,))


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready


async def answers(w: Workspace) -> None:
    assert "Trending now" in (await w.ada.command("/papers", "today count:1", w.channel)).text


async def test_a_dropped_socket_is_replaced(w: Workspace):
    w.slack.drop_sockets()
    await w.slack.until(lambda: w.slack.sockets.opened == 2)
    await answers(w)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_asked_to_come_again_it_does(w: Workspace, reason: str):
    await w.slack.disconnect(reason)
    await w.slack.until(lambda: w.slack.sockets.opened >= 2 and len(w.slack.sockets.live) == 1)
    await answers(w)


async def test_an_event_that_fell_between_two_sockets_is_answered_once(w: Workspace):
    w.slack.drop_sockets()
    await w.ada.writes("today count:1")
    await answers(w)
    assert sum("Trending now" in post.shown for post in w.ada.dm.messages) == 1


async def test_a_socket_that_dies_while_an_answer_is_made_loses_nothing(w: Workspace):
    reply = asyncio.create_task(w.ada.command("/papers", "search video count:2", w.channel))
    await w.slack.until(lambda: bool(w.slack.acks))
    w.slack.drop_sockets()
    assert "Papers for video" in (await reply).text
    assert len(w.ada.private(w.channel)) == 1


async def test_without_a_network_it_tries_again_until_there_is_one(w: Workspace, caplog):
    caplog.set_level(logging.INFO, "paperboy")
    async with w.slack.offline():
        await seen(caplog, "no connection to Slack", times=3)
    await w.slack.connected()
    await answers(w)
    assert not [record for record in caplog.records if record.exc_info], "a line a try, no tracebacks"


async def test_an_address_that_leads_nowhere_is_given_up(w: Workspace, monkeypatch, caplog):
    monkeypatch.setattr(subject, "CONNECT_SECONDS", 0.2)
    real = w.slack.sockets.address
    monkeypatch.setattr(w.slack.sockets, "address", lambda: real().replace("ticket=", "ticket=stale"))
    w.slack.drop_sockets()
    await seen(caplog, "no connection to Slack", times=2)
    monkeypatch.setattr(w.slack.sockets, "address", real)
    await w.slack.connected()
    await answers(w)


async def seen(caplog, text: str, times: int) -> None:
    async with asyncio.timeout(60):
        while sum(text in record.getMessage() for record in caplog.records) < times:
            await asyncio.sleep(0.005)


async def test_a_deaf_socket_is_noticed_and_replaced():
    async with FakeSlack() as slack:
        team = slack.team("T1")
        workspace = SingleWorkspace(SlackClient(slack.api_url), team.bot_token)
        front = SlackSocket(workspace, slack.app_token, names=InMemorySecrets(), ping_seconds=0.1)
        serving = asyncio.create_task(front.serve(FakeDesk()))
        await slack.connected()
        slack.freeze_sockets()
        await slack.until(lambda: slack.sockets.opened >= 2)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@pytest.mark.parametrize("token", ["xapp-wrong", "xoxb-T1"])
async def test_a_refused_token_is_said_in_a_line_and_tried_again(token: str, caplog):
    async with FakeSlack() as slack:
        team = slack.team("T1")
        workspace = SingleWorkspace(SlackClient(slack.api_url), team.bot_token)
        front = SlackSocket(workspace, token, names=InMemorySecrets())
        serving = asyncio.create_task(front.serve(FakeDesk()))
        await seen(caplog, "no connection to Slack", times=2)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    lines = [record.getMessage() for record in caplog.records if record.name == "paperboy.slack"]
    assert all("invalid_auth" in line or "not_allowed_token_type" in line for line in lines)
    assert token not in caplog.text


async def test_cancelled_it_hangs_up_and_leaves_nothing_behind():
    async with FakeSlack() as slack:
        before = asyncio.all_tasks()
        team = slack.team("T1")
        front = SlackSocket(
            SingleWorkspace(SlackClient(slack.api_url), team.bot_token), slack.app_token, names=InMemorySecrets()
        )
        serving = asyncio.create_task(front.serve(FakeDesk()))
        await slack.connected()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        await slack.until(lambda: not slack.sockets.live)
        tasks = {task for task in asyncio.all_tasks() - before if "slack_sdk" in repr(task) or "adapters" in repr(task)}
        assert tasks == set()


async def test_a_command_that_is_under_way_is_finished_before_it_hangs_up():
    async with FakeSlack(latency=0.05) as slack:
        team = slack.team("T1")
        ada = team.user("U1")
        channel = team.channel("C1", [ada])
        front = SlackSocket(
            SingleWorkspace(SlackClient(slack.api_url), team.bot_token), slack.app_token, names=InMemorySecrets()
        )
        serving = asyncio.create_task(front.serve(FakeDesk({"today": say("Late but there")})))
        await slack.connected()
        reply = asyncio.create_task(ada.command("/papers", "today", channel))
        await slack.until(lambda: bool(slack.acks))
        serving.cancel()
        assert "Late but there" in (await reply).text
        await asyncio.gather(serving, return_exceptions=True)


async def test_one_workspaces_token_is_not_used_for_another():
    async with FakeSlack() as slack:
        one = SingleWorkspace(SlackClient(slack.api_url), slack.team("T1").bot_token)
        assert (await one.client("T1")).token == slack.team("T1").bot_token
        with pytest.raises(LookupError):
            await one.client("T2")
        assert await one.bot("T2", None) is None
        await one.slack.close()


async def test_while_nobody_says_whose_token_it_is_nothing_is_posted_with_it():
    async with FakeSlack() as slack:
        one = SingleWorkspace(SlackClient(slack.api_url), slack.team("T1").bot_token)
        slack.fails("auth.test", Fault.status(503))
        with pytest.raises(DeliveryError) as caught:
            await SlackOutlet(one.client).post(Channel("slack:T1/C1"), say("x"), under=None, key="k")
        assert caught.value.kind is Failure.LATER
        assert not slack.calls("chat.postMessage")
        assert (await one.client("T1")).token
        one._identity = None
        slack.fails("auth.test", Fault.status(503))
        assert await one.bot("T1", None) is None
        assert await one.bot("T1", None) is not None
        await one.slack.close()


# --- odd requests ------------------------------------------------------------------------------------------------


async def acknowledged(w: Workspace, payload: str, kind: str = "events_api") -> bool:
    """Send an envelope with this text as its payload; whether it was acknowledged."""
    connection, acked = w.slack.sockets.live[0], asyncio.get_running_loop().create_future()
    connection.pending["e-1"] = acked
    await connection.ws.send_str(f'{{"envelope_id": "e-1", "type": "{kind}", "payload": {payload}}}')
    return (await asyncio.wait_for(acked, 60))["envelope_id"] == "e-1"


@pytest.mark.parametrize(
    "payload",
    [
        "null",
        "[]",
        '"text"',
        "{}",
        "nonsense",
        "[" * 50_000 + "]" * 50_000,
        '{"type": "event_callback", "team_id": "T1", "event": "x"}',
        '{"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "channel": ["C1"]}}',
        '{"type": "block_actions", "team": null, "user": {"id": "U1"}, "actions": [{"action_id": "a"}]}',
        '{"type": "surprise"}',
    ],
)
async def test_an_odd_request_is_acknowledged_and_dropped_with_a_line_in_the_log(w: Workspace, caplog, payload: str):
    assert await acknowledged(w, payload)
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert ["was dropped" in record.getMessage() for record in lines] == [True]
    assert not lines[0].exc_info
    assert len(lines[0].getMessage()) < 300
    await answers(w)
    assert w.slack.sockets.opened == 1


async def test_what_is_no_envelope_is_passed_over(w: Workspace, caplog):
    for frame in ("", "[]", "x", "{", "{}", '{"type": 5}', "[" * 50_000):
        await w.slack.sockets.live[0].ws.send_str(frame)
    await answers(w)
    assert not [record for record in caplog.records if record.exc_info]
