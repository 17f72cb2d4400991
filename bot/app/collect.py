"""Collect from all sources side by side; the failure of one does not affect the others.

Source.fetch ─► Store.papers.add ─► summary, index entry and vector of each new paper
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.app import rechecks
from bot.app.adopted_summaries import adopt
from bot.app.leased import leased
from bot.app.twins import with_twins
from bot.embeddings import Embedder, embedding_text
from bot.errors import SourceError
from bot.model import Findings, Outage, Paper, Signal, SourceReport
from bot.model.paper import is_doi
from bot.model.segment import IndexedPaper, IndexEntry, NewSegment, PostingsEntry, UnembeddedPaper, UnindexedPaper
from bot.model.source import SOURCES
from bot.ports import Lookup, Source
from bot.search.bulk_segment import BulkIndexer
from bot.search.segments import TAIL, TAIL_VECTORS, index_entry, merge_tail, vectors_segment, words_segment
from bot.search.vector_segment import quantise
from bot.sources.halving import in_parts
from bot.sources.untrusted import text_line
from bot.store import Store
from bot.summaries.extractive import tldr

_T = TypeVar("_T")

log = logging.getLogger("paperboy.collect")

LOOK_BACK = timedelta(days=3)
"""Votes come late, so the lists of three days are fetched again each time."""
MAX_LOOK_BACK = timedelta(days=14)
"""As far back as a digest looks: the limit after a long time without running."""
SKIPPED_NAMED = 20
"""Items that were left out and are named in the log and in the report."""
SKIPPED_LENGTH = 300
"""Characters of the line about one."""
INDEXING = "index"
"""The lease of the process that describes, merges and embeds."""
INDEX_AT_ONCE = 8_192
"""Papers indexed in one batch, and made a segment of."""
SUMMARISE_TOGETHER = 200
"""Papers summarised in one batch."""
SUMMARISE_AT_ONCE = 500
"""Summaries of imported papers that each collection makes up for."""
EMBED_AT_ONCE = 8_192
"""Papers whose vectors are stored together, and made a segment of."""
EMBED_TOGETHER = 256
"""Papers embedded in one batch."""
DETAILS_AT_ONCE = 200
"""Papers without details that each collection looks up."""
UNLISTED_AT_ONCE = 50
"""Papers counted by a source but listed by none that each collection looks up."""
DETAILS_RETRIED_FOR = timedelta(days=2)
"""How long a paper that no source completes is looked up again."""


async def collect(
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    *,
    embedder: Embedder | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[SourceReport]:
    """Fetch from all sources side by side and store the findings. Returns the outcome of each source.

    Papers are stored before signals: a source that only counts may answer before the one that lists the paper.
    """
    before = {report.source: report for report in await store.papers.reports()}
    fetches = await asyncio.gather(*(_fetch(source, before.get(source.name), now, progress) for source in sources))
    fetches = await with_twins(store, sources, fetches, now)
    results = [await _store_papers(store, *pair, now) for pair in zip(sources, fetches, strict=True)]
    unlisted = await _look_up(store, sources, await _unlisted(store, results), now)
    bare = await store.papers.without_details(now - DETAILS_RETRIED_FOR, DETAILS_AT_ONCE)
    completed = await _look_up(store, sources, [*bare, *await rechecks.due(store, now)], now)
    reports = []
    for source, result in zip(sources, results, strict=True):
        skipped = unlisted.get(source.name, ()) + completed.get(source.name, ())
        outcome = replace(result, skipped=result.skipped + skipped) if isinstance(result, Findings) else result
        reports.append(await _store_signals(store, source, outcome, now, before.get(source.name)))
    await describe(store)
    await adopt(store, chain.from_iterable(each.summaries for each in results if isinstance(each, Findings)))
    await summarise(store, most=SUMMARISE_AT_ONCE)
    if embedder is not None:
        await embed(store, embedder)
    return reports


async def _fetch(
    source: Source, before: SourceReport | None, now: datetime, progress: Callable[[str], None] | None
) -> Findings | str:
    """The findings of a source, or the reason why there are none."""
    last = before.succeeded_at if before else None
    since = max(now - MAX_LOOK_BACK, min(last or now - LOOK_BACK, now - LOOK_BACK))
    try:
        return await source.fetch(since, now)
    except SourceError as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - logged
        return _unexpected(source, error)
    finally:
        if progress:
            progress(source.name)


def _unexpected(source: Source, error: Exception) -> str:
    log.error("a source failed unexpectedly source=%s", source.name, exc_info=error)
    return f"unexpected {type(error).__name__}, see the log"


async def _store_papers(store: Store, source: Source, result: Findings | str, now: datetime) -> Findings | str:
    """Store the papers but those that cannot be stored. Returns the result, or the reason why none could be."""
    if isinstance(result, str):
        return result

    async def add(papers: Sequence[Paper]) -> None:
        await store.papers.add(Findings(tuple(papers), same=result.same), source.name, now)

    try:
        faults = await in_parts(result.papers, add, refusal=Exception)
    except Exception as error:  # noqa: BLE001 - logged
        return _unexpected(source, error)
    refused = {paper.id: f"paper {paper.id} cannot be stored ({type(error).__name__})" for paper, error in faults}
    papers = tuple(paper for paper in result.papers if paper.id not in refused)
    return replace(result, papers=papers, skipped=(*result.skipped, *refused.values()))


async def _store_signals(
    store: Store, source: Source, result: Findings | str, now: datetime, before: SourceReport | None
) -> SourceReport:
    """Store the signals and the report of a source."""
    added = 0

    async def add(signals: Sequence[Signal]) -> None:
        nonlocal added
        added += (await store.papers.add(Findings((), tuple(signals)), source.name, now)).signals

    if isinstance(result, Findings):
        try:
            faults = await in_parts(result.signals, add, refusal=Exception)
        except Exception as error:  # noqa: BLE001 - logged
            result = _unexpected(source, error)
        else:
            refused = (f"{each.kind} of {each.paper_id} cannot be stored ({type(e).__name__})" for each, e in faults)
            result = replace(result, skipped=(*result.skipped, *refused))
    report = _report(source.name, result, added, now, before)
    await store.papers.report(report)
    return report


def _report(
    name: str, result: Findings | str, signals: int, now: datetime, before: SourceReport | None
) -> SourceReport:
    """The outcome of a source's fetch, logged; an item that was left out last time too is not logged again."""
    named = before.skipped_items if before else ()
    if isinstance(result, str):
        log.warning("source down source=%s reason=%r", name, result)
        return SourceReport(name, now, None, fault=result, skipped_items=named)
    skipped = tuple(dict.fromkeys(text_line(line, SKIPPED_LENGTH) for line in result.skipped))
    # What was named before comes first: an item that is still there would be logged again once it is not among the
    # first any more.
    items = sorted(skipped, key=lambda item: item not in named)[:SKIPPED_NAMED]
    for item in items:
        if item not in named:
            log.warning("item left out source=%s item=%r", name, item)
    log.info("collected source=%s papers=%d signals=%d left_out=%d", name, len(result.papers), signals, len(skipped))
    return SourceReport(name, now, now, len(result.papers), signals, skipped=len(skipped), skipped_items=tuple(items))


