"""Watches of channels and people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings, Post, PostKey, QuietHours, Ref, State, Subscription, Watch
from bot.model.post import UPDATE, WATCH
from bot.store import Store
from bot.wording.parts import say
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper

HERE, THERE, ADA = Channel("fake:T1/C1"), Channel("fake:T1/C2"), Channel("fake:T1/U1")
ONE = Watch(HERE, '"naïve" | org:x', 5, QuietHours(time(22), time(8, 30)), set_by=ADA, set_at=MONDAY)
TWO = Watch(HERE, "cat:cs.CL", timezone="Europe/Berlin", set_at=MONDAY + timedelta(hours=1))
MINE = Watch(ADA, "cat:cs.CL", direct=True, set_by=ADA, set_at=MONDAY)


async def put(store: Store, *watches: Watch, most: int = 9) -> list[bool]:
    return [await store.watches.put(each, most) for each in watches]


class WatchContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            yield opened

    async def test_they_are_read_as_they_were_stored_by_channel_and_time(self, store: Store) -> None:
        await put(store, TWO, ONE, MINE)
        assert await store.watches.of([HERE]) == [ONE, TWO]
        assert await store.watches.of([HERE, ADA]) == [ONE, TWO, MINE]
        assert await store.watches.of([]) == []
        assert await store.watches.lines() == {ONE.line, TWO.line}

    async def test_a_channel_has_so_many_and_those_that_it_has_can_be_changed(self, store: Store) -> None:
        assert await put(store, ONE, TWO, most=1) == [True, False]
        changed = replace(ONE, most=1, quiet=None)
        assert await put(store, changed, MINE, most=1) == [True, True]
        assert await store.watches.of([HERE]) == [changed]

    async def test_one_that_is_removed_is_gone_and_others_stay(self, store: Store) -> None:
        await put(store, TWO, MINE)
        assert await store.watches.remove(HERE, TWO.line)
        assert not await store.watches.remove(HERE, TWO.line)
        assert await store.watches.of([HERE, ADA]) == [MINE]

    async def test_stopped_ones_say_why_and_run_no_more_until_they_are_set_again(self, store: Store) -> None:
        await put(store, ONE, TWO, MINE)
        assert await store.watches.stop(HERE, MONDAY, "gone") == [ONE, TWO]
        assert await store.watches.stop(HERE, MONDAY, "again") == []
        assert [each.stop_reason for each in await store.watches.of([HERE])] == ["gone", "gone"]
        assert await store.watches.running() == [MINE]
        assert await store.watches.lines() == {MINE.line}
        await put(store, ONE)
        assert await store.watches.running() == [ONE, MINE]

    async def test_those_of_a_channel_that_is_back_bring_what_comes_from_then_on(self, store: Store) -> None:
        later = MONDAY + timedelta(days=3)
        await put(store, ONE, replace(TWO, channel=THERE), MINE)
        await store.watches.stop(HERE, MONDAY, "it was archived")
        await store.watches.stop(THERE, MONDAY, "not_in_channel")
        await store.watches.restart(Channel("fake:T1"), later, ["not_in"])
        assert [each.channel for each in await store.watches.running()] == [THERE, ADA]
        await store.watches.restart(HERE, later, ())
        assert await store.watches.of([HERE]) == [replace(ONE, set_at=later)]
        assert await store.watches.of([ADA]) == [MINE], "it was never stopped"

    async def test_the_clock_and_the_summaries_are_those_of_the_channels_subscription(self, store: Store) -> None:
        await put(store, TWO)
        await store.subscriptions.put(
            Subscription(HERE, name="a", timezone="UTC"),
            Subscription(HERE, timezone="Asia/Tokyo", summaries="authors"),
        )
        expected = replace(TWO, timezone="Asia/Tokyo", summaries="authors")
        assert await store.watches.of([HERE]) == await store.watches.running() == [expected]

    async def test_a_channel_whose_every_digest_is_paused_has_none_that_run(self, store: Store) -> None:
        await put(store, TWO, MINE)
        main = Subscription(HERE, timezone="Europe/Berlin", paused_at=MONDAY)
        await store.subscriptions.put(main)
        assert await store.watches.running() == [MINE]
        await store.subscriptions.put(replace(main, name="other", paused_at=None))
        assert await store.watches.running() == [MINE, TWO] or await store.watches.running() == [TWO, MINE]

    async def test_they_move_with_their_channel_and_are_erased_with_its_workspace(self, store: Store) -> None:
        await put(store, ONE, MINE)
        assert await store.subscriptions.move(HERE, THERE)
        assert await store.watches.of([HERE, THERE]) == [replace(ONE, channel=THERE)]
        await store.subscriptions.erase(Channel("fake:T1"))
        assert await store.watches.of([THERE, ADA]) == []

    async def test_who_is_forgotten_leaves_no_watch_and_no_name(self, store: Store) -> None:
        await put(store, ONE, MINE)
        erased = await store.people.forget(ADA)
        assert (erased["watch"], erased["mention"]) == (1, 1)
        assert await store.watches.of([HERE, ADA]) == [replace(ONE, set_by=None)]
        await store.people.forget(HERE)
        assert await store.watches.of([HERE]) == [replace(ONE, set_by=None)], "a channel forgets feedback alone"

    async def test_the_ledger_tells_what_was_made_of_a_kind_since_a_day(self, store: Store) -> None:
        await store.papers.add(Findings((paper(1), paper(2))), "arxiv", MONDAY)

        def post(key: str, *papers: str, days: int = 0, kind: str = WATCH, under: str | None = None) -> Post:
            at, ref = MONDAY + timedelta(days=days), None if under is None else Ref(under)
            return Post(PostKey(HERE, kind, key), at.date(), (say(key),), at, at, ref, papers)

        old, first = post("old", days=-1), post("first", paper(1).id, paper(2).id)
        reply, other = post("reply", under="r1"), post("other", kind=UPDATE)
        for each in (old, first, other):
            await store.ledger.keep_posts([each], each.due_at, {HERE: 9})
        await store.ledger.keep_posts([reply], MONDAY + timedelta(hours=1), {HERE: 9})
        await store.ledger.claim(first.key, 0, None, MONDAY)
        await store.ledger.settle(first.key, 0, State.POSTED, MONDAY, ref=Ref("r1"), closes=True)
        await store.ledger.abandon(reply.key, "it is gone")
        one, two = await store.ledger.post_records(WATCH, [HERE, THERE], MONDAY.date())
        assert (one.key, one.state, one.under, one.ref, one.papers) == (first.key, "done", None, "r1", first.papers)
        assert (two.key, two.state, two.under, two.ref, two.papers) == (reply.key, "abandoned", "r1", None, ())
        assert (two.day, two.made_at, two.reason) == (MONDAY.date(), MONDAY + timedelta(hours=1), "it is gone")
        assert await store.ledger.post_records(WATCH, [THERE], MONDAY.date()) == []
        assert (one.may_have_arrived, two.may_have_arrived) == (False, False)
        await store.ledger.keep_posts([post("lost")], MONDAY + timedelta(hours=2), {HERE: 9})
        lost = post("lost").key
        await store.ledger.claim(lost, 0, None, MONDAY)
        await store.ledger.settle(lost, 0, State.LOST, MONDAY)
        *_, last = await store.ledger.post_records(WATCH, [HERE], MONDAY.date())
        assert (last.key, last.may_have_arrived) == (lost, True)

    async def test_what_one_person_reads_is_not_bounded(self, store: Store) -> None:
        posts = [
            Post(PostKey(ADA, WATCH, str(n)), MONDAY.date(), (say("x"),), MONDAY, MONDAY, direct=n > 0)
            for n in range(3)
        ]
        assert await store.ledger.keep_posts(posts, MONDAY, {ADA: 0}) == {each.key for each in posts[1:]}
