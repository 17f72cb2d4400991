"""Papers that are not stored: asked of the sources' own search, kept to the query's conditions, remembered an hour."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import SourceError
from bot.model import Paper
from bot.ports import Lookup, Source
from bot.query.ast import FieldTerm, Phrase, Query, Term, Word
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.query.paper_set import PaperSet

log = logging.getLogger("paperboy.search")

ASKED_FOR = 20
"""Papers asked of each source: some of them are stored, or fail a condition."""
PATIENCE = 6.0
"""Seconds that somebody who searches waits for all sources together."""
REMEMBERED = 256
"""Queries whose answers are kept."""
REMEMBERED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RemoteResults:
    """What the sources found, each paper once with who found it first, and who did not answer."""

    found: tuple[tuple[Paper, str], ...] = ()
    """(paper, source), the sources' best first, taking turns."""
    faults: tuple[str, ...] = ()


class RemoteSearch:
    """Asks every source that can search, side by side, through its own limiter."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = [source for source in sources if isinstance(source, Lookup)]
        self._remembered: OrderedDict[str, tuple[datetime, RemoteResults]] = OrderedDict()

    async def search(self, query: Query, now: datetime) -> RemoteResults:
        """Papers for the query's words that meet its conditions. A source that fails is named, and asked again soon."""
        words = _words(query, now)
        if not words or not self._sources:
            return RemoteResults()
        asked_at, known = self._remembered.get(str(query), (None, RemoteResults()))
        if asked_at is not None and now - asked_at < REMEMBERED_FOR:
            return known
        answers = await asyncio.gather(*(_ask(source, words) for source in self._sources))
        found = _in_turns([papers for papers, _ in answers], [source.name for source in self._sources])
        kept = await asyncio.to_thread(_meeting, query, found, now)
        result = RemoteResults(tuple(kept), tuple(fault for _, fault in answers if fault))
        if not result.faults:
            self._remember(str(query), result, now)
        return result

    def _remember(self, query: str, result: RemoteResults, now: datetime) -> None:
        self._remembered[query] = now, result
        self._remembered.move_to_end(query)
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


async def _ask(source: Lookup, words: str) -> tuple[Sequence[Paper], str]:
    """What a source finds, and why it did not."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await source.search(words, ASKED_FOR), ""
    except TimeoutError:
        reason = "it takes too long"
    except SourceError as error:
        reason = error.reason
    except Exception as error:
        log.exception("a search elsewhere failed unexpectedly source=%s", source.name)
        reason = f"unexpected {type(error).__name__}, see the log"
    return (), f"{source.name} did not answer: {reason}"


def _words(query: Query, now: datetime) -> str:
    """The words to ask for: of the first alternative that has any, with the names of its authors."""
    for terms in query.alternatives:
        leaves = [term.leaf for term in terms if not term.negated]
        texts = [leaf.text for leaf in leaves if isinstance(leaf, Word | Phrase)]
        texts += [leaf.field.lookup(leaf.value, now).words for leaf in leaves if isinstance(leaf, FieldTerm)]
        if any(texts):
            return " ".join(filter(None, texts))
    return ""


def _in_turns(lists: Sequence[Sequence[Paper]], names: Sequence[str]) -> list[tuple[Paper, str]]:
    found: dict[str, tuple[Paper, str]] = {}
    for place in range(max(map(len, lists), default=0)):
        for papers, name in zip(lists, names, strict=True):
            if place < len(papers):
                found.setdefault(papers[place].id, (papers[place], name))
    return list(found.values())


def _meeting(query: Query, found: Sequence[tuple[Paper, str]], now: datetime) -> list[tuple[Paper, str]]:
    """Those that meet every condition of an alternative; its free words are the source's affair."""
    documents = Documents([Document(paper) for paper, _ in found], now)
    kept = PaperSet()
    for terms in query.alternatives:
        conditions = tuple(term for term in terms if not _free(term))
        kept |= documents.matching(Query((conditions,))) if conditions else PaperSet.first(len(found))
    return [found[at] for at in kept]


def _free(term: Term) -> bool:
    return not term.negated and isinstance(term.leaf, Word)
