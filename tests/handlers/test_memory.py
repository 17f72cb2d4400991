"""`memory`: what a channel was shown and liked, found by its words; and what `why` says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Caller, Channel, Digest, Ref, State, Subscription
from tests.fakes import FakeOutlet
from tests.harness.desk import ADA, BEN, HERE, NOW, Desk, listed
from tests.harness.engine import Backend, running_backend
from tests.harness.memory import close_paper, like_first


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


async def shown(desk: Desk, size: int = 8) -> Digest:
    """A digest of everything, posted here."""
    await desk.store.subscriptions.put(Subscription(HERE, size=size, set_at=NOW, next_due=NOW, at=NOW.time()))
    digest = await desk.deliver()
    for slot, paper_id in enumerate([None, *(pick.paper.id for pick in digest.picks)]):
        await desk.store.ledger.claim(digest.post, slot, paper_id, NOW)
        await desk.store.ledger.settle(digest.post, slot, State.POSTED, NOW, ref=Ref(f"r{slot}"))
    return digest


async def test_it_finds_what_was_shown_here_and_nothing_else(desk: Desk) -> None:
    digest = await shown(desk)
    answer = await desk.ask("memory model count:20")
    assert answer.private
    assert set(listed(answer)) <= {pick.paper.id for pick in digest.picks}
    assert f"shown on {NOW.day} {NOW:%B}" in answer.text
    everything = await desk.ask("search model count:20")
    assert len(listed(everything)) > len(listed(answer))


async def test_best_first_and_a_page_at_a_time(desk: Desk) -> None:
    digest = await shown(desk)
    best = digest.picks[3].paper
    answer = await desk.ask(f'memory "{best.title}" count:2')
    assert listed(answer)[0] == best.id
    first = await desk.ask("memory model count:2")
    second = await desk.press(first, "More")
    assert len(listed(first)) == 2
    assert not set(listed(first)) & set(listed(second))


async def test_the_likes_of_people_are_counted_and_saves_are_not(desk: Desk) -> None:
    paper = (await shown(desk)).picks[0].paper
    await desk.ask(f"save {paper.id}")
    assert "of you" not in (await desk.ask(f'memory "{paper.title}"')).text
    for caller in (ADA, BEN):
        await desk.run("like", caller, paper=paper.id)
    assert "two of you liked it" in (await desk.ask(f'memory "{paper.title}"')).text


async def test_what_was_only_liked_here_is_found_too_and_what_was_only_saved_is_not(desk: Desk) -> None:
    papers = [trend.paper for trend in (await desk.engine.shortlist()).trends[:2]]
    await desk.run("like", ADA, paper=papers[0].id)
    await desk.ask(f"save {papers[1].id}")
    answer = await desk.ask(f'memory "{papers[0].title}"')
    assert listed(answer) == [papers[0].id]
    assert "one of you liked it" in answer.text
    assert "shown on" not in answer.text
    nothing = await desk.ask(f'memory "{papers[1].title}"')
    assert nothing.text.startswith("Nothing like that was shown or liked here.")
    assert papers[1].id not in nothing.text


async def test_a_channel_with_nothing_to_remember_is_told_what_to_do(desk: Desk) -> None:
    answer = await desk.ask("memory diffusion")
    assert answer.text.startswith("This channel was shown nothing yet. /papers search video diffusion looks through")


async def test_one_channel_does_not_see_what_another_was_shown(desk: Desk) -> None:
    await shown(desk)
    elsewhere = Caller(Channel("slack:T1/C2"), ADA.user)
    assert "was shown nothing yet" in (await desk.ask("memory model", elsewhere)).text


async def test_bad_input_is_one_line(desk: Desk) -> None:
    digest = await shown(desk)
    assert "memory video diffusion" in (await desk.ask("memory")).text
    assert (await desk.ask("memory model count:0")).text == "At least 1 paper."
    assert (await desk.ask('memory "unclosed')).text
    past = await desk.run("memory", ADA, query="model", start="2000")
    assert past.text == "There are no more."
    assert listed(await desk.ask(f"memory {digest.picks[0].paper.id}")) == [digest.picks[0].paper.id]
    assert (await desk.ask("memory 2510.99999")).text.startswith("Nothing like that")


async def test_shared_it_is_for_everybody(desk: Desk) -> None:
    await shown(desk)
    answer = await desk.ask("memory model")
    assert not (await desk.press(answer, "Share")).private


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    with running_backend(tmp_path, {"slack": FakeOutlet("slack")}, meaning=True) as backend:
        yield backend


async def test_why_names_the_liked_paper_that_one_is_close_to(backend: Backend) -> None:
    liked = await like_first(backend, HERE)
    digest = await close_paper(backend, HERE, liked)
    answer = await backend.desk.say(f"why {digest.picks[0].paper.id}", replace(ADA, timezone="UTC"))
    assert f"Close to {liked.title}, which three of you liked on {NOW.day} {NOW:%B}." in answer.text  # type: ignore[union-attr]
