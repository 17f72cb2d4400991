"""A paper's entry in the lexical index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.model.segment import IndexEntry
from bot.search.proximity import order_of
from bot.text.analyzer import index_stems, normalise

if TYPE_CHECKING:
    from bot.model import Paper

_NAME_PART = re.compile(r"[^\W_]+")


def index_entry(paper: Paper) -> IndexEntry:
    """Analysed title, abstract and authors of a paper, and the order of its stems."""
    title, abstract = index_stems(paper.title), index_stems(paper.abstract)
    authors = " ".join(part for a in paper.authors for part in name_parts(a))
    return IndexEntry(_text(*title), _text(*abstract), authors, order_of(title[0], abstract[0]))


def _text(split: list[str], joined: list[str]) -> str:
    """Stems with hyphens split, then those of hyphenated words in one (`multi-modal`: multi modal … multimod)."""
    split_stems = set(split) if joined else set()
    return " ".join([*split, *(stem for stem in joined if stem not in split_stems)])


def name_parts(name: str) -> list[str]:
    """Words of a person's name, and the given names in one: `Byung-Kwan Lee` is also found as `Byungkwan`."""
    parts = _NAME_PART.findall(normalise(name))
    return [*parts, "".join(parts[:-1])] if len(parts) > 2 else parts
