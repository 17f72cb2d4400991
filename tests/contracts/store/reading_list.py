"""Notes, tags and read marks of saved papers, and what a channel liked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings, SavedPaper
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper

HERE, ELSEWHERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
ONE, TWO, THREE = (paper(n).id for n in (1, 2, 3))
LATER = MONDAY + timedelta(hours=1)


class ReadingListsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            titled = replace(paper(3), title="Étude on BERT: a Study", doi="10.1000/etude")
            await opened.papers.add(Findings((paper(1), paper(2), titled)), "huggingface", MONDAY)
            yield opened

    async def test_what_a_person_notes_is_theirs_and_kept_until_they_change_it(self, store: Store) -> None:
        lists = store.reading_lists
        for user in (ADA, BEN):
            await store.people.save(user, ONE, MONDAY)
        await store.people.save(ADA, TWO, LATER)
        await lists.annotate(ADA, ONE, "naïve “note” · 論文")
        assert await lists.tag(ADA, ONE, ("rl", "b", "rl"), ()) == ("rl", "b")
        assert await lists.tag(ADA, ONE, ("c",), ("rl", "none")) == ("b", "c")
        assert await lists.mark(ADA, ONE, LATER)
        assert not await lists.mark(ADA, ONE, LATER + timedelta(hours=1))
        two, one = await lists.entries(ADA)
        assert (two.paper.id, two.read_at, two.note, two.tags) == (TWO, None, "", ())
        assert (one.saved_at, one.read_at, one.note, one.tags) == (MONDAY, LATER, "naïve “note” · 論文", ("b", "c"))
        assert await lists.entry(ADA, ONE) == one
        assert await lists.mark(ADA, ONE, None)
        assert not await lists.mark(ADA, ONE, None)
        [of_ben] = await lists.entries(BEN)
        assert (of_ben.read_at, of_ben.note, of_ben.tags) == (None, "", ())

    async def test_nothing_is_noted_about_a_paper_that_is_not_saved(self, store: Store) -> None:
        await store.reading_lists.annotate(ADA, ONE, "x")
        assert await store.reading_lists.tag(ADA, ONE, ("x",), ()) == ()
        assert not await store.reading_lists.mark(ADA, ONE, MONDAY)
        assert await store.reading_lists.entry(ADA, ONE) is None
        await store.people.save(ADA, ONE, MONDAY)
        await store.reading_lists.annotate(ADA, ONE, "x")
        await store.people.unsave(ADA, ONE)
        await store.people.save(ADA, ONE, MONDAY)
        saved = await store.reading_lists.entry(ADA, ONE)
        assert saved is not None
        assert saved.note == "", "it went with the paper"

    async def test_entries_are_merged_without_losing_what_was_there(self, store: Store) -> None:
        await store.people.save(ADA, ONE, MONDAY)
        await store.reading_lists.annotate(ADA, ONE, "mine")
        await store.reading_lists.tag(ADA, ONE, ("a",), ())
        unknown = SavedPaper(paper(9), MONDAY)
        entries = (
            SavedPaper(paper(1), LATER, LATER, "theirs", ("a", "b")),
            SavedPaper(paper(2), LATER, None, "two", ("c",)),
            unknown,
        )
        assert await store.reading_lists.merge(ADA, entries) == 1
        assert await store.reading_lists.merge(ADA, entries) == 0, "again, nothing is added twice"
        two, one = await store.reading_lists.entries(ADA)
        assert (one.saved_at, one.read_at, one.note, one.tags) == (MONDAY, LATER, "mine · theirs", ("a", "b"))
        assert (two.paper.id, two.saved_at, two.read_at, two.note, two.tags) == (TWO, LATER, None, "two", ("c",))

    async def test_papers_are_known_by_id_doi_and_title(self, store: Store) -> None:
        by_id, by_title = await store.reading_lists.resolve(
            (ONE, "10.1000/etude", "2401.00009"), ("Étude on bert: A STUDY", "étude on BERT: a study", "%")
        )
        assert by_id == {ONE: ONE, "10.1000/etude": THREE}
        assert by_title == {"Étude on bert: A STUDY": THREE}, "case matters for what is no ASCII letter"
        assert await store.reading_lists.resolve((), ()) == ({}, {})

    async def test_notes_on_two_papers_that_turn_out_to_be_one_are_both_kept(self, store: Store) -> None:
        published = replace(paper(1), id="10.1000/one")
        await store.papers.add(Findings((published,)), "huggingface", MONDAY)
        for user, ids in ((ADA, (published.id, ONE)), (BEN, (published.id,))):
            for paper_id in ids:
                await store.people.save(user, paper_id, MONDAY)
                await store.reading_lists.annotate(user, paper_id, f"on {paper_id}")
                await store.reading_lists.tag(user, paper_id, ("a", paper_id[:2]), ())
        await store.reading_lists.mark(ADA, published.id, LATER)
        await store.papers.add(Findings((replace(paper(1), doi=published.id),)), "huggingface", LATER)
        [entry] = await store.reading_lists.entries(ADA)
        assert (entry.paper.id, entry.read_at) == (ONE, LATER)
        assert (entry.note, entry.tags) == (f"on {ONE} · on {published.id}", ("a", ONE[:2], "10"))
        [of_ben] = await store.reading_lists.entries(BEN)
        assert (of_ben.paper.id, of_ben.note) == (ONE, f"on {published.id}")

    async def test_a_channels_favourites_are_what_was_liked_and_shared_there_and_no_saves(self, store: Store) -> None:
        for user in (ADA, BEN):
            await store.people.react(HERE, user, TWO, 1, MONDAY)
            await store.people.save(user, THREE, LATER)
            await store.feedback.record(HERE, user, THREE, "save", LATER)
        await store.people.react(HERE, ADA, ONE, -1, LATER)
        await store.people.react(ELSEWHERE, ADA, ONE, 1, LATER)
        await store.feedback.record(HERE, BEN, ONE, "share", LATER)
        assert [(each.paper.id, each.likes, each.shares) for each in await store.reading_lists.favourites(HERE)] == [
            (TWO, 2, 0),
            (ONE, 0, 1),
        ]

    async def test_the_notes_of_persons_are_erased_with_them_and_with_their_workspace(self, store: Store) -> None:
        for name in (f"{ADA} feed", f"{BEN} feed", "fake:T10/U1 feed", "fake menu"):
            await store.secrets.put_note(name, "x")
        await store.people.forget(ADA)
        assert set(await store.secrets.notes("fake")) == {f"{BEN} feed", "fake:T10/U1 feed", "fake menu"}
        await store.subscriptions.erase(Channel("fake:T1"))
        assert set(await store.secrets.notes("fake")) == {"fake:T10/U1 feed", "fake menu"}

    async def test_forgetting_a_person_erases_notes_and_tags(self, store: Store) -> None:
        await store.people.save(ADA, ONE, MONDAY)
        await store.reading_lists.annotate(ADA, ONE, "x")
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        await store.people.forget(ADA)
        assert await store.reading_lists.entries(ADA) == []
        assert await store.reading_lists.favourites(HERE) == []
