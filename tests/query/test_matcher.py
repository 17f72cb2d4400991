"""What queries mean for papers: one by one, and a thousand at a time."""

from __future__ import annotations

import gzip
import json
import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Paper
from bot.query.matcher import DUPLICATE_THRESHOLD, LIKE_THRESHOLD, Document, Documents, bits, mask_of, matches
from bot.query.parser import parse, strict

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
DATA = Path(os.environ.get("PAPERBOY_DATA", Path(__file__).parents[3] / "shared" / "data"))

PAPER = Paper(
    id="2511.00001",
    title="Retrieval-Augmented Video Diffusion",
    abstract="We make multi-modal models faster by speculative decoding, on $\\alpha$-Bench in C++. 大模型很快。",
    authors=("Yejin Choi", "Byung-Kwan Lee", "José Á. García"),
    listed_at=NOW - timedelta(days=3),
    categories=("cs.CL", "stat.ML"),
    organization="NVIDIA Research",
    code_url="https://example.org/code",
    comment="12 pages, accepted at NeurIPS2025 (spotlight)",
)
UNKNOWN = Paper(id="2511.00002", title="Nothing known")


def found(text: str, paper: Paper = PAPER, upvotes: float | None = 30) -> bool:
    return matches(parse(text), Document(paper, upvotes), NOW) is not None


@pytest.mark.parametrize(
    "text",
    [
        "video diffusion",
        "DIFFUSIONS",
        "retrieval augmented",
        "retrieval-augmented",
        "retrievalaugmented",
        "multimodal",
        "multi-modal",
        '"multimodal models"',
        '"Multi-modal model"',
        '"speculative decoding"',
        "the video",
        "alpha-bench",
        "c++",
        "大模型",
        '"模型很"',
        "cat:cs.CL",
        "cat:CS.cl",
        "cat:cs",
        "cat:stat",
        'author:"Yejin Choi"',
        'author:"Y. Choi"',
        'author:"choi yejin"',
        "author:choi",
        'author:"Byungkwan Lee"',
        'author:"B.-K. Lee"',
        'author:"Jose Garcia"',
        "org:nvidia",
        'org:"nvidia research"',
        "venue:neurips",
        'venue:"NeurIPS 2025"',
        "has:code",
        "since:4d",
        "min:30",
        "nothing | video",
        "video -audio -has:project",
    ],
)
def test_it_matches(text: str):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "audio",
        "video audio",
        '"decoding speculative"',
        '"diffusion we"',
        '"video decoding"',
        "型大",
        "cat:cs.CV",
        "cat:c",
        'author:"Yejin Lee"',
        'author:"Z. Choi"',
        "author:cho",
        'author:"Choi Choi"',
        "org:nvid",
        'org:"research nvidia"',
        "venue:eurips",
        "has:project",
        "since:2d",
        "min:31",
        "video -diffusion",
        'video -"speculative decoding"',
        "video -cat:cs",
    ],
)
def test_it_does_not_match(text: str):
    assert not found(text)


@pytest.mark.parametrize(
    "field", ["cat:cs", "author:choi", "org:nvidia", "venue:neurips", "has:code", "has:project", "since:7d", "min:0"]
)
def test_the_unknown_never_matches_and_its_negation_does(field: str):
    assert not found(field, UNKNOWN, upvotes=None)
    assert found(f"nothing -{field}", UNKNOWN, upvotes=None)


def test_like_an_unknown_paper_matches_nothing():
    assert not found("like:2405.14105")


def test_initials_match_on_either_side():
    paper = Paper(id="2511.00003", title="x", authors=("Y. LeCun",))
    assert found('author:"Yann LeCun"', paper)
    assert not found('author:"Zann LeCun"', paper)


def test_a_match_says_which_terms_of_which_alternative():
    match = matches(parse("audio | video -medical cat:cs.CL"), Document(PAPER), NOW)
    assert match is not None
    assert match.terms == ("video", "-medical", "cat:cs.CL")


def test_the_filters_of_a_query_work_on_their_own():
    only = strict(parse("anything -video"))
    assert only is not None
    assert matches(only, Document(PAPER), NOW) is None
    assert matches(only, Document(UNKNOWN), NOW) is not None


def twins() -> Documents:
    about = "speculative decoding drafts tokens cheaply and verifies drafts in parallel with the large target model"
    papers = [
        Paper("2511.1", "Draft and verify", f"We study {about}."),
        Paper("2511.2", "Verify what was drafted", f"Here {about} again."),
        Paper("2511.3", "Gaussian splats of cities", "We reconstruct streets from aerial photographs with splats."),
    ]
    liked = Paper("2405.9", "Streets", "Gaussian splats reconstruct streets and cities from photographs.")
    return Documents([Document(paper) for paper in papers], NOW, liked={liked.id: liked})


