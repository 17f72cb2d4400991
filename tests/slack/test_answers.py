"""Answers on a bad day: edits that are dropped, addresses that are not Slack's, and what may be sent twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.slack import repeats
from adapters.slack.client import error_summary, is_slack_url
from tests.slack.fake import DROP, DROP_AFTER, GARBAGE_AFTER, HANG, Fault, payloads
from tests.slack.harness import Workspace, workspace


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(repeats, "ATTEMPT_SECONDS", 2.0)


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []


@pytest.mark.parametrize("fault", [DROP, DROP_AFTER, GARBAGE_AFTER, HANG, Fault.status(500), Fault.wait(0)])
async def test_an_edit_that_is_dropped_once_is_made_again(w: Workspace, fault: Fault):
    first = (await w.ada.command("/papers", "search video count:2", w.channel)).message
    before = first.shown
    w.slack.fails("response_url", fault)
    await w.ada.click(first, "More")
    await w.backend.settled()
    assert first.shown != before
    assert len(w.ada.private(w.channel)) == 1, "the page was turned in place, not sent again"


async def test_an_edit_that_fails_for_good_is_a_new_answer(w: Workspace):
    first = (await w.ada.command("/papers", "search video count:2", w.channel)).message
    w.slack.fails("response_url", DROP, times=3)
    await w.ada.click(first, "More", answered=False)
    await w.backend.settled()
    assert len(w.ada.private(w.channel)) == 2
    assert w.slack.plan.waiting == [], "three attempts, no more"


async def test_an_edit_that_slack_refuses_is_not_repeated(w: Workspace):
    first = (await w.ada.command("/papers", "search video count:2", w.channel)).message
    w.slack.fails("response_url", "expired_url", "used_url")
    await w.ada.click(first, "More", answered=False)
    await w.backend.settled()
    assert [post.kind for post in w.ada.dm.posts] == ["message"], "refused twice, so it went another way"


async def test_an_answer_that_did_not_leave_is_sent_again_and_one_that_may_have_is_not(w: Workspace):
    w.slack.fails("response_url", Fault.status(503))
    await w.ada.command("/papers", "help", w.channel)
    assert len(w.ada.private(w.channel)) == 1
    w.slack.fails("response_url", GARBAGE_AFTER)
    await w.ada.command("/papers", "help", w.channel)
    await w.backend.settled()
    assert len(w.ada.private(w.channel)) == 2
    assert len(w.ada.dm.posts) == 1, "by another way, which is private too"


async def test_a_shared_answer_that_may_have_arrived_is_not_shared_twice_and_its_sharer_is_told(w: Workspace):
    reply = await w.ada.command("/papers", "search video count:2", w.channel)
    w.slack.fails("response_url", DROP_AFTER)
    await w.ada.click(reply.message, "Share")
    await w.backend.settled()
    [shared] = w.channel.messages
    assert "Shared by Ada" in shared.shown
    assert "Look whether it is here" in w.ada.private(w.channel)[-1].shown


async def test_a_shared_answer_that_was_refused_goes_another_way(w: Workspace):
    reply = await w.ada.command("/papers", "search video count:2", w.channel)
    w.slack.fails("response_url", "expired_url")
    await w.ada.click(reply.message, "Share")
    assert len(w.channel.messages) == 1


@pytest.mark.parametrize("method", ["views.publish", "views.update"])
async def test_a_view_that_is_dropped_once_is_drawn_again(w: Workspace, method: str):
    await w.ada.command("/papers", "save 2510.20579", w.channel)
    if method == "views.publish":
        w.slack.fails(method, DROP)
        assert "Open-o3" in (await w.ada.opens_home()).view.shown
    else:
        modal = (await w.ada.click((await w.ada.opens_home()).view, "Today's papers")).view
        w.slack.fails(method, DROP)
        before = modal.shown
        await w.ada.click(modal, "More", answered=False)
        await w.backend.settled()
        assert modal.shown != before


# --- whose address -----------------------------------------------------------------------------------------------


@pytest.fixture
async def elsewhere() -> AsyncIterator[tuple[str, list[str]]]:
    """Another server on loopback, and what was asked of it."""
    asked: list[str] = []

    async def note(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", note)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


@pytest.mark.parametrize("team", ["T1", "T404"])
async def test_a_forged_response_url_is_never_called(w: Workspace, elsewhere: tuple[str, list[str]], team: str):
    """Neither by us nor by Bolt, which calls it where the app is not installed."""
    url, asked = elsewhere
    reply = w.slack.reply(w.ada, w.channel)
    body = payloads.command(w.slack, w.ada, w.channel, ("/papers", "help"), f"{url}/respond/x", reply.trigger)
    await w.slack.interact("slash_commands", {**body, "team_id": team}, reply)
    await w.backend.settled()
    assert asked == []
    if team == "T1":
        assert len(w.ada.private(w.channel)) == 1, "answered another way"


async def test_a_form_that_brings_a_forged_response_url_is_answered_another_way(w: Workspace, elsewhere):
    url, asked = elsewhere
    view = (await w.ada.command("/papers", "settings", w.channel)).view
    view.raw["private_metadata"] = view.raw["private_metadata"].replace(w.slack.url, url)
    await w.ada.submit(view, {"size": "3"})
    await w.backend.settled()
    assert asked == []
    assert len(w.ada.private(w.channel)) == 1


async def test_a_redirect_is_not_followed(w: Workspace, elsewhere):
    url, asked = elsewhere
    w.slack.redirects_hooks_to = url
    await w.ada.command("/papers", "help", w.channel, answered=False)
    await w.backend.settled()
    assert asked == []
    assert len(w.ada.dm.posts) == 1


SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api_url"),
    [
        ("https://hooks.slack.com/commands/T1/2/x", SLACK),
        ("https://hooks.slack.com:443/actions/T1/2/x", SLACK),
        ("https://hooks.slack-gov.com/commands/T1/2/x", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:3300/_hooks/x", "http://127.0.0.1:3300/api/"),
        ("https://hooks.slack.com/commands/x", "http://127.0.0.1:3300/api/"),
    ],
)
def test_slacks_own_addresses_are_called(url: str, api_url: str):
    assert is_slack_url(url, api_url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.slack.com/commands/x",
        "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/x",
        "https://user@hooks.slack.com/x",
        "https://evil.example/hooks.slack.com",
        "https://hooks.slack.com:8443/x",
        "https://[::1/x",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//hooks.slack.com/x",
    ],
)
def test_other_addresses_are_not(url: str):
    assert not is_slack_url(url, SLACK)


@pytest.mark.parametrize(
    "error",
    [aiohttp.InvalidURL("ada:hunter22@[proxy"), OSError("no route to http://ada:hunter22@proxy:3128/"), OSError()],
)
def test_a_summary_of_an_error_holds_no_password_of_a_proxy(error: Exception):
    summary = error_summary(error)
    assert summary.startswith(type(error).__name__)
    assert "hunter22" not in summary
