"""Signed HTTP: what is believed, what is not, and how workspaces install the app."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cachetools import TTLCache

from adapters.slack import http
from adapters.slack.connect import build
from adapters.slack.manifest import manifest
from bot.model import Channel
from tests.harness.engine import eventually
from tests.slack.fake import HANG, FakeSlack, Fault, payloads
from tests.slack.fake.installing import consented
from tests.slack.fake.signed import encoded, signature
from tests.slack.harness import InMemorySecrets, SlackBackend, over_http, over_oauth, paperboy

# slack_sdk 3.47 still hands oauth.v2.access its credentials this way.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(manifest=manifest("https://paperboy.example")) as ready:
        yield ready


@pytest.fixture
async def backend(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[SlackBackend]:
    async with paperboy(slack, tmp_path, over_http(slack)) as ready:
        yield ready


async def post(backend: SlackBackend, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(f"{backend.url}/slack/events", content=body, headers=headers)


def signed(slack: FakeSlack, body: bytes, kind: str = "application/json", age: float = 0) -> dict[str, str]:
    stamp = str(int(time.time() - age))
    return {
        "content-type": kind,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(slack.signing_secret, stamp, body),
    }


async def test_commands_buttons_forms_and_events_work(slack: FakeSlack, backend: SlackBackend):
    team = slack.team("T1")
    ada = team.user("U1")
    channel = team.channel("C1", [ada])
    reply = await ada.command("/papers", "search video count:2", channel)
    assert "Papers for video" in reply.text
    assert (await ada.click(reply.message, "Share")).message.kind == "message"
    opened = await ada.command("/papers", "settings", channel)
    assert "size" in (await ada.submit(opened.view, {"size": "many"})).errors
    await ada.submit(opened.view, {"size": "3"})
    assert "Subscribed" in (await opened.more()).shown
    assert "Trending now" in (await ada.writes("today count:1")).text
    assert "reading list" in (await ada.opens_home()).view.shown
    assert all(ack.failure is None for ack in slack.acks)


async def test_a_forged_and_a_stale_request_get_401_and_nothing_is_done(slack: FakeSlack, backend: SlackBackend):
    slack.team("T1").channel("C1")
    assert await slack.forged() == 401
    assert await slack.stale() == 401
    assert {call.method for call in slack.calls()} <= {"auth.test"}


async def test_who_it_is_was_asked_before_the_first_command_comes(slack: FakeSlack, backend: SlackBackend):
    await slack.until(lambda: len(slack.calls("auth.test")) == 1)
    slack.fails("auth.test", HANG)
    assert "Trending" in (await slack.team("T1").user("U1").command("/papers", "today")).text


async def test_a_refused_token_is_logged_at_the_start(slack: FakeSlack, tmp_path: Path, caplog):
    async with paperboy(slack, tmp_path, over_http(slack, bot_token="xoxb-wrong")) as backend:
        await backend.settled()
    assert "token could not be identified reason='invalid_auth'" in caplog.messages


UNSIGNED = (
    {},
    {"x-slack-request-timestamp": "soon", "x-slack-signature": "v0=1"},
    {"x-slack-request-timestamp": "1", "x-slack-signature": "v0=\u00e9"},
    {"x-slack-request-timestamp": "9" * 5_000, "x-slack-signature": "v0=1"},
)
BODIES = (b"", b"{", b"payload={", b"\xff\xfe", b"ssl_check=1", b'{"type":"url_verification"}')


async def test_what_is_not_signed_gets_401_whatever_it_is(backend: SlackBackend):
    now = {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": ""}
    async with httpx.AsyncClient(timeout=60) as client:
        for headers in (*UNSIGNED, now):
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            for body in BODIES:
                answer = await client.post(f"{backend.url}/slack/events", content=body, headers=raw)
                assert answer.status_code == 401, (headers, body)


async def test_a_signed_request_that_makes_no_sense_is_no_crash(slack: FakeSlack, backend: SlackBackend, caplog):
    for body in (b"{", b"payload={", b"payload=%5B%5D", b"[]", b"{}", b"payload=null", b"a=b"):
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            answer = await post(backend, body, signed(slack, body, kind))
            assert answer.status_code < 500, (body, answer.status_code)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR and record.exc_info]


async def test_a_command_that_is_sent_twice_runs_once(slack: FakeSlack, backend: SlackBackend):
    ada = slack.team("T1").user("U1")
    channel = slack.team("T1").channel("C1", [ada])
    reply = slack.reply(ada, channel)
    body, kind = encoded(
        "slash_commands",
        payloads.command(slack, ada, channel, ("/papers", "topics add video"), slack.hook_url(reply), reply.trigger),
    )
    headers = signed(slack, body, kind)
    answers = await asyncio.gather(*(post(backend, body, headers) for _ in range(3)))
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "")] * 3
    backend.later += 299
    await post(backend, body, headers)
    await backend.settled()
    assert len(ada.private(channel)) == 1
    await post(backend, body, signed(slack, body, kind, age=20))
    await backend.settled()
    assert len(ada.private(channel)) == 2, "signed anew, so Slack sent it anew"


@pytest.mark.parametrize("typed", ["topics add video confirm:yes", "save 2510.20579"])
async def test_a_command_that_changes_something_runs_once_after_a_restart_too(
    slack: FakeSlack, tmp_path: Path, typed: str
):
    ada = slack.team("T1").user("U1")
    channel = slack.team("T1").channel("C1", [ada])
    reply = slack.reply(ada, channel)
    parts = (("/papers", typed), slack.hook_url(reply), reply.trigger)
    body, kind = encoded("slash_commands", payloads.command(slack, ada, channel, *parts))
    headers = signed(slack, body, kind)
    for restart in range(3):
        async with paperboy(slack, tmp_path, over_http(slack)) as backend:
            assert (await post(backend, body, headers)).status_code == 200
            await backend.settled()
            assert len(ada.private(channel)) == 1, f"after {restart} restarts"
            if restart == 2:
                await post(backend, body, signed(slack, body, kind, age=20))
                await backend.settled()
                assert len(ada.private(channel)) == 2, "signed anew, so Slack sent it anew"
        slack.events_to(None)


async def test_only_the_signatures_of_what_changes_something_are_stored(
    slack: FakeSlack, backend: SlackBackend, tmp_path: Path
):
    def stored() -> int:
        with contextlib.closing(sqlite3.connect(tmp_path / "week.db")) as db:
            return int(db.execute("SELECT count(*) FROM used_names").fetchone()[0])

    ada = slack.team("T1").user("U1")
    channel = slack.team("T1").channel("C1", [ada])
    results = (await ada.command("/papers", "search video count:2", channel)).message
    await ada.click(results, "More")
    await ada.opens_home()
    settings = await ada.command("/papers", "settings", channel)
    before = stored()
    await ada.click(results, "Share")
    await ada.submit(settings.view, {"size": "3"})
    await settings.more()
    await ada.writes("help")
    paper = await ada.command("/papers", "paper 2510.20579", channel)
    await ada.click(paper.message, "Save")
    assert stored() - before == 5, "a share and what it shares, a form, a message, which may say anything, and a button"
    assert before == 1, "the settings, which a line may change"


async def test_signatures_are_remembered_as_long_as_they_are_valid_and_no_longer(
    slack: FakeSlack, backend: SlackBackend, monkeypatch
):
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event": {"type": "emoji_changed"}}).encode()
    early = signed(slack, body, age=-290)
    assert (await post(backend, body, early)).status_code == 200
    backend.later += 599
    assert list(backend.front._signatures) == [early["x-slack-signature"]], "the fake's time stood still: still valid"
    backend.later += 3
    assert list(backend.front._signatures) == []
    monkeypatch.setattr(backend.front, "_signatures", TTLCache(2, 600))
    for age in range(5):
        await post(backend, body, signed(slack, body, age=age))
    assert len(backend.front._signatures) == 2


async def test_a_request_that_could_not_be_handled_may_come_again(slack: FakeSlack, backend: SlackBackend, monkeypatch):
    ada = slack.team("T1").user("U1")
    channel = slack.team("T1").channel("C1", [ada])
    body, kind = encoded("slash_commands", payloads.command(slack, ada, channel, ("/papers", "help"), "", "t"))
    headers = signed(slack, body, kind)
    with monkeypatch.context() as broken:
        broken.setattr(backend.front._workspaces, "bot", None)
        assert (await post(backend, body, headers)).status_code == 500
    assert (await post(backend, body, headers)).status_code == 200
    await backend.settled()
    assert len(ada.private(channel)) == 1


async def test_slacks_first_question_is_answered(slack: FakeSlack, backend: SlackBackend):
    body = json.dumps({"type": "url_verification", "challenge": "c1"}).encode()
    answer = await post(backend, body, signed(slack, body))
    assert answer.json() == {"challenge": "c1"}


async def test_that_slack_holds_events_back_is_acknowledged_and_logged(slack: FakeSlack, backend: SlackBackend, caplog):
    event = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1_518_467_820, "api_app_id": "A1"}
    body = json.dumps(event).encode()
    assert (await post(backend, body, signed(slack, body))).status_code == 200
    assert "Slack holds events back: too many workspace=T1" in caplog.messages


async def test_what_is_too_large_is_not_read(slack: FakeSlack, backend: SlackBackend):
    assert (await post(backend, b"x" * (http.LARGEST_BODY + 1), {})).status_code == 413


async def test_before_it_is_ready_slack_is_asked_to_come_again(slack: FakeSlack):
    _, front = build(over_http(slack), InMemorySecrets())
    assert front.asgi is not None
    transport = httpx.ASGITransport(front.asgi[1])
    body = b"{}"
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post("/events", content=body, headers=signed(slack, body))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await client.get("/install")).status_code == 404, "no OAuth without its secrets"


async def test_an_event_slack_sends_again_is_answered_once(slack: FakeSlack, backend: SlackBackend):
    ada = slack.team("T1").user("U1")
    await ada.writes("help")
    [_call] = slack.calls("chat.postMessage")
    payload = {"type": "event_callback", "event_id": "Ev9", "team_id": "T1", "event": {"type": "message"}}
    payload["event"] |= {"user": "U1", "text": "about", "channel": ada.dm.id, "channel_type": "im", "ts": "1.000001"}
    for attempt in range(3):
        await slack.deliveries.deliver("events_api", "message", payload, attempt)
    await slack.until(lambda: len(slack.calls("chat.postMessage")) == 2)
    await ada.command("/papers", "help")
    assert len(slack.calls("chat.postMessage")) == 2


# --- OAuth -------------------------------------------------------------------------------------------------------


async def test_a_workspace_installs_is_answered_and_uninstalls(slack: FakeSlack, tmp_path: Path):
    ada = slack.team("T1", installed=False).user("U1")
    async with paperboy(slack, tmp_path, over_oauth(slack)) as backend:
        status, page = await ada.installs(f"{backend.url}/slack/install")
        assert status == 200, page
        channel = slack.team("T1").channel("C1", [ada])
        assert "Subscribed" in (await ada.command("/papers", "subscribe", channel)).text
        assert await backend.front._workspaces.client("T1")
        await slack.team("T1").uninstalls()

        async def why() -> bool:
            subscription = await backend.store.subscriptions.get(Channel("slack:T1/C1"))
            return subscription is not None and "uninstalled" in (subscription.pause_reason or "")

        await eventually(why, expected=True)
        assert not [name for name in backend.secrets.texts if "team" in name]
        with pytest.raises(LookupError):
            await backend.front._workspaces.client("T1")


async def test_two_workspaces_are_kept_apart(slack: FakeSlack, tmp_path: Path):
    ada, eve = slack.team("T1", installed=False).user("U1"), slack.team("T2", installed=False).user("U1")
    async with paperboy(slack, tmp_path, over_oauth(slack)) as backend:
        for person in (ada, eve):
            assert (await person.installs(f"{backend.url}/slack/install"))[0] == 200
        here, there = slack.team("T1").channel("C1", [ada]), slack.team("T2").channel("C2", [eve], named="theirs")
        await ada.command("/papers", "subscribe", here)
        await eve.command("/papers", "subscribe", there)
        await eve.command("/papers", "save 2510.20579", there)
        answers = (await ada.command("/papers", "subscriptions", here)).text + (await ada.opens_home()).view.shown
        assert "#c1" in answers
        assert "theirs" not in answers
        assert "Open-o3" not in answers
        backend.clock.advance(days=1)
        await backend.deliver()
        used = {(call.args["channel"], call.team) for call in slack.calls("chat.postMessage")}
        assert used == {("C1", "T1"), ("C2", "T2")}
        await slack.team("T2").uninstalls()
        assert "Trending" in (await ada.command("/papers", "today", here)).text


async def test_a_workspace_that_is_not_installed_is_told_so(slack: FakeSlack, tmp_path: Path):
    team = slack.team("T3")
    ada = team.user("U1")
    async with paperboy(slack, tmp_path, over_oauth(slack)):
        reply = await ada.command("/papers", "today", team.channel("C1", [ada]))
        assert "reinstall" in reply.text
        assert slack.calls() == []


async def begun(client: httpx.AsyncClient, backend: SlackBackend) -> tuple[str, str]:
    """The state and the cookie of an installation under way."""
    page = await client.get(f"{backend.url}/slack/install")
    link = page.text.split('href="http')[1].split('"')[0].replace("&amp;", "&")
    return parse_qs(urlsplit(link).query)["state"][0], page.headers["set-cookie"].split(";")[0]


async def test_a_wrong_a_strangers_and_a_used_state_are_refused(slack: FakeSlack, tmp_path: Path):
    ada = slack.team("T1", installed=False).user("U1")
    async with paperboy(slack, tmp_path, over_oauth(slack)) as backend, httpx.AsyncClient(timeout=60) as client:
        back = f"{backend.url}/slack/oauth_redirect"
        state, cookie = await begun(client, backend)
        client.cookies.clear()
        name = cookie.partition("=")[0]

        async def returns(state: str, cookie: str) -> int:
            code = parse_qs(urlsplit(consented(ada, _asked(slack), back)).query)["code"][0]
            params = {"code": code, "state": state}
            return (await client.get(back, params=params, headers={"cookie": cookie})).status_code

        assert await returns("made-up", f"{name}=made-up") == 401
        assert await returns(state, f"{name}=another") == 400, "begun in another browser"
        assert await returns(state, "") == 400
        assert backend.secrets.texts == {}
        assert await returns(state, cookie) == 200
        assert await returns(state, cookie) == 401, "used"


def _asked(slack: FakeSlack) -> str:
    return f"{slack.authorize_url}?client_id={slack.client_id}&scope=chat:write"


async def test_a_refused_code_an_absent_slack_and_a_change_of_mind_install_nothing(slack: FakeSlack, tmp_path: Path):
    slack.team("T1", installed=False)
    async with paperboy(slack, tmp_path, over_oauth(slack)) as backend, httpx.AsyncClient(timeout=60) as client:
        for more, status in (({"code": "invented"}, 401), ({}, 401), ({"error": "access_denied"}, 200)):
            state, cookie = await begun(client, backend)
            client.cookies.clear()
            answer = await client.get(
                f"{backend.url}/slack/oauth_redirect", params={**more, "state": state}, headers={"cookie": cookie}
            )
            assert answer.status_code == status, more
        slack.fails("oauth.v2.access", Fault("drop"))
        state, cookie = await begun(client, backend)
        client.cookies.clear()
        answer = await client.get(
            f"{backend.url}/slack/oauth_redirect", params={"code": "x", "state": state}, headers={"cookie": cookie}
        )
        assert answer.status_code == 502
        assert "<script>" not in answer.text
        assert not [name for name in backend.secrets.texts if "team" in name]


async def test_the_environment_of_another_slack_app_changes_nothing(slack: FakeSlack, tmp_path: Path, monkeypatch):
    for name in ("BOT_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "SIGNING_SECRET", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "somebody-elses")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    ada = slack.team("T1").user("U1")
    async with paperboy(slack, tmp_path, over_http(slack)):
        assert "Trending" in (await ada.command("/papers", "today")).text
        assert await slack.forged() == 401
    async with paperboy(slack, tmp_path, over_oauth(slack)) as backend:
        assert (await ada.installs(f"{backend.url}/slack/install"))[0] == 200
    assert not (tmp_path / "home").exists()
