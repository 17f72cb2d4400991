"""Feedback that profiles are learnt from: stored by channel and person, withdrawn, moved and erased with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings, Lessons
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, ELSEWHERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
ONE, TWO = paper(1).id, paper(2).id


async def lessons(store: Store, channel: Channel = HERE) -> Lessons:
    return (await store.feedback.lessons((channel,))).get(channel, Lessons())


async def feedback(store: Store, channel: Channel = HERE) -> list[tuple[Channel, str, str, int]]:
    rows = (await lessons(store, channel)).feedback
    return [(each.user, each.paper_id, each.gesture, each.value) for each in rows]


class FeedbackContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings((paper(1), paper(2))), "huggingface", MONDAY)
            yield opened

    async def test_reactions_saves_and_shares_are_listed_oldest_first_by_channel(self, store: Store) -> None:
        await store.feedback.record(HERE, ADA, ONE, "share", MONDAY + timedelta(hours=2))
        await store.people.react(HERE, BEN, TWO, -1, MONDAY + timedelta(hours=1))
        await store.feedback.record(HERE, ADA, TWO, "save", MONDAY)
        await store.people.react(ELSEWHERE, ADA, ONE, 1, MONDAY)
        assert await feedback(store) == [(ADA, TWO, "save", 1), (BEN, TWO, "reaction", -1), (ADA, ONE, "share", 1)]
        assert await feedback(store, ELSEWHERE) == [(ADA, ONE, "reaction", 1)]
        assert set(await store.feedback.lessons((HERE, ELSEWHERE, Channel("fake:T1/C3")))) == {HERE, ELSEWHERE}

    async def test_the_place_is_the_one_in_the_channels_own_digest(self, store: Store) -> None:
        chosen = digest(HERE, [paper(2), paper(1)])
        await store.ledger.keep([chosen], {})
        for channel in (HERE, ELSEWHERE):
            await store.people.react(channel, ADA, ONE, 1, MONDAY)
        assert [each.place for each in (await lessons(store)).feedback] == [2]
        assert [each.place for each in (await lessons(store, ELSEWHERE)).feedback] == [None]

    async def test_the_topics_are_those_that_brought_the_paper_or_else_those_it_was_of(self, store: Store) -> None:
        chosen = digest(HERE, [paper(1)])
        picks = tuple(replace(pick, topics=("video", "vidéo | audio")) for pick in chosen.picks)
        await store.ledger.keep([replace(chosen, picks=picks)], {})
        for paper_id, topics in ((ONE, ("agents",)), (TWO, ("agents", "“x”")), (TWO, ())):
            await store.people.react(HERE, BEN if not topics else ADA, paper_id, 1, MONDAY, topics)
        await store.people.react(ELSEWHERE, ADA, ONE, 1, MONDAY)
        await store.feedback.record(HERE, ADA, ONE, "save", MONDAY)
        rows = {(each.user, each.paper_id, each.gesture): each.topics for each in (await lessons(store)).feedback}
        assert rows == {
            (ADA, ONE, "reaction"): ("video", "vidéo | audio"),
            (ADA, TWO, "reaction"): ("agents", "“x”"),
            (BEN, TWO, "reaction"): (),
            (ADA, ONE, "save"): (),
        }
        assert [each.topics for each in (await lessons(store, ELSEWHERE)).feedback] == [()]

    async def test_a_paper_that_is_not_stored_teaches_nothing(self, store: Store) -> None:
        await store.feedback.record(HERE, ADA, "2401.99999", "share", MONDAY)
        assert await feedback(store) == []

    async def test_a_gesture_can_be_taken_back_and_counts_once(self, store: Store) -> None:
        for hour in range(2):
            await store.feedback.record(HERE, ADA, ONE, "save", MONDAY + timedelta(hours=hour))
        assert await feedback(store) == [(ADA, ONE, "save", 1)]
        await store.feedback.withdraw(ADA, ONE, "save")
        assert await feedback(store) == []

    async def test_a_wish_to_discuss_is_of_one_channel_and_ends_when_it_is_said_again(self, store: Store) -> None:
        facts = (ADA, ONE, "discuss", MONDAY)
        assert await store.feedback.toggle(HERE, *facts)
        assert await store.feedback.toggle(ELSEWHERE, *facts)
        assert not await store.feedback.toggle(HERE, *facts)
        assert await feedback(store) == []
        assert await feedback(store, ELSEWHERE) == [(ADA, ONE, "discuss", 1)]
        assert not await store.feedback.toggle(HERE, ADA, "2401.99999", "discuss", MONDAY)
        assert (await store.people.forget(ADA))["discussion request"] == 1
        assert await feedback(store, ELSEWHERE) == []

    async def test_undo_takes_back_the_latest_one_by_one(self, store: Store) -> None:
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        await store.feedback.record(HERE, BEN, TWO, "share", MONDAY + timedelta(hours=1))
        first, second = await store.feedback.undo_latest(HERE), await store.feedback.undo_latest(HERE)
        assert first is not None
        assert second is not None
        assert [(each.user, each.gesture) for each in (first, second)] == [(BEN, "share"), (ADA, "reaction")]
        assert await store.feedback.undo_latest(HERE) is None
        assert await feedback(store) == []

    async def test_what_is_excluded_stays_so_until_it_counts_again(self, store: Store) -> None:
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        await store.feedback.exclude(HERE, {"video", "agent"}, (), MONDAY)
        await store.feedback.exclude(HERE, (), {ONE}, MONDAY)
        await store.feedback.include(HERE, {"agent", "unheard"}, (), MONDAY)
        excluded = await lessons(store)
        assert (excluded.words, excluded.papers) == ({"video"}, {ONE})

    async def test_reset_erases_the_channels_feedback_and_decisions_and_no_others(self, store: Store) -> None:
        for channel in (HERE, ELSEWHERE):
            await store.people.react(channel, ADA, ONE, 1, MONDAY)
            await store.feedback.record(channel, ADA, TWO, "share", MONDAY)
            await store.feedback.exclude(channel, {"video"}, (), MONDAY)
        assert await store.feedback.reset(HERE) == 2
        assert await lessons(store) == Lessons()
        assert len((await lessons(store, ELSEWHERE)).feedback) == 2
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        assert (await lessons(store)).words == frozenset()

    async def test_feedback_follows_a_channel_that_gets_another_address(self, store: Store) -> None:
        await store.ledger.keep([digest(HERE, [paper(1)])], {})
        await store.feedback.record(HERE, ADA, ONE, "share", MONDAY)
        assert await store.subscriptions.move(HERE, ELSEWHERE)
        assert await feedback(store, ELSEWHERE) == [(ADA, ONE, "share", 1)]
        assert await feedback(store) == []

    async def test_feedback_follows_a_paper_whose_doi_turns_out_to_be_an_arxiv_paper(self, store: Store) -> None:
        published = replace(paper(3), id="10.1000/xyz")
        await store.papers.add(Findings((published,)), "file", MONDAY)
        await store.papers.add(Findings((paper(4),)), "arxiv", MONDAY)
        await store.feedback.record(HERE, ADA, "10.1000/xyz", "share", MONDAY)
        await store.papers.add(Findings((replace(paper(4), doi="10.1000/xyz"),)), "arxiv", MONDAY)
        assert await feedback(store) == [(ADA, paper(4).id, "share", 1)]

    async def test_a_workspace_that_is_erased_takes_its_feedback_along(self, store: Store) -> None:
        await store.feedback.record(HERE, ADA, ONE, "share", MONDAY)
        await store.feedback.record(Channel("fake:T2/C1"), Channel("fake:T2/U1"), ONE, "share", MONDAY)
        await store.subscriptions.erase(Channel("fake:T1"))
        assert await feedback(store) == []
        assert len(await feedback(store, Channel("fake:T2/C1"))) == 1