async def _unlisted(store: Store, results: Iterable[Findings | str]) -> list[str]:
    """Ids of papers with signals that are not stored, the highest counts first."""
    counts: dict[str, float] = {}
    for result in results:
        for signal in result.signals if isinstance(result, Findings) else ():
            counts[signal.paper_id] = max(signal.value, counts.get(signal.paper_id, 0.0))
    stored = await store.papers.get(counts)
    # arXiv alone completes papers; DOIs that a feed names must not keep others from being looked up.
    missing = (paper_id for paper_id in counts if paper_id not in stored and not is_doi(paper_id))
    return sorted(missing, key=lambda paper_id: (-counts[paper_id], paper_id))[:UNLISTED_AT_ONCE]


async def _look_up(
    store: Store, sources: Iterable[Source], ids: Sequence[str], now: datetime
) -> dict[str, tuple[str, ...]]:
    """Complete papers from the sources that declare `details`. Returns what each of them left out, by its name."""
    skipped: dict[str, tuple[str, ...]] = {}
    completing = {declared.name for declared in SOURCES.values() if declared.details}
    for source in sources:
        if not ids or source.name not in completing or not isinstance(source, Lookup):
            continue
        try:
            looked_up = await source.lookup(ids, people=False)
        except SourceError as error:
            log.warning("details missing source=%s reason=%r", source.name, error.reason)
        except Exception:
            log.exception("details missing source=%s", source.name)
        else:
            stored = await _store_papers(store, source, looked_up, now)
            skipped[source.name] = stored.skipped if isinstance(stored, Findings) else (stored,)
    return skipped


