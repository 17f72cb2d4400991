"""A front whose connection fails in every way, under supervision; and what it tells Discord when it begins."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.discord import DiscordClient, DiscordFront, interactions
from adapters.discord.menu import NOTE
from bot.app import scheduler
from bot.model import Block, Message, Span
from bot.wording.parts import say
from tests.discord.fake import INVALID, RECONNECT, TOKEN, FakeDiscord
from tests.discord.harness import Notes, connected, logged
from tests.fakes.front import FakeDesk


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk({"today": Message((Block("text", (Span("Here they are"),)),))})


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as opened:
        opened.guild("1001", "2001")
        yield opened


@contextlib.asynccontextmanager
async def supervised(discord: FakeDiscord, desk: FakeDesk, **options: Any) -> AsyncIterator[None]:
    """A front that is started again when it dies, at once."""
    client = DiscordClient(TOKEN, discord.api_url)
    front = DiscordFront(TOKEN, Notes(), **options)
    part = scheduler.supervise("discord", lambda: front.serve(desk), sleep=lambda _seconds: asyncio.sleep(0))
    running = asyncio.create_task(part)
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await client.close()


async def answers(discord: FakeDiscord) -> str:
    reply = await discord.interactions.command("42", discord.channels["2001"], "today")
    return reply.text


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits before it connects or identifies again."""

    async def no_wait(*_: object, **__: object) -> None:
        """Not at all."""

    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _self: 0.01)
    monkeypatch.setattr(interactions.Interactions, "before_identify_hook", no_wait)


@pytest.mark.usefixtures("at_once")
async def test_a_failed_first_handshake_is_tried_again(discord: FakeDiscord, desk: FakeDesk):
    discord.gateway.refusals = 1  # discord.py waits five seconds
    async with supervised(discord, desk):
        await discord.until(lambda: discord.gateway.is_connected)
        assert await answers(discord) == "Here they are"


async def test_a_failed_login_at_the_start_is_tried_again(discord: FakeDiscord, desk: FakeDesk):
    for _ in range(2):
        discord.fails("GET", "/users/@me", 403, {"message": "no", "code": 0})
    async with supervised(discord, desk):
        await discord.until(lambda: discord.gateway.is_connected)
        assert await answers(discord) == "Here they are"


@pytest.mark.usefixtures("at_once")
async def test_a_dropped_connection_is_resumed_and_missed_events_are_handled(discord: FakeDiscord, desk: FakeDesk):
    async with connected(discord, desk):
        for failure in (discord.gateway.drop, lambda: discord.gateway.send(RECONNECT)):
            before = discord.gateway.resumed
            done = failure()
            if done is not None:
                await done
            await discord.until(lambda before=before: discord.gateway.resumed > before)
            assert await answers(discord) == "Here they are"
        assert discord.gateway.identified == 1
        discord.gateway.drop()
        assert await answers(discord) == "Here they are", "asked before the session was resumed"


@pytest.mark.usefixtures("at_once")
async def test_an_invalid_session_is_replaced_by_a_new_one(discord: FakeDiscord, desk: FakeDesk):
    async with connected(discord, desk):
        await discord.gateway.send(INVALID, data=False)
        await discord.until(lambda: discord.gateway.identified == 2)
        assert await answers(discord) == "Here they are"


@pytest.mark.parametrize("name", ["INTERACTION_CREATE", "MESSAGE_REACTION_ADD", "GUILD_CREATE", "CHANNEL_DELETE"])
async def test_an_event_that_cannot_be_parsed_is_skipped(discord: FakeDiscord, desk: FakeDesk, caplog, name: str):
    async with connected(discord, desk):
        for broken in ({}, {"id": "x"}, {"id": "1", "type": "no", "guild_id": [], "channels": 7}):
            await discord.gateway.dispatch(name, broken)
        assert await answers(discord) == "Here they are"
        assert (discord.gateway.identified, discord.gateway.resumed) == (1, 0)
        assert name in caplog.text


async def test_serving_can_be_cancelled_while_discord_cannot_be_reached(discord: FakeDiscord, desk: FakeDesk):
    async with connected(discord, desk):
        discord.gateway.refusals = 1_000
        discord.gateway.drop()
        await discord.until(lambda: discord.gateway.refusals < 1_000)


async def test_a_cancelled_front_closes_its_connection(discord: FakeDiscord, desk: FakeDesk):
    async with connected(discord, desk):
        assert len(discord.gateway.sockets) == 1
    await discord.until(lambda: not discord.gateway.sockets)


async def test_a_refused_token_is_logged_without_showing_it(discord: FakeDiscord, desk: FakeDesk, caplog):
    discord.fails("GET", "/users/@me", 401, {"message": "401: Unauthorized", "code": 0})
    async with supervised(discord, desk):
        await discord.until(lambda: discord.gateway.is_connected)
    assert "DISCORD_TOKEN" in caplog.text, "the remedy"
    assert "Traceback" not in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN.rpartition(".")[2] not in caplog.text


