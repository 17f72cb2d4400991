"""The fake Slack against the real SDK: what a person does reaches an app, and what the app does reaches people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.process import fake_process
from tests.slack.echo import MODAL, over_http, over_socket, served
from tests.slack.fake import Channel, FakeSlack, Team, Unanswered, User


class Workspace:
    """A workspace with two people, a channel and the app."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        self.team: Team = slack.team("T1")
        self.alice: User = self.team.user("U1", tz="Europe/Berlin", admin=True)
        self.bob: User = self.team.user("U2")
        self.channel: Channel = self.team.channel("C1", [self.alice, self.bob])
        self.client = AsyncWebClient(self.team.bot_token, base_url=slack.api_url)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
def w(slack: FakeSlack) -> Workspace:
    return Workspace(slack)


@pytest.fixture(params=["socket", "http"])
async def echoed(request: pytest.FixtureRequest, w: Workspace) -> AsyncIterator[Workspace]:
    """A workspace with the echo app, over HTTP and over a socket."""
    async with over_socket(w.slack) if request.param == "socket" else over_http(w.slack):
        yield w


async def test_a_command_is_acknowledged_and_answered_in_private(echoed: Workspace) -> None:
    reply = await echoed.alice.command("/papers", "a < b & c", echoed.channel)
    assert reply.text == "a < b & c"
    assert reply.message.user == "U1"
    assert reply.failure is None
    assert reply.ack == {}
    assert reply.seconds > 0
    assert echoed.alice.private(echoed.channel) == [reply.message]
    assert echoed.channel.messages == []


async def test_words_in_the_acknowledgement_are_an_answer(echoed: Workspace) -> None:
    reply = await echoed.alice.command("/papers", "at once", echoed.channel)
    assert (reply.text, reply.message.kind) == ("at once", "ephemeral")


async def test_a_click_replaces_the_message_it_was_on(echoed: Workspace) -> None:
    message = (await echoed.alice.command("/papers", "buttons", echoed.channel)).message
    assert message.buttons == ["Again & again"]
    await echoed.alice.click(message, "Again & again")
    assert (message.shown, message.edits) == ("pressed v", 1)


async def test_a_modal_shows_errors_then_another_view_then_closes(echoed: Workspace) -> None:
    view = (await echoed.alice.command("/papers", "settings", echoed.channel)).view
    reply = await echoed.alice.submit(view, {"Topics": "bad"})
    assert (reply.errors, view.errors, view.open) == ({"topics": "not so"}, {"topics": "not so"}, True)
    assert "errors must name input blocks" in str((await echoed.alice.submit(view, {"topics": "wrong"})).failure)
    await echoed.alice.submit(view, {"typed": "next"})
    assert view.shown.startswith("Next")
    await echoed.alice.submit(view)
    assert not view.open
    assert echoed.alice.view is None


async def test_a_modal_that_is_closed_says_so(echoed: Workspace) -> None:
    view = (await echoed.alice.command("/papers", "settings", echoed.channel)).view
    reply = await echoed.alice.closes(view)
    assert reply.acked[0].name == "view_closed"
    assert reply.failure is None


async def test_a_field_left_empty_or_unknown_is_caught_as_by_slacks_client(echoed: Workspace) -> None:
    view = (await echoed.alice.command("/papers", "settings", echoed.channel)).view
    with pytest.raises(AssertionError, match="Topics"):
        await echoed.alice.submit(view, {"topics": ""})
    with pytest.raises(AssertionError, match="no such field"):
        await echoed.alice.submit(view, {"tropics": "x"})


async def test_a_mention_in_a_thread_is_answered_in_the_thread(echoed: Workspace) -> None:
    root = echoed.alice.says(echoed.channel, "look")
    reply = await echoed.alice.mentions(echoed.channel, root.ts, "why https://a.example/1?b=1&c=2")
    assert echoed.channel.thread(root.ts)[-1] is reply.message
    assert reply.text == " why https://a.example/1?b=1&c=2"


async def test_a_direct_message_is_answered_once_though_the_app_hears_itself(echoed: Workspace) -> None:
    reply = await echoed.alice.writes("hello")
    await echoed.slack.until(lambda: len(echoed.slack.acks) == 2)
    assert reply.text == "you wrote hello"
    assert len(echoed.alice.dm.messages) == 2