def test_papers_that_say_the_same_are_near_and_others_are_not():
    documents = twins()
    assert documents.cosine(0, 1) == documents.cosine(1, 0) > DUPLICATE_THRESHOLD
    assert documents.cosine(0, 2) < LIKE_THRESHOLD
    assert documents.cosine(0, 0) == pytest.approx(1)


def test_similar_agrees_with_cosine_and_leaves_the_paper_itself_out():
    documents = twins()
    first = Paper("2511.1", "Draft and verify", "We study speculative decoding drafts and the large target model.")
    assert documents.similar(first)[0][0] == 1
    assert 0 not in [position for position, _ in documents.similar(first)]


def test_like_finds_neighbours_of_papers_here_and_elsewhere():
    documents = twins()
    assert documents.matching(parse("like:2511.00001")) == 0
    assert documents.positions(parse("like:2405.00009")) == []
    known = Paper("2405.00009", "Streets", "Gaussian splats reconstruct streets and cities from photographs.")
    papers = [Paper("2511.00001", "Gaussian splats of cities", "Streets from photographs."), UNKNOWN]
    documents = Documents([Document(paper) for paper in papers], NOW, liked={known.id: known})
    assert documents.positions(parse("like:2405.00009")) == [0]
    assert documents.positions(parse("like:2511.00001")) == [0]
    assert documents.positions(parse("nothing -like:2405.00009")) == [1]


def test_neighbours_by_meaning_replace_the_lexical_ones():
    documents = Documents([Document(PAPER), Document(UNKNOWN)], NOW, neighbours=lambda _: {UNKNOWN.id})
    assert documents.positions(parse("like:2405.14105")) == [1]
    assert documents.positions(parse(f"like:{PAPER.id}")) == [0, 1]


@given(st.sets(st.integers(0, 300)))
def test_bits_and_masks_are_each_others_inverse(positions: set[int]):
    assert bits(mask_of(positions)) == sorted(positions)


VOCABULARY = ["video", "audio", "model", "multi-modal", "multimodal", "speculative", "decoding", "大", "fast"]
TEXTS = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(" ".join)
TERMS = st.one_of(TEXTS, TEXTS.map(lambda text: f'"{text}"'), st.sampled_from(["has:code", "min:5", "cat:cs"]))


@given(st.lists(TEXTS, min_size=1, max_size=5), st.lists(TERMS, min_size=1, max_size=3), st.booleans())
@settings(max_examples=150, deadline=None)
def test_many_at_once_is_the_same_as_one_by_one(texts: list[str], terms: list[str], either: bool):
    query = parse((" | " if either else " ").join(terms))
    papers = [Paper(str(i), text, code_url="x" if i % 2 else None) for i, text in enumerate(texts)]
    together = Documents([Document(paper, i * 3) for i, paper in enumerate(papers)], NOW)
    alone = [i for i, paper in enumerate(papers) if matches(query, Document(paper, i * 3), NOW)]
    assert together.positions(query) == alone
    assert [i for i in range(len(papers)) if together.match(query, i)] == alone


def test_a_thousand_queries_over_a_thousand_papers_take_no_time():
    dice = random.Random(7)
    vocabulary = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("ra", "ton", "ling", "x", "mer")]
    papers = [
        Paper(str(i), " ".join(dice.choices(vocabulary, k=10)), " ".join(dice.choices(vocabulary, k=150)))
        for i in range(1000)
    ]
    pairs = [dice.choices(vocabulary, k=2) for _ in range(1000)]
    shapes = ("{} {}", '"{} {}"', "{} -{}", "{} | {}")
    queries = [parse(shapes[i % 4].format(*pair)) for i, pair in enumerate(pairs)]
    started = time.perf_counter()
    documents = Documents([Document(paper) for paper in papers], NOW)
    matched = sum(1 for query in queries if documents.matching(query))
    # The promise is 1.5 s on two cores; a crowded machine gets twice that.
    assert time.perf_counter() - started < 3
    assert matched > 700


@pytest.mark.skipif(not (DATA / "seed_papers.jsonl.gz").exists(), reason="the evaluation data is not on this machine")
def test_real_near_duplicates_are_seen_and_real_strangers_are_not():
    with gzip.open(DATA / "seed_papers.jsonl.gz", "rt") as lines:
        told = [json.loads(line) for line in lines]
    documents = Documents([Document(Paper(str(i), t["title"], t["abstract"])) for i, t in enumerate(told)], NOW)
    near = [(a, b) for a in range(len(told)) for b in range(a) if documents.cosine(a, b) >= DUPLICATE_THRESHOLD]
    assert 3 <= len(near) <= 30
    assert any(
        told[a]["title"].startswith("4Real-Video") and told[b]["title"].startswith("4Real-Video") for a, b in near
    )
