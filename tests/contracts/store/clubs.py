"""Journal clubs: one a channel, one meeting under way, one vote a person, each change made once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.digest.club import first_meeting, next_meeting
from bot.model import Channel, Findings
from bot.model.club import Club, Meeting, MeetingState, Presenter, Wanted
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
CLUB = Club(HERE, 3, MONDAY.time(), "Europe/Berlin", 2, ADA)
FIRST = first_meeting(CLUB, MONDAY)
WANTED = [Wanted(paper(2).id, 2, 1), Wanted(paper(1).id)]


class ClubContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings((paper(1), paper(2), paper(3))), "huggingface", MONDAY)
            assert await opened.clubs.start(CLUB, FIRST)
            yield opened

    async def test_a_channel_has_one_club_and_one_meeting_under_way(self, store: Store) -> None:
        assert not await store.clubs.start(replace(CLUB, weekday=1), replace(FIRST, id="other"))
        assert await store.clubs.club(HERE) == CLUB
        details = await store.clubs.current(HERE)
        assert details is not None
        assert details.meeting == FIRST
        assert await store.clubs.club(THERE) is None

    async def test_of_several_that_take_a_step_one_does(self, store: Store) -> None:
        clubs, meeting = store.clubs, FIRST.id
        assert sorted(await asyncio.gather(*(clubs.open_vote(meeting, WANTED) for _ in range(3)))) == [
            False,
            False,
            True,
        ]
        assert sorted(await asyncio.gather(*(clubs.close_vote(meeting) for _ in range(3)))) == [False, False, True]
        decided = (clubs.decide(meeting, number, votes=1, tied=1, ballots=1) for number in (1, 2))
        assert sorted(await asyncio.gather(*decided)) == [False, True]
        following = [next_meeting(CLUB, FIRST.day, MONDAY) for _ in range(3)]
        ended = (clubs.end(meeting, MeetingState.OVER, each) for each in following)
        assert sorted(await asyncio.gather(*ended)) == [False, False, True]
        current = await clubs.current(HERE)
        assert current is not None
        assert current.meeting.id in {each.id for each in following}
        last = await clubs.latest(HERE)
        assert last is not None
        assert (last.id, last.state) == (meeting, MeetingState.OVER)

    async def test_a_person_has_one_vote_whoever_counts_it(self, store: Store) -> None:
        assert await store.clubs.vote(HERE, FIRST.id, ADA, 1, MONDAY) == "unknown", "there is no candidate"
        await store.clubs.open_vote(FIRST.id, WANTED)
        await asyncio.gather(*(store.clubs.vote(HERE, FIRST.id, ADA, number, MONDAY) for number in (1, 2, 1, 2)))
        assert await store.clubs.vote(HERE, FIRST.id, BEN, 2, MONDAY) == "voted"
        assert await store.clubs.vote(HERE, FIRST.id, BEN, 2, MONDAY) == "same"
        assert await store.clubs.vote(HERE, FIRST.id, ADA, 1, MONDAY) in {"changed", "same"}
        assert await self._votes(store) == {ADA: 1, BEN: 2}
        assert await store.clubs.vote(HERE, FIRST.id, BEN, None, MONDAY) == "withdrawn"
        assert await self._votes(store) == {ADA: 1}

    async def test_a_vote_counts_until_the_end_to_the_second_and_only_for_its_channel(self, store: Store) -> None:
        await store.clubs.open_vote(FIRST.id, WANTED)
        last_moment = FIRST.closes_at - timedelta(seconds=1)
        assert await store.clubs.vote(THERE, FIRST.id, ADA, 1, MONDAY) == "unknown"
        assert await store.clubs.vote(HERE, FIRST.id, ADA, 3, MONDAY) == "unknown"
        assert await store.clubs.vote(HERE, FIRST.id, ADA, 1, last_moment) == "voted"
        assert await store.clubs.vote(HERE, FIRST.id, ADA, 2, FIRST.closes_at) == "over"
        await store.clubs.close_vote(FIRST.id)
        assert await store.clubs.vote(HERE, FIRST.id, ADA, 2, last_moment) == "over"
        assert await self._votes(store) == {ADA: 1}

    async def test_papers_are_added_once_and_keep_their_number(self, store: Store) -> None:
        assert await store.clubs.add(HERE, FIRST.id, paper(3).id, MONDAY) == "added"
        assert await store.clubs.add(HERE, FIRST.id, paper(3).id, MONDAY) == "listed"
        await store.clubs.open_vote(FIRST.id, WANTED[:1])
        assert await store.clubs.add(HERE, FIRST.id, paper(1).id, MONDAY) == "added"
        assert await store.clubs.add(HERE, FIRST.id, paper(1).id, FIRST.closes_at) == "over"
        details = await store.clubs.current(HERE)
        assert details is not None
        assert [(each.number, each.paper.id, each.added, each.discuss, each.likes) for each in details.candidates] == [
            (1, paper(2).id, False, 2, 1),
            (2, paper(3).id, False, 0, 0),
            (3, paper(1).id, True, 0, 0),
        ]

    async def test_one_person_presents_until_withdrawn_or_replaced(self, store: Store) -> None:
        clubs = store.clubs
        assert await clubs.present(HERE, FIRST.id, ADA, "Ada", MONDAY) == "over", "nothing is decided"
        await self._decide(store)
        offers = await asyncio.gather(*(clubs.present(HERE, FIRST.id, each, "A", MONDAY) for each in (ADA, BEN)))
        assert sorted(offers) == ["other", "presents"]
        assert await clubs.present(HERE, FIRST.id, BEN, "Ben", MONDAY, instead=True) in {"presents", "same"}
        assert await clubs.withdraw_presenter(HERE, FIRST.id, ADA, MONDAY) == "other"
        assert await clubs.withdraw_presenter(HERE, FIRST.id, BEN, MONDAY) == "withdrawn"
        assert await clubs.present(HERE, FIRST.id, ADA, "Ada", MONDAY) == "presents"
        details = await clubs.current(HERE)
        assert details is not None
        assert details.presenter == Presenter(ADA, "Ada")
        assert await clubs.present(HERE, FIRST.id, BEN, "Ben", FIRST.starts_at, instead=True) == "over"

    async def test_a_meeting_is_looked_at_when_it_is_due_and_again_after_every_change(self, store: Store) -> None:
        meeting, later = FIRST, MONDAY + timedelta(days=300)
        assert await store.clubs.due(meeting.opens_at - timedelta(seconds=1)) == []
        assert await store.clubs.due(meeting.opens_at) == [meeting.id]
        await store.clubs.open_vote(meeting.id, WANTED)
        await store.clubs.looked(meeting, later)
        assert await store.clubs.due(MONDAY) == [meeting.id], "it was changed since it was read"
        details = await store.clubs.current(HERE)
        assert details is not None
        await store.clubs.looked(details.meeting, later)
        assert await store.clubs.due(MONDAY) == []
        await store.clubs.add(HERE, meeting.id, paper(3).id, MONDAY)
        assert await store.clubs.due(MONDAY) == [meeting.id]

    async def test_what_was_read_is_remembered_and_a_stopped_club_starts_anew(self, store: Store) -> None:
        await self._decide(store)
        assert await store.clubs.discussed(HERE) == {paper(2).id}
        assert await store.clubs.stop(HERE)
        assert not await store.clubs.stop(HERE)
        assert await store.clubs.current(HERE) is None
        assert not await store.clubs.end(FIRST.id, MeetingState.OVER, None)
        assert await store.clubs.start(CLUB, first_meeting(CLUB, MONDAY))

    async def test_it_moves_with_its_channel_and_is_erased_with_its_workspace(self, store: Store) -> None:
        await self._decide(store)
        assert await store.subscriptions.move(HERE, THERE)
        moved = await store.clubs.club(THERE)
        details = await store.clubs.current(THERE)
        assert moved is not None
        assert details is not None
        assert details.votes == {ADA: 1}
        await store.subscriptions.erase(Channel("fake:T1"))
        assert (await store.clubs.club(THERE), await store.clubs.meeting(FIRST.id)) == (None, None)

    async def test_a_person_is_forgotten(self, store: Store) -> None:
        await self._decide(store)
        await store.clubs.present(HERE, FIRST.id, ADA, "Ada", MONDAY)
        erased = await store.people.forget(ADA)
        assert (erased["vote"], erased["offer to present"]) == (1, 1)
        details, club = await store.clubs.current(HERE), await store.clubs.club(HERE)
        assert details is not None
        assert (details.votes, details.presenter, club) == ({}, None, replace(CLUB, set_by=None))

    async def test_a_candidate_stays_when_its_two_ids_become_one(self, store: Store) -> None:
        by_doi = replace(paper(9), id="10.1234/nine")
        await store.papers.add(Findings((by_doi,)), "huggingface", MONDAY)
        await store.clubs.add(HERE, FIRST.id, by_doi.id, MONDAY)
        await store.papers.add(Findings((paper(9), replace(paper(9), doi=by_doi.id))), "arxiv", MONDAY)
        details = await store.clubs.current(HERE)
        assert details is not None
        assert [each.paper.id for each in details.candidates] == [paper(9).id]

    async def _decide(self, store: Store) -> Meeting:
        await store.clubs.open_vote(FIRST.id, WANTED)
        await store.clubs.vote(HERE, FIRST.id, ADA, 1, MONDAY)
        await store.clubs.close_vote(FIRST.id)
        await store.clubs.decide(FIRST.id, 1, votes=1, tied=1, ballots=1)
        return FIRST

    async def _votes(self, store: Store) -> dict[Channel, int]:
        details = await store.clubs.current(HERE)
        assert details is not None
        return dict(details.votes)
