"""Search in the sources for papers that are not stored; results meet the query's conditions and are cached an hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from cachetools import LRUCache

from bot.errors import SourceError
from bot.model import Paper
from bot.ports import Searchable, Source
from bot.query.ast import FieldTerm, Phrase, Query, Word
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.query.paper_set import PaperSet

log = logging.getLogger("paperboy.search")

PAPERS_PER_SOURCE = 20
"""Papers requested from each source: some of them are stored, or fail a condition."""
TIMEOUT_SECONDS = 6.0
"""Time for all sources together, which a person waits."""
CACHED_QUERIES = 256
CACHED_FOR = timedelta(hours=1)

_Result = tuple[Paper, str]
"""A paper, and the name of the source that returned it."""


@dataclass(frozen=True, slots=True)
class RemoteResults:
    """Papers of the sources, each once with the first source that returned it, and the sources' failures."""

    papers: tuple[_Result, ...] = ()
    """(paper, source), the sources' best first, taking turns."""
    faults: tuple[str, ...] = ()
    """The sources that did not answer."""


class RemoteSearch:
    """Search in all sources that have one, concurrently, each through its own rate limiter."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = [source for source in sources if isinstance(source, Searchable)]
        self._cache: LRUCache[str, tuple[datetime, RemoteResults]] = LRUCache(CACHED_QUERIES)

    async def search(self, query: Query, now: datetime) -> RemoteResults:
        """Papers for the query's words that meet its conditions; results with a fault are not cached."""
        words = _words(query, now)
        if not words or not self._sources:
            return RemoteResults()
        key = str(query)
        if (cached := self._cache.get(key)) and now - cached[0] < CACHED_FOR:
            return cached[1]
        answers = await asyncio.gather(*(_search(source, words) for source in self._sources))
        papers: dict[str, _Result] = {}
        for result in filter(None, chain.from_iterable(zip_longest(*(results for results, _ in answers)))):
            papers.setdefault(result[0].id, result)
        matching = await asyncio.to_thread(_matching, query, list(papers.values()), now)
        silent = (source.name for source, (_, answered) in zip(self._sources, answers, strict=True) if not answered)
        results = RemoteResults(matching, tuple(silent))
        if not results.faults:
            self._cache[key] = now, results
        return results


async def _search(source: Searchable, words: str) -> tuple[list[_Result], bool]:
    """Results of a source, and whether it answered; the log has the reason if it did not."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return [(paper, source.name) for paper in await source.search(words, PAPERS_PER_SOURCE)], True
    except (TimeoutError, SourceError) as error:
        reason = error.reason if isinstance(error, SourceError) else "it takes too long"
        log.warning("a search elsewhere failed source=%s reason=%r", source.name, reason)
    except Exception:
        log.exception("a search elsewhere failed unexpectedly source=%s", source.name)
    return [], False


def _words(query: Query, now: datetime) -> str:
    """Words and author names of the first alternative that has any."""
    for terms in query.alternatives:
        leaves = [term.leaf for term in terms if not term.negated]
        texts = [leaf.text for leaf in leaves if isinstance(leaf, Word | Phrase)]
        texts += [leaf.field.lookup(leaf.value, now).words for leaf in leaves if isinstance(leaf, FieldTerm)]
        if any(texts):
            return " ".join(filter(None, texts))
    return ""


def _matching(query: Query, results: Sequence[_Result], now: datetime) -> tuple[_Result, ...]:
    """Results that meet every condition of an alternative; its free words were matched by the source."""
    documents = Documents([Document(paper) for paper, _ in results], now)
    matching = PaperSet()
    for terms in query.alternatives:
        conditions = tuple(term for term in terms if term.negated or not isinstance(term.leaf, Word))
        matching |= documents.matching(Query((conditions,))) if conditions else PaperSet.first(len(results))
    return tuple(results[index] for index in matching)