@pytest.mark.parametrize(("code", "reason"), [(4_004, "DISCORD_TOKEN"), (4_013, "code 4013"), (4_014, "code 4014")])
async def test_a_connection_closed_for_good_is_logged_in_one_line_and_made_again(
    discord: FakeDiscord, desk: FakeDesk, caplog, code: int, reason: str
):
    async with supervised(discord, desk):
        await discord.until(lambda: discord.gateway.is_connected)
        assert await answers(discord) == "Here they are"
        await discord.gateway.close(code)
        await discord.until(lambda: discord.gateway.identified == 2)
        assert await answers(discord) == "Here they are"
    assert reason in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("status", "body"), [(401, {"message": "401: Unauthorized", "code": 0}), (429, "error code: 1015"), (403, {})]
)
async def test_a_failed_request_for_the_gateways_address_is_logged_in_one_line_and_repeated(
    discord: FakeDiscord, desk: FakeDesk, caplog, status: int, body: dict[str, object] | str
):
    discord.fails("GET", "/gateway/bot", status, body)
    async with supervised(discord, desk):
        await discord.until(lambda: discord.gateway.is_connected)
    assert "no connection to Discord" in caplog.text
    assert "Traceback" not in caplog.text


async def test_without_sessions_left_the_front_waits_for_the_next(discord: FakeDiscord, desk: FakeDesk, caplog):
    discord.gateway.sessions_left, discord.gateway.sessions_again_after = 0, 3_600_000
    async with supervised(discord, desk):
        await discord.until(lambda: "no more sessions" in caplog.text or ("GET", "/gateway/bot") in discord.requests)
        assert discord.gateway.identified == 0
    discord.gateway.sessions_again_after = 1
    async with connected(discord, desk):
        assert await answers(discord) == "Here they are"
    assert "next_try_in=3600s" in caplog.text


async def test_the_gateways_address_can_be_set(discord: FakeDiscord, desk: FakeDesk):
    discord.gateway.url = "ws://127.0.0.1:1/nowhere"
    async with connected(discord, desk, gateway_url=f"ws://127.0.0.1:{discord.port}/gateway"):
        assert await answers(discord) == "Here they are"


# --- the menu ----------------------------------------------------------------------------------------------------


def menus_sent(discord: FakeDiscord) -> int:
    return sum(method == "PUT" and path.endswith("/commands") for method, path in discord.requests)


async def test_the_menu_is_sent_once_and_again_only_when_it_changed(discord: FakeDiscord, desk: FakeDesk, monkeypatch):
    notes = Notes()
    for _ in range(3):
        async with connected(discord, desk, notes):
            pass
    assert menus_sent(discord) == 1
    assert [each["name"] for each in discord.menu] == ["papers", "papers-team", "Related papers", "Save this paper"]
    monkeypatch.setattr(
        "adapters.discord.front.menu", lambda **_: [{"name": "papers", "description": "less", "type": 1}]
    )
    for _ in range(2):
        async with connected(discord, desk, notes):
            pass
    assert menus_sent(discord) == 2
    assert discord.menu[0]["description"] == "less"


async def test_commands_in_answers_are_mentions_also_after_a_start_that_sent_no_menu(discord: FakeDiscord):
    desk, notes = FakeDesk({"today": say("Next: `/papers search video`.")}), Notes()
    for _ in range(2):
        async with connected(discord, desk, notes):
            reply = await discord.interactions.command("42", discord.channels["2001"], "today")
            assert f"</papers search:{discord.menu[0]['id']}> `video`" in str(
                reply.message.raw if reply.message else ""
            )
    assert menus_sent(discord) == 1
    notes.texts[NOTE] = notes.texts[NOTE].partition(" ")[0]  # until 0.6.0 the note had no id
    async with connected(discord, desk, notes):
        pass
    assert menus_sent(discord) == 2


async def test_a_refused_menu_is_sent_again(discord: FakeDiscord, desk: FakeDesk):
    discord.fails("PUT", "/commands", 400, {"message": "no", "code": 50_035})
    async with supervised(discord, desk):
        await discord.until(lambda: discord.gateway.is_connected)
    assert menus_sent(discord) == 2


# --- time --------------------------------------------------------------------------------------------------------


async def test_completions_that_take_too_long_are_empty(discord: FakeDiscord, desk: FakeDesk, monkeypatch):
    async def never(*_: object) -> tuple[str, ...]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(interactions, "COMPLETED_WITHIN", 0.01)
    monkeypatch.setattr(desk, "complete", never)
    async with connected(discord, desk):
        channel = discord.channels["2001"]
        assert await discord.interactions.autocomplete("42", channel, "topics add", "topic", "v") == []


async def test_an_expired_interaction_is_logged_in_one_line(discord: FakeDiscord, desk: FakeDesk):
    async with connected(discord, desk):
        discord.fails("POST", "/callback", 404, {"message": "Unknown interaction", "code": 10_062})
        with logged() as log:
            command = asyncio.create_task(answers(discord))
            assert "could not answer" in await log.next()
            assert not command.done()
            command.cancel()
            assert await answers(discord) == "Here they are"
            assert log.rest == 0
