"""Watches over days: what comes is posted once, in order and within bounds, whatever the hour and whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic

import pytest

from bot.app.engine import DigestEngine
from bot.app.watch import WatchRoutine
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.delivery.process_lease import ProcessLease
from bot.errors import Failure
from bot.model import Channel, ChannelSettings, Findings, Paper, Post, PostKey, QuietHours, Subscription, Watch
from bot.model.post import RECAP
from bot.queue.in_process import InProcessQueue
from bot.store import Store
from bot.wording.parts import say
from tests.fakes import MONDAY, FakeClock, FakeOutlet, FakeSource, paper
from tests.harness.delivery import HERE, SETTER, THERE, Delivery

LINE = '"speculative decoding"'
START = MONDAY - timedelta(hours=1)


def about(number: int, what: str = "speculative decoding", **fields: object) -> Paper:
    """A paper about something, first seen when it is collected and listed nowhere."""
    made = paper(number, title=f"{what.title()} {number}", abstract=f"{what}. {paper(number).abstract}")
    return replace(made, **{"listed_at": None, **fields})  # type: ignore[arg-type]  # the names are those of a Paper


class World:
    """An engine with its watches, a deliverer, and a platform."""

    def __init__(self, path: Path) -> None:
        self.outlet, self.source = FakeOutlet(), FakeSource("arxiv")
        self.delivery = Delivery(path, self.outlet)
        self.store, self.clock = self.delivery.store, self.delivery.clock
        self.clock.set(START)
        self.restart()

    def restart(self) -> None:
        """The process ends and another one takes over; only the store is left."""
        self.delivery.restart()
        self.engine = DigestEngine(
            self.store, [self.source], self.clock, notices=self.delivery.notices, queue=self.delivery.queue
        )
        self.engine.routines = (WatchRoutine(self.store, self.engine, self.delivery.notices),)

    async def watch(self, line: str = LINE, channel: Channel = HERE, **fields: object) -> None:
        made = Watch(channel, line, set_by=SETTER, set_at=self.clock(), **fields)  # type: ignore[arg-type]
        assert await self.store.watches.put(made, 20)

    async def look(self, *papers: Paper, at: datetime | None = None) -> None:
        """Look at the sources, which have these papers too, and deliver."""
        self.clock.set(at or self.clock() + timedelta(minutes=30))
        self.source.has(*papers)
        await self.engine.refresh()
        await self.delivery.deliver()

    async def tick(self, at: datetime | None = None) -> None:
        self.clock.set(at or self.clock() + timedelta(minutes=1))
        await self.engine.tick()
        await self.delivery.deliver()

    def shown(self, channel: Channel = HERE) -> list[str]:
        """The titles of the cards, in order."""
        return [post.message.title for post in self.outlet.in_channel(channel) if post.message.paper_id]

    def texts(self, channel: Channel = HERE) -> list[str]:
        return [post.text for post in self.outlet.in_channel(channel)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "p.db")
    with made.store:
        yield made


async def test_a_paper_is_posted_within_one_look_and_never_again(world: World) -> None:
    await world.look(about(1))
    await world.watch()
    await world.look(about(1), about(2), about(3, "protein folding"))
    [post] = world.outlet.in_channel(HERE)
    assert post.message.paper_id == about(2).id
    assert post.text.startswith("Watch: “speculative decoding”\nSpeculative Decoding 2")
    assert [each.label for each in post.message.actions][:3] == ["Save", "👍", "👎"]
    assert post.message.actions[-1].label == "Stop this watch"
    world.restart()
    for hours in (1, 30, 200):
        await world.look(at=MONDAY + timedelta(hours=hours))
    assert len(world.outlet.posts) == 1


async def test_a_paper_that_the_channel_has_had_is_no_hit_and_one_that_a_watch_showed_is_in_no_digest(
    world: World,
) -> None:
    subscription = Subscription(HERE, next_due=MONDAY, set_by=SETTER)
    await world.store.subscriptions.put(subscription)
    await world.watch()
    for number in (1, 2):
        world.source.notices(about(number, listed_at=START + timedelta(minutes=10)), upvotes=10)
    await world.look(at=MONDAY - timedelta(minutes=30))
    [first] = [post.message.paper_id for post in world.outlet.posts]
    await world.tick(MONDAY)
    digest = await world.store.ledger.digest(HERE, MONDAY.date())
    assert digest is not None
    assert [pick.paper.id for pick in digest.picks] == [each for each in (about(1).id, about(2).id) if each != first]
    for _ in range(3):
        await world.tick()
    assert len(world.shown()) == 2


async def test_three_a_day_come_one_by_one_in_one_thread_and_the_rest_in_one_message(world: World) -> None:
    await world.watch()
    await world.look(*map(about, range(1, 6)))
    assert len(world.outlet.posts) == 1
    await world.tick()
    await world.look(about(6))
    [opener] = world.outlet.openers(HERE)
    assert len(world.outlet.replies(opener)) == 2
    await world.tick(MONDAY.replace(hour=17, minute=59))
    assert len(world.outlet.posts) == 3
    await world.tick(MONDAY.replace(hour=18))
    await world.tick()
    *_, rest = world.outlet.replies(opener)
    assert rest.text.startswith("Watch: “speculative decoding”: 3 more papers today")
    assert [each.label for each in rest.message.actions] == ["#1", "#2", "#3", "Watches"]
    assert len(world.outlet.posts) == 4
    await world.look(about(7), at=MONDAY.replace(hour=20))
    assert len(world.outlet.posts) == 4
    await world.tick(MONDAY + timedelta(days=1))
    assert world.shown()[-1].endswith("Speculative Decoding 7")
    assert len(world.outlet.openers(HERE)) == 2


async def test_two_watches_with_one_paper_are_one_message_that_names_both(world: World) -> None:
    await world.watch()
    await world.watch("cat:cs.CL")
    await world.look(about(1))
    [post] = world.outlet.posts
    assert post.text.startswith("Watches: “speculative decoding” and “cat:cs.CL”\n")
    assert post.message.actions[-1].label == "Watches"


async def test_quiet_hours_hold_papers_back_until_they_end_by_the_channels_clock(world: World) -> None:
    await world.store.subscriptions.put(Subscription(HERE, timezone="America/New_York"))
    await world.watch(quiet=QuietHours(time(22), time(8)))
    await world.look(about(1), at=datetime.fromisoformat("2025-11-25T05:00Z"))
    await world.tick(datetime.fromisoformat("2025-11-25T12:59Z"))
    assert not world.outlet.posts
    await world.tick(datetime.fromisoformat("2025-11-25T13:00Z"))
    assert len(world.outlet.posts) == 1


@pytest.mark.parametrize(
    ("seen", "still_quiet", "over"),
    [
        # Berlin, 29 March 2026: 02:00 to 03:00 does not exist, and quiet hours that end in it end an hour later
        ("2026-03-29T00:30+01:00", "2026-03-29T01:59+01:00", "2026-03-29T03:30+02:00"),
        # 25 October 2026: 02:00 to 03:00 comes twice, and quiet hours that end in it end the first time
        ("2026-10-25T00:30+02:00", "2026-10-25T02:29+02:00", "2026-10-25T02:30+02:00"),
    ],
)
async def test_quiet_hours_end_where_the_clock_changes(world: World, seen: str, still_quiet: str, over: str) -> None:
    world.clock.set(datetime.fromisoformat(seen) - timedelta(hours=1))
    await world.watch(quiet=QuietHours(time(22), time(2, 30)), timezone="Europe/Berlin")
    await world.look(about(1), at=datetime.fromisoformat(seen))
    await world.tick(datetime.fromisoformat(still_quiet))
    assert not world.outlet.posts
    await world.tick(datetime.fromisoformat(over))
    assert len(world.outlet.posts) == 1


async def test_a_channel_that_takes_no_more_openers_today_gets_the_paper_tomorrow(world: World) -> None:
    taken = [
        Post(PostKey(HERE, RECAP, str(n)), START.date(), (say(f"recap {n}"),), START, START + timedelta(days=1))
        for n in range(2)
    ]
    await world.engine.post(taken)
    await world.watch()
    await world.look(about(1))
    await world.tick(MONDAY.replace(hour=18))
    assert world.texts() == ["recap 0", "recap 1"]
    await world.tick(MONDAY.replace(hour=0) + timedelta(days=1))
    assert len(world.shown()) == 1


async def test_a_paper_that_a_digest_takes_while_a_watch_looks_is_posted_once_and_the_day_is_not_full(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = world.store.ledger.channels_shown

    async def shown_before_the_digest(ids: list[str]) -> dict[str, list[Channel]]:
        before = await shown(ids)
        await world.delivery.keep(HERE, [about(1)], at=world.clock())
        return before

    await world.watch()
    monkeypatch.setattr(world.store.ledger, "channels_shown", shown_before_the_digest)
    await world.look(about(1))
    monkeypatch.undo()
    assert world.shown() == [about(1).title], "in the digest"
    await world.look(about(1), about(2))
    assert [title.rpartition(" ")[2] for title in world.shown()] == ["1", "2"]


async def test_what_comes_for_one_person_opens_each_time_and_is_not_bounded_by_the_channels_openers(
    world: World,
) -> None:
    await world.store.channels.change(SETTER, ChannelSettings(), ChannelSettings(openers=0))
    await world.watch(channel=SETTER, direct=True, most=4)
    await world.look(*map(about, range(1, 7)))
    assert len(world.outlet.openers(SETTER)) == 4
    await world.tick(MONDAY.replace(hour=18))
    assert [len(world.outlet.openers(SETTER)), len(world.outlet.posts)] == [5, 5]


async def test_a_reply_whose_thread_is_gone_is_posted_as_a_message_of_its_own(world: World) -> None:
    await world.watch()
    await world.look(about(1))
    world.outlet.fails_next(Failure.THREAD_GONE)
    await world.look(about(2))
    assert len(world.outlet.posts) == 1
    await world.look()
    assert [post.under for post in world.outlet.posts] == [None, None]
    assert [title.endswith(str(n)) for n, title in enumerate(world.shown(), start=1)] == [True, True]


async def test_a_paused_channel_gets_nothing_and_after_a_week_nothing_waits_for_it(world: World) -> None:
    paused = Subscription(HERE, paused_at=START)
    await world.store.subscriptions.put(paused)
    await world.watch()
    await world.look(about(1))
    assert not world.outlet.posts
    await world.look(about(2), at=START + timedelta(days=7, hours=1))
    await world.store.subscriptions.put(replace(paused, paused_at=None))
    await world.look()
    assert [title[-1] for title in world.shown()] == ["2"]


async def test_watches_of_a_channel_where_three_posts_fail_are_stopped_and_their_setter_is_told_once(
    world: World,
) -> None:
    await world.watch()
    await world.watch("cat:cs.CL")
    await world.watch(channel=THERE)
    world.outlet.fails_next(Failure.CHANNEL_GONE, "it was archived", channel=HERE, times=9)
    for number in range(1, 7):
        await world.look(about(number), at=MONDAY + timedelta(days=number))
    assert world.outlet.attempts(HERE) == 3
    assert [each.stop_reason for each in await world.store.watches.of([HERE])] == ["it was archived"] * 2
    [notice] = world.texts(SETTER)
    assert "in fake:T1/C1 could not be posted there (it was archived): its 2 watches" in notice
    assert len(world.shown(THERE)) == 6
    await world.watch()
    world.outlet.fails_next(Failure.LATER, channel=HERE, times=0)
    await world.look(about(7), at=MONDAY + timedelta(days=7))
    assert world.outlet.attempts(HERE) == 4


async def test_many_posts_of_one_look_are_one_failure_and_a_channel_that_is_back_is_watched_again(
    world: World,
) -> None:
    await world.watch(most=9)
    await world.look(about(1))
    world.outlet.fails_next(Failure.CHANNEL_GONE, "it was archived", channel=HERE, times=3)
    await world.look(*map(about, range(2, 7)))
    await world.tick()
    assert [each.stop_reason for each in await world.store.watches.of([HERE])] == [""]
    for number in range(7, 10):
        await world.look(about(number), at=MONDAY + timedelta(days=number))
    assert [each.stop_reason for each in await world.store.watches.of([HERE])] == ["it was archived"]
    await world.engine.revive(HERE)
    await world.look(about(10), at=MONDAY + timedelta(days=10))
    assert [title.rpartition(" ")[2] for title in world.shown()] == ["1", "10"]


async def test_a_paper_that_fits_later_is_posted_then(world: World) -> None:
    await world.watch("min:20 cat:cs.CL")
    world.source.notices(about(1), upvotes=3)
    await world.look()
    assert not world.outlet.posts
    world.source.notices(about(1), upvotes=25)
    await world.look(at=MONDAY + timedelta(days=2))
    assert len(world.shown()) == 1


async def test_like_may_name_a_paper_that_is_no_candidate(world: World) -> None:
    old = replace(about(1), abstract="Drafts of tokens are verified in parallel by a large target model.")
    await world.store.papers.add(Findings((old,)), "arxiv", START - timedelta(days=60))
    await world.watch(f"like:{old.id}")
    close = replace(about(2), abstract="A target model verifies drafts of tokens in parallel, and large drafts too.")
    await world.look(close, about(3, "protein folding"))
    assert [title[-1] for title in world.shown()] == ["2"]


async def test_a_line_that_can_no_longer_be_read_matches_nothing_and_holds_up_no_other(world: World) -> None:
    await world.watch("oldfield:x")
    await world.watch(channel=THERE)
    await world.look(about(1))
    assert (world.shown(), len(world.shown(THERE))) == ([], 1)


async def test_the_day_is_the_channels(world: World) -> None:
    await world.watch(timezone="Asia/Tokyo", most=1)
    await world.look(about(1), about(2), at=datetime.fromisoformat("2025-11-24T14:30Z"))
    [record] = await world.store.ledger.post_records("watch", [HERE], date(2025, 11, 1))
    assert record.day == date(2025, 11, 24)
    await world.tick(datetime.fromisoformat("2025-11-24T15:00Z"))
    assert len(world.outlet.openers(HERE)) == 2


async def test_a_paper_that_may_have_arrived_is_never_opened_again_and_comes_with_the_rest_of_the_day(
    world: World,
) -> None:
    await world.watch()
    world.outlet.fails_next(Failure.UNKNOWN, arrived=True)
    world.outlet.cannot_tell()
    await world.look(about(1))
    await world.look()
    await world.look(about(2))
    assert [title[-1] for title in world.shown()] == ["1", "2"]
    await world.tick(MONDAY.replace(hour=18))
    *_, rest = world.outlet.posts
    assert (rest.under, "1 more paper today\nSpeculative Decoding 1" in rest.text) == (world.outlet.posts[1].ref, True)


async def test_two_processes_that_look_at_the_same_time_post_each_paper_once(stores: tuple[Store, Store]) -> None:
    await stores[0].papers.add(Findings(tuple(map(about, range(1, 6)))), "arxiv", MONDAY)
    await stores[0].watches.put(Watch(HERE, LINE, set_at=START), 20)
    outlet, clock = FakeOutlet(), FakeClock(MONDAY)
    routines, queues = list[WatchRoutine](), list[InProcessQueue]()
    for store in stores:
        await ProcessLease(store, monotonic).renew()
        notices = Notices(store, {"fake": outlet}, clock, None)
        queue = InProcessQueue(Deliverer(store, {"fake": outlet}, clock, notices))
        engine = DigestEngine(store, [], clock, notices=notices, queue=queue)
        routines.append(WatchRoutine(store, engine, notices))
        queues.append(queue)
    for moment in (MONDAY, MONDAY + timedelta(minutes=1), MONDAY.replace(hour=18)):
        clock.set(moment)
        await asyncio.gather(*(each.run(moment) for each in routines))
        await asyncio.gather(*(each.drain() for each in queues))
    assert [len(outlet.posts), len(outlet.openers(HERE))] == [4, 1]
    assert len(await stores[0].ledger.shown_in(HERE, [about(n).id for n in range(1, 6)])) == 5