async def describe(
    store: Store, *, summaries: bool = True, wait: bool = True, progress: Callable[[int], None] | None = None
) -> int:
    """Index every new or changed paper, and summarise it; continues where a crash left off. Returns how many.

    Without `summaries` they are left to `summarise`: they take most of the time. Where another process indexes, wait
    for it; without `wait`, leave the papers to it.
    """
    done, is_left, indexer = 0, True, BulkIndexer()
    while is_left:
        async with leased(store, INDEXING, wait=wait) as is_leased:
            while is_leased and (papers := await store.segments.unindexed(INDEX_AT_ONCE)):
                await index(store, papers, indexer)
                done += len(papers)
                if progress:
                    progress(len(papers))
            if is_leased and summaries:
                while new := await store.papers.unsummarised(SUMMARISE_TOGETHER, deferred=False):
                    await _summarise(store, new)
        # papers that a process left to this one after it had looked for the last time
        is_left = store.shared and is_leased and bool(await store.segments.unindexed(1))
    return done


async def index(store: Store, papers: Sequence[UnindexedPaper], indexer: BulkIndexer) -> NDArray[np.int8] | None:
    """Index papers: few in the tail, many as a segment of their own.

    Returns their vectors, (papers, dimensions) in the order of their numbers, if the indexer has made them.
    """
    rows = None
    if len(papers) >= TAIL:
        entries, segment, rows = await asyncio.to_thread(_indexed_together, papers, indexer)
        await store.segments.index(entries, segment)
    else:
        await store.segments.index(await asyncio.to_thread(_indexed, papers))
    await merge_tail(store)
    return rows


async def summarise(store: Store, *, most: int) -> int:
    """Summarise at most `most` papers that may wait for it, newest first. Returns how many."""
    async with leased(store, INDEXING):
        papers = await store.papers.unsummarised(most, deferred=True)
        await _summarise(store, papers)
    return len(papers)


async def _summarise(store: Store, papers: Sequence[Paper]) -> None:
    await store.papers.summarise(await asyncio.to_thread(lambda: [(paper, _summary(paper)) for paper in papers]))


async def embed(store: Store, embedder: Embedder, *, progress: Callable[[int], None] | None = None) -> int:
    """Embed every paper without a vector of this model, newest first; continues where a crash left off.

    After a change of model that is every paper; search uses words and the vectors there are meanwhile.
    """
    done, below, model = 0, None, embedder.name
    async with leased(store, INDEXING):
        while papers := await store.segments.unembedded(model, EMBED_AT_ONCE, below=below):
            await _keep_together(store, embedder, papers, await _vectors(embedder, papers, progress))
            done, below = done + len(papers), papers[-1].number
    return done


async def index_and_embed(
    store: Store, embedder: Embedder, papers: Sequence[UnindexedPaper], indexer: BulkIndexer
) -> None:
    """Index and embed papers: few in the tail, many as segments of their own."""
    papers = sorted(papers, key=lambda each: each.number)
    rows = await index(store, papers, indexer)
    texts = [UnembeddedPaper(each.number, each.paper.title, each.paper.abstract) for each in papers]
    await _keep_together(store, embedder, texts, await _vectors(embedder, texts, None) if rows is None else rows)


