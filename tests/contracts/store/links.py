"""Papers that people link to in channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings
from bot.model.linked import LinkedPaper
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
BOB = Channel("fake:T1/U2")
TODAY, TOMORROW = MONDAY.date(), MONDAY.date() + timedelta(days=1)
FIRST, SECOND, THIRD = (paper(n).id for n in (1, 2, 3))


class LinksContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings((paper(1), paper(2), paper(3))), "huggingface", MONDAY)
            yield opened

    async def test_a_paper_is_new_once_a_day_and_channel(self, store: Store) -> None:
        assert await store.links.record(HERE, BOB, "bob", [FIRST, SECOND, FIRST], TODAY, MONDAY) == [FIRST, SECOND]
        assert await store.links.record(HERE, BOB, "bob", [FIRST, THIRD], TODAY, MONDAY) == [THIRD]
        assert await store.links.record(HERE, BOB, "bob", [FIRST], TOMORROW, MONDAY + timedelta(1)) == [FIRST]
        assert await store.links.record(THERE, BOB, "bob", [FIRST, "2101.99999"], TODAY, MONDAY) == [FIRST]

    async def test_it_counts_as_shown_and_is_in_nobodys_hand(self, store: Store) -> None:
        await store.links.record(HERE, BOB, "bob", [FIRST], TODAY, MONDAY)
        assert await store.ledger.shown_in(HERE, [FIRST, SECOND]) == [FIRST]
        assert not await store.ledger.open_posts(MONDAY)

    async def test_those_since_a_time_come_by_their_first_link_without_what_a_digest_showed(self, store: Store) -> None:
        later = MONDAY + timedelta(hours=1)
        await store.ledger.keep([digest(HERE, [paper(3)])], {})
        await store.links.record(HERE, BOB, "bob", [SECOND, THIRD], TODAY, later)
        await store.links.record(HERE, BOB, "bob", [FIRST], TODAY, MONDAY)
        await store.links.record(HERE, BOB, "eve", [FIRST], TOMORROW, MONDAY + timedelta(days=1))
        links = await store.links.since([HERE, THERE], MONDAY)
        assert {
            channel: [(each.paper.id, each.by, each.at) for each in papers] for channel, papers in links.items()
        } == {HERE: [(FIRST, "bob", MONDAY), (SECOND, "bob", later)]}
        assert [each.paper.id for each in (await store.links.since([HERE], later))[HERE]] == [SECOND, FIRST]

    async def test_a_digest_comes_back_with_the_papers_that_were_linked_to(self, store: Store) -> None:
        before = MONDAY - timedelta(hours=2)
        await store.links.record(HERE, BOB, "bob", [FIRST, SECOND], TODAY, before)
        [stored, _] = (await store.links.since([HERE], before))[HERE]
        kept = replace(digest(HERE, [paper(3)]), linked=(stored,))
        await store.ledger.keep([kept], {})
        read = await store.ledger.digest(HERE, TODAY)
        oldest = await store.ledger.oldest_open(HERE, MONDAY)
        assert read is not None
        assert oldest is not None
        assert read.linked == (LinkedPaper(stored.paper, "bob", before),)
        assert oldest.content == read

    async def test_forgetting_a_person_forgets_who_linked_and_not_that_it_was_shown(self, store: Store) -> None:
        await store.links.record(HERE, BOB, "bob", [FIRST], TODAY, MONDAY)
        assert (await store.people.forget(BOB))["linked paper"] == 1
        assert [each.by for each in (await store.links.since([HERE], MONDAY))[HERE]] == [""]
        assert await store.ledger.shown_in(HERE, [FIRST]) == [FIRST]
        assert (await store.people.forget(BOB))["linked paper"] == 0
