"""The analyser: the same stems for the same words, however they are written."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowballstemmer.english_stemmer import EnglishStemmer

from bot.text.analyzer import (
    LONGEST,
    Memo,
    index_stems,
    normalise,
    piece_stems,
    stem_readings,
    stem_spans,
    stems,
    words,
)
from tests.harness.examples import examples

SAMPLE = Path(__file__).parents[2] / "bot" / "sources" / "sample" / "week.jsonl"


def test_hyphens_split_so_that_both_spellings_meet():
    assert stems("Retrieval-Augmented generation") == stems("retrieval augmented generations")


def test_a_hyphenated_word_also_reads_as_one():
    assert stem_readings("multi-modal")[1] == stems("multimodal")
    assert stem_readings("GPT-4o")[1] == stems("gpt4o")
    assert stem_readings("plain words")[0] == stem_readings("plain words")[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPT-4o, Llama-3.1!", ["gpt", "4o", "llama", "3.1"]),
        ("C++ and C# but not f", ["c++", "and", "c#", "but", "not", "f"]),
        ("k-means", ["k", "means"]),
        ("Fine. Tuned in 2024. Next", ["fine", "tuned", "in", "2024", "next"]),
        ("Łukasz Żółć, café, Straße", ["lukasz", "zolc", "cafe", "strasse"]),
        ("e\u0301tude ｆｕｌｌ ﬁne", ["etude", "full", "fine"]),
        ("model’s “quoted”", ["model's", "quoted"]),
        (r"$\alpha$-VAE and \textbf{Bo}ld", ["alpha", "vae", "and", "bold"]),
        ("π0 snake_case", ["pi0", "snake", "case"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zero", "width", "softhyphen"]),
        ("", []),
        ("!?… --", []),
    ],
)
def test_words_are_split_as_people_read_them(text: str, expected: list[str]):
    assert words(text) == expected


def test_each_chinese_and_japanese_character_is_a_word_and_keeps_its_marks():
    assert stems("大模型 video") == ["大", "模", "型", "video"]
    assert stems("が") == ["が"] != stems("か")


def test_stop_words_go_only_where_asked():
    assert stems("the state of the art") == ["the", "state", "of", "the", "art"]
    assert stems("the state of the art", stop_words=False) == ["state", "art"]


def test_spans_are_of_the_original_text():
    text = "  Générations of Multi-Modal\n(video)models,  "
    matches = [text[start:end] for start, end in stem_spans(text, frozenset(stems("generation model")))]
    assert matches == ["Générations", "models"]


def test_an_endless_word_is_cut():
    assert stems("x" * 5000) == ["x" * LONGEST]


def test_threads_do_not_disturb_each_other():
    vocabulary = [f"generalisation{letter}s walking{letter}ly" for letter in "abcdefghijklmnop"]
    expected = [stems(text.upper()) for text in vocabulary]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stems, vocabulary * 20)) == expected * 20


@given(st.text(max_size=200))
@examples(100)
def test_any_text_has_stems_and_folding_twice_is_folding_once(text: str):
    assert all(stem and not stem.isspace() for stem in stems(text))
    folded = normalise(text)
    assert words(folded) == words(normalise(folded))


@pytest.mark.parametrize("unit", ["a", "-", "a-", "1.", "\\", "$", "é", "a'", "大", " "])
def test_fifty_thousand_characters_take_no_time(unit: str):
    started = time.thread_time()
    stem_readings(unit * (50_000 // len(unit)))
    assert time.thread_time() - started < 1


def test_both_stemmers_have_the_same_stems() -> None:
    compiled = pytest.importorskip("Stemmer").Stemmer("english", 0)
    listed = set(re.findall(r"[^\W_]+", SAMPLE.read_text(encoding="utf-8").lower()))
    endings = ("", "ing", "ed", "ly", "ies", "ational", "fulness", "'s")
    every = [word + ending for word in sorted(listed) for ending in endings]
    assert compiled.stemWords(every) == EnglishStemmer().stemWords(every)


def test_a_text_is_read_alike_whatever_was_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.text.analyzer._pieces", Memo(piece_stems, 3))
    text = "Multi-modal graphs, (state-of-the-art) graphs; multi-modal C++ and $x$ 3.5-fold."
    first = index_stems(text)
    assert [index_stems(text) for _ in range(3)] == [first] * 3
    assert first[1] == ["multimod", "stateoftheart", "3.5fold"]
