"""Ask every source at once; one that fails never spoils the day.

Source.fetch ─► Store.papers.add ─► sentence, index entry and vector for what is new
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.embeddings import embedding_text
from bot.errors import SourceError
from bot.model import Findings, SourceReport
from bot.model.segment import IndexEntry, UnembeddedPaper
from bot.model.source import SOURCES
from bot.ports import Lookup
from bot.search import index_entry, merge_tail
from bot.search.vectors import quantise
from bot.summaries.extractive import tldr

if TYPE_CHECKING:
    from bot.embeddings import Embedder
    from bot.model import Paper
    from bot.ports import Source
    from bot.store import Store

log = logging.getLogger("paperboy.collect")

LOOK_BACK = timedelta(days=3)
"""Votes come late: the lists of three days are read again each time."""
LONGEST_LOOK_BACK = timedelta(days=14)
"""After a long sleep as far back as a digest can look."""
DESCRIBE_AT_ONCE = 200
SUMMARISE_AT_ONCE = 500
"""Sentences of imported papers that are caught up with at each look."""
EMBED_AT_ONCE = 256
DETAILS_AT_ONCE = 200
STRANGERS_AT_ONCE = 50
"""Papers known from Hacker News alone that are looked up in one go."""
DETAILS_FOR = timedelta(days=2)
"""How long an id that arXiv does not know is asked for again."""


async def collect(
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    *,
    embedder: Embedder | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[SourceReport]:
    """Ask all sources side by side and keep what they bring. Returns how each of them did.

    Papers are stored before signals: a source that only counts may answer before the one that knows the paper.
    """
    before = {report.source: report for report in await store.papers.reports()}
    found = await asyncio.gather(*(_look(source, before.get(source.name), now, progress) for source in sources))
    looks = [await _keep_papers(store, *look, now) for look in zip(sources, found, strict=True)]
    await _look_up(store, sources, await _strangers(store, looks), now)
    await _look_up(store, sources, await store.papers.without_details(now - DETAILS_FOR, DETAILS_AT_ONCE), now)
    reports = [await _keep_signals(store, *look, now) for look in zip(sources, looks, strict=True)]
    await describe(store)
    await summarise(store, most=SUMMARISE_AT_ONCE)
    if embedder is not None:
        await embed(store, embedder)
    return reports


async def _look(
    source: Source, before: SourceReport | None, now: datetime, progress: Callable[[str], None] | None
) -> Findings | str:
    """What a source brings, or why it brought nothing."""
    last = before.succeeded_at if before else None
    since = max(now - LONGEST_LOOK_BACK, min(last or now - LOOK_BACK, now - LOOK_BACK))
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


async def _keep_papers(store: Store, source: Source, found: Findings | str, now: datetime) -> Findings | str:
    """Store the papers, all of them or none; what cannot be stored is a fault of its source alone."""
    if isinstance(found, Findings):
        try:
            await store.papers.add(Findings(found.papers), source.name, now)
        except Exception as error:  # noqa: BLE001 - logged
            return _unexpected(source, error)
    return found


async def _keep_signals(store: Store, source: Source, found: Findings | str, now: datetime) -> SourceReport:
    """Store the signals, and how the look went."""
    if isinstance(found, str):
        report = SourceReport(source.name, now, None, fault=found)
        log.warning("source down source=%s reason=%r", source.name, found)
    else:
        added = await store.papers.add(Findings((), found.signals), source.name, now)
        report = SourceReport(source.name, now, now, papers=len(found.papers), signals=added.signals)
        log.info("collected source=%s papers=%d signals=%d", source.name, report.papers, report.signals)
    await store.papers.report(report)
    return report


async def _strangers(store: Store, looks: Iterable[Findings | str]) -> list[str]:
    """Papers that somebody counted but nobody listed, the most noticed first."""
    counted: dict[str, float] = {}
    for found in looks:
        for signal in found.signals if isinstance(found, Findings) else ():
            counted[signal.paper_id] = max(signal.value, counted.get(signal.paper_id, 0.0))
    known = await store.papers.get(counted)
    unknown = (paper_id for paper_id in counted if paper_id not in known)
    return sorted(unknown, key=lambda paper_id: (-counted[paper_id], paper_id))[:STRANGERS_AT_ONCE]


async def _look_up(store: Store, sources: Iterable[Source], ids: Sequence[str], now: datetime) -> None:
    """Ask arXiv, which knows most, for what a list did not tell."""
    completing = {declared.name for declared in SOURCES.values() if declared.details}
    for source in sources:
        if not ids or source.name not in completing or not isinstance(source, Lookup):
            continue
        try:
            papers = await source.lookup(ids, people=False)
        except SourceError as error:
            log.warning("details missing source=%s reason=%r", source.name, error.reason)
        except Exception:
            log.exception("details missing source=%s", source.name)
        else:
            await store.papers.add(Findings(papers), source.name, now)


async def describe(store: Store, *, summaries: bool = True, progress: Callable[[int], None] | None = None) -> int:
    """Give every new or changed paper its sentence and its index entry; continues where a crash left off.

    Without `summaries` the sentences follow later (`summarise`): they take most of the time.
    """
    done = 0
    while papers := await store.papers.undescribed(DESCRIBE_AT_ONCE):
        await store.papers.describe(await asyncio.to_thread(_described, papers, summaries=summaries))
        await merge_tail(store)
        done += len(papers)
        if progress:
            progress(len(papers))
    return done


async def summarise(store: Store, *, most: int) -> int:
    """Give so many papers the sentence that was left for later, the newest first."""
    papers = await store.papers.unsummarised(most)
    await store.papers.summarise(await asyncio.to_thread(lambda: [(paper, _sentence(paper)) for paper in papers]))
    return len(papers)


async def embed(store: Store, embedder: Embedder, *, progress: Callable[[int], None] | None = None) -> int:
    """Give every paper that has none a vector of this model, the newest first; continues where a crash left off.

    After a change of model that is every paper, while search goes on with words and with the vectors there are.
    """
    done, below = 0, None
    while papers := await store.segments.unembedded(embedder.name, EMBED_AT_ONCE, below=below):
        vectors = await asyncio.to_thread(_embedded, embedder, papers)
        await store.segments.keep_vectors(embedder.name, papers, vectors)
        done, below = done + len(papers), papers[-1].number
        if progress:
            progress(len(papers))
    return done


def _embedded(embedder: Embedder, papers: Sequence[UnembeddedPaper]) -> list[bytes]:
    texts = [embedding_text(paper.title, paper.abstract) for paper in papers]
    return [vector.tobytes() for vector in quantise(embedder.embed(texts))]


def _described(papers: Sequence[Paper], *, summaries: bool) -> list[tuple[Paper, str | None, IndexEntry]]:
    return [(paper, _sentence(paper) if summaries else None, _entry(paper)) for paper in papers]


def _entry(paper: Paper) -> IndexEntry:
    """Empty where the text breaks its reader: one strange paper must not hold up the others."""
    try:
        return index_entry(paper)
    except Exception:
        log.exception("a text cannot be read paper=%s", paper.id)
        return IndexEntry("", "", "", b"")


def _sentence(paper: Paper) -> str:
    """The same of its sentence."""
    try:
        return tldr(paper.title, paper.abstract)
    except Exception:
        log.exception("a text cannot be summed up paper=%s", paper.id)
        return ""


def faults(reports: Iterable[SourceReport]) -> tuple[str, ...]:
    """The sources that were down when last asked, each as a short sentence."""
    return tuple(f"{report.source} did not answer: {report.fault}" for report in reports if report.fault)


def blind(reports: Iterable[SourceReport]) -> bool:
    """Whether a source that lists papers was down: then nothing new does not mean that there is nothing."""
    counting = {declared.name for declared in SOURCES.values() if declared.counts_only}
    return any(report.fault and report.source not in counting for report in reports)
