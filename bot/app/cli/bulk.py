"""Search, matching and summaries for programs: JSON Lines in, JSON Lines out, without any request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TextIO

from bot import embeddings
from bot.app import candidates, databases, wiring
from bot.app.progress import progress_bar
from bot.digest.shortlist import Shortlist
from bot.errors import QueryError, SourceError, UserError
from bot.query.parser import like_ids, parse
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.search import Search, SearchResults
from bot.settings import Settings
from bot.sources.jsonl import paper_text, read_each
from bot.summaries.extractive import tldr
from bot.wording.parts import title_of

QUERY_MAX = 10_000
"""Characters per query; the rest is ignored."""


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """One query of a file, with the caller's id; `literal` means plain words instead of the query language."""

    id: str | None
    text: str
    literal: bool


def read_queries(file: Path, skipped: list[str] | None) -> list[BulkQuery]:
    """Queries of a file: `text` is plain words, `query` the query language. Bad lines as in `read_each`."""
    return list(read_each(file, _bulk_query, "query", skipped))


def _bulk_query(record: dict[str, object]) -> BulkQuery:
    query_id = next((record[name] for name in ("_id", "id") if record.get(name) is not None), None)
    name = next((name for name in ("text", "query") if isinstance(record.get(name), str)), None)
    if name is None:
        raise SourceError("file", 'needs "text" (plain words) or "query" (the query language)')
    return BulkQuery(None if query_id is None else str(query_id), str(record[name])[:QUERY_MAX], literal=name == "text")


def summarise(file: Path, out: TextIO, skipped: list[str] | None, *, as_json: bool) -> None:
    """Write one line for each paper of a file, in its order. Bad lines as in `read_each`."""
    out.writelines(f"{line}\n" for line in read_each(file, partial(_summary_line, as_json=as_json), "paper", skipped))


def _summary_line(record: dict[str, object], *, as_json: bool) -> str:
    paper_id, title, abstract = paper_text(record)
    summary = tldr(title, abstract)
    fault = "" if summary else "nothing beyond the title" if abstract else "no abstract"
    line = {"id": paper_id, "tldr": summary} | ({"note": fault} if fault else {})
    return json.dumps(line, ensure_ascii=False) if as_json else f"{paper_id}: {summary or fault}"


async def search(settings: Settings, queries: Sequence[BulkQuery], limit: int, out: TextIO, *, as_json: bool) -> None:
    """Write the results of each query. A fault is noted on the query's line; of a single query it raises UserError."""
    embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
    now = wiring.clock(settings)()
    with (
        databases.open_store(settings.db, write=False) as store,
        progress_bar("Searching", len(queries), quiet=len(queries) < 2) as step,
    ):
        index = wiring.new_search(settings, store, embedder)
        for query in queries:
            results, fault = await _results(index, query, limit, now)
            if (results is None or results.only_common) and not as_json and len(queries) == 1:
                raise UserError(fault)
            lines = [_json_line(query, results, fault)] if as_json else _text_lines(query, results, fault)
            out.writelines(f"{line}\n" for line in lines)
            step(1)


async def match(settings: Settings, topic: str, days: int | None, out: TextIO, *, as_json: bool) -> None:
    """Write the papers that match a topic by words or by meaning, best first. Raises QueryError."""
    query, now = parse(topic), wiring.clock(settings)()
    since = now - timedelta(days=days) if days else datetime.fromtimestamp(0, UTC)
    embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
    with databases.open_store(settings.db, write=False) as store:
        papers = await store.papers.candidates(since, now)
        signals = await store.papers.signals([paper.id for paper in papers], now - SIGNALS_BACK)
        liked = await store.papers.get(like_ids(query))
        shortlist = await asyncio.to_thread(lambda: Shortlist(rank_papers(papers, signals, now), now, liked=liked))
        await candidates.learn_topics(wiring.new_search(settings, store, embedder), shortlist, (topic,))
        scores = await asyncio.to_thread(shortlist.scores, query)
    positions, worded = sorted(shortlist.matching(topic), key=lambda at: -scores[at]), shortlist.with_words(topic)
    for position in positions:
        paper = shortlist.trends[position].paper
        remark = "" if position in worded else "  (close to it)"
        line = json.dumps({"id": paper.id, "score": round(float(scores[position]), 6)})
        out.write(f"{line}\n" if as_json else f"{paper.id}  {title_of(paper)}{remark}\n")
    if not positions and not as_json:
        out.write(f"{topic}: nothing matches\n")


async def _results(index: Search, query: BulkQuery, limit: int, now: datetime) -> tuple[SearchResults | None, str]:
    """The results (None if the query is malformed), and the fault of the query or "nothing found"."""
    try:
        results = await index.search(query.text, limit=limit, now=now, literal=query.literal)
    except QueryError as error:
        return None, str(error)
    if results.only_common:
        return results, "these words are in nearly every paper; add one that tells more"
    return results, "" if results.hits else "nothing found"


def _json_line(query: BulkQuery, results: SearchResults | None, fault: str) -> str:
    hits = [{"id": hit.paper.id, "score": round(hit.score, 6)} for hit in (results.hits if results else ())]
    optional = {"_id": query.id, "note": fault or None}
    line = {"query": query.text, "results": hits} | {k: v for k, v in optional.items() if v is not None}
    return json.dumps(line, ensure_ascii=False)


def _text_lines(query: BulkQuery, results: SearchResults | None, fault: str) -> list[str]:
    lines = [f"{query.text}: {fault}"] if fault else []
    for hit in results.hits if results else ():
        remark = "  (close to it)" if hit.by_meaning else "  (some of the words)" if hit.partial else ""
        lines.append(f"{hit.paper.id}  {title_of(hit.paper)}{remark}")
    return lines
