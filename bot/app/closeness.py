"""From topics to what is close to them in meaning: the words of each, asked of the search, marked by `meaning`.

topics ─► free words ─► who says them (stems) ─► how near all stored papers are ─► the mark ─► who is close
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bot.errors import QueryError
from bot.query import semantic
from bot.query.ast import Query, Word, content_text, content_words
from bot.query.parser import parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.digest.selection import Shortlist
    from bot.model import Paper
    from bot.query.matcher import Documents
    from bot.query.semantic import SemanticMatches, Spread

AT_ONCE = 32
"""Topics asked about in one go."""


class Nearness(Protocol):
    """What the search knows of meaning."""

    async def nearness(self, texts: Sequence[str], ids: Sequence[str]) -> list[tuple[Spread, NDArray[np.float32]]]:
        """For each text how near all stored papers are, by and large, and `ids`, by cosine (nan: unknown)."""
        ...


async def learn(search: Nearness, shortlist: Shortlist, topics: Iterable[str]) -> None:
    """Make a shortlist know what is close to these topics, as far as it does not yet; a topic may be invalid."""
    queries = []
    for topic in topics:
        try:
            queries.append(parse(topic))
        except QueryError:
            continue
    unknown = {text: words for text, words in _texts(queries).items() if text not in shortlist.meant}
    if unknown:
        shortlist.learn(await _near(search, shortlist.documents, unknown))


async def near(search: Nearness, documents: Documents, query: Query) -> dict[str, SemanticMatches]:
    """What is close to each alternative's free words."""
    return await _near(search, documents, _texts([query]))


def _texts(queries: Iterable[Query]) -> dict[str, tuple[Word, ...]]:
    found = {content_text(terms): content_words(terms) for query in queries for terms in query.alternatives}
    found.pop("", None)
    return found


def scored(shortlist: Shortlist, query: Query) -> list[tuple[Paper, float]]:
    """The papers that match, the nearest first, and their scores as in `meaning.score`."""
    documents = shortlist.documents
    scores = [score(documents, words, shortlist.meant.get(text)) for text, words in _texts([query]).items()]
    best = np.max(scores, axis=0) if scores else np.zeros(len(documents), dtype=np.float32)
    matched = np.flatnonzero(semantic.as_flags(documents.matching(query, shortlist.meant), len(documents)))
    order = matched[np.argsort(-best[matched], kind="stable")]
    return [(shortlist.trends[at].paper, float(best[at])) for at in order.tolist()]


def score(documents: Documents, words: Sequence[Word], close: SemanticMatches | None) -> NDArray[np.float32]:
    """(documents,): how much each has of what is meant, as in `meaning.score`."""
    said = semantic.word_shares([documents.holders(word) for word in words], len(documents))
    return semantic.topic_scores(said, close or semantic.NOTHING)


async def _near(
    search: Nearness, documents: Documents, texts: dict[str, tuple[Word, ...]]
) -> dict[str, SemanticMatches]:
    """A text that is somebody's name, or that nobody ever wrote, is close to nothing."""
    found: dict[str, SemanticMatches] = {}
    asked = list(texts.items())
    for batch in (asked[start : start + AT_ONCE] for start in range(0, len(asked), AT_ONCE)):
        told = await asyncio.to_thread(_told, documents, batch)
        cosines = await search.nearness(tuple(told), documents.all_ids) if told else []
        found |= await asyncio.to_thread(_marked, told, cosines)
    return {text: found.get(text, semantic.NOTHING) for text in texts}


def _told(documents: Documents, batch: Sequence[tuple[str, tuple[Word, ...]]]) -> dict[str, int]:
    """Who says the words, of those texts that can be meant in other words."""
    told = {}
    for text, words in batch:
        holders = [documents.holders(word) for word in words]
        heard = sum(1 for mask in holders if mask)
        if 2 * heard >= len(words) and not documents.is_name(text):
            told[text] = semantic.papers_saying(holders, len(documents))
    return told


def _marked(told: dict[str, int], found: Sequence[tuple[Spread, NDArray[np.float32]]]) -> dict[str, SemanticMatches]:
    return {
        text: semantic.semantic_matches(spread, own, examples)
        for (text, examples), (spread, own) in zip(told.items(), found, strict=True)
    }
