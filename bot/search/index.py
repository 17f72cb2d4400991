"""What the lexical index holds of a paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.analysis import normalise, telling

if TYPE_CHECKING:
    from bot.model import Paper

_NAME_PART = re.compile(r"[^\W_]+")


def index_entry(paper: Paper) -> tuple[str, str, str]:
    """A paper's analysed title, abstract and authors: stems joined by spaces, stop words left out."""
    return _text(paper.title), _text(paper.abstract), " ".join(part for a in paper.authors for part in name_parts(a))


def _text(text: str) -> str:
    """The stems with hyphens split, then those of hyphenated words in one (`multi-modal`: multi modal … multimod)."""
    split, joined = telling(text)
    if joined:
        known = set(split)
        split += [stem for stem in joined if stem not in known]
    return " ".join(split)


def name_parts(name: str) -> list[str]:
    """The words of a person's name, and the given names in one: `Byung-Kwan Lee` is also found as `Byungkwan`."""
    parts = _NAME_PART.findall(normalise(name))
    return [*parts, "".join(parts[:-1])] if len(parts) > 2 else parts
