"""Search engines of others over the same texts, each as `build(texts) -> answer(query, limit) -> row numbers`.

FTS5 is everywhere; the others come with `pip install -e '.[bench]'`, and `None` says that one is not installed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from bot.model import Paper
from bot.model.segment import IndexEntry
from bot.search import index_entry
from bot.search.segment import TITLE_COUNTS
from bot.text.analyzer import STOP_WORDS, stems, words

Answer = Callable[[str, int], list[int]]
Build = Callable[[Sequence[tuple[str, str]]], Answer]

BEST_OF_EACH = 300
DENSE = 0.4
"""The weight of meaning in the hybrid: within the .3 to .5 that static tables do best with."""


class Fts5:
    """SQLite's own full-text search: Porter stems, stop words dropped, any of the words, bm25()."""

    def __init__(self, texts: Iterable[tuple[str, str]], path: str | Path = ":memory:") -> None:
        self.db = sqlite3.connect(path)
        self.db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS papers USING fts5(title, abstract, tokenize = 'porter unicode61')"
        )
        rows = ((i, *text) for i, text in enumerate(texts))
        self.db.executemany("INSERT INTO papers (rowid, title, abstract) VALUES (?, ?, ?)", rows)
        self.db.commit()

    def scored(self, query: str, limit: int) -> list[tuple[int, float]]:
        """(row, score), best first; a higher score is better."""
        expression = " OR ".join(f'"{word}"' for word in words(query) if word not in STOP_WORDS)
        if not expression:
            return []
        sql = "SELECT rowid, -bm25(papers) FROM papers WHERE papers MATCH ? ORDER BY bm25(papers) LIMIT ?"
        return self.db.execute(sql, (expression, limit)).fetchall()

    def __call__(self, query: str, limit: int) -> list[int]:
        return [row for row, _ in self.scored(query, limit)]


def bm25s(texts: Sequence[tuple[str, str]]) -> Answer:
    """The library of that name with English stop words and Snowball stems, as its README has it."""
    import bm25s as library  # noqa: PLC0415 - optional
    import Stemmer  # noqa: PLC0415 - optional

    stemmer = Stemmer.Stemmer("english")
    cut = {"stopwords": "en", "stemmer": stemmer, "show_progress": False}
    index = library.BM25()
    index.index(library.tokenize([f"{title} {text}" for title, text in texts], **cut), show_progress=False)

    def answer(query: str, limit: int) -> list[int]:
        tokens = library.tokenize([query], **cut)
        if not any(tokens.vocab):
            return []
        rows, _ = index.retrieve(tokens, k=min(limit, len(texts)), show_progress=False)
        return [int(row) for row in rows[0]]

    return answer


def tantivy(texts: Sequence[tuple[str, str]]) -> Answer:
    """Rust's Lucene, with its English stemmer, in a folder as it would be used."""
    import tantivy as library  # noqa: PLC0415 - optional

    schema = library.SchemaBuilder()
    schema.add_integer_field("row", stored=True, indexed=False)
    schema.add_text_field("text", tokenizer_name="en_stem")
    index = library.Index(schema.build(), path=mkdtemp())
    writer = index.writer(heap_size=50_000_000, num_threads=1)
    for row, (title, text) in enumerate(texts):
        writer.add_document(library.Document(row=row, text=f"{title} {text}"))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def answer(query: str, limit: int) -> list[int]:
        expression = " ".join(word for word in words(query) if word not in STOP_WORDS)
        hits = searcher.search(index.parse_query_lenient(expression, ["text"])[0], limit).hits if expression else []
        return [searcher.doc(address)["row"][0] for _, address in hits]

    return answer


