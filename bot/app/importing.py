"""Import of a file of papers of any size: `paperboy import`.

lines ─► batch ─► stored ─► its place in the file noted ─► indexed, embedded ─► the next batch

After a stop at any moment the same command goes on behind the last batch that was stored: at worst one batch is merged
twice, which changes nothing. What was stored and not indexed is indexed then.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.app import collect
from bot.app.adopted_summaries import adopt
from bot.app.leased import leased
from bot.app.runtime import GC_THRESHOLDS
from bot.digest.selection import LONGEST_WINDOW
from bot.embeddings import Embedder, PieceEmbedder
from bot.errors import SourceError, UserError
from bot.model import Findings, Paper
from bot.search.bulk_segment import BulkIndexer
from bot.sources.jsonl import SKIPPED_MAX
from bot.sources.paper_stream import BATCH, SKIPPED_NAMED, Batch, PaperFile, Place, Wanted
from bot.store import Store

log = logging.getLogger("paperboy.import")

SOURCE = "file"
NOTE = "import "
"""Begin of the name of a note that says how far a file was read."""
STORED_AT_ONCE = 512
"""Papers of a change: another process of the same SQLite file waits for its end, some 50 ms."""
NOTE_KEPT = timedelta(days=30)
"""How long it is remembered how far a file was read."""

Progress = Callable[[float, int], None]
"""Gets the share of a file that was read, 0 to 1, and the number of papers in it so far."""


@dataclass(slots=True)
class Imported:
    """Outcome of an import, in numbers."""

    papers: int = 0
    """Papers read: new ones, changed ones, and those that were stored as they are."""
    new: int = 0
    changed: int = 0
    """Papers whose text changed."""
    signals: int = 0
    """New observations."""
    passed_over: int = 0
    """Records of other categories or earlier days."""
    skipped: int = 0
    """Lines left out."""
    skipped_named: list[str] = field(default_factory=list)
    """Lines about the first of those left out."""
    resumed_at: int = 0
    """Lines of the file that an earlier import had stored."""


async def import_file(  # noqa: PLR0913 - what an import needs
    store: Store,
    path: Path,
    now: datetime,
    embedder: Embedder,
    *,
    wanted: Wanted | None = None,
    adopt_summaries: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Add the papers and signals of a file, index and embed them.

    Raises UserError if the file cannot be read or is another kind of file, with `strict` for the first bad line.
    """
    file = PaperFile(path, wanted, strict=strict, first_seen=partial(_first_seen, now))
    outcome = Imported()
    try:
        note = NOTE + await asyncio.to_thread(file.identity)
        start = await _start(store, note)
        outcome.resumed_at = start.lines
        indexer = BulkIndexer(embedder if isinstance(embedder, PieceEmbedder) else None)
        recent: dict[str, Paper] = {}
        with _fewer_collections():
            async for batch in _read_ahead(file, start):
                recent |= await _add(store, batch, now, outcome)
                _refuse_other_files(path, outcome)
                await _note(store, note, batch.end, now)
                await _index(store, embedder, indexer, recent, least=BATCH // 2)
                if adopt_summaries and batch.summaries:
                    await adopt(store, batch.summaries)
                if progress:
                    progress(batch.read, outcome.papers)
            await _index(store, embedder, indexer, recent, least=1)
            await collect.embed(store, embedder)
    except SourceError as error:
        raise UserError(f"{path}: {error.reason}") from None
    if outcome.skipped and not (outcome.papers or outcome.passed_over or outcome.resumed_at):
        raise UserError(f"{path}: no line is a paper; {outcome.skipped_named[0]}")
    await store.secrets.delete_note(note)
    return outcome


def check_lines(path: Path, wanted: Wanted | None = None) -> None:
    """Read a file and store nothing. Raises UserError for the first bad line."""
    try:
        for _ in PaperFile(path, wanted, strict=True).batches():
            pass
    except SourceError as error:
        raise UserError(f"{path}: {error.reason}") from None


async def _read_ahead(file: PaperFile, start: Place) -> AsyncIterator[Batch]:
    """The batches of a file, each read while the one before it is stored."""
    batches = file.batches(start)
    following = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await following) is not None:
            following = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        with suppress(SourceError):
            await following  # a generator that runs cannot be closed
        batches.close()


