"""Two processes count votes for one meeting at the same time."""

from __future__ import annotations

import asyncio

from bot.digest.club import first_meeting
from bot.model import Channel, Findings
from bot.store import Store
from tests.contracts.store.clubs import CLUB, WANTED
from tests.fakes import MONDAY, paper


async def test_of_votes_that_two_processes_count_while_one_closes_none_is_lost(stores: tuple[Store, Store]) -> None:
    first, second = stores
    await first.papers.add(Findings((paper(1), paper(2))), "huggingface", MONDAY)
    meeting = first_meeting(CLUB, MONDAY)
    assert sorted(await asyncio.gather(*(each.clubs.start(CLUB, meeting) for each in stores))) == [False, True]
    assert sorted(await asyncio.gather(*(each.clubs.open_vote(meeting.id, WANTED) for each in stores))) == [False, True]
    people = [Channel(f"fake:T1/U{n}") for n in range(20)]

    async def press(person: Channel, number: int, store: Store) -> tuple[Channel, str]:
        return person, await store.clubs.vote(CLUB.channel, meeting.id, person, number, MONDAY)

    presses = [press(person, n % 2 + 1, stores[n % 2]) for n, person in enumerate(people)]
    *answers, closed = await asyncio.gather(*presses, second.clubs.close_vote(meeting.id))
    assert closed
    details = await first.clubs.current(CLUB.channel)
    assert details is not None
    assert details.votes.keys() == {person for person, answer in answers if answer == "voted"}
    assert {answer for _, answer in answers} <= {"voted", "over"}