def wordllama(texts: Sequence[tuple[str, str]]) -> Answer:
    """FTS5 and wordllama's 256 dimensions: the best 300 of each, scores brought to 0 … 1 and added."""
    import wordllama as library  # noqa: PLC0415 - optional

    # Its bundled tokenizer is looked for in a folder that only this argument names; without it, a hub is asked.
    model = library.WordLlama.load(cache_dir=Path(library.__file__).parent, disable_download=True)
    lexical = Fts5(texts)
    vectors = _unit(model.embed([f"{title}. {text}".lower() for title, text in texts]))

    def answer(query: str, limit: int) -> list[int]:
        scores = dict(lexical.scored(query, BEST_OF_EACH))
        cosines = vectors @ _unit(model.embed([query.lower()]))[0]
        near = np.argpartition(-cosines, min(BEST_OF_EACH, len(cosines) - 1))[:BEST_OF_EACH]
        rows = np.array(sorted({*scores, *near.tolist()}))
        fused = (1 - DENSE) * _scaled([scores.get(int(row), 0.0) for row in rows]) + DENSE * _scaled(cosines[rows])
        return [int(row) for row in rows[np.argsort(-fused, kind="stable")][:limit]]

    return answer


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _scaled(values: Any) -> Any:
    values = np.asarray(values, dtype=np.float32)
    span = values.max() - values.min()
    return (values - values.min()) / span if span else np.zeros_like(values)


def build_fts5(folder: Path, papers: Iterable[tuple[Paper, IndexEntry]]) -> None:
    """FTS5's index of papers' texts in a folder."""
    Fts5(((paper.title, paper.abstract) for paper, _ in papers), folder / "fts5.db").db.close()


def open_fts5(folder: Path) -> Answer:
    """FTS5 on an index that is there."""
    return Fts5((), folder / "fts5.db")


def build_tantivy(folder: Path, papers: Iterable[tuple[Paper, IndexEntry]]) -> None:
    """tantivy's index of our own stems, parted at spaces, those of the title three times as ours counts them."""
    _tantivy_of_stems(folder, (entry.postings[:2] for _, entry in papers))


def open_tantivy(folder: Path) -> Answer:
    """tantivy on an index of our stems: any of the words."""
    import tantivy as library  # noqa: PLC0415 - optional

    index = library.Index.open(str(folder))
    searcher, schema = index.searcher(), index.schema

    def answer(query: str, limit: int) -> list[int]:
        any_of = [
            (library.Occur.Should, library.Query.term_query(schema, "stems", stem))
            for stem in stems(query, stop_words=False)
        ]
        hits = searcher.search(library.Query.boolean_query(any_of), limit, count=False).hits if any_of else []
        return [searcher.doc(address)["row"][0] for _, address in hits]

    return answer


def tantivy_with_our_stems(texts: Sequence[tuple[str, str]]) -> Answer:
    """tantivy as `open_tantivy` has it, over texts."""
    folder = Path(mkdtemp())
    entries = (index_entry(Paper("10.1/1", *text)).postings for text in texts)
    _tantivy_of_stems(folder, (entry[:2] for entry in entries))
    return open_tantivy(folder)


def _tantivy_of_stems(folder: Path, rows: Iterable[tuple[str, str]]) -> None:
    import tantivy as library  # noqa: PLC0415 - optional

    schema = library.SchemaBuilder()
    schema.add_integer_field("row", stored=True, indexed=False)
    schema.add_text_field("stems", tokenizer_name="whitespace", index_option="freq")
    index = library.Index(schema.build(), path=str(folder))
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for row, (title, abstract) in enumerate(rows):
        writer.add_document(library.Document(row=row, stems=" ".join([*[title] * TITLE_COUNTS, abstract])))
    writer.commit()
    writer.wait_merging_threads()


PEERS: dict[str, Build] = {
    "FTS5": Fts5,
    "bm25s": bm25s,
    "tantivy": tantivy,
    "tantivy, our stems": tantivy_with_our_stems,
    "FTS5 + wordllama": wordllama,
}
BUILT: dict[str, Callable[[Path, Iterable[tuple[Paper, IndexEntry]]], None]] = {
    "FTS5": build_fts5,
    "tantivy": build_tantivy,
}
"""Indexes on disk."""
OPENED: dict[str, Callable[[Path], Answer]] = {"FTS5": open_fts5, "tantivy": open_tantivy}


def build(name: str, texts: Sequence[tuple[str, str]]) -> Answer | None:
    """One of PEERS over these texts; None if it is not installed."""
    with suppress(ImportError):
        return PEERS[name](texts)
    return None
