"""Replies to threads that rest: an update opens none, a withdrawal does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.errors import DeliveryError, Failure
from bot.model import Ref
from tests.contracts.outlet import say
from tests.discord.fake import FakeDiscord
from tests.discord.test_outlet import ADA, HERE, OnDiscord


@pytest.fixture
async def on() -> AsyncIterator[OnDiscord]:
    async with FakeDiscord() as discord:
        on_discord = OnDiscord(discord)
        yield on_discord
        await on_discord.client.close()


async def update(on: OnDiscord, opener: Ref, *, reopens: bool = False) -> Ref:
    message = replace(say("Update"), reopens=reopens)
    return await on.outlet.post(HERE, message, under=opener, key="update")


async def thread(on: OnDiscord) -> Ref:
    opener = await on.post("Digest")
    await on.post("Reply", under=opener)
    return opener


async def test_an_update_is_a_reply_in_a_thread_that_is_open(on: OnDiscord) -> None:
    opener = await thread(on)
    await update(on, opener)
    assert [each.text for each in on.thread(opener)] == ["Reply", "Update"]


async def test_a_thread_that_is_archived_is_opened_for_a_withdrawal_alone(on: OnDiscord) -> None:
    opener = await thread(on)
    on.discord.channels[str(opener)].archived = True
    with pytest.raises(DeliveryError, match="its thread is archived") as caught:
        await update(on, opener)
    assert caught.value.kind is Failure.THREAD_GONE
    await update(on, opener, reopens=True)
    assert [each.text for each in on.thread(opener)] == ["Reply", "Update"]


@pytest.mark.parametrize("reopens", [False, True])
async def test_a_thread_that_is_locked_is_gone(on: OnDiscord, reopens: bool) -> None:
    opener = await thread(on)
    on.discord.channels[str(opener)].locked = True
    with pytest.raises(DeliveryError, match="locked") as caught:
        await update(on, opener, reopens=reopens)
    assert caught.value.kind is Failure.THREAD_GONE


async def test_an_update_starts_no_thread(on: OnDiscord) -> None:
    opener = await on.post("Digest")
    with pytest.raises(DeliveryError) as caught:
        await update(on, opener)
    assert (caught.value.kind, on.thread(opener)) == (Failure.THREAD_GONE, [])


async def test_in_direct_messages_it_refers_to_its_opener(on: OnDiscord) -> None:
    opener = await on.post("Digest", to=ADA)
    await on.outlet.post(ADA, replace(say("Update"), reopens=False), under=opener, key="update")
    assert [each.text for each in on.discord.posts][-1] == "Update"


async def test_where_discord_does_not_answer_it_is_tried_again(on: OnDiscord) -> None:
    opener = await thread(on)
    on.discord.fails("GET", f"/channels/{opener}", 503)
    with pytest.raises(DeliveryError) as caught:
        await update(on, opener)
    assert caught.value.kind is Failure.LATER
