"""Collecting: every source is asked, one that fails spoils nothing, and what is new is described."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.app.collect import collect, describe, embed, faults, summarise
from bot.app.source_turns import unasked
from bot.errors import SourceError
from bot.model import Findings, Outage, Paper, Signal, SourceReport
from bot.ports import Source
from bot.search.segment import Segment
from bot.store import IndexView, Store
from tests.fakes import MONDAY, FakeSource, paper
from tests.harness.store import new_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    with new_store(tmp_path / "p.db") as opened:
        yield opened


class Broken(FakeSource):
    """A source with a bug: what it says is no Findings, or it raises what it should not."""

    def __init__(self, name: str, error: Exception | None = None, findings: Findings | None = None) -> None:
        super().__init__(name)
        self._error, self._findings = error, findings

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        if self._error:
            raise self._error
        assert self._findings is not None
        return self._findings


class FakeArxiv(FakeSource):
    """A source that can also look papers up."""

    def __init__(self) -> None:
        super().__init__("arxiv")
        self.shelf: dict[str, Paper] = {}
        self.looked_up: list[list[str]] = []
        self.lookup_error: Exception | None = None
        self.refused: set[str] = set()

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:
        self.looked_up.append(sorted(ids))
        if self.lookup_error:
            raise self.lookup_error
        skipped = tuple(f"paper {each}: refused" for each in ids if each in self.refused)
        return Findings(tuple(self.shelf[each] for each in ids if each in self.shelf), skipped=skipped)

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        return ()


def source(name: str, number: int) -> FakeSource:
    """A source with one paper and its votes."""
    source = FakeSource(name)
    source.notices(paper(number), upvotes=number)
    return source


async def run(store: Store, *sources: Source, at: datetime = MONDAY) -> dict[str, SourceReport]:
    return {report.source: report for report in await collect(store, sources, at)}


async def test_what_sources_bring_is_stored_and_described(store: Store) -> None:
    reports = await run(store, source("huggingface", 1), source("elsewhere", 2))
    assert reports["huggingface"] == SourceReport("huggingface", MONDAY, MONDAY, papers=1, signals=1)
    papers = await store.papers.get([paper(1).id, paper(2).id])
    assert all(each.tldr for each in papers.values())
    assert len(papers) == 2
    assert {row.source: row.fault for row in await store.papers.reports()} == {"huggingface": None, "elsewhere": None}


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (Broken("broken", SourceError("broken", "HTTP 503")), "HTTP 503"),
        (Broken("broken", KeyError("title")), "unexpected KeyError, see the log"),
    ],
    ids=["down", "a bug"],
)
async def test_a_failing_source_is_named_and_leaves_the_others_findings(
    store: Store, broken: FakeSource, fault: str
) -> None:
    reports = await run(store, source("first", 1), broken, source("last", 2))
    assert set(await store.papers.get([paper(n).id for n in (1, 2, 3)])) == {paper(1).id, paper(2).id}
    assert reports["broken"].fault is not None
    assert reports["broken"].fault.startswith(fault)
    assert [reports[name].fault for name in ("first", "last")] == [None, None]
    stored = {row.source: row for row in await store.papers.reports()}
    assert stored["broken"].fault == reports["broken"].fault
    assert faults(stored.values()) == (Outage("broken", None),)
    assert await store.segments.unindexed(9) == []


async def test_papers_and_counts_that_cannot_be_stored_are_left_out_of_their_batch(store: Store) -> None:
    odd = (replace(paper(3), title="lone \ud800"), replace(paper(4), abstract="lone \udfff"))
    counts = [Signal(paper(n).id, "hf", "upvotes", n, MONDAY) for n in (1, 2)]
    counts.append(Signal(paper(1).id, "hf", "lone \ud800", 1, MONDAY))
    source = Broken("broken", findings=Findings((paper(1), *odd, paper(2)), tuple(counts), ("paper 9 has no title",)))
    report = (await run(store, source))["broken"]
    assert report == SourceReport(
        "broken",
        MONDAY,
        MONDAY,
        papers=2,
        signals=2,
        skipped=4,
        skipped_items=(
            "paper 9 has no title",
            f"paper {paper(3).id} cannot be stored (UnicodeEncodeError)",
            f"paper {paper(4).id} cannot be stored (UnicodeEncodeError)",
            "lone \ufffd of 2511.00001 cannot be stored (UnicodeEncodeError)",
        ),
    )
    assert await store.papers.reports() == [report]
    assert set(await store.papers.get([paper(n).id for n in range(9)])) == {paper(1).id, paper(2).id}


async def test_a_source_of_which_nothing_can_be_stored_is_at_fault(store: Store) -> None:
    odd = tuple(replace(paper(n), title="lone \ud800") for n in range(9))
    counts = tuple(Signal(paper(1).id, "hf", f"lone \ud800 {n}", 1, MONDAY) for n in range(9))
    for findings in (Findings(odd), Findings((paper(1),), counts)):
        report = (await run(store, Broken("broken", findings=findings)))["broken"]
        assert report.fault == "unexpected UnicodeEncodeError, see the log"


async def test_an_item_that_is_left_out_is_logged_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def logged(*skipped: str) -> list[str]:
        caplog.clear()
        await run(store, Broken("broken", findings=Findings(skipped=skipped)))
        return [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]

    line = "item left out source=broken item='{}'".format
    assert await logged("a", "b", "a") == [line("a"), line("b")]
    assert await logged("c", "b", "a") == [line("c")]
    shaky = Broken("broken", SourceError("broken", "HTTP 503"))
    await run(store, shaky)
    assert await logged("a") == [], "a fault in between changes nothing"
    assert await logged() == []
    assert await logged("a") == [line("a")]
    many = [f"item {n}" for n in range(99)]
    assert len(await logged(*many)) == 20
    assert await logged(*reversed(many)) == []
    (report,) = await store.papers.reports()
    assert (report.skipped, len(report.skipped_items)) == (99, 20)


async def test_ids_that_a_lookup_refuses_are_named_with_their_source(store: Store) -> None:
    arxiv = FakeArxiv()
    arxiv.refused = {"2511.9", paper(3).id}
    lists = Broken(
        "huggingface",
        findings=Findings((replace(paper(3), categories=()),), (Signal("2511.9", "hn", "points", 1, MONDAY),)),
    )
    reports = await run(store, lists, arxiv)
    assert reports["arxiv"].skipped_items == ("paper 2511.9: refused", f"paper {paper(3).id}: refused")
    assert reports["huggingface"].skipped == 0


class Moody:
    """An embedder that fails for texts with a word."""

    name, dimensions, dense_weight = "moody", 4, 0.3

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        if any("poison" in text for text in texts):
            raise ValueError("no such token")
        return np.ones((len(texts), 4), dtype=np.float32) / 2


async def test_a_paper_that_cannot_be_embedded_does_not_hold_up_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned = paper(7, title="A poison")
    await store.papers.add(Findings((*map(paper, range(20, 60)), poisoned)), "arxiv", MONDAY)
    await describe(store)
    embedder = Moody()
    assert await embed(store, embedder) == 41
    assert embedder.calls <= 14
    assert [r.getMessage() for r in caplog.records] == ["a paper cannot be embedded title='A poison'"]
    assert await store.papers.unsearchable(9) == [poisoned.id]
    assert await embed(store, embedder) == 0, "it is not tried again"


async def test_an_embedder_that_fails_for_all_is_at_fault_itself(store: Store) -> None:
    await store.papers.add(Findings(tuple(paper(n, title=f"A poison {n}") for n in range(9))), "arxiv", MONDAY)
    await describe(store)
    with pytest.raises(ValueError, match="no such token"):
        await embed(store, Moody())


async def test_a_source_that_recovers_has_no_fault_and_a_fault_keeps_the_last_success(store: Store) -> None:
    shaky = source("huggingface", 1)
    await run(store, shaky)
    shaky.fails()
    await run(store, shaky, at=MONDAY + timedelta(hours=1))
    (row,) = await store.papers.reports()
    assert (row.fault, row.succeeded_at, row.tried_at) == ("it is down", MONDAY, MONDAY + timedelta(hours=1))
    shaky.recovers()
    await run(store, shaky, at=MONDAY + timedelta(hours=2))
    assert faults(await store.papers.reports()) == ()


# --- how far back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("away", "back"), [(None, 3), (0.02, 3), (2, 3), (5, 5), (40, 14)])
async def test_a_source_is_asked_for_three_days_or_since_its_last_success_fourteen_at_most(
    store: Store, away: float | None, back: int
) -> None:
    if away is not None:
        last = MONDAY - timedelta(days=away)
        await store.papers.report(SourceReport("huggingface", last, last))
        await store.papers.report(SourceReport("huggingface", MONDAY - timedelta(minutes=5), None, fault="down"))
    source = FakeSource()
    await run(store, source)
    assert source.fetches == [(MONDAY - timedelta(days=back), MONDAY)]


async def test_progress_names_every_source_whatever_came_of_it(store: Store) -> None:
    down = FakeSource("down")
    down.fails()
    progress: list[str] = []
    await collect(store, (FakeSource("up"), down), MONDAY, progress=progress.append)
    assert sorted(progress) == ["down", "up"]


# --- who knows what -------------------------------------------------------------------------------------------------


async def test_a_source_that_only_counts_may_be_asked_before_the_one_that_knows(store: Store) -> None:
    counter = Broken("hackernews", findings=Findings((), (Signal(paper(1).id, "hackernews", "points", 9, MONDAY),)))
    reports = await run(store, counter, source("huggingface", 1))
    assert reports["hackernews"].signals == 1


async def test_a_work_on_arxiv_and_on_biorxiv_is_one_paper_whichever_came_first(store: Store) -> None:
    """The same title and first author; stored with the collection that brings the second of the two."""
    for number, order in ((1, ("arxiv", "biorxiv")), (2, ("biorxiv", "arxiv"))):
        title = f"A Study of Homing in Pigeons, Part {number}"
        titled = replace(paper(number), title=title, authors=("Zoë Loft", "B. Coop"))
        preprint = replace(titled, id=f"10.1101/2026.06.12.{number}", title=titled.title.upper(), authors=("Z. Loft",))
        sources = {"arxiv": FakeSource("arxiv"), "biorxiv": FakeSource("biorxiv")}
        sources["biorxiv"].notices(preprint, upvotes=5)
        sources["arxiv"].notices(titled, upvotes=3)
        quiet = [FakeSource(name) for name in order]
        await run(store, sources[order[0]], quiet[1])
        await run(store, quiet[0], sources[order[1]])
        await run(store, *sources.values())  # they go on listing both
        assert set(await store.papers.get([titled.id, preprint.id])) == {titled.id}
        signals = (await store.papers.signals([titled.id], MONDAY - timedelta(days=1)))[titled.id]
        assert {each.source for each in signals} == {"arxiv", "biorxiv"}
        assert (await store.papers.find(preprint.id)) == (await store.papers.get([titled.id]))[titled.id]


async def test_dois_that_a_feed_names_keep_no_other_paper_from_being_looked_up(store: Store) -> None:
    arxiv, kind = FakeArxiv(), "mentioned in Journal"
    ids = [*(f"10.1038/{number}" for number in range(99)), "2511.00001"]
    signals = tuple(Signal(each, "feeds", kind, 1, MONDAY) for each in ids)
    await run(store, arxiv, Broken("feeds", findings=Findings((), signals)))
    assert arxiv.looked_up[0] == ["2511.00001"]


async def test_readers_are_not_told_that_what_is_shown_without_weight_is_old(store: Store) -> None:
    names = ("semanticscholar", "feeds", "hackernews")
    reports = [SourceReport(name, MONDAY, None, fault="HTTP 429") for name in names]
    assert [outage.source for outage in faults(reports)] == ["hackernews"]


async def test_points_for_a_doi_go_to_the_paper_known_by_its_arxiv_id(store: Store) -> None:
    knows = FakeSource("huggingface")
    knows.has(replace(paper(1), doi="10.1145/1"))
    counter = Broken("hackernews", findings=Findings((), (Signal("10.1145/1", "hackernews", "points", 9, MONDAY),)))
    await run(store, knows, counter)
    assert set(await store.papers.signals([paper(1).id], MONDAY)) == {paper(1).id}


async def test_papers_that_somebody_counted_and_nobody_listed_are_looked_up(store: Store) -> None:
    arxiv = FakeArxiv()
    arxiv.shelf = {paper(5).id: paper(5)}
    counts = (
        Signal(paper(5).id, "hackernews", "points", 9, MONDAY),
        Signal("2511.9", "hackernews", "points", 1, MONDAY),
    )
    reports = await run(store, Broken("hackernews", findings=Findings((), counts)), arxiv)
    assert arxiv.looked_up == [sorted([paper(5).id, "2511.9"])]
    assert reports["hackernews"].signals == 1
    assert (await store.papers.get([paper(5).id]))[paper(5).id].tldr


async def test_details_are_looked_up_only_for_papers_without_categories(store: Store) -> None:
    lists, arxiv = FakeSource(), FakeArxiv()
    lists.has(paper(1), replace(paper(2), categories=()), replace(paper(3), categories=()))
    arxiv.shelf = {paper(2).id: replace(paper(2), categories=("cs.CV",))}
    await run(store, lists, arxiv)
    assert arxiv.looked_up == [[paper(2).id, paper(3).id]]
    assert (await store.papers.get([paper(2).id]))[paper(2).id].categories == ("cs.CV",)
    await run(store, lists, arxiv, at=MONDAY + timedelta(hours=1))
    assert arxiv.looked_up[1:] == [[paper(3).id]], "arXiv may know it later"
    await run(store, lists, arxiv, at=MONDAY + timedelta(days=3))
    assert len(arxiv.looked_up) == 2, "but it is not asked for ever"


async def test_nobody_is_asked_for_details_that_are_known(store: Store) -> None:
    arxiv = FakeArxiv()
    await run(store, source("huggingface", 1), arxiv)
    assert arxiv.looked_up == []


@pytest.mark.parametrize("error", [SourceError("arxiv", "HTTP 503"), ValueError("a bug")])
async def test_a_failing_lookup_leaves_everything_else_done(store: Store, error: Exception) -> None:
    lists, arxiv = FakeSource(), FakeArxiv()
    lists.notices(replace(paper(2), categories=()), upvotes=3)
    arxiv.lookup_error = error
    reports = await run(store, lists, arxiv)
    assert reports["huggingface"].signals == 1
    assert await store.segments.unindexed(9) == []


# --- describing -----------------------------------------------------------------------------------------------------


async def segment_ids(store: Store) -> list[int]:
    return await store.segments.read(lambda view: [info.id for info in view.segments("words")])


async def indexed(store: Store) -> dict[str, str]:
    """Number of indexed stems by paper."""

    def stems(view: IndexView) -> dict[str, str]:
        stored = [Segment.from_bytes(b"".join(view.segment(info.id))) for info in view.segments("words")]
        whole = Segment.merged([*stored, Segment.of(view.tail())])
        ids = view.ids(whole.numbers.tolist())
        holders = zip(whole.papers.tolist(), np.repeat(whole.keys, np.diff(whole.starts)).tolist(), strict=True)
        stems_by_paper: dict[str, list[int]] = {ids[number]: [] for number in whole.numbers.tolist()}
        for number, stem in holders:
            stems_by_paper[ids[number]].append(stem)
        return {paper_id: str(sorted(stems)) for paper_id, stems in stems_by_paper.items()}

    return await store.segments.read(stems)


async def test_describing_goes_on_where_a_crash_left_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """450 papers, three batches; the process dies after the first."""
    monkeypatch.setattr("bot.app.collect.INDEX_AT_ONCE", 200)
    await store.papers.add(Findings(tuple(paper(n) for n in range(450))), "huggingface", MONDAY)

    class KilledError(Exception):
        pass

    def die(_: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        await describe(store, progress=die)
    assert len(await indexed(store)) == 200
    assert await segment_ids(store) == []
    steps: list[int] = []
    assert await describe(store, progress=steps.append) == 250
    assert (steps, len(await indexed(store)), await describe(store)) == ([200, 50], 450, 0)


async def test_what_is_packed_is_what_was_in_the_tail(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two segments' worth, some of it rewritten: the last text counts, and nothing is lost."""
    monkeypatch.setattr("bot.app.collect.INDEX_AT_ONCE", 300)
    papers = [paper(n) for n in range(1_300)]
    await store.papers.add(Findings(tuple(papers)), "huggingface", MONDAY)
    await describe(store)
    fewer = await segment_ids(store)
    changed = tuple(replace(each, title=f"Zebra number {n}") for n, each in enumerate(papers[:600]))
    await store.papers.add(Findings(changed), "arxiv", MONDAY)
    await describe(store)
    assert 0 < len(fewer) < 4
    postings = await indexed(store)
    assert len(postings) == 1_300
    await store.segments.clear()
    assert await indexed(store) == {}
    await describe(store)
    assert await indexed(store) == postings


