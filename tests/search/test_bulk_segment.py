"""Entries of many papers at once: those that each has by itself."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embeddings import embedding_text, static
from bot.model import Paper
from bot.model.segment import UnindexedPaper
from bot.search.bulk_segment import BulkIndexer
from bot.search.segment import Segment
from bot.search.segments import index_entry
from bot.sources.jsonl import read_file
from bot.text import word_set
from tests.harness.recordings import DATA

SAMPLE = Path(__file__).parents[2] / "bot" / "sources" / "sample" / "week.jsonl"
ODD = (
    Paper("1", "", ""),
    Paper("2", "Multi-modal multimodal", "A pre-trained multi-modal C++ model, pretrained: $\\alpha_1$ &amp; β"),
    Paper("3", "The", "the of and", authors=("Byung-Kwan Lee", "Lee Byung", "李 明")),
    Paper("4", "中文 ア 한국", "state-of-the-art/real-time x-ray state-of-the-art", categories=("cs.CL", "a b")),
    Paper("5", "a\ud800b", "x" * 400 + " y-" * 90, code_url="https://x.org", comment="ICLR2025", organization="B W"),
    Paper("6", "same same same", "same " * 300, listed_at=datetime(2026, 1, 2, tzinfo=UTC)),
)  # fmt: skip


def check_same(papers: list[Paper], indexer: BulkIndexer) -> None:
    unindexed = [UnindexedPaper(number, number % 3, paper) for number, paper in enumerate(papers, 7)][::-1]
    single = {each.number: index_entry(each.paper) for each in unindexed}
    entries, new, _ = indexer.indexed(unindexed)
    assert [(each.number, each.change, each.entry.order) for each in entries] == [
        (number, number % 3, single[number].order) for number in sorted(single)
    ]
    expected = Segment.of({number: entry.postings for number, entry in single.items()})
    segment = Segment.from_bytes(bytes(new.data))
    assert (new.kind, new.papers) == ("words", len(papers))
    for each in fields(Segment):
        np.testing.assert_array_equal(getattr(segment, each.name), getattr(expected, each.name), each.name)


def test_odd_papers_have_the_entries_that_each_has_by_itself() -> None:
    indexer = BulkIndexer()
    check_same(list(ODD), indexer)
    check_same(list(ODD[::-1]) * 3, indexer)
    check_same([ODD[0]], BulkIndexer())


_PARTS = (
    *word_set(r"$ \\ { } ~ `` '' -- &amp; & ; <i> </i> ^ _ \cite{a} \alpha word β - 中"),
    *("$5 ", " ", "Two words.", "\u0301", "\ue000", "x" * 3_000, "so many " * 300),
)
_TEXTS = st.lists(st.sampled_from(sorted(_PARTS)), max_size=6).map("".join) | st.text(max_size=40)
_BULK = BulkIndexer(static.load())


@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=4))
def test_vectors_are_those_of_the_texts_one_by_one(texts: list[tuple[str, str]]) -> None:
    papers = [UnindexedPaper(at, 0, Paper(str(at), *text)) for at, text in enumerate(texts, 1)]
    vectors = _BULK.indexed(papers).vectors
    np.testing.assert_array_equal(vectors, static.load().embed([embedding_text(*text) for text in texts]))


def test_what_is_known_of_words_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.search.bulk_segment._TERMS_KEPT", 30)
    monkeypatch.setattr("bot.search.bulk_segment._PIECES_KEPT", 7)
    indexer = BulkIndexer()
    papers = list(read_file(SAMPLE).papers)
    for start in range(0, 60, 20):
        check_same(papers[start : start + 20], indexer)


@pytest.mark.skipif(not DATA.exists(), reason="no data beside the project")
def test_thousands_of_real_papers_have_the_entries_that_each_has_by_itself() -> None:
    check_same(list(read_file(DATA / "hf_daily_papers" / "papers.jsonl.gz").papers), BulkIndexer())