async def test_home_opens_with_what_the_app_publishes(echoed: Workspace) -> None:
    home = (await echoed.alice.opens_home()).view
    assert home.shown == "Home of you"
    assert home.links == [("https://a.example", "you")]
    again = (await echoed.alice.opens_home()).view
    assert again is home


async def test_a_message_shortcut_carries_its_message(echoed: Workspace) -> None:
    post = echoed.bob.says(echoed.channel, "2405.14105")
    assert (await echoed.alice.shortcut(post, "card")).text == "card of 2405.14105"


async def test_reactions_comings_and_goings_are_told(echoed: Workspace) -> None:
    await echoed.client.chat_postMessage(channel="C1", text="hi")
    post = echoed.channel.roots[-1]
    await echoed.alice.reacts(post, "+1")
    await echoed.alice.unreacts(post, "+1")
    await echoed.alice.archives(echoed.channel)
    await echoed.alice.unarchives(echoed.channel)
    await echoed.alice.removes(echoed.channel)
    await echoed.alice.invites(echoed.channel)
    await echoed.alice.deletes_channel(echoed.channel)
    assert [ack.name for ack in echoed.slack.acks] == [
        "reaction_added",
        "reaction_removed",
        "channel_archive",
        "channel_unarchive",
        "channel_left",
        "member_left_channel",
        "member_joined_channel",
        "channel_deleted",
    ]
    assert not [ack for ack in echoed.slack.acks if ack.failure]


