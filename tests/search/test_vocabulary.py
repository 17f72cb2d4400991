"""The vocabulary that spelling is corrected by: near stems against the edit distance of every stem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.search.vocabulary import LONGEST, Vocabulary

letters = st.text(st.sampled_from("abcdéñ模型日\ud800"), min_size=1, max_size=9)
stems = st.builds(lambda prefix, stem: prefix + stem, st.sampled_from(["", "", "@", "#"]), letters)


def vocabulary(*words: str) -> Vocabulary:
    text = "\n".join(words).encode("utf-8", "surrogatepass")
    return Vocabulary(np.frombuffer(text, np.uint8), np.arange(1, len(words) + 1))


def _belongs(word: str, prefix: str) -> bool:
    return word.startswith(prefix) if prefix else word[0] not in "@#"


@given(st.lists(stems, unique=True, max_size=30), letters, st.integers(1, 2), st.sampled_from(["", "@"]))
def test_near_stems_are_those_within_the_distance(words: list[str], stem: str, distance: int, prefix: str) -> None:
    others = [word.removeprefix(prefix) for word in words if _belongs(word, prefix)]
    expected = {word: OSA.distance(stem, word) for word in others if OSA.distance(stem, word) <= distance}
    made = vocabulary(*words)
    assert {near.stem: near.edits for near in made.near(stem, distance, prefix)} == expected
    assert (list(made), len(made)) == (words, len(words))


def test_the_nearest_come_first_and_of_equal_ones_those_of_most_papers() -> None:
    near = vocabulary("video", "vidoe", "videa", "vidio", "heat").near("vidoe", 2)
    assert [(each.stem, each.edits, each.holders) for each in near] == [
        ("vidoe", 0, 2),
        ("video", 1, 1),
        ("vidio", 2, 4),
        ("videa", 2, 3),
    ]


def test_stems_that_are_too_long_are_no_corrections() -> None:
    assert not vocabulary("a" * (LONGEST + 1)).near("a" * (LONGEST + 1), 1)
    assert not vocabulary("日" * 400, "heat").near("日" * 400, 1)


@pytest.mark.parametrize("made", [Vocabulary.empty(), vocabulary("x" * 70_000, *(f"stem{i}" for i in range(20_000)))])
def test_an_empty_vocabulary_and_one_of_several_blocks_answer(made: Vocabulary) -> None:
    assert [each.stem for each in made.near("stem1999", 1)][:1] == ["stem1999"] * bool(len(made))
