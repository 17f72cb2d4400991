"""Papers that are close in meaning to a topic, although they lack its words.

topics ─► their content words ─► papers with most of the words: examples ─► cosines of all stored papers ─► threshold

The threshold is `bot.query.semantic`'s; embedding and cosines are the search's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
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

TOPICS_AT_ONCE = 32
"""Topics embedded in one call."""


class Nearness(Protocol):
    """The part of the search that compares texts with stored papers by meaning."""

    async def nearness(self, texts: Sequence[str], ids: Sequence[str]) -> list[tuple[Spread, NDArray[np.float32]]]:
        """For each text the spread of its cosines with all stored papers, and those with `ids` (nan: no vector)."""
        ...


async def learn(search: Nearness, shortlist: Shortlist, topics: Iterable[str]) -> None:
    """Add the papers close to these topics to the shortlist, for topics it has not; invalid topics are skipped."""
    queries = []
    for topic in topics:
        try:
            queries.append(parse(topic))
        except QueryError:
            continue
    new = {text: words for text, words in _content(queries).items() if text not in shortlist.meant}
    if new:
        shortlist.learn(await _matches(search, shortlist.documents, new))


async def near(search: Nearness, documents: Documents, query: Query) -> dict[str, SemanticMatches]:
    """The documents close to the content words of each alternative of a query, by the text of those words."""
    return await _matches(search, documents, _content([query]))


def _content(queries: Iterable[Query]) -> dict[str, tuple[Word, ...]]:
    """The content words of every alternative, by their text; alternatives without any are left out."""
    alternatives = (terms for query in queries for terms in query.alternatives)
    return {text: content_words(terms) for terms in alternatives if (text := content_text(terms))}


def scored(shortlist: Shortlist, query: Query) -> list[tuple[Paper, float]]:
    """The matching papers, best first, with their scores as in `semantic.topic_scores`."""
    documents = shortlist.documents
    scores = [score(documents, words, shortlist.meant.get(text)) for text, words in _content([query]).items()]
    best = np.max(scores, axis=0) if scores else np.zeros(len(documents), dtype=np.float32)
    matching = np.flatnonzero(semantic.as_flags(documents.matching(query, shortlist.meant), len(documents)))
    order = matching[np.argsort(-best[matching], kind="stable")]
    return [(shortlist.trends[position].paper, float(best[position])) for position in order.tolist()]


def score(documents: Documents, words: Sequence[Word], close: SemanticMatches | None) -> NDArray[np.float32]:
    """(documents,): score of each by the words it has and by its closeness, as in `semantic.topic_scores`."""
    shares = semantic.word_shares([documents.holders(word) for word in words], len(documents))
    return semantic.topic_scores(shares, close or semantic.NOTHING)


async def _matches(
    search: Nearness, documents: Documents, content: Mapping[str, tuple[Word, ...]]
) -> dict[str, SemanticMatches]:
    """Close documents by text; none for a person's name or for words that too few documents have."""
    matches = dict.fromkeys(content, semantic.NOTHING)
    texts = list(content.items())
    for start in range(0, len(texts), TOPICS_AT_ONCE):
        examples = await asyncio.to_thread(_examples, documents, texts[start : start + TOPICS_AT_ONCE])
        if examples:
            cosines = await search.nearness(tuple(examples), documents.all_ids)
            matches |= await asyncio.to_thread(_above_threshold, examples, cosines)
    return matches


def _examples(documents: Documents, texts: Sequence[tuple[str, tuple[Word, ...]]]) -> dict[str, int]:
    """The documents with most of a text's words, as a set; of texts at least half of whose words occur."""
    examples = {}
    for text, words in texts:
        holders = [documents.holders(word) for word in words]
        occurring = sum(1 for mask in holders if mask)
        if 2 * occurring >= len(words) and not documents.is_name(text):
            examples[text] = semantic.papers_saying(holders, len(documents))
    return examples


def _above_threshold(
    examples: dict[str, int], cosines: Sequence[tuple[Spread, NDArray[np.float32]]]
) -> dict[str, SemanticMatches]:
    return {
        text: semantic.semantic_matches(spread, own, positions)
        for (text, positions), (spread, own) in zip(examples.items(), cosines, strict=True)
    }
