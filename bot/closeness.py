"""From topics to what is close to them in meaning: the words of each, asked of the search, marked by `meaning`.

topics ─► free words ─► who says them (stems) ─► cosines with all stored papers ─► the mark ─► who is close
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bot import meaning
from bot.errors import QueryError
from bot.query import parse
from bot.terms import Query, Word, free_words, subjects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.digest import Shortlist
    from bot.matching import Documents
    from bot.meaning import Near
    from bot.model import Paper

AT_ONCE = 32
"""Topics asked about in one go: their cosines with 100,000 papers are 13 MB."""
EXAMPLES_LEAST = 20
"""Fewer papers that say the words would look close mostly to themselves."""
EXAMPLES_MOST = 200
"""Papers that say the words, the newest or best first: more say nothing new about what is meant."""


class Nearness(Protocol):
    """What the search knows of meaning."""

    async def cosines(
        self, texts: Sequence[str], ids: Sequence[str], *, examples: Sequence[Sequence[str]] = ()
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """For each text how near it is to every stored paper, in no particular order, and to `ids` (nan: unknown).

        `examples`: for each text the ids of papers that say it; it is then read in their sense.
        """
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


async def near(search: Nearness, documents: Documents, query: Query) -> dict[str, Near]:
    """What is close to each alternative's free words."""
    return await _near(search, documents, _texts([query]))


def _texts(queries: Iterable[Query]) -> dict[str, tuple[Word, ...]]:
    found = {free_words(terms): subjects(terms) for query in queries for terms in query.alternatives}
    found.pop("", None)
    return found


def scored(shortlist: Shortlist, query: Query) -> list[tuple[Paper, float]]:
    """The papers that match, the nearest first: the share of what the words tell, 0 to 1, plus closeness, 0 to 1."""
    documents = shortlist.documents
    scores = np.zeros(len(documents), dtype=np.float32)
    for text, words in _texts([query]).items():
        said = meaning.share_said([documents.holders(word) for word in words], len(documents))
        close = shortlist.meant.get(text, meaning.NOTHING).closeness
        scores = np.maximum(scores, said + (close if len(close) else 0))
    matched = np.flatnonzero(meaning.as_flags(documents.matching(query, shortlist.meant), len(documents)))
    order = matched[np.argsort(-scores[matched], kind="stable")]
    return [(shortlist.trends[at].paper, float(scores[at])) for at in order.tolist()]


async def _near(search: Nearness, documents: Documents, texts: dict[str, tuple[Word, ...]]) -> dict[str, Near]:
    """A text that is somebody's name, or that nobody ever wrote, is close to nothing."""
    found: dict[str, Near] = {}
    asked = list(texts.items())
    for batch in (asked[start : start + AT_ONCE] for start in range(0, len(asked), AT_ONCE)):
        told = await asyncio.to_thread(_told, documents, batch)
        examples = [_examples(documents, mask) for mask in told.values()]
        cosines = await search.cosines(tuple(told), documents.all_ids, examples=examples) if told else []
        found |= await asyncio.to_thread(_marked, told, cosines)
    return {text: found.get(text, meaning.NOTHING) for text in texts}


def _examples(documents: Documents, mask: int) -> tuple[str, ...]:
    return tuple(documents.ids(mask, EXAMPLES_MOST)) if mask.bit_count() >= EXAMPLES_LEAST else ()


def _told(documents: Documents, batch: Sequence[tuple[str, tuple[Word, ...]]]) -> dict[str, int]:
    """Who says the words, of those texts that can be meant in other words."""
    told = {}
    for text, words in batch:
        holders = [documents.holders(word) for word in words]
        heard = sum(1 for mask in holders if mask)
        if 2 * heard >= len(words) and not documents.is_name(text):
            told[text] = meaning.saying(holders, len(documents))
    return told


def _marked(
    told: dict[str, int], cosines: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
) -> dict[str, Near]:
    return {
        text: meaning.near(stored, own, examples)
        for (text, examples), (stored, own) in zip(told.items(), cosines, strict=True)
    }
