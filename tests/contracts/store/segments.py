"""The search index: entries in the tail, segments of many papers, vectors, and searches over one revision."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.errors import StoreError
from bot.model import Findings, Paper, Signal
from bot.model.segment import IndexEntry, PaperFilter, PostingsEntry, SegmentMerge, StoredSegment
from bot.store import Store
from bot.store.protocols import IndexView
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper

T = TypeVar("T")

PAPERS = tuple(paper(n, at=MONDAY - timedelta(hours=n)) for n in (1, 2, 3))
IDS = [each.id for each in PAPERS]
MODEL = "a model"
DIMENSIONS = 4
FIRST, SECOND = (StoredSegment(*(f"{n} {name}".encode() for name in StoredSegment._fields)) for n in (1, 2))


def entry(each: Paper) -> IndexEntry:
    return IndexEntry(f"title {each.id}", f"abstract {each.id}", "ada", each.id.encode())


async def add(store: Store, *papers: Paper) -> None:
    await store.papers.add(Findings(papers), "huggingface", MONDAY)
    await describe(store)


async def describe(store: Store) -> None:
    await store.papers.describe([(each, "A sentence.", entry(each)) for each in await store.papers.undescribed(100)])


async def read(store: Store, search: Callable[[IndexView], T]) -> T:
    return await store.segments.read(search)


async def revision(store: Store) -> int:
    return await read(store, lambda view: view.revision())


async def numbers(store: Store) -> dict[str, int]:
    return await read(store, lambda view: view.numbers_of(IDS))


async def state(store: Store) -> tuple[object, ...]:
    """Everything that a merge can change."""
    return await read(store, lambda view: (view.revision(), view.tail(), view.segment_sizes()))


async def merge(
    store: Store, segment: StoredSegment, stems: set[str], *, size: int = 3, replaced: tuple[int, ...] = ()
) -> bool:
    return await store.segments.replace(SegmentMerge(await revision(store), segment, size, frozenset(stems), replaced))


async def embed(store: Store, *, model: str = MODEL, dimensions: int = DIMENSIONS) -> list[int]:
    """Store a vector of each paper without one: its number in every dimension. Returns the numbers."""
    papers = await store.segments.unembedded(model, 100)
    await store.segments.keep_vectors(model, papers, [bytes([each.number] * dimensions) for each in papers])
    return [each.number for each in papers]


async def vectors(store: Store, *, model: str = MODEL, since: int = 0) -> dict[int, bytes]:
    """Vectors by paper number, whose count the view confirms."""

    def search(view: IndexView) -> dict[int, bytes]:
        rows: dict[int, bytes] = {}
        for batch in view.vectors(model, DIMENSIONS, since):
            values = [batch.values[at : at + DIMENSIONS] for at in range(0, len(batch.values), DIMENSIONS)]
            rows |= dict(zip(batch.numbers, values, strict=True))
        assert view.vector_count(model, DIMENSIONS, since) == len(rows)
        return rows

    return await read(store, search)


class SegmentsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await add(opened, *PAPERS)
            yield opened

    # --- tail and segments ---

    async def test_the_entries_of_described_papers_wait_in_the_tail(self, store: Store) -> None:
        n = await numbers(store)
        assert sorted(n) == IDS
        assert await read(store, lambda view: view.tail()) == {
            n[each.id]: PostingsEntry(*entry(each)[:3]) for each in PAPERS
        }
        assert await read(store, lambda view: view.segment_sizes()) == {}

    async def test_an_entry_described_again_takes_the_place_of_the_first(self, store: Store) -> None:
        await add(store, replace(PAPERS[0], title="Another title", abstract="Another abstract."))
        changed = (await store.papers.get(IDS))[IDS[0]]
        await store.papers.describe([(changed, None, IndexEntry("new", "", "", b"new"))])
        n = (await numbers(store))[IDS[0]]
        tail = await read(store, lambda view: view.tail())
        assert (len(tail), tail[n]) == (3, PostingsEntry("new", "", ""))
        assert await read(store, lambda view: view.stem_orders([n])) == {n: b"new"}

    async def test_a_segment_takes_the_place_of_the_tail_and_comes_back_as_it_was_stored(self, store: Store) -> None:
        assert await merge(store, FIRST, {"title", "@ada"})
        sizes = await read(store, lambda view: view.segment_sizes())
        (segment_id,) = sizes
        assert sizes == {segment_id: 3}
        assert await read(store, lambda view: view.segment(segment_id)) == FIRST
        assert await read(store, lambda view: view.vocabulary([segment_id])) == {"title", "@ada"}
        assert await read(store, lambda view: view.tail()) == {}

    async def test_segments_are_listed_oldest_first_and_have_a_vocabulary_each(self, store: Store) -> None:
        await merge(store, FIRST, {"one", "both"}, size=3)
        await merge(store, SECOND, {"two", "both"}, size=2)
        sizes = await read(store, lambda view: view.segment_sizes())
        first, second = sizes
        assert list(sizes.values()) == [3, 2]
        assert await read(store, lambda view: view.vocabulary([second])) == {"two", "both"}
        assert await read(store, lambda view: view.vocabulary([first, second])) == {"one", "two", "both"}
        assert await read(store, lambda view: view.vocabulary([])) == set()

    async def test_a_merge_replaces_the_named_segments_and_no_others(self, store: Store) -> None:
        await merge(store, FIRST, {"one"}, size=9)
        await merge(store, FIRST, {"two"}, size=2)
        first, second = await read(store, lambda view: list(view.segment_sizes()))
        assert await merge(store, SECOND, {"two", "three"}, size=5, replaced=(second,))
        sizes = await read(store, lambda view: view.segment_sizes())
        assert (next(iter(sizes)), list(sizes.values())) == (first, [9, 5])
        assert second not in sizes, "the id of a segment is never given to another"
        assert await read(store, lambda view: view.segment(list(sizes)[1])) == SECOND

    async def test_a_merge_of_an_older_revision_changes_nothing(self, store: Store) -> None:
        await merge(store, FIRST, {"one"})
        late = SegmentMerge(await revision(store), SECOND, 4, frozenset({"two"}), ())
        await add(store, paper(4))
        before = await state(store)
        assert not await store.segments.replace(late)
        assert await state(store) == before

    async def test_every_change_of_the_index_raises_the_revision_and_reading_does_not(self, store: Store) -> None:
        revisions = [await revision(store)]
        for change in (
            lambda: add(store, paper(4)),
            lambda: merge(store, FIRST, {"one"}),
            lambda: embed(store),
            store.segments.clear,
        ):
            await change()
            revisions.append(await revision(store))
        assert revisions == sorted(set(revisions))
        await state(store)
        await store.segments.unembedded(MODEL, 9)
        assert await revision(store) == revisions[-1]

    async def test_clearing_deletes_the_index_and_leaves_the_papers_to_be_described(self, store: Store) -> None:
        await merge(store, FIRST, {"one"})
        await embed(store)
        await add(store, paper(4))
        n = list((await numbers(store)).values())
        assert await store.segments.clear() == 4
        assert (await state(store))[1:] == ({}, {})
        assert await read(store, lambda view: view.stem_orders(n)) == {}
        assert await vectors(store) == {}
        assert len(await store.papers.undescribed(9)) == 4
        assert (await store.papers.count())[0] == 4
        await describe(store)
        assert len(await read(store, lambda view: view.tail())) == 4

    # --- vectors ---

    async def test_papers_without_a_vector_are_listed_newest_first_in_steps(self, store: Store) -> None:
        newest, *older = await store.segments.unembedded(MODEL, 9)
        assert [newest.number, *(each.number for each in older)] == sorted(
            (await numbers(store)).values(), reverse=True
        )
        assert await store.segments.unembedded(MODEL, 1) == [newest]
        assert await store.segments.unembedded(MODEL, 9, below=newest.number) == older
        by_id = {number: each for each, number in (await numbers(store)).items()}
        titles = {each.id: (each.title, each.abstract) for each in PAPERS}
        assert {by_id[each.number]: (each.title, each.abstract) for each in (newest, *older)} == titles

    async def test_a_paper_that_is_not_described_gets_no_vector_yet(self, store: Store) -> None:
        await store.papers.add(Findings((paper(4),)), "huggingface", MONDAY)
        assert len(await store.segments.unembedded(MODEL, 9)) == 3

    async def test_vectors_come_back_as_they_were_stored_by_model(self, store: Store) -> None:
        n = await embed(store)
        assert await vectors(store) == {number: bytes([number] * DIMENSIONS) for number in n}
        assert await store.segments.unembedded(MODEL, 9) == []
        assert await vectors(store, model="another") == {}
        assert len(await store.segments.unembedded("another", 9)) == 3

    async def test_vectors_since_a_revision_are_the_newer_ones(self, store: Store) -> None:
        await embed(store)
        since = await revision(store)
        assert await vectors(store, since=since) == {}
        await add(store, paper(4))
        added = await embed(store)
        assert len(added) == 1
        assert list(await vectors(store, since=since)) == added
        assert len(await vectors(store)) == 4

    async def test_vectors_of_another_length_are_left_out(self, store: Store) -> None:
        await embed(store, dimensions=DIMENSIONS + 1)
        assert await vectors(store) == {}

    async def test_a_paper_that_changed_meanwhile_gets_no_vector_and_loses_its_old_one(self, store: Store) -> None:
        before = await store.segments.unembedded(MODEL, 9)
        await add(store, replace(PAPERS[0], abstract="Rewritten."))
        await store.segments.keep_vectors(MODEL, before, [bytes(DIMENSIONS)] * 3)
        n = (await numbers(store))[IDS[0]]
        assert set(await vectors(store)) == set((await numbers(store)).values()) - {n}
        await embed(store)
        await add(store, replace(PAPERS[0], abstract="Rewritten once more.", version=2))
        assert [each.number for each in await store.segments.unembedded(MODEL, 9)] == [n]

    async def test_vectors_come_in_the_order_of_their_storing(self, store: Store) -> None:
        """What is estimated from the first ones, and so each score, must not depend on the database."""
        first, second, third = await store.segments.unembedded(MODEL, 9)
        for papers in ([second, third], [first], [second]):
            await store.segments.keep_vectors(MODEL, papers, [bytes(DIMENSIONS)] * len(papers))
        assert list(await vectors(store)) == [third.number, first.number, second.number]

    # --- papers of a view ---

    async def test_numbers_and_ids_of_stored_papers_lead_to_each_other(self, store: Store) -> None:
        n = await numbers(store)
        assert len(set(n.values())) == 3
        assert await read(store, lambda view: view.ids([*n.values(), 999])) == {
            number: each for each, number in n.items()
        }
        assert await read(store, lambda view: view.numbers_of(["unknown"])) == {}
        assert set(await read(store, lambda view: view.papers([*IDS, "unknown"]))) == set(IDS)
        assert await read(store, lambda view: view.papers(IDS)) == await store.papers.get(IDS)

    async def test_papers_are_listed_newest_first(self, store: Store) -> None:
        n = await numbers(store)
        assert await read(store, lambda view: list(view.numbers(PaperFilter()))) == [n[each] for each in IDS]
        second = await read(store, lambda view: list(view.numbers(PaperFilter(), skip=1, among=1)))
        assert second == [n[IDS[1]]]

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (PaperFilter(), [1, 2, 3, 4, 5]),
            (PaperFilter(since=MONDAY - timedelta(hours=7)), [1, 2, 4, 5]),
            (PaperFilter(categories=("cs",)), [1, 2, 3, 5]),
            (PaperFilter(categories=("cs.CL", "q-bio")), [5]),
            (PaperFilter(has_code=True), [4]),
            (PaperFilter(has_project=True), [5]),
            (PaperFilter(organization=("ecole", "zurich")), [4]),
            (PaperFilter(organization=("ecole", "paris")), []),
            (PaperFilter(organization=("ethzurich",)), [4]),
            (PaperFilter(venue=("a",)), [4, 5]),
            (PaperFilter(venue=("montreal", "2026")), [4]),
            (PaperFilter(venue=("journal",)), [5]),
            (PaperFilter(upvotes=20), [5]),
            (PaperFilter(venue=("at",), has_code=True, upvotes=10), [4]),
        ],
    )
    async def test_conditions_select_papers_in_every_query(
        self, store: Store, condition: PaperFilter, expected: list[int]
    ) -> None:
        four = replace(
            paper(4),
            categories=("math.ST",),
            code_url="https://e.org",
            organization="École de ZURICH",
            organization_handle="ETHZurich",
            comment=r"At a venue in Montr\'eal, 2026",
        )
        five = replace(paper(5), categories=("cs.CL", "q-bio.BM"), project_url="https://e.org", journal_ref="A Journal")
        votes = [
            Signal(four.id, "huggingface", "upvotes", 10, MONDAY),
            Signal(five.id, "alphaxiv", "upvotes", 20, MONDAY),
        ]
        await store.papers.add(Findings((four, five), tuple(votes)), "huggingface", MONDAY)
        ids = [paper(n).id for n in range(1, 6)]

        def search(view: IndexView) -> list[list[str]]:
            n = list(view.numbers_of(ids).values())
            return [
                sorted(view.ids(view.numbers(condition)).values()),
                sorted(each.id for each in view.papers_by_number(n, condition).values()),
            ]

        assert await read(store, search) == [[paper(n).id for n in expected]] * 2

    async def test_upvotes_are_the_most_that_any_source_counts(self, store: Store) -> None:
        votes = [Signal(IDS[0], source, "upvotes", value, MONDAY) for source, value in (("one", 5), ("two", 9))]
        points = Signal(IDS[1], "hackernews", "points", 99, MONDAY)
        await store.papers.add(Findings((), (*votes, points)), "huggingface", MONDAY)
        assert await read(store, lambda view: view.upvotes(IDS)) == {IDS[0]: 9}

    # --- reading while writing ---

    async def test_a_search_sees_one_revision_while_the_index_changes(self, store: Store) -> None:
        """Each change is whole once its call has returned, and a search that had begun does not see it."""
        loop = asyncio.get_running_loop()

        def search(view: IndexView) -> tuple[list[object], list[object]]:
            before = [view.revision(), view.tail(), view.segment_sizes(), list(view.numbers(PaperFilter()))]
            for change in (merge(store, FIRST, {"one"}), add(store, paper(4)), embed(store)):
                asyncio.run_coroutine_threadsafe(change, loop).result(10)
            return before, [view.revision(), view.tail(), view.segment_sizes(), list(view.numbers(PaperFilter()))]

        before, after = await read(store, search)
        assert before == after
        assert await revision(store) > before[0]
        assert len(await read(store, lambda view: view.tail())) == 1
        assert list(await read(store, lambda view: view.segment_sizes().values())) == [3]

    async def test_another_store_of_the_same_path_follows_what_the_writer_changes(
        self, store: Store, make_store: MakeStore, tmp_path: Path
    ) -> None:
        with make_store(tmp_path / "p.db", write=False) as reader:
            assert await state(reader) == await state(store)
            before = await revision(reader)
            await merge(store, FIRST, {"one"})
            await embed(store)
            assert await revision(reader) > before
            assert await state(reader) == await state(store)
            assert await vectors(reader) == await vectors(store)
            with pytest.raises(StoreError):
                await reader.segments.clear()
            with pytest.raises(StoreError):
                await merge(reader, SECOND, {"two"})

    async def test_arguments_and_errors_of_a_search_are_handed_on(self, store: Store) -> None:
        def search(view: IndexView, divisor: int, *, dividend: int) -> float:
            return view.revision() and dividend / divisor

        assert await store.segments.read(search, 2, dividend=6) == 3
        with pytest.raises(ZeroDivisionError):
            await store.segments.read(search, 0, dividend=6)
        assert await revision(store), "the next search is answered"
