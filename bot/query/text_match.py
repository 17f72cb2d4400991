"""Matching of a query with a page of papers: the same papers as `Documents` matches, without an index of them. Pure.

An index pays where many queries meet the same papers. A search confirms a few papers once: reading a text's stems in
order takes a tenth of what indexing it does, and only the papers that meet all other conditions are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache

from bot.model import Paper
from bot.query.analysis import GAP
from bot.query.ast import FieldTerm, Leaf, Query, Term
from bot.query.field_index import Document, FieldIndex
from bot.query.matcher import compared_terms
from bot.query.paper_set import PaperSet
from bot.text.analyzer import stem_readings


class UnindexedDocuments:
    """A few papers that one query is compared with."""

    def __init__(
        self, documents: Sequence[Document], now: datetime, neighbours: Callable[[str], Collection[str]]
    ) -> None:
        """`neighbours`: the ids of the papers that `like:` matches."""
        self._documents = documents
        self._neighbours = neighbours
        self._fields = FieldIndex(documents, now, self._like)
        self._texts = cache(lambda position: _texts(documents[position].paper))

    def matching(self, query: Query) -> PaperSet:
        """The papers that match a query, all of its free words included."""
        return PaperSet.union(self._matching_all(terms) for terms in query.alternatives)

    def _matching_all(self, terms: Sequence[Term]) -> PaperSet:
        papers = PaperSet.first(len(self._documents))
        for term in sorted(compared_terms(terms), key=lambda term: not isinstance(term.leaf, FieldTerm)):
            holding = self._holders(term.leaf, papers)
            papers = papers - holding if term.negated else papers & holding
        return papers

    def _holders(self, leaf: Leaf, papers: PaperSet) -> PaperSet:
        """The papers, of some, for which a leaf is true; for a field it may be more than those."""
        if isinstance(leaf, FieldTerm):
            return leaf.field.match(leaf.value, self._fields)
        rows = {f" {' '.join(stems)} " for stems in stem_readings(leaf.text) if stems}
        return PaperSet(i for i in papers if any(row in text for text in self._texts(i) for row in rows))

    def _like(self, paper_id: str) -> PaperSet:
        ids = {paper_id, *self._neighbours(paper_id)}
        return PaperSet(i for i, document in enumerate(self._documents) if document.paper.id in ids)


def _texts(paper: Paper) -> tuple[str, str]:
    """Stems of title and abstract in order between spaces, with hyphenated words in parts and in one."""
    title, abstract = stem_readings(paper.title), stem_readings(paper.abstract)
    split, joined = (
        f" {' '.join(of_title)}{GAP}{' '.join(rest)} " for of_title, rest in zip(title, abstract, strict=True)
    )
    return split, joined
