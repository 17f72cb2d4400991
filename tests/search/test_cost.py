"""The cost of a search: charged before it is spent, and bounded whatever is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from bot import search as search_room
from bot.app import collect
from bot.embeddings import load
from bot.errors import QueryError
from bot.model import Findings, Order, Paper, Signal
from bot.query import text_match
from bot.query.parser import MAX_LENGTH
from bot.search import Search, executor
from bot.search.cost import FIELDS, LIMIT, NUMBER, ORDER, ROW, TEXT, Meter
from bot.search.postings import Postings
from bot.search.proximity import LOOKED_AT
from bot.store.sql.segments import IndexView
from bot.store.sqlite import SqliteStore
from tests.harness.examples import examples
from tests.harness.hostile_queries import HOSTILE
from tests.harness.store import new_store

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WORDS = ("model", "data", "learning", "video", "diffusion", "multi-modal", "the", "of", "a", "xqzvw", "état", "3.5")
PAPERS = 200


def paper(number: int) -> Paper:
    """A paper that has most of the words, in an order of its own."""
    first, second, third = (WORDS[(number + step) % len(WORDS)] for step in (0, 3, 5))
    return Paper(
        f"2611.{number:05d}",
        f"{first} the {second}",
        f"A {third} of {first} model data learning. The {second} of {third}.",
        authors=("Ada Press", f"Bo Column{number % 7}"),
        categories=("cs.CL", "cs.LG") if number % 3 else ("cs.CV",),
        organization="nvidia" if number % 2 else "École de Paris",
        comment="Accepted at NeurIPS2026" if number % 2 else r"in Montr\'eal",
        code_url="https://example.org/c" if number % 5 == 0 else None,
        listed_at=NOW - timedelta(hours=number),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    path = Path(tmp_path_factory.mktemp("cost")) / "p.db"
    papers = tuple(map(paper, range(PAPERS)))
    votes = tuple(Signal(each.id, "huggingface", "upvotes", float(i), NOW) for i, each in enumerate(papers))

    async def fill() -> None:
        with new_store(path) as opened:
            await opened.papers.add(Findings(papers, votes), "file", NOW)
            await collect.describe(opened, summaries=False)
            await collect.embed(opened, load("static"))

    asyncio.run(fill())
    with SqliteStore(path, write=False) as opened:
        yield opened


class Counted:
    """Counts what searches touch, from the outside: postings, and what the store is asked for, by its price."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.touched, self.limit, self.texts = 0, LIMIT // 50, 0
        self.masks: list[tuple[str, ...]] = []
        self.meters: list[Meter] = []
        self._count(monkeypatch, Postings, "add_scores", lambda postings, _scores, stems: _postings(postings, stems))
        self._count(monkeypatch, Postings, "having", self._having)
        self._count(
            monkeypatch,
            IndexView,
            "stem_orders",
            lambda _view, numbers: (ORDER if len(numbers) > LOOKED_AT else 0) * len(numbers),
        )
        self._count(monkeypatch, IndexView, "papers_by_number", lambda _view, numbers: ROW * len(numbers))
        self._count(monkeypatch, IndexView, "upvotes", lambda _view, ids: FIELDS * len(ids))
        upvoted = IndexView.upvoted
        monkeypatch.setattr(IndexView, "upvoted", lambda view, least: map(self._number, upvoted(view, least)))
        self._count(monkeypatch, text_match, "_texts", self._analyse)
        monkeypatch.setattr(search_room, "Meter", self._meter)

    async def check(self, store: SqliteStore, text: str, order: Order, limit: int) -> None:
        """Search, and compare what was touched with what was charged, and that with the limit."""
        self.touched, self.limit, self.texts = 0, limit, 0
        self.masks.clear()
        self.meters.clear()
        with suppress(QueryError):
            await Search(store, load("static")).search(text, limit=10, now=NOW, order=order)
        for meter in self.meters:  # one, or none if the query cannot be read
            assert meter.touched <= limit
            assert self.touched <= meter.touched

    def _number(self, number: int) -> int:
        self.touched += NUMBER
        return number

    def _having(self, postings: Postings, stems: Sequence[str]) -> int:
        self.masks.append(tuple(stems))
        return _postings(postings, stems)

    def _analyse(self, _paper: Paper) -> int:
        self.texts += 1
        return TEXT - FIELDS  # `upvotes` has counted the rest

    def _meter(self, text: str) -> Meter:
        self.meters.append(Meter(text, self.limit))
        return self.meters[-1]

    def _count(
        self, monkeypatch: pytest.MonkeyPatch, owner: type | ModuleType, name: str, cost: Callable[..., int]
    ) -> None:
        method = getattr(owner, name)

        @wraps(method)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.touched += cost(*args, **kwargs)
            return method(*args, **kwargs)

        monkeypatch.setattr(owner, name, counted)


def _postings(postings: Postings, stems: Sequence[str]) -> int:
    return sum(map(postings.work, set(stems)))


