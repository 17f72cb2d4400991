"""Spelling correction: which words are corrected, and what the results say about it."""

from __future__ import annotations

import pytest

from bot.search import Search
from tests.harness.store import new_store
from tests.search.test_search import NOW, numbers, search, store

__all__ = ["search", "store"]


@pytest.mark.parametrize(
    ("query", "expected", "word"),
    [
        ("difusion", [1, 2], "diffusion"),
        ("vidoes", [1, 3], "videos"),
        ("tactlie robot", [9, 10], "tactile"),
        ("speculatvie decodnig", [4, 5], "decoding"),
        ("Hugehs", [3], "hughes"),
        ("multimodl retrieval", [6], "multimodal"),
    ],
)
async def test_a_misspelt_word_is_corrected_and_named(
    search: Search, query: str, expected: list[int], word: str
) -> None:
    results = await search.search(query, limit=10, now=NOW)
    assert sorted(numbers(results)) == sorted(expected)
    assert word in [correction.corrected for correction in results.corrections]


@pytest.mark.parametrize(
    "query", ["xyz", '"difusion models"', "gpt5", "zyzzyvas", "videograph", "video", "heat -difusion"]
)
async def test_words_without_a_near_stem_and_phrases_are_left_as_typed(search: Search, query: str) -> None:
    assert not (await search.search(query, limit=10, now=NOW)).corrections


async def test_an_empty_store_has_nothing_to_guess_from(tmp_path) -> None:
    with new_store(tmp_path / "empty.db") as empty:
        results = await Search(empty).search("difusion", limit=3, now=NOW)
    assert (results.hits, results.corrections) == ((), ())
