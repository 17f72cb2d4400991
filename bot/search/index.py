"""A paper's entry in the lexical index."""

from __future__ import annotations

from bot.model import Paper
from bot.model.segment import IndexEntry
from bot.query.field_index import name_parts
from bot.search.proximity import order_of
from bot.text.analyzer import index_stems


def index_entry(paper: Paper) -> IndexEntry:
    """Analysed title, abstract and authors of a paper, and the order of its stems."""
    title, abstract = index_stems(paper.title), index_stems(paper.abstract)
    authors = " ".join(part for a in paper.authors for part in name_parts(a))
    return IndexEntry(_text(*title), _text(*abstract), authors, order_of(title[0], abstract[0]))


def _text(split: list[str], joined: list[str]) -> str:
    """Stems with hyphens split, then those of hyphenated words in one (`multi-modal`: multi modal … multimod)."""
    split_stems = set(split) if joined else set()
    return " ".join([*split, *(stem for stem in joined if stem not in split_stems)])
