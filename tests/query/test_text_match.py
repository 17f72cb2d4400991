"""A query over papers without an index matches what it matches in one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Paper
from bot.query import text_match
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.query.parser import parse
from bot.query.text_match import UnindexedDocuments
from tests.harness.examples import examples

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
_WORDS = [
    "video", "videos", "diffusion", "multi", "modal", "multi-modal", "multimodal", "the", "of", "and",
    "multi-modal-model", "state-of-the-art", "it's", "don't", "c++", "c#", "3.5", "model", "models", "模型", "大模型",
    r"$\alpha$-bench", "α-bench", r"\emph{model}", "R&amp;D", "<b>video</b>", "|", ",", ".", "u.s.", "---", "naïve",
]  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join)
_TERMS = st.tuples(st.sampled_from(["", "-"]), _TEXTS, st.booleans()).map(
    lambda term: f'{term[0]}"{term[1]}"' if term[2] else " ".join(term[0] + word for word in term[1].split())
)
_FIELDS = st.sampled_from(["", "cat:cs.CL", "-cat:cs.CL", "min:5", "like:2511.00001", "-like:2511.00001", "| video"])


def neighbours(paper_id: str) -> list[str]:
    return ["2511.00000", "2511.00003"] if paper_id == "2511.00001" else []


@given(
    st.lists(st.tuples(_TEXTS, _TEXTS, st.sampled_from(["cs.CL", "stat.ML"])), max_size=6),
    st.lists(st.one_of(_TERMS, _FIELDS), min_size=1, max_size=4).map(" ".join),
)
@examples(300)
def test_the_same_papers_match_as_in_an_index(texts: list[tuple[str, str, str]], text: str) -> None:
    papers = [
        Document(Paper(f"2511.{number:05d}", title, abstract, categories=(category,)), number)
        for number, (title, abstract, category) in enumerate(texts)
    ]
    try:
        query = parse(text)
    except QueryError:
        return
    indexed = Documents(papers, NOW, neighbours=neighbours).matching(query)
    assert UnindexedDocuments(papers, NOW, neighbours).matching(query) == indexed


def test_texts_are_read_once_and_only_of_papers_that_meet_the_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [
        Document(Paper(f"2511.{number:05d}", "A video model", categories=(category,)))
        for number, category in enumerate(["cs.CL", "stat.ML", "cs.CL"])
    ]
    ids: list[str] = []
    texts = text_match._texts

    def counted(paper: Paper) -> tuple[str, str]:
        ids.append(paper.id)
        return texts(paper)

    monkeypatch.setattr(text_match, "_texts", counted)
    documents = UnindexedDocuments(papers, NOW, lambda _: ())
    assert [*documents.matching(parse('"video model" "a video" cat:cs.CL'))] == [0, 2]
    assert ids == ["2511.00000", "2511.00002"]
