"""When a paper is close enough in meaning to a topic's words: judged by each topic's own scores, never by one cosine.

A cosine of 0.4 is near for “protein folding” and far for “machine learning”. So the papers that say the words set
the mark: who is as close as the nearer two fifths of them, and clearly closer than papers are by and large, means the
same. Where too few say them, only what stands far out of all stored papers is taken. Pure.

The numbers below were chosen on Daily Papers, for two kinds of topics: arXiv's names of their categories, and the
commonest of their keywords. None of those papers is among the ones on which the README's figures are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SAYING = 0.65
"""Share of what the words tell that a paper must have to be one that says them."""
TYPICAL = 0.6
"""Share of the papers that say the words which may be farther away than the mark."""
EXAMPLES = 5
"""Fewer papers that say the words set no mark."""
CLEAR = 1.0
"""Standard deviations above the usual score that a paper must be in any case."""
OUTSTANDING = 3.0
"""The same where no paper sets a mark: one in seven hundred of a normal distribution."""
WORDS = 2.0
"""What saying all of the words is worth in a score, in standard deviations of closeness."""
LEAST = 50
"""With fewer stored papers there is no usual score, and nothing matches by meaning."""


class Spread(NamedTuple):
    """How near all stored papers are to some words: how many have a vector, mean and deviation of their cosines."""

    papers: int
    mean: float
    deviation: float


class SemanticMatches(NamedTuple):
    """What is close in meaning to some words, of papers in a fixed order."""

    papers: int
    """As bits: bit i is the paper at position i."""
    closeness: NDArray[np.float32]
    """(papers,): standard deviations above the usual score of all stored papers; 0 where nothing is known."""


NOTHING = SemanticMatches(0, np.zeros(0, dtype=np.float32))


def papers_saying(holders: Sequence[int], papers: int) -> int:
    """The papers, as bits, that have most of what the words tell; `holders` has for each word the papers with it.

    A word tells 1 + ln((N + 1) / (n + 1)), its idf as in `bot.text.tfidf`.
    """
    share = word_shares(holders, papers)
    return as_bits(share >= SAYING)


def word_shares(holders: Sequence[int], papers: int) -> NDArray[np.float32]:
    """(papers,): the share of what the words tell that each paper has, 0 to 1."""
    said = np.zeros(papers, dtype=np.float32)
    total = 0.0
    for mask in holders:
        weight = 1 + float(np.log((papers + 1) / (mask.bit_count() + 1)))
        total += weight
        said[as_flags(mask, papers)] += weight
    return np.minimum(said / total, 1.0) if total else said


def topic_scores(said: NDArray[np.float32], semantic_matches: SemanticMatches) -> NDArray[np.float32]:
    """(papers,): how much each has of what is meant, by words and meaning together; `said` as in `share_said`."""
    return WORDS * said + (semantic_matches.closeness if len(semantic_matches.closeness) else np.float32(0))


def semantic_matches(stored: Spread, own: NDArray[np.float32], examples: int) -> SemanticMatches:
    """Which papers are close in meaning to some words.

    `stored`: how near all stored papers are; `own`: the cosines of the papers asked about, nan where unknown;
    `examples`: which of these say the words, as bits.
    """
    known = np.isfinite(own)
    scores = np.where(known, own, -np.inf)
    mark = closeness_mark(stored, own[as_flags(examples, len(own)) & known])
    if mark is None:
        return SemanticMatches(0, np.zeros(len(own), dtype=np.float32))
    closeness = np.where(known, (own - stored.mean) / stored.deviation, 0)
    return SemanticMatches(as_bits(scores >= mark), closeness.astype(np.float32))


def closeness_mark(stored: Spread, examples: NDArray[np.float32]) -> float | None:
    """The cosine from which a paper means the same; None where cosines tell nothing.

    `stored`: how near all stored papers are; `examples`: the cosines of papers that say it.
    """
    if stored.papers < LEAST or not stored.deviation > _NOTHING:
        return None
    if len(examples) < EXAMPLES:
        return stored.mean + OUTSTANDING * stored.deviation
    return max(float(np.quantile(examples, TYPICAL)), stored.mean + CLEAR * stored.deviation)


_NOTHING = 1e-4
"""A deviation that is only the rounding of 32-bit floats."""


def as_flags(mask: int, length: int) -> NDArray[np.bool_]:
    """(length,): the bits of an int."""
    inside = mask & ((1 << length) - 1)
    packed = np.frombuffer(inside.to_bytes(-(-length // 8), "little"), dtype=np.uint8)
    return np.unpackbits(packed, count=length, bitorder="little").astype(bool)


def as_bits(flags: NDArray[np.bool_]) -> int:
    """The int whose bits are these."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
