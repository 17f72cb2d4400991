"""The search index: entries in the tail, segments of many papers, vectors, and searches over one revision."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import pytest

from bot.errors import StoreError
from bot.model import Findings, Paper, Signal
from bot.model.segment import IndexedPaper, IndexEntry, NewSegment, PostingsEntry, SegmentKind
from bot.store import IndexView, Store
from bot.store.sql import segments
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper

T = TypeVar("T")

PAPERS = tuple(paper(n, at=MONDAY - timedelta(hours=n)) for n in (1, 2, 3))
IDS = [each.id for each in PAPERS]
MODEL = "a model"
DIMENSIONS = 4
FIRST, SECOND = b"first segment", b"second segment"


def entry(each: Paper) -> IndexEntry:
    postings = PostingsEntry(f"title {each.id}", f"abstract {each.id}", "ada", "#cat:cs.cl", MONDAY.timestamp())
    return IndexEntry(postings, each.id.encode())


async def add(store: Store, *papers: Paper, source: str = "huggingface") -> None:
    await store.papers.add(Findings(papers), source, MONDAY)
    await index(store)


async def index(store: Store, segment: NewSegment | None = None) -> None:
    """Index every paper that is not, or is not as it is now."""
    await store.segments.index([made(*each) for each in await store.segments.unindexed(100)], segment)


def made(number: int, change: int, each: Paper) -> IndexedPaper:
    return IndexedPaper(number, change, entry(each))


async def read(store: Store, search: Callable[[IndexView], T]) -> T:
    return await store.segments.read(search)


async def revision(store: Store) -> int:
    return await read(store, lambda view: view.revision())


async def tail(store: Store) -> dict[int, PostingsEntry]:
    return await read(store, lambda view: view.tail())


async def numbers(store: Store) -> dict[str, int]:
    return await read(store, lambda view: view.numbers_of(IDS))


async def stored(store: Store, kind: SegmentKind = "words", model: str = "") -> dict[int, bytes]:
    """Bytes of the segments by id, oldest first; each has the checksum of its own."""

    def search(view: IndexView) -> dict[int, bytes]:
        whole = {info.id: b"".join(view.segment(info.id)) for info in view.segments(kind, model)}
        for info in view.segments(kind, model):
            assert (info.kind, info.model) == (kind, model)
            assert info.checksum == blake2b(whole[info.id], digest_size=16).hexdigest()
        return whole

    return await read(store, search)


async def state(store: Store) -> tuple[object, ...]:
    """Everything that a merge can change."""
    return (
        await revision(store),
        await tail(store),
        await stored(store),
        await stored(store, "vectors", MODEL),
        await vectors(store),
    )


async def merge(store: Store, data: bytes, *, replaced: tuple[int, ...] = ()) -> bool:
    """Store a segment in place of others and of the whole tail."""
    now, entries = await read(store, lambda view: (view.revision(), tuple(view.tail())))
    return await store.segments.replace(NewSegment("words", "", 3, data, replaced, entries, now))


async def embed(store: Store, *, model: str = MODEL, dimensions: int = DIMENSIONS) -> list[int]:
    """Store a vector of each paper without one: its number in every dimension. Returns the numbers."""
    papers = await store.segments.unembedded(model, 100)
    await store.segments.keep_vectors(model, papers, [bytes([each.number] * dimensions) for each in papers])
    return [each.number for each in papers]


async def vectors(store: Store, *, model: str = MODEL, dimensions: int | None = DIMENSIONS) -> dict[int, bytes]:
    """Vectors that are in no segment, by paper number."""

    def search(view: IndexView) -> dict[int, bytes]:
        rows: dict[int, bytes] = {}
        for batch in view.tail_vectors(model, dimensions):
            length = len(batch.values) // len(batch.numbers)
            values = [batch.values[at : at + length] for at in range(0, len(batch.values), length)]
            rows |= dict(zip(batch.numbers, values, strict=True))
        return rows

    return await read(store, search)


async def merge_vectors(store: Store, data: bytes, *, replaced: tuple[int, ...] = ()) -> bool:
    """Store a segment of vectors in place of others and of all that are in none."""
    segment = NewSegment("vectors", MODEL, 3, data, replaced, tuple(await vectors(store)), await revision(store))
    return await store.segments.replace(segment)


class SegmentsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await add(opened, *PAPERS)
            yield opened

    # --- what is to be indexed ---

    async def test_new_papers_are_to_be_indexed_the_latest_first(self, store: Store) -> None:
        await store.papers.add(Findings((paper(4), paper(5), paper(6))), "huggingface", MONDAY)
        waiting = await store.segments.unindexed(9)
        assert [each.paper.id for each in waiting] == [paper(n).id for n in (6, 5, 4)]
        assert [each.number for each in waiting] == sorted((each.number for each in waiting), reverse=True)
        assert await store.segments.unindexed(1) == waiting[:1]
        await index(store)
        assert await store.segments.unindexed(9) == []

    async def test_new_papers_that_the_caller_has_are_as_those_that_are_read(self, store: Store) -> None:
        new = {each.id: replace(each, first_seen=MONDAY) for each in (paper(4), paper(5), paper(6))}
        await store.papers.add(Findings(tuple(new.values())), "huggingface", MONDAY)
        waiting = await store.segments.unindexed(9, new)
        assert waiting == await store.segments.unindexed(9)
        assert all(each.paper is new[each.paper.id] for each in waiting)
        changed = replace(new[paper(5).id], title="Another title")
        await store.papers.add(Findings((changed,)), "huggingface", MONDAY)
        assert "Another title" in [each.paper.title for each in await store.segments.unindexed(9, new)]
        assert await store.segments.unindexed(9, new) == await store.segments.unindexed(9)

    @pytest.mark.parametrize(
        "change",
        [
            {"title": "New"},
            {"abstract": "New."},
            {"authors": ("New",)},
            {"categories": ("cs.NE",)},
            {"organization": "Org"},
            {"organization_handle": "org"},
            {"code_url": "https://e.org/c"},
            {"project_url": "https://e.org"},
            {"comment": "5 pages"},
            {"journal_ref": "A Journal"},
            {"listed_at": MONDAY - timedelta(days=3)},
        ],
        ids=lambda change: next(iter(change)),
    )
    async def test_a_paper_is_indexed_anew_when_a_field_of_its_entry_changes(
        self, store: Store, change: dict[str, object]
    ) -> None:
        await embed(store)
        changed = replace(PAPERS[0], **change)  # type: ignore[arg-type]
        await store.papers.add(Findings((changed,)), "arxiv", MONDAY)
        (waiting,) = await store.segments.unindexed(9)
        assert waiting.paper == (await store.papers.get(IDS))[IDS[0]]
        await index(store)
        await store.papers.add(Findings((changed,)), "arxiv", MONDAY)
        assert await store.segments.unindexed(9) == [], "it is the same"
        unembedded = [each.number for each in await store.segments.unembedded(MODEL, 9)]
        assert unembedded == ([waiting.number] if change.keys() <= {"title", "abstract"} else [])

    @pytest.mark.parametrize("change", [{"doi": "10.1/x"}, {"version": 3}, {"withdrawn": True}, {}], ids=repr)
    async def test_a_paper_is_not_indexed_anew_when_anything_else_changes(
        self, store: Store, change: dict[str, object]
    ) -> None:
        await embed(store)
        await store.papers.add(Findings((replace(PAPERS[0], **change),)), "arxiv", MONDAY)  # type: ignore[arg-type]
        everyone = [(each, "A sentence.") for each in await store.papers.unsummarised(9)]
        assert len(everyone) == 3
        await store.papers.summarise(everyone)
        assert await store.segments.unindexed(9) == []
        assert await store.segments.unembedded(MODEL, 9) == []

    @pytest.mark.parametrize("is_segment", [False, True])
    async def test_a_paper_that_changed_while_it_was_indexed_is_indexed_anew(
        self, store: Store, *, is_segment: bool
    ) -> None:
        await store.papers.add(Findings((paper(4), paper(5))), "huggingface", MONDAY)
        late = [made(*each) for each in await store.segments.unindexed(9)]
        await store.papers.add(Findings((replace(paper(4), comment="new"),)), "huggingface", MONDAY)
        await store.segments.index(late, NewSegment("words", "", 2, FIRST) if is_segment else None)
        (waiting,) = await store.segments.unindexed(9)
        assert (waiting.paper.id, waiting.paper.comment) == (paper(4).id, "new")
        assert len(await tail(store)) == (3 if is_segment else 5)

    async def test_a_paper_that_was_removed_while_it_was_indexed_is_passed_over(self, store: Store) -> None:
        doi = "10.1/x"
        await store.papers.add(Findings((replace(paper(4), id=doi), paper(5))), "file", MONDAY)
        late = [made(*each) for each in await store.segments.unindexed(9)]
        gone = (await read(store, lambda view: view.numbers_of([doi])))[doi]
        await store.papers.add(Findings((replace(PAPERS[0], doi=doi),)), "arxiv", MONDAY)
        for segment in (None, NewSegment("words", "", 2, FIRST)):
            await store.segments.index(late, segment)
            assert gone not in await tail(store)
            assert await read(store, lambda view: view.stem_orders([gone])) == {}

    # --- tail and segments ---

    async def test_entries_wait_in_the_tail(self, store: Store) -> None:
        n = await numbers(store)
        assert sorted(n) == IDS
        assert await tail(store) == {n[each.id]: entry(each).postings for each in PAPERS}
        assert await read(store, lambda view: view.stem_orders([*n.values(), 999])) == {
            n[each.id]: each.id.encode() for each in PAPERS
        }
        assert await stored(store) == {}

    async def test_a_new_entry_of_a_paper_takes_the_place_of_the_first(self, store: Store) -> None:
        await store.papers.add(Findings((replace(PAPERS[0], title="Another title"),)), "huggingface", MONDAY)
        (changed,) = await store.segments.unindexed(9)
        postings = PostingsEntry("new", "", "", "#has:code", 5.5)
        await store.segments.index([IndexedPaper(changed.number, changed.change, IndexEntry(postings, b"new"))])
        entries = await tail(store)
        assert (len(entries), entries[changed.number]) == (3, postings)
        assert await read(store, lambda view: view.stem_orders([changed.number])) == {changed.number: b"new"}

    async def test_papers_that_are_indexed_as_a_segment_leave_the_tail(self, store: Store) -> None:
        added = (paper(4), replace(PAPERS[0], title="New"))
        await store.papers.add(Findings(added), "huggingface", MONDAY)
        waiting = {each.number for each in await store.segments.unindexed(9)}
        await index(store, NewSegment("words", "", 2, memoryview(FIRST)))
        assert list((await stored(store)).values()) == [FIRST]
        assert await read(store, lambda view: [each.papers for each in view.segments("words")]) == [2]
        assert len(await tail(store)) == 2
        assert not waiting & (await tail(store)).keys()
        assert len(await read(store, lambda view: view.stem_orders(list(waiting)))) == 2
        assert await store.segments.unindexed(9) == []

    async def test_a_segment_takes_the_place_of_the_tail_and_comes_back_as_it_was_stored(self, store: Store) -> None:
        assert await merge(store, FIRST)
        assert list((await stored(store)).values()) == [FIRST]
        assert await tail(store) == {}
        assert await read(store, lambda view: view.segments("vectors", MODEL)) == []

    @pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 95])
    async def test_segments_of_any_size_come_back_in_parts(
        self, store: Store, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(segments, "PART_BYTES", 10)
        data = bytes(range(size))
        assert await merge(store, data)
        (segment_id,) = await stored(store)
        parts = await read(store, lambda view: list(view.segment(segment_id)))
        assert [len(part) for part in parts] == [10] * (size // 10) + [size % 10] * bool(size % 10)
        assert b"".join(parts) == data
        assert await read(store, lambda view: list(view.segment(999))) == []

    async def test_a_merged_segment_stands_where_the_last_of_those_was_that_it_replaces(self, store: Store) -> None:
        for number in range(4):
            await add(store, paper(10 + number))
            assert await merge(store, b"%d" % number)
        zero, one, two, three = await stored(store)
        assert await store.segments.replace(NewSegment("words", "", 6, b"1+2", (one, two)))
        assert list((await stored(store)).values()) == [b"0", b"1+2", b"3"]
        assert set(await stored(store)) > {zero, three}
        assert not set(await stored(store)) & {one, two}
        assert await store.segments.replace(NewSegment("words", "", 9, b"0+1+2", tuple(await stored(store))[:2]))
        await add(store, paper(20))
        assert await merge(store, b"4")
        assert list((await stored(store)).values()) == [b"0+1+2", b"3", b"4"]
        assert min(tuple(await stored(store))[::2]) > two, "the id of a segment is never given to another"
        everything = tuple(await stored(store))
        assert await store.segments.replace(NewSegment("words", "", 9, b"all", everything))
        assert list((await stored(store)).values()) == [b"all"]

    async def test_a_segment_in_place_of_one_that_is_gone_changes_nothing(self, store: Store) -> None:
        await merge(store, FIRST)
        (first,) = await stored(store)
        assert await merge(store, SECOND, replaced=(first,))
        before = await state(store)
        (second,) = await stored(store)
        for replaced in ((first,), (first, second), (second, 999)):
            assert not await merge(store, b"late", replaced=replaced)
        assert await state(store) == before
        await add(store, paper(4))
        late = NewSegment("words", "", 1, b"late", (), tuple(await tail(store)), await revision(store))
        await store.segments.clear()
        before = await state(store)
        assert not await store.segments.replace(late), "its tail is gone"
        assert await state(store) == before

    async def test_a_segment_of_entries_that_a_newer_segment_has_changes_nothing(self, store: Store) -> None:
        late = NewSegment("words", "", 3, FIRST, (), tuple(await tail(store)), await revision(store))
        await store.papers.add(Findings((replace(PAPERS[0], title="New"),)), "huggingface", MONDAY)
        await index(store, NewSegment("words", "", 1, SECOND))
        assert not await store.segments.replace(late)
        assert list((await stored(store)).values()) == [SECOND]
        assert len(await tail(store)) == 2

    async def test_an_entry_that_changed_since_the_tail_was_read_stays_there(self, store: Store) -> None:
        late = NewSegment("words", "", 3, FIRST, (), tuple(await tail(store)), await revision(store))
        await add(store, replace(PAPERS[0], title="New"), paper(4))
        assert await store.segments.replace(late)
        n = await numbers(store)
        assert n[IDS[0]] in await tail(store)
        assert len(await tail(store)) == 2, "and so does one that is new"

    async def test_what_a_killed_process_left_of_a_segment_is_deleted_in_time(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def killed(*_: object) -> None:
            raise InterruptedError

        with monkeypatch.context() as patched:
            patched.setattr(store.segments, "_replace", killed)
            with pytest.raises(InterruptedError):
                await merge(store, FIRST)
        assert await stored(store) == {}, "it does not count"
        assert len(await tail(store)) == 3
        await merge(store, SECOND)
        assert await self._parts(store) == [FIRST, SECOND]
        monkeypatch.setattr(segments, "UNFINISHED_SECONDS", -5.0)
        assert await store.segments.replace(NewSegment("words", "", 1, b"third"))
        assert await self._parts(store) == [SECOND, b"third"]
        assert list((await stored(store)).values()) == [SECOND, b"third"]

    async def _parts(self, store: Store) -> list[bytes]:
        rows = await store.segments.connection.read(  # type: ignore[attr-defined]
            lambda db: db.execute("SELECT data FROM index_parts ORDER BY segment_id, part").fetchall()
        )
        return [bytes(row[0]) for row in rows]

    async def test_a_segment_that_was_deleted_while_it_was_written_is_written_again(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A frozen process's; another took it for one that was killed."""
        written, attempts = store.segments._written, 0  # type: ignore[attr-defined]

        async def deleted(segment: NewSegment) -> int:
            nonlocal attempts
            attempts += 1
            segment_id: int = await written(segment)
            if attempts == 1:
                await store.segments.clear()
            return segment_id

        monkeypatch.setattr(store.segments, "_written", deleted)
        await store.papers.add(Findings((paper(4),)), "huggingface", MONDAY)
        await index(store, NewSegment("words", "", 1, FIRST))
        assert (attempts, list((await stored(store)).values())) == (2, [FIRST])

    async def test_every_change_of_the_index_raises_the_revision_and_reading_does_not(self, store: Store) -> None:
        revisions = [await revision(store)]
        for change in (
            lambda: add(store, paper(4)),
            lambda: merge(store, FIRST),
            lambda: embed(store),
            lambda: merge_vectors(store, FIRST),
            store.segments.clear,
        ):
            await change()
            revisions.append(await revision(store))
        assert revisions == sorted(set(revisions))
        await state(store)
        await store.segments.unembedded(MODEL, 9)
        await store.segments.unindexed(9)
        assert await revision(store) == revisions[-1]

    async def test_clearing_deletes_the_index_and_leaves_the_papers_to_be_indexed(self, store: Store) -> None:
        await merge(store, FIRST)
        await embed(store)
        await merge_vectors(store, SECOND)
        await add(store, paper(4))
        await embed(store)
        n = list((await numbers(store)).values())
        assert await store.segments.clear() == 4
        assert (await state(store))[1:] == ({}, {}, {}, {})
        assert await self._parts(store) == []
        assert await read(store, lambda view: view.stem_orders(n)) == {}
        assert len(await store.segments.unindexed(9)) == 4
        assert len(await store.segments.unembedded(MODEL, 9)) == 4
        assert (await store.papers.count())[0] == 4
        await index(store)
        assert len(await tail(store)) == 4

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
        await store.segments.keep_vectors(MODEL, [newest], [b"abcd"])
        assert await store.segments.unembedded(MODEL, 9) == older
        assert await store.segments.unembedded(MODEL, 9, below=older[0].number) == older[1:]

    async def test_vectors_come_back_as_they_were_stored_by_model(self, store: Store) -> None:
        n = await embed(store)
        assert await vectors(store) == {number: bytes([number] * DIMENSIONS) for number in n}
        assert await store.segments.unembedded(MODEL, 9) == []
        assert await vectors(store, model="another") == {}
        assert len(await store.segments.unembedded("another", 9)) == 3

    async def test_vectors_of_another_length_are_left_out(self, store: Store) -> None:
        n = await embed(store, dimensions=DIMENSIONS + 1)
        assert await vectors(store) == {}
        assert set(await vectors(store, dimensions=None)) == set(n)

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

    async def test_a_vector_in_a_segment_leaves_the_tail_and_its_paper_is_embedded(self, store: Store) -> None:
        n = await embed(store)
        assert await merge_vectors(store, FIRST)
        assert await vectors(store) == await vectors(store, dimensions=None) == {}
        assert list((await stored(store, "vectors", MODEL)).values()) == [FIRST]
        assert await stored(store) == await stored(store, "vectors", "another") == {}
        assert await store.segments.unembedded(MODEL, 9) == []
        assert len(await store.segments.unembedded("another", 9)) == 3
        await store.papers.add(Findings((replace(PAPERS[0], title="New"),)), "huggingface", MONDAY)
        assert [each.number for each in await store.segments.unembedded(MODEL, 9)] == [(await numbers(store))[IDS[0]]]
        (rewritten,) = await embed(store)
        assert list(await vectors(store)) == [rewritten]
        assert rewritten in n

    async def test_vectors_are_kept_as_a_segment(self, store: Store) -> None:
        papers = await store.segments.unembedded(MODEL, 9)
        await add(store, replace(PAPERS[0], abstract="Rewritten."))
        segment = NewSegment("vectors", MODEL, 3, bytearray(FIRST))
        await store.segments.keep_vectors(MODEL, papers, [b"\x01" * DIMENSIONS] * 3, segment)
        assert await vectors(store, dimensions=None) == {}
        assert list((await stored(store, "vectors", MODEL)).values()) == [FIRST]
        assert [each.number for each in await store.segments.unembedded(MODEL, 9)] == [(await numbers(store))[IDS[0]]]

    async def test_a_vector_that_is_newer_than_the_segment_stays_in_the_tail(self, store: Store) -> None:
        n = await embed(store)
        late = NewSegment("vectors", MODEL, 3, FIRST, (), tuple(n), await revision(store))
        await store.papers.add(Findings((replace(PAPERS[0], title="New"),)), "huggingface", MONDAY)
        (rewritten,) = await embed(store)
        assert await store.segments.replace(late)
        assert list(await vectors(store)) == [rewritten]
        assert await store.segments.unembedded(MODEL, 9) == []

    async def test_a_segment_of_vectors_that_a_newer_segment_has_changes_nothing(self, store: Store) -> None:
        await embed(store)
        late = NewSegment("vectors", MODEL, 3, FIRST, (), tuple(await vectors(store)), await revision(store))
        assert await merge_vectors(store, SECOND)
        assert not await store.segments.replace(late)
        assert list((await stored(store, "vectors", MODEL)).values()) == [SECOND]

    async def test_zero_vectors_in_segments_are_told_from_others(self, store: Store) -> None:
        first, second, third = await store.segments.unembedded(MODEL, 9)
        vectors_of = {
            first.number: bytes(DIMENSIONS),
            second.number: b"\x00\x00\x01\x00",
            third.number: bytes(DIMENSIONS),
        }
        by_number = {number: each for each, number in (await numbers(store)).items()}
        await store.segments.keep_vectors(MODEL, [first, second], [vectors_of[first.number], vectors_of[second.number]])
        assert await store.papers.unsearchable(9) == [by_number[first.number]]
        assert await merge_vectors(store, FIRST)
        segment = NewSegment("vectors", MODEL, 1, SECOND)
        await store.segments.keep_vectors(MODEL, [third], [vectors_of[third.number]], segment)
        assert await vectors(store, dimensions=None) == {}
        assert await store.papers.unsearchable(9) == sorted(by_number[each.number] for each in (first, third))
        assert await store.segments.unembedded(MODEL, 9) == []

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
        assert await read(store, lambda view: view.papers_by_number([n[IDS[0]], 999])) == {
            n[IDS[0]]: (await store.papers.get(IDS))[IDS[0]]
        }

    async def test_numbers_of_all_papers_are_listed_ascending_without_those_that_are_gone(
        self, store: Store, make_store: MakeStore, tmp_path: Path
    ) -> None:
        async def listed(*ids: str) -> None:
            expected = sorted((await read(store, lambda view: view.numbers_of(ids))).values())
            assert len(expected) == len(ids)
            assert await read(store, lambda view: list(view.stored())) == expected

        await listed(*IDS)
        await store.papers.add(Findings((replace(paper(4), id="10.1/x"), paper(5))), "file", MONDAY)
        await store.papers.add(Findings((replace(PAPERS[0], doi="10.1/x"),)), "arxiv", MONDAY)
        await listed(*IDS, paper(5).id)
        with make_store(tmp_path / "empty.db") as empty:
            assert await read(empty, lambda view: list(view.stored())) == []

    async def test_upvotes_are_the_most_that_any_source_counts(self, store: Store) -> None:
        votes = [Signal(IDS[0], source, "upvotes", value, MONDAY) for source, value in (("one", 5), ("two", 9))]
        points = Signal(IDS[1], "hackernews", "points", 99, MONDAY)
        await store.papers.add(Findings((), (*votes, points)), "huggingface", MONDAY)
        n = (await numbers(store))[IDS[0]]
        assert await read(store, lambda view: view.upvotes(IDS)) == {IDS[0]: 9}
        assert await read(store, lambda view: list(view.upvoted(5))) == [n]
        assert await read(store, lambda view: list(view.upvoted(9.5))) == []

    # --- reading while writing ---

    async def test_a_search_sees_one_revision_while_the_index_changes(self, store: Store) -> None:
        """Each change is whole once its call has returned, and a search that had begun does not see it."""
        loop = asyncio.get_running_loop()

        def look(view: IndexView) -> list[object]:
            infos = view.segments("words")
            whole = [b"".join(view.segment(info.id)) for info in infos]
            return [view.revision(), view.tail(), infos, whole, list(view.stored())]

        def search(view: IndexView) -> tuple[list[object], list[object]]:
            before = look(view)
            (old,) = view.segments("words")
            for change in (merge(store, SECOND, replaced=(old.id,)), add(store, paper(4)), embed(store)):
                asyncio.run_coroutine_threadsafe(change, loop).result(10)
            return before, look(view)

        await merge(store, FIRST)
        before, after = await read(store, search)
        assert before == after
        assert before[3] == [FIRST], "the bytes of a segment that was replaced meanwhile"
        assert await revision(store) > before[0]  # type: ignore[operator]
        assert len(await tail(store)) == 1
        assert list((await stored(store)).values()) == [SECOND]

    async def test_another_store_of_the_same_path_follows_what_the_writer_changes(
        self, store: Store, make_store: MakeStore, tmp_path: Path
    ) -> None:
        with make_store(tmp_path / "p.db", write=False) as reader:
            assert await state(reader) == await state(store)
            before = await revision(reader)
            await merge(store, FIRST)
            await embed(store)
            assert await revision(reader) > before
            assert await state(reader) == await state(store)
            with pytest.raises(StoreError):
                await reader.segments.clear()
            with pytest.raises(StoreError):
                await merge(reader, SECOND)
            with pytest.raises(StoreError):
                await reader.segments.index([])

    async def test_arguments_and_errors_of_a_search_are_handed_on(self, store: Store) -> None:
        def search(view: IndexView, divisor: int, *, dividend: int) -> float:
            return view.revision() and dividend / divisor

        assert await store.segments.read(search, 2, dividend=6) == 3
        with pytest.raises(ZeroDivisionError):
            await store.segments.read(search, 0, dividend=6)
        assert await revision(store), "the next search is answered"
