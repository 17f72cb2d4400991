"""Features of a paper without votes: plain ones with a name each, and the terms of its text. Pure.

No feature is a name: in the training data names are known of listed papers only, so that a name would be the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import log, log1p

from bot.model import Paper
from bot.text.analyzer import words
from bot.text.cleaning import clean_text

AUTHORS_MOST = 60
TEAMS = (8, 15, 25)
TITLE_USUAL, ABSTRACT_USUAL = 75, 1_500
"""Characters."""
AREAS = (
    "cs.CV", "cs.CL", "cs.AI", "cs.LG", "cs.RO", "cs.GR", "cs.HC", "cs.SD", "cs.IR", "cs.MM", "cs.CR", "cs.CY", "cs.MA",
    "cs.SE", "eess.IV", "eess.AS",
)  # fmt: skip
"""Categories that have a weight of their own."""
_PHRASES: Mapping[str, str] = {
    "a link in the abstract": r"https?:|www\.",
    "GitHub in the abstract": "github",
    "Hugging Face in the abstract": "hugging ?face",
    "a page on github.io": r"github\.io",
    "open source": "open[- ]sourc",
    "a release": "releas|publicly available",
    "state of the art": "sota|state[- ]of[- ]the[- ]art",
    "a percentage": r"\d%",
    "a benchmark": "benchmark",
    "reasoning": "reasoning",
    "agents": r"\bagent",
    "language models": r"\bllms?\b|language models?",
    "“we introduce”": "we introduce",
    "“we present”": "we present",
    "begins with “we”": r"\Awe ",
}
_COMMENT_PHRASES: Mapping[str, str] = {
    "comment: a project page": "project",
    "comment: GitHub": "github",
    "comment: a link": r"https?:|www\.",
    "comment: accepted": "accept|to appear|published",
    "comment: a conference on vision or learning": "cvpr|iccv|eccv|neurips|icml|iclr|siggraph",
    "comment: a conference on language or speech": "acl|emnlp|coling|interspeech",
    "comment: a workshop": "workshop",
    "comment: a preprint or report": "preprint|tech(nical)? report|work in progress|under review",
}
_PAGES = re.compile(r"(\d{1,3})\s*pages")
_NAMED = re.compile(r"\S{2,16}(?: \S+)?:")
_COINED = re.compile(r"[A-Z][\w.+-]{1,14}[A-Z0-9][\w.+-]*\s?:")
_DIGITS = re.compile(r"\d+")


def plain_features(paper: Paper) -> dict[str, float]:
    """Value of each plain feature that is known, by name, always in the same order; yes is 1, no is 0."""
    title, abstract = clean_text(paper.title), clean_text(paper.abstract)
    lower, comment = abstract.lower(), clean_text(paper.comment or "").lower()
    pages = _PAGES.search(comment)
    features: dict[str, float] = {
        "title's length": log(min(max(len(title), 10), 250) / TITLE_USUAL),
        "title names something": bool(_NAMED.match(title)),
        "title coins a name": bool(_COINED.match(title)),
        "title has a colon": ":" in title,
        "title asks": "?" in title,
        "a survey": "survey" in title.lower() or "review" in title.lower(),
        "abstract's length": min(len(abstract) / ABSTRACT_USUAL, 2),
        "a long abstract": min(max(len(abstract) - ABSTRACT_USUAL, 0) / 500, 2),
        "numbers in the abstract": min(len(_DIGITS.findall(abstract)), 40) / 10,
        "code at the end": "code" in lower[-300:],
    }
    features |= {name: bool(re.search(pattern, lower)) for name, pattern in _PHRASES.items()}
    features["a comment"] = bool(comment)
    features |= {name: bool(re.search(pattern, comment)) for name, pattern in _COMMENT_PHRASES.items()}
    features["comment: pages"] = pages is not None
    features["comment: number of pages"] = min(int(pages[1]), 40) / 20 if pages else 0.0
    features |= _team(len(paper.authors) + paper.more_authors) | _areas(paper.categories)
    return {name: float(value) for name, value in features.items()}


def _team(size: int) -> dict[str, float]:
    if not size:
        return {}
    number = {"number of authors": log1p(min(size, AUTHORS_MOST)), "one author": size == 1}
    return number | {f"{least} authors or more": size >= least for least in TEAMS}


def _areas(categories: Sequence[str]) -> dict[str, float]:
    if not categories:
        return {}
    number = {"number of categories": min(len(categories), 6) / 3}
    first = {f"first in {area}": categories[0] == area for area in AREAS}
    return number | {f"in {area}": area in categories for area in AREAS} | first


def text_of(paper: Paper) -> str:
    """Title and abstract, as the vector is made of them."""
    return f"{clean_text(paper.title)} . {clean_text(paper.abstract)}"


def terms(text: str) -> Iterator[str]:
    """Words and pairs of neighbours; every number is 0."""
    tokens = [_DIGITS.sub("0", word) for word in words(text)]
    yield from tokens
    yield from map(" ".join, pairwise(tokens))
