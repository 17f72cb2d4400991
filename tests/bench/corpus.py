"""A store of as many papers as are asked for, indexed and embedded, at thousands of papers a second.

Papers are recombined sentences (`papers.py`), analysed once and joined; their vectors are sums of the sentences' own.
Each has two invented words besides, of a vocabulary that grows with the corpus as a real one does, and what fields ask
for in about arXiv's shares. Batches go through the store as `paperboy import` writes them. The judged collections are
hidden among them under ids of their own.

`python -m tests.bench.corpus DATABASE PAPERS [--one-author]` makes one.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.embeddings import embedding_text
from bot.model import Findings, Paper, Signal
from bot.model.segment import IndexedPaper, IndexEntry, PostingsEntry, UnembeddedPaper
from bot.query.field_index import name_parts
from bot.search import index_entry, merge_tail
from bot.search.field_terms import paper_terms
from bot.search.proximity import order_of
from bot.search.segments import vectors_segment, words_segment
from bot.search.vector_segment import quantise
from bot.store import Store
from bot.store.sqlite import SqliteStore
from bot.text.analyzer import index_stems
from tests.bench.judged import collection
from tests.bench.papers import NOW, source_texts

BATCH = 8_192
FEW = 200
"""Of fewer papers, only so many sentences are analysed."""
PAPERS_A_DAY = 500
AUTHOR = "Wei Zhang"
"""Author of one paper in a hundred."""
COLLABORATION = "Paperboy Collaboration"
"""Author of every paper of a corpus `of_one_author`."""
JUDGED = ("scifact", "cacm")
CATEGORIES = {
    "cs.LG": 20, "cs.CV": 14, "cs.CL": 11, "cs.AI": 9, "stat.ML": 5, "math.CO": 3, "cs.RO": 4, "quant-ph": 5,
    "cs.CR": 3, "hep-ph": 4, "hep-th": 3, "astro-ph.GA": 4, "cond-mat.mtrl-sci": 4, "math.AP": 3, "eess.IV": 2,
    "cs.SE": 2, "cs.IR": 2, "cs.SD": 1, "q-bio.QM": 1,
}  # fmt: skip
"""Share of the papers in percent, about."""
_CATEGORY_NAMES, _CATEGORY_SHARES = tuple(CATEGORIES), tuple(accumulate(CATEGORIES.values()))
SYLLABLES = ["ka", "lo", "mi", "ren", "sa", "tu", "vo", "zer", "bi", "dan", "el", "fir", "go", "hul", "ix", "jor"]
AUTHORS = 60_000
_ORGANIZATIONS = ("NVIDIA", "Google DeepMind", "Tsinghua University", "Allen Institute for AI", "Meta AI")
_VENUES = ("NeurIPS", "ICML", "ICLR", "CVPR", "ACL", "EMNLP", "AAAI", "KDD", "SIGIR", "Physical Review D")
_SPLIT = b"\0" * 32
"""The gap between the title and the abstract in the order of stems."""


@dataclass(frozen=True, slots=True)
class Part:
    """A half of a title, or a sentence, analysed once."""

    text: str
    stems: str
    order: bytes
    vector: NDArray[np.float32]
    """Of its words, as long as they are many."""


@cache
def parts(most: int | None = None) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Halves of titles and sentences, all or so many of each."""
    model = embeddings.load(embeddings.DEFAULT)
    halves, sentences = source_texts()

    def analysed(texts: Sequence[str]) -> tuple[Part, ...]:
        return tuple(map(_part, texts, model.embed(texts)))

    return analysed(halves[:most]), analysed(sentences[:most])


def _part(text: str, vector: NDArray[np.float32]) -> Part:
    split, joined = index_stems(text)
    return Part(text, " ".join([*split, *joined]), order_of([], split)[len(_SPLIT) :], vector * len(split) ** 0.5)


def invented(number: int) -> str:
    """The invented word of that number: syllables, the more the larger it is."""
    syllables: list[str] = []
    while number or not syllables:
        number, digit = divmod(number, len(SYLLABLES))
        syllables.append(SYLLABLES[digit])
    return "".join(syllables) + "q"