words = st.sampled_from(WORDS)
terms = st.one_of(
    words,
    st.lists(words, min_size=1, max_size=4).map(lambda each: f'"{" ".join(each)}"'),
    st.sampled_from(["org:nvidia", "org:zzz", "venue:neurips", "venue:acl", "cat:cs", "cat:cs.CL", "has:code"]),
    st.sampled_from(["min:100", "min:9999", "since:9d", "since:1h", 'author:"a press"', "author:nobody"]),
    st.integers(0, PAPERS).map(lambda number: f"like:2611.{number:05d}"),
)
negated = st.tuples(st.sampled_from(["", "", "-"]), terms).map("".join)
alternatives = st.lists(negated, min_size=1, max_size=6).map(" ".join)
queries = st.lists(alternatives, min_size=1, max_size=12).map(" | ".join)


orders = st.sampled_from(get_args(Order))
limits = st.sampled_from([LIMIT // 50, LIMIT // 5, LIMIT])


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


@examples(60, HealthCheck.function_scoped_fixture)
@given(queries.map(lambda text: text[:MAX_LENGTH]), orders, limits)
@example(" | ".join(f"org:z{i}" for i in range(60)), "best", LIMIT // 50)
@example(" | ".join(f"model venue:z{i}" for i in range(30)), "newest", LIMIT // 50)
@example(" | ".join(f"like:2611.{i:05d}" for i in range(30)), "best", LIMIT // 50)
@example(" | ".join(['"learning model"', '"model the data"'] * 15), "newest", LIMIT // 50)
async def test_no_query_touches_more_than_its_bound(
    store: SqliteStore, counted: Counted, text: str, order: Any, limit: int
) -> None:
    await counted.check(store, text, order, limit)


@pytest.mark.parametrize("order", get_args(Order))
async def test_no_hostile_query_touches_more_than_its_bound(store: SqliteStore, counted: Counted, order: Order) -> None:
    for text in HOSTILE:
        for limit in (LIMIT // 50, LIMIT // 5):
            await counted.check(store, text[:MAX_LENGTH], order, limit)


@pytest.mark.parametrize("order", get_args(Order))
async def test_a_search_analyses_at_most_300_texts(store: SqliteStore, counted: Counted, order: Order) -> None:
    """A text takes 0.2 ms, and a phrase with stop words may be looked for in vain in every paper that has its words."""
    await counted.check(store, '"data the learning"', order, LIMIT * 2 // 5)
    assert 0 < counted.texts * 5 // 2 <= 300


async def test_the_papers_of_a_category_are_looked_up_once(store: SqliteStore, counted: Counted) -> None:
    await counted.check(store, "video cat:cs.CL | model cat:cs.CL", "newest", LIMIT)
    assert counted.masks.count(("#cat:cs.cl",)) == 1


@pytest.mark.parametrize("text", ["a a a a a a a a a a", "to be or not to be", "of-the"])
async def test_a_phrase_of_stop_words_is_refused_with_the_remedy(store: SqliteStore, text: str) -> None:
    with pytest.raises(QueryError, match="only words that nearly every paper has; add one that tells more"):
        await Search(store).search(f'model "{text}"', limit=10, now=NOW)


async def test_a_search_that_is_too_dear_is_refused_in_one_line_with_the_remedy(
    store: SqliteStore, counted: Counted
) -> None:
    with pytest.raises(QueryError, match="too many papers; take fewer alternatives, or add rarer words"):
        await Search(store, load("static")).search(" | ".join(["model"] * 60), limit=10, now=NOW)
    assert counted.touched == 0  # known before it runs


@pytest.mark.parametrize(
    ("text", "expected"),
    [("org:zzz", 0), ("venue:acl", 0), ("venue:montreal", 100), ('org:"ecole de paris"', 100), ("min:9999", 0)],
)
async def test_a_condition_is_looked_for_in_every_paper_however_rare_it_is(
    store: SqliteStore, text: str, expected: int
) -> None:
    results = await Search(store).search(text, limit=PAPERS, now=NOW)
    assert len(results.hits) == expected


async def test_more_than_three_unknown_words_are_not_corrected(store: SqliteStore) -> None:
    search = Search(store, load("static"))
    assert len((await search.search("vidoe modle dtaa", limit=1, now=NOW)).corrections) >= 1
    assert not (await search.search("vidoe modle dtaa learnign", limit=1, now=NOW)).corrections


async def test_where_too_many_papers_have_the_upvotes_each_hit_is_looked_at(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search(store, load("static"))
    for text in ("min:50", "model min:50", "model min:150 cat:cs.CL"):
        results = [await search.search(text, limit=PAPERS, now=NOW)]
        monkeypatch.setattr(executor, "MOST_UPVOTED", 10)
        results.append(await search.search(text, limit=PAPERS, now=NOW))
        monkeypatch.undo()
        few, many = ({hit.paper.id for hit in each.hits} for each in results)
        assert few == many
        assert len(few) > 10
