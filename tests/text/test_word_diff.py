"""What changed between two abstracts, as a reader would want it told."""

from __future__ import annotations

import pytest

from bot.text.word_diff import Change, word_diff

TEXT = (
    "Large models forget. We propose Quill, which keeps what matters in a small cache. On three benchmarks it is 12.3% "
    "more accurate than the best baseline, and needs half of the memory. Code will be released."
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("forget. We", "forget.\n  We"),
        ("accurate", "acurate"),
        ("We propose", "we propose"),
        ("benchmarks it is", "benchmarks, it is"),
        ("12.3%", r"$12.3\%$"),
        ("small cache", "tiny cache"),
        ("baseline", "baselines"),
        ("half of the", "half the"),
    ],
)
def test_small_changes_are_none(old: str, new: str) -> None:
    assert old in TEXT
    assert not word_diff(TEXT, TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("12.3%", "9.1%", [Change("12.3%", "9.1%")]),
        ("three benchmarks", "5 benchmarks", [Change("three", "5")]),
        (" Code will be released.", "", [Change("Code will be released.", "")]),
        (
            "Code will be released.",
            "Code and weights are at example.org.",
            [Change("will be released.", "and weights are at example.org.")],
        ),
        (
            "keeps what matters in a small cache. On three",
            "drops what does not matter. In a large study on four",
            [
                Change(
                    "keeps what matters in a small cache. On three",
                    "drops what does not matter. In a large study on four",
                )
            ],
        ),
    ],
)
def test_what_is_told(old: str, new: str, changes: list[Change]) -> None:
    diff = word_diff(TEXT, TEXT.replace(old, new))
    if len(changes) == 1 and changes[0].after == "":
        assert not diff  # four words
        return
    assert ([each[:2] for each in diff.changes], diff.rewritten) == ([each[:2] for each in changes], False)


def test_a_text_that_was_written_anew_is_not_taken_apart() -> None:
    other = " ".join(f"word{n}" for n in range(40))
    assert word_diff(TEXT, other) == ((), True)


def test_empty_and_endless_texts() -> None:
    assert not word_diff("", "")
    assert word_diff("", TEXT).changes == (Change("", TEXT),)
    assert word_diff("a " * 100_000, "b " * 100_000)


def test_a_change_has_the_words_around_it() -> None:
    [change] = word_diff(TEXT, TEXT.replace("12.3%", "9.1%")).changes
    assert (change.lead, change.tail) == ("three benchmarks it is", "more accurate than the")