@cache
def _authors() -> tuple[tuple[str, ...], tuple[str, ...], tuple[float, ...]]:
    """Names, their parts, and cumulated weights: the nth is of 1 in n papers, beside the first."""
    names = [f"{invented(n % 245).title()} {invented(n).title()}" for n in range(AUTHORS)]
    weights = tuple(accumulate(1 / (n + 20) for n in range(AUTHORS)))
    return tuple(names), tuple(" ".join(name_parts(name)) for name in names), weights


@lru_cache(maxsize=100_000)
def _fields(**values: object) -> str:
    return " ".join(paper_terms(replace(Paper("10.1/1", ""), **values)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Made:
    """A paper with its entry."""

    paper: Paper
    entry: IndexEntry
    vectors: tuple[NDArray[np.float32], ...]
    """Their sum is its vector, but for its length."""
    upvotes: int = 0


def made_papers(start: int, count: int, total: int, *, of_one_author: bool = False) -> Iterator[Made]:
    """Papers of these numbers among `total`, the oldest first; the same ones however they are cut into batches."""
    for number in range(start, start + count):
        yield _made(number, total, Random(number), of_one_author)


def _made(number: int, total: int, dice: Random, of_one_author: bool) -> Made:
    halves, sentences = parts(FEW if total < FEW else None)
    title, chosen = dice.choices(halves, k=2), dice.choices(sentences, k=dice.randint(5, 8))
    words = [invented(int(dice.paretovariate(0.6)) % 3_000_000) for _ in range(2)]
    names, name_words, weights = _authors()
    whose = dice.choices(range(AUTHORS), cum_weights=weights, k=dice.randint(2, 7))
    extra = [AUTHOR] * (dice.random() < 0.01) + [COLLABORATION] * of_one_author
    share = dice.random()
    categories = tuple(dict.fromkeys(dice.choices(_CATEGORY_NAMES, cum_weights=_CATEGORY_SHARES, k=2)))
    organization = None if share < 0.6 else _ORGANIZATIONS[int(share * 1e6) % 5] if share < 0.7 else _lab(share)
    comment = (
        f"{9 + number % 30} pages, accepted at {_VENUES[number % 10]} {2010 + number % 16}" if number % 3 else None
    )
    code = f"https://github.com/example/{number}" if share > 0.9 else None
    listed_at = listed(number, total) - timedelta(days=30) * (dice.random() < 0.02)
    paper = Paper(
        f"10.1000/{number}",
        " ".join(part.text for part in title),
        f"{' '.join(part.text for part in chosen)} We call it {words[0]} {words[1]}.",
        authors=(*(names[n] for n in whose), *extra),
        categories=categories,
        organization=organization,
        comment=comment,
        code_url=code,
        published_at=listed_at,
        listed_at=listed_at,
    )
    fields = [_fields(categories=categories)]
    fields += [_fields(organization=organization)] if organization else []
    fields += [_fields(comment=comment)] if comment else []
    fields += [_fields(code_url="https://github.com/a/b")] if code else []
    postings = PostingsEntry(
        " ".join(part.stems for part in title),
        f"{' '.join(part.stems for part in chosen)} {words[0]} {words[1]}",
        " ".join([*(name_words[n] for n in whose), *(each.lower() for each in extra)]),
        " ".join(fields),
        listed_at.timestamp(),
    )
    own = order_of([], words)[len(_SPLIT) :]
    order = b"".join([*(part.order for part in title), _SPLIT, *(part.order for part in chosen), own])
    vectors = tuple(part.vector for part in (*title, *chosen))
    return Made(paper, IndexEntry(postings, order), vectors, int(dice.paretovariate(1.1)) if share < 0.02 else 0)


def _lab(share: float) -> str:
    return f"{invented(int(share * 1e7) % 3_000).title()} Lab"


def listed(number: int, total: int) -> datetime:
    """When a paper was listed: 500 a day, the last one now."""
    return NOW - timedelta(days=(total - number) / PAPERS_A_DAY)


def judged_papers(toy: int = 0) -> list[Made]:
    """Documents of the judged collections that are at hand, as papers of ten years ago; of toys the first."""
    model, papers = embeddings.load(embeddings.DEFAULT), []
    for name in JUDGED:
        whole = collection(name)
        judged = whole.part(toy) if whole and toy else whole
        papers += [
            Paper(judged_id(name, each), title or "untitled", text, listed_at=NOW - timedelta(days=3_650))
            for each, title, text in (judged.documents if judged else ())
        ]
    vectors = model.embed([embedding_text(paper.title, paper.abstract) for paper in papers])
    return [Made(paper, index_entry(paper), (vector,)) for paper, vector in zip(papers, vectors, strict=True)]


def judged_id(name: str, document: str) -> str:
    """Id of a judged document in the store."""
    return f"10.2000/{name}.{document}"


async def fill(store: Store, total: int, *, of_one_author: bool = False, toy: int = 0) -> dict[str, float]:
    """Store, index and embed so many papers and the judged ones among them. Returns the seconds of each step."""
    spent = dict.fromkeys(("made", "stored", "indexed", "embedded", "merged"), 0.0)
    hidden = judged_papers(toy)
    batches = -(-total // BATCH)
    for batch in range(batches):
        started = time.perf_counter()
        own = made_papers(batch * BATCH, min(BATCH, total - batch * BATCH), total, of_one_author=of_one_author)
        made = [*own, *hidden[batch::batches]]
        for step, done in (("made", None), ("stored", _add), ("indexed", _index), ("embedded", _embed)):
            if done is not None:
                await done(store, made)
            spent[step] += time.perf_counter() - started
            started = time.perf_counter()
        await merge_tail(store)
        await merge_tail(store, embeddings.load(embeddings.DEFAULT))
        spent["merged"] += time.perf_counter() - started
    return spent


async def _add(store: Store, made: Sequence[Made]) -> None:
    papers = tuple(each.paper for each in made)
    signals = (
        Signal(each.paper.id, "huggingface", "upvotes", float(each.upvotes), NOW) for each in made if each.upvotes
    )
    await store.papers.add(Findings(papers, tuple(signals)), "file", NOW, deferred=True)


async def _numbers(store: Store, made: Sequence[Made]) -> list[int]:
    numbers = await store.segments.read(lambda view: view.numbers_of([each.paper.id for each in made]))
    return [numbers[each.paper.id] for each in made]


async def _index(store: Store, made: Sequence[Made]) -> None:
    numbers = await _numbers(store, made)
    papers = [IndexedPaper(n, 0, each.entry) for n, each in zip(numbers, made, strict=True)]
    await store.segments.index(papers, words_segment({each.number: each.entry.postings for each in papers}))


async def _embed(store: Store, made: Sequence[Made]) -> None:
    model, numbers = embeddings.load(embeddings.DEFAULT), await _numbers(store, made)
    starts = list(accumulate((len(each.vectors) for each in made[:-1]), initial=0))
    rows = np.add.reduceat(np.array([vector for each in made for vector in each.vectors]), starts)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    values = quantise(rows)
    segment = await store.segments.read(vectors_segment, model.name, numbers, values)
    papers = [UnembeddedPaper(n, each.paper.title, each.paper.abstract) for n, each in zip(numbers, made, strict=True)]
    await store.segments.keep_vectors(model.name, papers, [row.tobytes() for row in values], segment)


def database(scratch: Path, total: int, *, of_one_author: bool = False, toy: int = 0) -> tuple[Path, dict[str, float]]:
    """The store of so many papers in a folder, made unless it is there, and the seconds that making took."""
    path = scratch / f"papers-{total}{'-one-author' if of_one_author else ''}.db"
    if path.exists():
        return path, {}
    making = path.with_suffix(".making")
    for rest in scratch.glob(f"{making.name}*"):
        if rest.is_file():
            rest.unlink()
    with SqliteStore(making, write=True) as store:
        spent = asyncio.run(fill(store, total, of_one_author=of_one_author, toy=toy))
    making.rename(path)  # closed: there is no log beside it
    return path, spent


def cache_folder(path: Path) -> Path:
    """Folder of the cache files of a database."""
    return path.with_name(f"{path.name}.index")


def main() -> None:
    """Make one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("papers", type=int)
    arguments.add_argument("--one-author", action="store_true")
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    path, spent = database(given.folder, given.papers, of_one_author=given.one_author)
    print(path, f"{given.papers / (time.perf_counter() - started):,.0f} papers/s", spent)


if __name__ == "__main__":
    main()