async def _add(store: Store, batch: Batch, now: datetime, outcome: Imported) -> dict[str, Paper]:
    """Store a batch, in changes that are short. Returns the new papers by id, as they were stored."""
    new: dict[str, Paper] = {}
    for start in range(0, len(batch.papers), STORED_AT_ONCE):
        papers = tuple(batch.papers[start : start + STORED_AT_ONCE])
        merged = await store.papers.add(Findings(papers), SOURCE, now, deferred=True)
        first_stored = {paper.id: paper for paper in reversed(papers)}
        new |= {paper_id: first_stored[paper_id] for paper_id in merged.new if paper_id in first_stored}
        outcome.new += len(merged.new)
        outcome.changed += len(merged.changed)
    for start in range(0, len(batch.signals), 10 * STORED_AT_ONCE):
        signals = tuple(batch.signals[start : start + 10 * STORED_AT_ONCE])
        outcome.signals += (await store.papers.add(Findings((), signals), SOURCE, now)).signals
    outcome.papers += len(batch.papers)
    outcome.passed_over += batch.passed_over
    outcome.skipped += batch.skipped
    outcome.skipped_named += batch.skipped_named[: SKIPPED_NAMED - len(outcome.skipped_named)]
    return new


def _first_seen(now: datetime, published: datetime | None, listed: datetime | None) -> datetime:
    """Start of a paper's age: now, or the first version if that is longer ago than any digest looks back.

    Else a million old papers would be candidates of the next digests, as if they had appeared today.
    """
    return now if published is None or listed is not None or published > now - LONGEST_WINDOW else published


def _refuse_other_files(path: Path, outcome: Imported) -> None:
    if outcome.skipped > SKIPPED_MAX and outcome.skipped > outcome.papers + outcome.passed_over:
        raise UserError(f"{path}: most lines are no papers; {outcome.skipped_named[0]}")


async def _index(
    store: Store, embedder: Embedder, indexer: BulkIndexer, recent: dict[str, Paper], *, least: int
) -> None:
    """Index and embed what is stored, as long as that many papers wait.

    `recent`: papers as they were stored, by id; those that do not wait any more are forgotten.
    """
    while True:
        async with leased(store, collect.INDEXING):
            papers = await store.segments.unindexed(BATCH, recent)
            if len(papers) >= least:
                await collect.index_and_embed(store, embedder, papers, indexer)
        if len(papers) < BATCH:
            break
    for paper_id in recent.keys() - {each.paper.id for each in papers if len(papers) < least}:
        del recent[paper_id]


async def _start(store: Store, note: str) -> Place:
    """Place at which an import of the same file stopped; the file's beginning if there was none, or it ended."""
    text = await store.secrets.get_note(note)
    if text is None:
        return Place()
    with suppress(ValueError, TypeError, KeyError):
        record = json.loads(text)
        return Place(int(record["offset"]), int(record["lines"]))
    return Place()


async def _note(store: Store, note: str, place: Place, now: datetime) -> None:
    record = {"offset": place.offset, "lines": place.lines, "at": now.astimezone(UTC).isoformat()}
    await store.secrets.put_note(note, json.dumps(record))


async def forget_old_places(store: Store, now: datetime) -> None:
    """Forget the places in files whose import was not gone on with for a month."""
    for name, text in (await store.secrets.notes(NOTE)).items():
        with suppress(ValueError, TypeError, KeyError):
            if datetime.fromisoformat(json.loads(text)["at"]) >= now - NOTE_KEPT:
                continue
        await store.secrets.delete_note(name)


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Thousands of papers are made and dropped at once: Python's own thresholds look through them again and again."""
    before = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
