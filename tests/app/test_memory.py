"""A pick that is close to what its channel liked: chosen, kept, told once, and not where it should not be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import DeliveryError, Failure
from bot.model import Channel, ChannelSettings, Ref
from tests.fakes import FakeOutlet
from tests.harness.desk import NOW
from tests.harness.engine import Backend, running_backend
from tests.harness.memory import LATER, close_paper, like_first

HERE = Channel("fake:T1/C1")


class Linked(FakeOutlet):
    """A platform whose messages have addresses."""

    broken = False

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:
        if self.broken:
            raise DeliveryError(Failure.LATER, "as the test set it")
        return f"https://{channel.rpartition('/')[2]}.example/{opener}/{ref}"


@pytest.fixture
def outlet() -> Linked:
    return Linked()


@pytest.fixture
async def backend(tmp_path: Path, outlet: Linked) -> AsyncIterator[Backend]:
    with running_backend(tmp_path, {"fake": outlet}, meaning=True) as backend:
        yield backend


def told(outlet: FakeOutlet) -> list[str]:
    """The sentences that name a liked paper."""
    blocks = [block for post in outlet.posts for block in post.message.blocks]
    return [block.text for block in blocks if block.text.startswith("Close to ") and "of you" in block.text]


async def test_a_reply_names_the_liked_paper_the_day_and_the_message(backend: Backend, outlet: Linked) -> None:
    liked = await like_first(backend, HERE)
    digest = await close_paper(backend, HERE, liked)
    neighbour = digest.picks[0].neighbour
    assert neighbour is not None
    assert (neighbour.paper_id, neighbour.people, neighbour.how) == (liked.id, 3, "liked")
    [sentence] = told(outlet)
    assert sentence == f"Close to {liked.title}, which three of you liked on {NOW.day} {NOW:%B}."
    spans = [span for post in outlet.posts for block in post.message.blocks for span in block.spans]
    [url] = [span.url for span in spans if span.text == f"on {NOW.day} {NOW:%B}"]
    opener, reply = outlet.posts[0].ref, outlet.posts[1].ref
    assert url == f"https://C1.example/{opener}/{reply}"


async def test_a_link_that_fails_costs_the_link_alone(backend: Backend, outlet: Linked) -> None:
    liked = await like_first(backend, HERE)
    outlet.broken = True
    await close_paper(backend, HERE, liked)
    assert len(told(outlet)) == 1


async def test_without_vectors_nothing_is_said(tmp_path: Path, outlet: Linked) -> None:
    with running_backend(tmp_path, {"fake": outlet}) as backend:
        await close_paper(backend, HERE, await like_first(backend, HERE))
    assert told(outlet) == []


async def test_a_channel_may_switch_it_off(backend: Backend, outlet: Linked) -> None:
    liked = await like_first(backend, HERE)
    default = ChannelSettings()
    assert await backend.store.channels.change(HERE, default, replace(default, memory=False))
    digest = await close_paper(backend, HERE, liked)
    assert digest.picks[0].neighbour is None
    assert told(outlet) == []


async def test_saves_and_the_likes_of_another_channel_say_nothing(backend: Backend, outlet: Linked) -> None:
    liked = await like_first(backend, HERE)
    for number in range(3):
        user = Channel(f"fake:T1/{700 + number}")
        await backend.store.people.react(HERE, user, liked.id, 0, NOW)
        await backend.store.people.react(Channel("fake:T1/C2"), user, liked.id, 1, NOW)
        await backend.store.people.save(user, liked.id, NOW)
        await backend.store.feedback.record(HERE, user, liked.id, "save", NOW)
    await close_paper(backend, HERE, liked)
    assert told(outlet) == []


async def test_a_preview_and_one_paper_are_told_the_same(backend: Backend) -> None:
    liked = await like_first(backend, HERE)
    digest = await close_paper(backend, HERE, liked)
    shortlist = await backend.engine.shortlist()
    neighbour = await backend.engine.memory.neighbour(HERE, digest.picks[0].paper, shortlist)
    assert neighbour == digest.picks[0].neighbour
    backend.clock.set(LATER + timedelta(days=1))
    assert await backend.engine.memory.neighbour(HERE, liked, await backend.engine.shortlist()) is None
