"""Search over stored papers: real SQLite, real index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from bot.app import collect
from bot.embeddings import load
from bot.errors import QueryError
from bot.model import Findings, Paper, Signal
from bot.search import Search, SearchResults, index_entry
from bot.store import Store
from tests.harness.desk import Desk
from tests.harness.examples import examples
from tests.harness.store import new_store

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def paper(number: int, title: str, abstract: str = "", **facts: object) -> Paper:
    plain = Paper(f"2611.{number:05d}", title, abstract, listed_at=NOW - timedelta(hours=number))
    return replace(plain, **facts)  # type: ignore[arg-type]  # facts of a Paper


PAPERS = (
    paper(1, "Video Diffusion Models", "We train diffusion models for video.",
          categories=("cs.CV",), organization="nvidia"),
    paper(2, "Diffusing Heat", "Heat spreads.", authors=("Zoë Müller", "Byung-Kwan Lee"),
          code_url="https://example.org/c"),
    paper(3, "A Survey of Videos", "Many videos are surveyed.", authors=("J. Hughes",),
          comment="Accepted at NeurIPS2026"),
    paper(4, "Speculative Decoding for Language Models", "Decoding is speculative and fast.",
          categories=("cs.CL", "cs.LG")),
    paper(5, "Decoding Language, Speculatively", "Language models guess.", categories=("cs.CL",)),
    paper(6, "Multi-Modal Retrieval", "Retrieval over many modes.", organization="Université de Genève"),
    paper(7, "Multimodal Agents", "Agents act in C++ on medical images.", project_url="https://example.org/p"),
    paper(8, "Attention Is All You Need, Again", "The transformer returns.", listed_at=NOW - timedelta(days=30)),
    paper(9, "Robot Grasping by Touch", "A robot hand learns to grasp by tactile touch sensing of objects."),
    paper(10, "Tactile Robot Hands", "Touch sensing lets a robot hand grasp objects it cannot see."),
)  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path):
    with new_store(tmp_path / "p.db") as opened:
        votes = tuple(Signal(PAPERS[i].id, "huggingface", "upvotes", 10.0 * i, NOW) for i in (0, 2, 3))
        await opened.papers.add(Findings(PAPERS, votes), "file", NOW)
        await collect.describe(opened)
        await collect.embed(opened, load("static"))
        yield opened


@pytest.fixture
def search(store: Store) -> Search:
    return Search(store)


def numbers(results: SearchResults) -> list[int]:
    return [int(hit.paper.id[-2:]) for hit in results.hits if not hit.partial]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("video diffusion", [1]),
        ("videos", [1, 3]),
        ("VIDEO", [1, 3]),
        ("diffusing", [1, 2]),
        ('"speculative decoding"', [4]),
        ('"language models" decoding', [4, 5]),
        ("decoding cat:cs.LG", [4]),
        ("cat:cs.CL", [4, 5]),
        ("cat:cs", [1, 4, 5]),
        ("multi-modal", [6, 7]),
        ("multimodal", [6, 7]),
        ("agents c++", [7]),
        ("Hughes", [3]),
        ("Müller", [2]),
        ('author:"Zoe Muller"', [2]),
        ('author:"Byungkwan Lee"', [2]),
        ('author:"B. Lee"', [2]),
        ("author:lee", [2]),
        ("org:nvidia", [1]),
        ('org:"universite de geneve"', [6]),
        ("venue:neurips", [3]),
        ("has:code", [2]),
        ("has:project", [7]),
        ("min:20", [3, 4]),
        ("decoding min:20", [4]),
        ("since:5h", [1, 2, 3, 4, 5]),
        ("decoding since:4h", [4]),
        ("videos -survey", [1]),
        ("has:code | has:project", [2, 7]),
        ("heat | tactile", [2, 9, 10]),
        ("heat | org:nvidia", [1, 2]),
        ("heat | has:project -medical", [2]),
        ("like:2611.00009", [10]),
        ("like:2611.00010 -see", [9]),
        ("like:2611.00009 | like:2611.00010", []),
        ("the attention of you", [8]),
    ],
)
async def test_every_form_of_the_query_language_finds_what_it_means(search, query, expected):
    results = await search.search(query, limit=20, now=NOW)
    assert sorted(numbers(results)) == expected


async def test_the_title_counts_more_than_the_abstract(search, store):
    await store.papers.add(
        Findings((paper(11, "On Other Things", "Here decoding is named once in passing."),)), "file", NOW
    )
    await collect.describe(store)
    assert numbers(await search.search("decoding", limit=20, now=NOW))[-1] == 11


async def test_papers_with_some_of_the_words_follow_marked(search):
    results = await search.search("video retrieval tactile", limit=20, now=NOW)
    assert results.hits
    assert all(hit.partial for hit in results.hits)
    mixed = (await search.search("video diffusion", limit=20, now=NOW)).hits
    assert [hit.partial for hit in mixed] == [False, *[True] * (len(mixed) - 1)]
    assert {hit.paper.id for hit in mixed} == {PAPERS[i].id for i in (0, 1, 2)}


async def test_partial_hits_still_obey_fields_and_negations(search):
    results = await search.search("video retrieval -survey cat:cs.CV", limit=20, now=NOW)
    assert [hit.paper.id for hit in results.hits] == [PAPERS[0].id]


@pytest.mark.parametrize(
    "text",
    ["2611.00004", "arXiv:2611.00004v3", "https://arxiv.org/pdf/2611.00004", "<https://arxiv.org/abs/2611.00004>"],
)
async def test_an_id_or_a_link_finds_that_paper(search, text):
    results = await search.search(text, limit=5, now=NOW)
    assert [hit.paper.id for hit in results.hits] == ["2611.00004"]


async def test_an_unknown_id_is_told_from_words_that_find_nothing(search):
    results = await search.search("2611.99999", limit=5, now=NOW)
    assert (results.paper_id, results.hits) == ("2611.99999", ())
    assert (await search.search("zyzzyva", limit=5, now=NOW)).paper_id is None


async def test_words_that_are_everywhere_are_said_to_be_too_common(search):
    results = await search.search("the of and", limit=5, now=NOW)
    assert results.only_common
    assert not results.hits


async def test_newest_and_trending_order_by_what_they_say(search):
    newest = await search.search("video | robot", limit=20, now=NOW, order="newest")
    assert numbers(newest) == [1, 3, 9, 10]
    standing = {PAPERS[9].id: 2.0, PAPERS[2].id: 1.0}
    trending = await search.search("video | robot", limit=20, now=NOW, order="trending", standing=standing)
    assert numbers(trending) == [10, 3, 1, 9]
    assert not (await search.search("attention", limit=5, now=NOW, order="trending")).hits


async def test_pages_neither_overlap_nor_leave_gaps(search):
    everything = await search.search("since:90d", limit=20, now=NOW)
    ids: list[str] = []
    for offset in range(0, 12, 3):
        page = await search.search("since:90d", limit=3, offset=offset, now=NOW)
        assert page.more == (offset + 3 < len(PAPERS))
        ids += [hit.paper.id for hit in page.hits]
    assert ids == [hit.paper.id for hit in everything.hits]
    assert len(set(ids)) == len(PAPERS)


async def test_similar_papers_are_near_and_never_the_paper_itself(search):
    neighbours, more = await search.similar(PAPERS[8], limit=5)
    assert [near.paper.id for near in neighbours] == [PAPERS[9].id]
    assert neighbours[0].closeness > 0.1
    assert "tactil" in neighbours[0].stems
    assert not more


async def test_a_paper_that_is_not_stored_has_similar_ones_too(search):
    stranger = paper(99, "Touch for Robot Hands", "Tactile sensing of objects.")
    neighbours, _ = await search.similar(stranger, limit=5)
    assert {near.paper.id for near in neighbours} == {PAPERS[8].id, PAPERS[9].id}


@pytest.mark.parametrize("removed", [8, 9])
async def test_a_removed_paper_that_the_index_still_has_leaves_no_gap_among_similar_ones(search, tmp_path, removed):
    stranger = paper(99, "Touch for Robot Hands", "Tactile sensing of objects.")
    assert (await search.similar(stranger, limit=1))[1], "there are two"
    with closing(sqlite3.connect(tmp_path / "p.db")) as db, db:
        db.execute("DELETE FROM papers WHERE id = ?", (PAPERS[removed].id,))
    neighbours, more = await search.similar(stranger, limit=1)
    assert [near.paper.id for near in neighbours] == [PAPERS[17 - removed].id]
    assert not more
    liked = await search.search(f"like:{PAPERS[17 - removed].id}", limit=5, now=NOW)
    assert not liked.hits


async def test_a_paper_without_words_has_no_similar_ones(search):
    assert await search.similar(paper(98, "!!!"), limit=5) == ([], False)


async def test_a_changed_title_is_found_by_its_new_words_only(search, store):
    await store.papers.add(Findings((replace(PAPERS[0], title="Cooking With Gas", abstract="Gas."),)), "arxiv", NOW)
    await collect.describe(store)
    assert numbers(await search.search("cooking", limit=5, now=NOW)) == [1]
    assert 1 not in numbers(await search.search("video", limit=5, now=NOW))


def test_the_index_holds_both_spellings_of_a_hyphenated_word_and_no_stop_words():
    entry = index_entry(paper(1, "The Multi-Modal Way", "It is.", authors=("Byung-Kwan Lee",))).postings
    assert entry.title.split() == ["multi", "modal", "way", "multimod"]
    assert entry.abstract == ""
    assert entry.authors.split() == ["byung", "kwan", "lee", "byungkwan"]


HOSTILE = ['"', "AND", "NEAR(a b)", "title:x", "a*", "^b", "{a b}", "a NOT b", "(", "-", "||", "😀", "\x00"]
HOSTILE += ["'; DROP TABLE papers; --", "video", "cat:cs.CL", "the"]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("week"))
    yield desk
    desk.store.close()


@examples(75, HealthCheck.function_scoped_fixture)
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(HOSTILE), max_size=6).map(" ".join),
    )
)
@example("x" * 10_000)
@example("word " * 2_000)
@example("")
async def test_any_text_gives_results_or_one_line(week, text):
    fault = ""
    try:
        results = await week.search.search(text, limit=3, now=week.clock())
        assert len(results.hits) <= 3
    except QueryError as error:
        fault = str(error)
    assert "\n" not in fault
