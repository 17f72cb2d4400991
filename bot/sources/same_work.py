"""Which papers of different ids are one work: on arXiv and on bioRxiv or medRxiv. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bot.model import Paper

TITLE_MIN = 20
"""Letters and digits of a title that is not shared by chance (“Reply”, “Editorial”)."""

Key = tuple[str, str]


def same_works(papers: Iterable[Paper]) -> tuple[tuple[str, str], ...]:
    """Pairs of an arXiv id and a DOI whose papers have the same title and first author, or were published as one."""
    on_arxiv: dict[Key, str] = {}
    elsewhere: list[tuple[Key, str]] = []
    for paper in papers:
        for key in _keys(paper):
            if paper.is_arxiv:
                on_arxiv.setdefault(key, paper.id)
            else:
                elsewhere.append((key, paper.id))
    return tuple(dict.fromkeys((on_arxiv[key], doi) for key, doi in elsewhere if key in on_arxiv))


def _keys(paper: Paper) -> Iterable[Key]:
    title = _plain(paper.title)
    if paper.authors and len(title) >= TITLE_MIN:
        yield title, _plain(paper.authors[0].split()[-1])
    if paper.doi:
        yield "published as", paper.doi.lower()


def _plain(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter.isalnum())
