"""How well search ranks: nDCG@10 on judged collections, beside other engines in the same run."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from bot import embeddings
from bot.app import collect
from bot.model import Findings, Paper
from bot.search import Search
from bot.store.sqlite import SqliteStore
from tests.bench import minilm, peers
from tests.bench.figures import Row
from tests.bench.judged import DEPTH, Collection, collection, difference_interval, ndcg
from tests.bench.scale import Scale
from tests.training.minilm import Unavailable

SUBJECT = "search"
NOW = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
TARGETS = {
    "FTS5": "ours 0.02 above",
    "bm25s": "ours not below",
    "FTS5 + wordllama": "ours not below",
    "with MiniLM": "0.03 above the base install",
}


def measure(scale: Scale) -> Iterator[Row]:
    """A row a collection and engine."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("scifact", "cacm"):
            whole = collection(name)
            if whole is None:
                yield Row(SUBJECT, f"nDCG@10 on {name}", "skipped: no ../shared/data")
                continue
            judged = whole.part(scale.queries) if scale.queries else whole
            yield from _beside_others(judged, Path(scratch))
            yield _with_minilm(judged, Path(scratch), toy=bool(scale.queries))


def _beside_others(judged: Collection, scratch: Path) -> Iterator[Row]:
    ours = asyncio.run(_ours(judged, scratch / f"{judged.name}.db", embeddings.DEFAULT))
    what = f"{judged.name}, {len(judged.queries)} queries, {len(judged.documents):,} documents: nDCG@10"
    yield Row(SUBJECT, f"{what}, base install", f"{mean(ours):.3f}")
    words = asyncio.run(_ours(judged, scratch / f"{judged.name}.db", embeddings.DEFAULT, words_alone=True))
    yield _compared(f"{judged.name}: beside ours by words alone", ours, words, "")
    for name in peers.PEERS:
        answer = peers.build(name, judged.texts)
        if answer is None:
            yield Row(SUBJECT, f"{judged.name}: beside {name}", "skipped: pip install -e '.[bench]'")
            continue
        ids = [row[0] for row in judged.documents]
        theirs = [ndcg([ids[at] for at in answer(text, DEPTH)], relevant) for text, relevant in judged.queries]
        yield _compared(f"{judged.name}: beside {name}", ours, theirs, TARGETS.get(name, ""))


def _with_minilm(judged: Collection, scratch: Path, *, toy: bool) -> Row:
    """Compare a MiniLM directory, made here, with the base install; a `toy` downloads nothing."""
    what = f"{judged.name}: with a MiniLM directory"
    if toy:
        return Row(SUBJECT, what, "skipped: a toy downloads nothing")
    folder = scratch / "minilm"
    try:
        if not folder.exists():
            minilm.make(folder)
    except Unavailable as reason:
        return Row(SUBJECT, what, f"skipped: {reason}")
    base = asyncio.run(_ours(judged, scratch / f"{judged.name}.db", embeddings.DEFAULT))
    better = asyncio.run(_ours(judged, scratch / f"{judged.name}.db", f"onnx:{folder}"))
    return _compared(what, better, base, TARGETS["with MiniLM"])


def _compared(what: str, ours: Sequence[float], theirs: Sequence[float], target: str) -> Row:
    low, high = difference_interval(ours, theirs)
    difference = f"{mean(ours) - mean(theirs):+.3f} ({low:+.3f} … {high:+.3f})"
    return Row(SUBJECT, what, f"{mean(ours):.3f}", target, f"{mean(theirs):.3f}", difference)


async def _ours(judged: Collection, path: Path, model: str, *, words_alone: bool = False) -> list[float]:
    """nDCG of each query, asked of a real store; another model embeds anew what is stored."""
    embedder = copy(embeddings.load(model))
    embedder.dense_weight *= not words_alone
    with SqliteStore(path, write=True) as store:
        papers = tuple(Paper(each, title or "untitled", text) for each, title, text in judged.documents)
        await store.papers.add(Findings(papers), "file", NOW)
        await collect.describe(store)
        await collect.embed(store, embedder)
        search = Search(store, embedder)
        pages = [await search.search(text, limit=DEPTH, now=NOW, literal=True) for text, _ in judged.queries]
    return [
        ndcg([hit.paper.id for hit in results.hits], relevant)
        for results, (_, relevant) in zip(pages, judged.queries, strict=True)
    ]
