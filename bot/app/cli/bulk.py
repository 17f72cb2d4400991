"""Questions of programs: lines of JSON in, a line of JSON out for each, from the database alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import embeddings
from bot.app import candidates, wiring
from bot.app.progress import progress_bar
from bot.digest.shortlist import Shortlist
from bot.errors import QueryError, SourceError, UserError
from bot.query.parser import like_ids, parse
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.search import Search, SearchResults
from bot.sources.jsonl import paper_text, read_records
from bot.summaries.extractive import tldr

if TYPE_CHECKING:
    from bot.settings import Settings

QUERY_MAX = 10_000
"""Characters of a line's query that are read."""


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """What is asked, what the asker calls it, and whether it is plain words or the query language."""

    id: str | None
    text: str
    literal: bool


def read_queries(file: Path) -> list[BulkQuery]:
    """The questions of a file: `text` is plain words, `query` our language. Raises UserError naming a bad line."""
    try:
        return [_question(number, record) for number, record in read_records(file)]
    except SourceError as error:
        raise UserError(f"{file}: {error.reason}") from None


def _question(number: int, record: dict[str, object]) -> BulkQuery:
    told = next((record[name] for name in ("_id", "id") if record.get(name) is not None), None)
    name = next((name for name in ("text", "query") if isinstance(record.get(name), str)), None)
    if name is None:
        raise SourceError("file", f'line {number}: needs "text" (plain words) or "query" (the query language)')
    return BulkQuery(None if told is None else str(told), str(record[name])[:QUERY_MAX], literal=name == "text")


def summarise(file: Path, out: TextIO, *, as_json: bool) -> None:
    """A line for each paper of a file, in its order. Raises UserError naming the first bad line."""
    try:
        for _, record in read_records(file):
            paper_id, title, abstract = paper_text(record)
            told = tldr(title, abstract)
            fault = "" if told else "nothing beyond the title" if abstract else "no abstract"
            if as_json:
                line = {"id": paper_id, "tldr": told} | ({"note": fault} if fault else {})
                out.write(f"{json.dumps(line, ensure_ascii=False)}\n")
            else:
                out.write(f"{paper_id}: {told or fault}\n")
    except SourceError as error:
        raise UserError(f"{file}: {error.reason}") from None


async def search(settings: Settings, asked: Sequence[BulkQuery], limit: int, out: TextIO, *, as_json: bool) -> None:
    """Answer each question. Raises UserError for a malformed one that is asked alone, else says so on its line."""
    embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
    now = wiring.clock(settings)()
    with (
        wiring.open_store(settings.db, write=False) as store,
        progress_bar("Searching", len(asked), quiet=len(asked) < 2) as step,
    ):
        index = Search(store, embedder)
        for question in asked:
            found, fault = await _answer(index, question, limit, now)
            if (found is None or found.only_common) and not as_json and len(asked) == 1:
                raise UserError(fault)
            told = [_json_of(question, found, fault)] if as_json else _lines_of(question, found, fault)
            out.writelines(f"{line}\n" for line in told)
            step(1)


async def match(settings: Settings, topic: str, days: int | None, out: TextIO, *, as_json: bool) -> None:
    """The papers that match a topic by words or by meaning, the nearest first. Raises QueryError."""
    query, now = parse(topic), wiring.clock(settings)()
    since = now - timedelta(days=days) if days else datetime.fromtimestamp(0, UTC)
    embedder = await asyncio.to_thread(embeddings.load, settings.embeddings)
    with wiring.open_store(settings.db, write=False) as store:
        papers = await store.papers.candidates(since, now)
        seen = await store.papers.signals((paper.id for paper in papers), now - SIGNALS_BACK)
        known = await store.papers.get(like_ids(query))
        shortlist = await asyncio.to_thread(lambda: Shortlist(rank_papers(papers, seen, now), now, liked=known))
        await candidates.learn_meanings(Search(store, embedder), shortlist, (topic,))
        found = await asyncio.to_thread(_scored, shortlist, topic)
    worded = shortlist.with_words(topic)
    for position, score in found:
        paper = shortlist.trends[position].paper
        remark = "" if position in worded else "  (close in meaning)"
        line = (
            json.dumps({"id": paper.id, "score": round(score, 6)}) if as_json else f"{paper.id}  {paper.title}{remark}"
        )
        out.write(f"{line}\n")
    if not found and not as_json:
        out.write(f"{topic}: nothing matches\n")


def _scored(shortlist: Shortlist, topic: str) -> list[tuple[int, float]]:
    """The positions of the papers that match, the nearest first, and their scores."""
    scores = shortlist.documents.scores(parse(topic), shortlist.meanings)
    scored = [(position, float(scores[position])) for position in shortlist.matching(topic)]
    return sorted(scored, key=lambda pair: -pair[1])


async def _answer(index: Search, question: BulkQuery, limit: int, now: datetime) -> tuple[SearchResults | None, str]:
    """The results, and what is wrong with the question or the answer."""
    try:
        found = await index.search(question.text, limit=limit, now=now, literal=question.literal)
    except QueryError as error:
        return None, str(error)
    if found.only_common:
        return found, "these words are in nearly every paper; add one that tells more"
    return found, "" if found.hits else "nothing found"


def _json_of(question: BulkQuery, found: SearchResults | None, fault: str) -> str:
    hits = found.hits if found else ()
    results = [{"id": hit.paper.id, "score": round(hit.score, 6)} for hit in hits]
    line: dict[str, object] = {"query": question.text, "results": results}
    if question.id is not None:
        line["_id"] = question.id
    if fault:
        line["note"] = fault
    return json.dumps(line, ensure_ascii=False)


def _lines_of(question: BulkQuery, found: SearchResults | None, fault: str) -> list[str]:
    lines = [f"{question.text}: {fault}"] if fault else []
    for hit in found.hits if found else ():
        remark = "  (close in meaning)" if hit.meant else "  (some of the words)" if hit.partial else ""
        lines.append(f"{hit.paper.id}  {hit.paper.title}{remark}")
    return lines
