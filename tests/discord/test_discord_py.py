"""Internals of discord.py that adapters/discord uses, since there is no public way. A failure says what to do."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from adapters.discord import DiscordClient
from adapters.discord.client import RepeatRefused
from adapters.discord.gateway import READY, TolerantWebSocket
from adapters.discord.interactions import Interactions
from tests.discord.fake import TOKEN, FakeDiscord
from tests.discord.harness import Notes


@pytest.fixture
async def client() -> AsyncIterator[DiscordClient]:
    async with FakeDiscord() as fake:
        logged_in = DiscordClient(TOKEN, fake.api_url)
        await logged_in.call("GET", "/users/@me")
        fake.fails("POST", "/channels/1/threads", 500)
        yield logged_in
        await logged_in.close()


async def test_the_global_rate_limit_is_an_event_that_client_send_can_set(client: DiscordClient):
    http: Any = await client.login()
    assert http._global_over.is_set(), (
        "client.send sets HTTPClient._global_over when a request is cancelled, or all others would wait for ever: find "
        "what holds them now, or drop the workaround if a cancelled request releases it"
    )


async def test_expired_rate_limits_are_swept_by_a_method_that_can_be_overridden(client: DiscordClient, monkeypatch):
    sweeps: list[object] = []

    def sweep(http: HTTPClient) -> None:
        sweeps.append(http)

    monkeypatch.setattr(HTTPClient, "_try_clear_expired_ratelimits", sweep)
    http = await client.login()
    monkeypatch.setattr(http, "_swept_at", float("-inf"))
    for number in range(3):
        http.get_ratelimit(f"channel {number}")
    assert len(sweeps) == 1, (
        "client._HttpClient overrides HTTPClient._try_clear_expired_ratelimits: follow its new name, or drop the class "
        "if discord.py no longer looks through all rate limits with each new one (`python -m tests.bench` shows it)"
    )


async def test_a_request_that_must_be_sent_once_is_stopped_before_its_repeat(client: DiscordClient):
    with pytest.raises(RepeatRefused):
        await client.call("POST", "/channels/{channel_id}/threads", json={}, once=True, channel_id="1")
    assert "for f in files" in inspect.getsource(HTTPClient.request), (
        "client._NoRepeat stands in for the files because HTTPClient.request goes through them before each attempt: "
        "find the new hook, or forum posts may be created twice"
    )


async def test_events_are_read_by_parsers_that_can_be_wrapped():
    interactions = Interactions(None, Notes())  # type: ignore[arg-type]  # no event is handled
    parsers: Any = interactions._connection.parsers
    assert {"INTERACTION_CREATE", "MESSAGE_REACTION_ADD", "GUILD_CREATE", READY} <= set(parsers), (
        "events.PlatformEvents wraps ConnectionState.parsers so that one unreadable event does not end the connection: "
        "find where discord.py looks up the parser of an event now"
    )
    parsers["INTERACTION_CREATE"]({"nothing": "of an interaction"})


def test_shards_make_the_websocket_that_skips_unreadable_frames():
    assert discord.shard.DiscordWebSocket is TolerantWebSocket  # type: ignore[attr-defined]
    for made in (discord.shard.Shard.reconnect, discord.shard.Shard.reidentify, discord.AutoShardedClient.launch_shard):
        assert "DiscordWebSocket.from_client" in inspect.getsource(made), (
            "gateway.TolerantWebSocket takes the place of the class by which discord.shard connects: find the new name"
        )
    assert "self._decompressor.decompress" in inspect.getsource(DiscordWebSocket.received_message)


def test_the_gateways_address_is_asked_for_and_kept_where_the_front_sets_it():
    source = inspect.getsource(discord.AutoShardedClient)
    assert "get_bot_gateway" in source + inspect.getsource(HTTPClient), (
        "front.DiscordFront replaces HTTPClient.get_bot_gateway to set the address and to wait for a session"
    )
    assert hasattr(DiscordWebSocket, "DEFAULT_GATEWAY"), (
        "front.DiscordFront sets DiscordWebSocket.DEFAULT_GATEWAY, where sessions after the first connect"
    )
    assert isinstance(Route.BASE, str), "client.DiscordClient sets Route.BASE, the address of the REST API"
    assert hasattr(discord.VoiceClient, "warn_nacl") and hasattr(discord.VoiceClient, "warn_dave"), (  # noqa: PT018 - one hint
        "events switches off discord.py's warnings about voice; drop the line if they are gone"
    )