async def test_an_uninstalled_app_is_told_and_its_token_is_dead(echoed: Workspace) -> None:
    await echoed.team.uninstalls()
    assert [ack.name for ack in echoed.slack.acks] == ["tokens_revoked", "app_uninstalled"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        await echoed.client.auth_test()


async def test_silence_is_a_timeout_and_is_not_tried_again() -> None:
    async with FakeSlack(ack_within=0.2) as slack:
        w = Workspace(slack)
        async with over_socket(slack):
            reply = await w.alice.command("/papers", "silence", w.channel, answered=False)
            assert reply.failure == "operation_timeout"
            with pytest.raises(Unanswered, match="operation_timeout"):
                await w.alice.command("/papers", "silence", w.channel)
    assert [(ack.attempt, ack.failure) for ack in slack.acks] == [(0, "timeout"), (0, "timeout")]


async def test_an_event_nobody_takes_is_tried_three_times_more(w: Workspace) -> None:
    w.slack.retry_after = (0.0, 0.0, 0.0)
    post = w.alice.says(w.channel, "x")
    reply = await w.alice.reacts(post, "+1")
    assert [ack.attempt for ack in w.slack.acks] == [0, 1, 2, 3]
    assert reply.failure == "no_connection"


async def test_retries_carry_their_number_over_http(w: Workspace) -> None:
    requests: list[tuple[str | None, str | None]] = []

    async def endpoint(scope: Any, _receive: Any, send: Any) -> None:
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        requests.append((headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")))
        await send({"type": "http.response.start", "status": 500 if len(requests) == 1 else 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(endpoint) as url:
        w.slack.events_to(url)
        await w.alice.reacts(w.alice.says(w.channel, "x"), "+1")
    assert requests == [(None, None), ("1", "http_error 500")]


async def test_forged_and_old_requests_are_refused_and_the_right_one_is_taken(w: Workspace) -> None:
    async with over_http(w.slack):
        assert await w.slack.forged() == 401
        assert await w.slack.stale() == 401
        assert (await w.alice.command("/papers", "x", w.channel)).text == "x"


@pytest.mark.parametrize("how", ["warning", "refresh_requested", "drop", "offline"])
async def test_a_socket_that_ends_is_replaced_by_the_sdk(w: Workspace, how: str) -> None:
    slack = w.slack
    async with over_socket(slack):
        before = slack.sockets.opened
        if how == "drop":
            slack.drop_sockets()
        elif how == "offline":
            async with slack.offline():
                assert (await w.alice.command("/papers", "x", w.channel, answered=False)).failure
        else:
            await slack.disconnect(how)
        await slack.until(lambda: slack.sockets.opened > before and len(slack.sockets.live) == 1)
        assert (await w.alice.command("/papers", "back", w.channel)).text == "back"


async def test_a_frozen_socket_is_noticed_by_the_sdk(w: Workspace) -> None:
    async with over_socket(w.slack):
        w.slack.freeze_sockets()
        await w.slack.until(lambda: w.slack.sockets.opened == 2)


async def test_each_event_goes_to_one_of_several_sockets(w: Workspace) -> None:
    async with over_socket(w.slack), over_socket(w.slack):
        await w.slack.connected(2)
        for number in range(4):
            await w.alice.command("/papers", str(number), w.channel)
    assert [post.shown for post in w.alice.private(w.channel)] == ["0", "1", "2", "3"]


async def test_a_trigger_works_once_and_for_three_seconds(w: Workspace) -> None:
    first, second = (w.slack.reply(w.alice, w.channel) for _ in range(2))
    await w.client.views_open(trigger_id=first.trigger, view=MODAL)
    with pytest.raises(SlackApiError, match="trigger_exchanged"):
        await w.client.views_open(trigger_id=first.trigger, view=MODAL)
    w.slack.later(3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await w.client.views_open(trigger_id=second.trigger, view=MODAL)


async def test_a_response_url_works_five_times_in_half_an_hour(w: Workspace) -> None:
    reply = w.slack.reply(w.alice, w.channel)
    url = AsyncWebhookClient(w.slack.hook_url(reply))
    answers = [(await url.send(text=str(number), response_type="in_channel")).status_code for number in range(6)]
    assert answers == [200] * 5 + [404]
    assert [post.shown for post in w.channel.messages] == list("01234")
    late = w.slack.reply(w.alice, w.channel)
    w.slack.later(1_801)
    answer = await AsyncWebhookClient(w.slack.hook_url(late)).send(text="late")
    assert (answer.status_code, late.refusals) == (404, ["expired_url"])


async def test_a_response_url_takes_no_unknown_field_and_no_bad_blocks(w: Workspace) -> None:
    reply = w.slack.reply(w.alice, w.channel)
    url = AsyncWebhookClient(w.slack.hook_url(reply))
    assert "invalid additional property: colour" in (await url.send_dict({"text": "x", "colour": "red"})).body
    assert (await url.send(text="x", blocks=[{"type": "section"}])).status_code == 400
    assert reply.refusals == ["invalid_payload", "invalid_blocks"]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")  # slack_sdk 3.47 with aiohttp 3.14
async def test_installing_by_oauth_gives_the_app_a_token_of_its_own(slack: FakeSlack, tmp_path: Any) -> None:
    alice = slack.team("T1", installed=False).user("U1")
    store = FileInstallationStore(base_dir=str(tmp_path / "installs"))
    settings = AsyncOAuthSettings(
        client_id=slack.client_id,
        client_secret=slack.client_secret,
        scopes=["chat:write", "commands"],
        authorization_url=slack.authorize_url,
        installation_store=store,
        state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path / "states")),
    )
    client = AsyncWebClient(base_url=slack.api_url)
    async with over_http(slack, oauth_settings=settings, client=client) as url:
        status, page = await alice.installs(f"{url}/slack/install")
        assert (status, "Thank you" in page) == (200, True), page
        bot = await store.async_find_bot(enterprise_id=None, team_id="T1")
        assert bot is not None
        assert bot.bot_token == alice.team.bot_token
        assert (await alice.command("/papers", "hello")).text == "hello"


async def test_a_fake_in_a_process_of_its_own_is_driven_from_here() -> None:
    async with fake_process("tests.slack.fake", latency=0.01, channels=2) as slack:
        tokens = await slack.do("setup", users=[{"id": "U9"}], channels=[{"id": "C9", "members": ["U9"]}])
        client = AsyncWebClient(tokens["bot_token"], base_url=slack.api_url, retry_handlers=[])
        for channel in ("C0002", "C9"):
            await client.chat_postMessage(channel=channel, text="hi")
        await slack.do("fails", method="chat.postMessage", kind="drop", carried_out=True)
        with contextlib.suppress(Exception):
            await client.chat_postMessage(channel="C9", text="lost")
        assert [post["shown"] for post in await slack.see("posts", channel="C9")] == ["hi", "lost"]
        assert (await slack.see("counts"))["calls"] == {"chat.postMessage": 3}
        failed = await slack.do("command", user="U9", channel="C9", text="x")
        assert "dispatch_failed" in failed["failure"]


async def test_waiting_ends_with_the_time_allowed(slack: FakeSlack) -> None:
    with pytest.raises(TimeoutError):
        await slack.until(lambda: False, within=0.01)
    await asyncio.gather(slack.until(lambda: True), slack.connected(0))