async def _keep_together(
    store: Store, embedder: Embedder, papers: Sequence[UnembeddedPaper], rows: NDArray[np.int8]
) -> None:
    """Store vectors, (papers, dimensions): few in the tail, many as a segment of their own."""
    segment = None
    if len(papers) >= TAIL_VECTORS:
        segment = await store.segments.read(vectors_segment, embedder.name, [paper.number for paper in papers], rows)
    await store.segments.keep_vectors(embedder.name, papers, [row.tobytes() for row in rows], segment)
    await merge_tail(store, embedder)


async def _vectors(
    embedder: Embedder, papers: Sequence[UnembeddedPaper], progress: Callable[[int], None] | None
) -> NDArray[np.int8]:
    """Vectors of papers, (papers, dimensions), zero for one that cannot be embedded: it does not hold up the others."""
    rows = np.zeros((len(papers), embedder.dimensions), dtype=np.int8)
    places = {paper.number: place for place, paper in enumerate(papers)}

    async def embed_part(part: Sequence[UnembeddedPaper]) -> None:
        rows[[places[paper.number] for paper in part]] = await asyncio.to_thread(_embedded, embedder, part)

    for start in range(0, len(papers), EMBED_TOGETHER):
        batch = papers[start : start + EMBED_TOGETHER]
        for paper, error in await in_parts(batch, embed_part, refusal=Exception):
            log.error("a paper cannot be embedded title=%r", paper.title[:100], exc_info=error)
        if progress:
            progress(len(batch))
    return rows


def _embedded(embedder: Embedder, papers: Sequence[UnembeddedPaper]) -> NDArray[np.int8]:
    return quantise(embedder.embed([embedding_text(paper.title, paper.abstract) for paper in papers]))


def _indexed(papers: Sequence[UnindexedPaper]) -> list[IndexedPaper]:
    empty = IndexEntry(PostingsEntry("", "", ""), b"")
    return [
        IndexedPaper(number, change, _or_empty(index_entry, paper, empty, "indexed"))
        for number, change, paper in papers
    ]


def _indexed_together(
    papers: Sequence[UnindexedPaper], indexer: BulkIndexer
) -> tuple[list[IndexedPaper], NewSegment, NDArray[np.int8] | None]:
    try:
        entries, segment, vectors = indexer.indexed(papers)
        return entries, segment, None if vectors is None else quantise(vectors)
    except Exception:
        log.exception("papers cannot be indexed together papers=%d", len(papers))
        entries = _indexed(papers)  # finds the one
        return entries, words_segment({each.number: each.entry.postings for each in entries}), None


def _summary(paper: Paper) -> str:
    return _or_empty(lambda paper: tldr(paper.title, paper.abstract), paper, "", "summarised")


def _or_empty(make: Callable[[Paper], _T], paper: Paper, empty: _T, action: str) -> _T:
    """The result of a step, or `empty` and a log line if it fails: one paper does not hold up the others."""
    try:
        return make(paper)
    except Exception:
        log.exception("a paper cannot be %s paper=%s", action, paper.id)
        return empty


def faults(reports: Iterable[SourceReport]) -> tuple[Outage, ...]:
    """The sources that failed in their latest fetch, and whose figures readers would miss."""
    age_unnoted = {declared.name for declared in SOURCES.values() if not declared.age_noted}
    failed = (report for report in reports if report.fault and report.source not in age_unnoted)
    return tuple(Outage(report.source, report.succeeded_at) for report in failed)


def blind(reports: Iterable[SourceReport]) -> bool:
    """Whether a source that lists papers failed, so that an empty shortlist may be missing papers."""
    counting = {declared.name for declared in SOURCES.values() if declared.counts_only}
    return any(report.fault and report.source not in counting for report in reports)
