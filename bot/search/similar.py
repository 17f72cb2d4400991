"""Papers like a given one: its most telling stems find candidates, the cosine of all its stems orders them."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bot.search.index import idf, index_entry, quoted
from bot.store.rows import to_paper

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.model import Paper
    from bot.search.index import Frequencies

TELLING = 12
"""Stems that look for candidates; more cost time at 100,000 papers and bring little."""
CANDIDATES = 200
TITLE_COUNTS = 3
"""Times a stem of the title counts."""
TOO_COMMON = 0.2
"""A stem in more than this share of all papers finds everything, so it finds nothing."""
LEAST = 0.1
"""Cosine under which two papers have no more in common than being papers."""

_CANDIDATES = """
    SELECT papers.*, papers_index.title AS title_stems, papers_index.abstract AS abstract_stems FROM (
        SELECT rowid AS n FROM papers_index WHERE papers_index MATCH ?
        ORDER BY bm25(papers_index, 3.0, 1.0, 0.0) LIMIT ?
    ) AS best JOIN papers ON papers.n = best.n JOIN papers_index ON papers_index.rowid = best.n
"""


class Neighbour(NamedTuple):
    """A paper like another: the cosine of their stems, and the telling stems they share."""

    paper: Paper
    cosine: float
    stems: tuple[str, ...]


def neighbours(db: Database, frequencies: Frequencies, paper: Paper) -> list[Neighbour]:
    """The papers most like this one, best first, itself left out."""
    bag = _bag(*index_entry(paper)[:2])
    papers = db.execute("SELECT count(*) FROM papers_index").fetchone()[0]
    counts = frequencies.of(db, bag)
    weights = {stem: idf(count, papers) for stem, count in counts.items()}
    vector = _vector(bag, weights, unheard=idf(0, papers))
    useful = [s for s in vector if 0 < counts[s] <= max(papers * TOO_COMMON, 3)]
    telling = sorted(useful, key=lambda s: (-vector[s], s))[:TELLING]
    if not telling:
        return []
    match = f"{{title abstract}} : ({' OR '.join(map(quoted, telling))})"
    rows = [row for row in db.query(_CANDIDATES, (match, CANDIDATES)) if row["id"] != paper.id]
    # What only a candidate says is taken for as telling as an average stem of this paper: looking each up costs more.
    average = sum(weights.values()) / len(weights)
    found = []
    for row in rows:
        other = _vector(_bag(row["title_stems"], row["abstract_stems"]), weights, unheard=average)
        cosine = sum(weight * other.get(stem, 0.0) for stem, weight in vector.items())
        if cosine >= LEAST:
            found.append(Neighbour(to_paper(row), cosine, tuple(s for s in telling if s in other)))
    return sorted(found, key=lambda n: (-n.cosine, n.paper.id))


def _bag(title: str, abstract: str) -> Counter[str]:
    bag = Counter(abstract.split())
    for stem in title.split():
        bag[stem] += TITLE_COUNTS
    return bag


def _vector(bag: Counter[str], weights: dict[str, float], *, unheard: float) -> dict[str, float]:
    raw = {stem: (1 + math.log(count)) * weights.get(stem, unheard) for stem, count in bag.items()}
    length = math.sqrt(sum(weight * weight for weight in raw.values()))
    return {stem: weight / length for stem, weight in raw.items()} if length else {}