async def test_a_text_that_changes_is_described_again(store: Store) -> None:
    lists = FakeSource()
    lists.has(paper(1))
    await run(store, lists)
    before = await indexed(store)
    lists.has(replace(paper(1), title="Quite another title", abstract="We show something else. It is 7 % better."))
    await run(store, lists, at=MONDAY + timedelta(hours=1))
    after = await store.papers.get([paper(1).id])
    assert (await indexed(store)).keys() == before.keys()
    assert await indexed(store) != before
    assert after[paper(1).id].tldr in {"We show something else.", "It is 7 % better."}


async def test_a_text_that_breaks_its_reader_holds_nobody_up(store: Store) -> None:
    """Damage one stored text, as a failing disk does."""
    await store.papers.add(Findings((paper(1), paper(2))), "huggingface", MONDAY)
    await store.connection.write(
        lambda db: db.execute("UPDATE papers SET abstract = x'00ff' WHERE id = ?", (paper(1).id,))
    )
    assert await describe(store) == 2
    assert await store.segments.unindexed(9) == []
    assert (await indexed(store))[paper(2).id]


async def test_sentences_that_were_left_for_later_follow_with_the_next_looks_the_newest_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = [paper(n, at=MONDAY - timedelta(hours=n), abstract=f"We show thing {n}. It works.") for n in range(1, 6)]
    await store.papers.add(Findings(tuple(shelf)), "file", MONDAY, deferred=True)
    assert await describe(store) == 5
    assert not any(each.tldr for each in (await store.papers.get([each.id for each in shelf])).values())
    monkeypatch.setattr("bot.app.collect.SUMMARISE_AT_ONCE", 3)
    await collect(store, [FakeSource()], MONDAY)
    papers = await store.papers.get([each.id for each in shelf])
    assert [bool(papers[each.id].tldr) for each in shelf] == [True, True, True, False, False]
    await collect(store, [FakeSource()], MONDAY)
    assert await summarise(store, most=9) == 0


async def test_a_source_is_left_alone_for_an_interval_after_anybody_asked_it_also_if_that_process_died(
    store: Store,
) -> None:
    half_hour = timedelta(minutes=30)
    before = SourceReport("arxiv", MONDAY, MONDAY, 3, 4)
    await store.papers.report(before)
    sources = [FakeSource("arxiv"), FakeSource("huggingface")]

    async def asked_after(minutes: float) -> list[str]:
        return [each.name for each in await unasked(store, sources, MONDAY + timedelta(minutes=minutes), half_hour)]

    assert await asked_after(10) == ["huggingface"]
    assert await asked_after(10) == [], "nobody knows whether the first one still lives"
    assert await asked_after(28.5) == ["arxiv"]
    assert await asked_after(38.5) == ["huggingface"]
    await store.papers.report(SourceReport("hackernews", MONDAY + timedelta(days=365), None))
    sources.append(FakeSource("hackernews"))
    assert await asked_after(40) == ["hackernews"], "whoever asked it had a wrong clock"
    reports = {each.source: each for each in await store.papers.reports()}
    assert reports["arxiv"] == replace(before, tried_at=MONDAY + timedelta(minutes=28.5))
    assert not reports["huggingface"].fault
