"""Papers that are not stored: which sources are asked, which of their results match, and how these are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.query.parser import parse
from bot.search import RemoteResults, RemoteSearch, remote
from tests.fakes import MONDAY, FakeSource
from tests.harness.desk import ELSEWHERE, OMNI, Desk

FOLDING = Paper("2401.00010", "Protein Folding", "Folding, predicted.", ("Ada Press",), categories=("q-bio.BM",))
CHAINS = Paper("2401.00011", "Protein Chains", "Chains.", ("Bo Column",), categories=("cs.LG",))


class Library(FakeSource):
    """A source with a search of its own."""

    def __init__(self, name: str, *papers: Paper) -> None:
        super().__init__(name)
        self.papers = papers
        self.queries: list[str] = []
        self.fault: Exception | None = None

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:
        return Findings(tuple(paper for paper in self.papers if paper.id in ids))

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        self.queries.append(query)
        if self.fault is not None:
            raise self.fault
        return self.papers[:limit]


def ids(results: RemoteResults) -> list[str]:
    return [paper.id for paper, _ in results.papers]


async def test_every_source_that_can_search_is_asked_for_the_words_and_each_paper_comes_once():
    one, two = Library("huggingface", FOLDING), Library("arxiv", FOLDING, CHAINS)
    results = await RemoteSearch([one, two, FakeSource("hackernews")]).search(
        parse("protein author:press -dna"), MONDAY
    )
    assert one.queries == two.queries == ["protein press"]
    assert results == RemoteResults(((FOLDING, "huggingface"),))


@pytest.mark.parametrize(
    ("query", "matching"),
    [
        ("protein", [FOLDING.id, CHAINS.id]),
        ("protein cat:q-bio.BM", [FOLDING.id]),
        ("protein -folding", [CHAINS.id]),
        ('"protein chains"', [CHAINS.id]),
        ("protein author:column | protein author:press", [FOLDING.id, CHAINS.id]),
        ("protein has:code", []),
    ],
)
async def test_conditions_hold_for_results_of_sources_too(query: str, matching: list[str]):
    assert ids(await RemoteSearch([Library("arxiv", FOLDING, CHAINS)]).search(parse(query), MONDAY)) == matching


async def test_without_words_no_source_is_asked():
    source = Library("arxiv", FOLDING)
    assert await RemoteSearch([source]).search(parse("cat:cs.LG since:7d"), MONDAY) == RemoteResults()
    assert not source.queries


async def test_results_are_cached_for_an_hour():
    source = Library("arxiv", FOLDING)
    search = RemoteSearch([source])
    for minutes in (0, 59, 61):
        assert ids(await search.search(parse("protein"), MONDAY + timedelta(minutes=minutes))) == [FOLDING.id]
    assert len(source.queries) == 2


async def test_the_cache_holds_only_so_many_queries():
    source = Library("arxiv", FOLDING)
    search = RemoteSearch([source])
    for number in range(remote.CACHED_QUERIES + 1):
        await search.search(parse(f"protein{number}"), MONDAY)
    await search.search(parse("protein1"), MONDAY)
    await search.search(parse("protein0"), MONDAY)
    assert len(source.queries) == remote.CACHED_QUERIES + 2


@pytest.mark.parametrize(
    ("fault", "logged"),
    [
        (SourceError("arxiv", "HTTP 503"), "HTTP 503"),
        (ValueError("secret"), "ValueError"),
        (TimeoutError(), "it takes too long"),
    ],
)
async def test_a_source_that_fails_is_named_the_others_answer_and_it_is_asked_again(fault, logged, caplog):
    down, up = Library("arxiv"), Library("huggingface", FOLDING)
    down.fault = fault
    search = RemoteSearch([down, up])
    results = await search.search(parse("protein"), MONDAY)
    assert (ids(results), results.faults) == ([FOLDING.id], ("arxiv",))
    assert logged in caplog.text
    down.fault = None
    assert not (await search.search(parse("protein"), MONDAY)).faults


async def test_a_source_that_never_answers_is_not_waited_for(monkeypatch):
    class Silent(Library):
        async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
            await asyncio.Event().wait()
            return ()

    monkeypatch.setattr(remote, "TIMEOUT_SECONDS", 0.01)
    results = await RemoteSearch([Silent("arxiv"), Library("huggingface", FOLDING)]).search(parse("protein"), MONDAY)
    assert ids(results) == [FOLDING.id]
    assert results.faults == ("arxiv",)


# --- as an answer ------------------------------------------------------------------------------------------------


async def test_where_few_papers_are_stored_others_follow_marked_and_open_by_their_button(desk: Desk):
    desk.engine.remote_results = RemoteResults(((ELSEWHERE, "arxiv"),), ("huggingface",))
    desk.archive.papers[ELSEWHERE.id] = ELSEWHERE
    message = await desk.ask("search zyzzyva rare")
    assert "found by arXiv, not stored here" in message.text
    assert "Hugging Face did not answer." in message.text
    button = next(action for action in message.actions if action.options.get("paper") == ELSEWHERE.id)
    assert (await desk.press(message, button.label)).paper_id == ELSEWHERE.id


async def test_where_enough_is_stored_or_on_later_pages_nobody_else_is_asked(desk: Desk):
    desk.engine.remote_results = RemoteResults(((ELSEWHERE, "arxiv"),))
    first = await desk.ask("search diffusion count:2")
    assert "not stored here" not in first.text
    assert "not stored here" not in (await desk.ask("search zyzzyva diffusion count:2 page:2")).text


async def test_what_is_stored_already_does_not_come_again_from_elsewhere(desk: Desk):
    stored = (await desk.store.papers.get([OMNI]))[OMNI]
    desk.engine.remote_results = RemoteResults(((stored, "arxiv"), (replace(ELSEWHERE, id="2401.00003"), "arxiv")))
    message = await desk.ask("search zyzzyva")
    assert message.text.count("not stored here") == 1


async def test_a_misspelt_word_is_forgiven_and_that_is_said(desk: Desk):
    message = await desk.ask("search difusion count:3")
    assert "instead of “difusion”" in message.text
    assert "iffusion" in message.text


async def test_nothing_anywhere_names_the_sources_that_did_not_answer(desk: Desk):
    desk.engine.remote_results = RemoteResults((), ("arxiv",))
    assert (await desk.ask("search zyzzyva")).text.endswith("arXiv did not answer.")
