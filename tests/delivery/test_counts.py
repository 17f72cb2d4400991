"""Counts on cards: one edit a minute at most with all that changed, quiet where nothing is left to edit."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from bot.delivery.counts import CardCounts
from bot.errors import DeliveryError, Failure
from bot.model import Channel, ChannelSettings, Post, PostKey
from bot.model.post import WATCH
from bot.wording.cards import paper_buttons
from bot.wording.parts import say
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import ELSEWHERE, HERE, IDS, PAPERS, THERE, Delivery

ADA, BEN, CLEO = (Channel(f"fake:T1/U{n}") for n in (1, 2, 3))


class Counting:
    """A channel with a delivered digest, and the editor of its cards."""

    def __init__(self, delivery: Delivery, outlet: FakeOutlet) -> None:
        self.delivery, self.outlet, self.clock = delivery, outlet, delivery.clock
        self.store = delivery.store
        self.is_ours = True
        outlets = {outlet.name: outlet}
        self.counts = CardCounts(self.store, outlets, self.clock, lambda: nullcontext(self.is_ours))

    async def like(self, *people: Channel, paper: int = 0, channel: Channel = HERE, value: int = 1) -> None:
        for person in people:
            await self.store.people.react(channel, person, IDS[paper], value, self.clock())

    async def discuss(self, person: Channel, paper: int = 0) -> None:
        await self.store.feedback.toggle(HERE, person, IDS[paper], "discuss", self.clock())

    async def look(self, **span: float) -> list[str]:
        """Edit what is due after this time; the last line of each card that was edited."""
        self.clock.advance(**span)
        before = len(self.outlet.edits)
        await self.counts.edit_due()
        return [edit.message.blocks[-1].text for edit in self.outlet.edits[before:]]


@pytest.fixture
async def c(delivery: Delivery, outlet: FakeOutlet) -> Counting:
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver()
    return Counting(delivery, outlet)


async def test_a_card_shows_likes_and_wishes_to_discuss_and_is_else_as_it_was_posted(c: Counting) -> None:
    [opener] = c.outlet.openers(HERE)
    card = c.outlet.replies(opener)[0]
    await c.like(ADA, BEN)
    await c.discuss(CLEO)
    assert await c.look() == ["👍 2 · 💬 1 wants to discuss"]
    [edit] = c.outlet.edits
    assert (edit.ref, edit.key, edit.under) == (card.ref, card.key, opener.ref)
    assert edit.message.blocks[:-1] == card.message.blocks
    assert (edit.message.actions, edit.message.paper_id) == (card.message.actions, card.message.paper_id)


async def test_saves_shares_and_dislikes_are_never_counted(c: Counting) -> None:
    for gesture in ("save", "share"):
        await c.store.feedback.record(HERE, ADA, IDS[0], gesture, MONDAY)  # type: ignore[arg-type]
    await c.like(BEN, value=-1)
    assert await c.look() == []


async def test_a_hundred_reactions_in_ten_minutes_are_one_edit_a_minute(c: Counting) -> None:
    edits = []
    for second in range(0, 600, 6):
        await c.like(Channel(f"fake:T1/U{second}"))
        edits += await c.look(seconds=6)
    assert len(edits) == 10
    assert await c.look(seconds=60) == ["👍 100"]
    assert await c.look(hours=1) == []


async def test_what_is_taken_back_leaves_the_card_and_before_it_was_shown_costs_no_edit(c: Counting) -> None:
    await c.like(ADA)
    await c.like(ADA, value=0)
    assert await c.look() == []
    await c.like(ADA)
    await c.look(minutes=2)
    assert len(c.outlet.edits) == 1
    await c.like(ADA, value=0)
    last = await c.look(minutes=2)
    assert "👍" not in last[0]


async def test_after_a_week_a_card_stays_as_it_is(c: Counting) -> None:
    c.clock.advance(days=7, seconds=1)
    await c.like(ADA)
    assert await c.look() == []
    assert await c.store.counts.due(c.clock(), 9) == []


async def test_a_channel_can_switch_it_off(c: Counting) -> None:
    await c.store.channels.change(HERE, ChannelSettings(), ChannelSettings(counts=False))
    await c.like(ADA)
    assert await c.look() == []


async def test_a_process_edits_nothing_while_it_is_anothers_turn(c: Counting) -> None:
    await c.like(ADA)
    c.is_ours = False
    assert await c.look() == []
    c.is_ours = True
    assert await c.look() == ["👍 1"]


@pytest.mark.parametrize("kind", [Failure.THREAD_GONE, Failure.MESSAGE_REFUSED, Failure.CHANNEL_GONE])
async def test_a_message_that_is_gone_is_dropped_quietly(
    c: Counting, kind: Failure, caplog: pytest.LogCaptureFixture
) -> None:
    await c.like(ADA)
    c.outlet.edit_fails_next(DeliveryError(kind, "gone"), times=9)
    assert await c.look() == []
    assert await c.look(hours=1) == []
    assert await c.store.counts.due(c.clock(), 9) == []
    assert not [record for record in caplog.records if record.levelname != "INFO"]
    assert await c.delivery.digest_state() == "done"


async def test_where_the_platform_asks_to_wait_all_of_its_workspace_wait_and_no_other(c: Counting) -> None:
    for channel in (THERE, ELSEWHERE):
        await c.delivery.keep(channel, PAPERS)
    await c.delivery.deliver()
    for channel in (HERE, THERE, ELSEWHERE):
        await c.like(ADA, channel=channel)
    c.outlet.edit_fails_next(DeliveryError(Failure.LATER, "slower", retry_after=30), channel=HERE)
    assert len(await c.look()) == 1
    assert await c.look(seconds=29) == []
    assert len(await c.look(seconds=1)) == 2


async def test_an_edit_of_which_nobody_knows_is_made_again(c: Counting) -> None:
    await c.like(ADA)
    c.outlet.edit_fails_next(DeliveryError(Failure.UNKNOWN, "no answer"))
    assert await c.look() == []
    assert await c.look(seconds=15) == ["👍 1"]


async def test_a_post_that_is_no_digest_is_edited_from_its_stored_message(c: Counting) -> None:
    message = say("A paper of Ada", actions=paper_buttons(PAPERS[0]), private=False)
    key = PostKey(HERE, WATCH, "a")
    cards = (say("first", private=False), message)
    post = Post(key, MONDAY.date(), tuple(cards), MONDAY, MONDAY + timedelta(hours=1))
    await c.store.ledger.keep_posts([post], MONDAY, {HERE: 9})
    await c.delivery.deliver()
    await c.like(ADA)
    assert await c.look() == ["👍 1"], "a message about no paper has no counts"


async def test_at_most_ten_papers_of_a_workspace_are_edited_in_one_look(c: Counting) -> None:
    channels = [Channel(f"fake:T1/C{number}") for number in range(10, 22)]
    for channel in channels:
        await c.delivery.keep(channel, PAPERS)
    await c.delivery.deliver()
    for channel in channels:
        await c.like(ADA, channel=channel)
    assert [len(await c.look(seconds=5)) for _ in range(3)] == [10, 2, 0]
