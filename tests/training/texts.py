"""Training texts of the table: titles and abstracts of arXiv papers, whose metadata is CC0; no judged collection."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.text.analyzer import STOP_WORDS, normalise
from bot.text.cleaning import clean_text
from bot.text.sentences import split_sentences

FILES = ("arxiv_labelled/arxiv_full_days.jsonl.gz", "hf_daily_papers/papers.jsonl.gz", "seed_papers.jsonl.gz")
HELD_OUT_ONE_IN = 20
"""One paper in so many is never trained on; model selection uses these."""
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Text:
    """A paper's title and abstract, as prose; the categories its authors chose, where known."""

    title: str
    abstract: str
    categories: tuple[str, ...]

    @property
    def whole(self) -> str:
        return f"{self.title}. {self.abstract}"

    @property
    def held_out(self) -> bool:
        """Whether the paper is never trained on; depends on its title alone."""
        return int(hashlib.sha256(normalise(self.title).encode()).hexdigest(), 16) % HELD_OUT_ONE_IN == 0


def read(data: Path) -> list[Text]:
    """Every paper once, in the order of the files."""
    texts: dict[str, Text] = {}
    for name in FILES:
        for paper in _lines(data / name):
            abstract = paper.get("abstract") or paper.get("summary") or ""
            text = Text(clean_text(paper["title"]), clean_text(abstract), tuple(paper.get("categories", ())))
            texts.setdefault(normalise(text.title), text)
    return list(texts.values())


def _lines(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def phrases(text: Text, dice: random.Random, count: int) -> list[str]:
    """Short runs of words, as people type them into a search: 1 to 6 words that begin and end with a telling one."""
    pool = [words for s in (text.title, *split_sentences(text.abstract)) if (words := _WORD.findall(s))]
    runs = []
    for _ in range(count if pool else 0):
        words = dice.choice(pool)
        start = dice.randrange(len(words))
        run = words[start : start + dice.choice((1, 2, 2, 3, 3, 4, 5, 6))]
        while run and run[0].lower() in STOP_WORDS:
            run = run[1:]
        while run and run[-1].lower() in STOP_WORDS:
            run = run[:-1]
        runs.append(" ".join(run).lower())
    return [phrase for phrase in runs if phrase]
