"""Text on its way out never breaks a character, a number or a terminal."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.text import characters, cut, printable, split, utf8, utf16, web_url

FAMILY = "👨‍👩‍👧‍👦"
MEASURES = (characters, utf16, utf8)
PIECES = (
    "word",
    "95.3%",
    "1,234",
    " ",
    "\n",
    "\n\n",
    "é",
    "e\u0301",
    FAMILY,
    "日本語。",
    "🇩🇪",
    "x" * 30,
    "…",
    "\u00a0",
)
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=20).map("".join)
quick = settings(max_examples=200, deadline=None)


def graphemes(text: str) -> list[str]:
    return regex.findall(r"\X", text)


def without_space(text: str) -> str:
    return "".join(text.split())


@quick
@given(texts, st.integers(0, 60), st.sampled_from(MEASURES))
def test_a_cut_text_fits_and_is_the_beginning(text, limit, measure):
    shown = cut(text, limit, measure)
    assert measure(shown) <= limit
    if shown != text:
        assert text.startswith(shown.removesuffix("…"))


@quick
@given(texts, st.integers(1, 60), st.sampled_from(MEASURES))
def test_a_cut_keeps_whole_graphemes(text, limit, measure):
    shown = cut(text, limit, measure)
    if shown != text:
        kept = graphemes(shown.removesuffix("…"))
        assert kept == graphemes(text)[: len(kept)]


@quick
@given(st.text("ab ", max_size=10), st.from_regex(r"[1-9][0-9]{1,3}\.[0-9]{1,3}%?", fullmatch=True), st.integers(1, 30))
def test_a_cut_never_shows_part_of_a_number(before, number, limit):
    text = f"{before}x{number} is more than before"
    digits = re.findall(r"\d[\d.]*%?", cut(text, limit))
    assert digits in ([], [number])


@quick
@given(texts, st.integers(4, 60), st.sampled_from(MEASURES))
def test_the_parts_fit_and_join_to_the_whole(text, limit, measure):
    parts = split(text, limit, measure)
    assert all(parts)
    assert all(measure(part) <= limit for part in parts)
    assert without_space("".join(parts)) == without_space(text)


@quick
@given(st.lists(st.sampled_from(["one", "two", "95.3%", FAMILY]), max_size=20), st.integers(12, 60))
def test_words_that_fit_are_never_split(words, limit):
    assert " ".join(split(" ".join(words), limit)).split() == words


def test_a_cut_ends_after_a_word():
    assert cut("We reach higher accuracy", 14) == "We reach…"
    assert cut("We reach, and hold, it", 11) == "We reach…"
    assert cut("short", 5) == "short"


def test_a_cut_without_room_for_the_ellipsis_is_empty():
    assert cut("anything", 2, ellipsis="...") == ""


def test_parts_prefer_paragraphs_then_sentences_then_words():
    assert split("First one here.\n\nSecond one", 20) == ["First one here.", "Second one"]
    assert split("It works well. And then some more", 24) == ["It works well.", "And then some more"]


def test_what_is_longer_than_a_part_is_split_all_the_same():
    assert split("1234567890", 4) == ["1234", "5678", "90"]
    assert "".join(split(FAMILY, 4, utf8)) == FAMILY


def test_a_part_too_small_for_one_character_is_refused():
    with pytest.raises(ValueError, match="at least 4"):
        split("abc", 3)


def test_each_platform_counts_its_own_way():
    assert [measure("é🚀") for measure in MEASURES] == [2, 3, 6]


@quick
@given(st.one_of(texts, st.text("\x1b\x9b\x9d\x07\\[];0mA\u202e\u200b\u200d👩x \t\n", max_size=40)), st.booleans())
def test_printable_text_is_harmless_and_stays_as_it_is(text, lines):
    shown = printable(text, lines=lines)
    for character in shown:
        category = unicodedata.category(character)
        assert category not in {"Cc", "Cs"} or (lines and character == "\n")
        assert unicodedata.bidirectional(character) not in {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }
        assert character not in "\u200b\u200c\u200e\u200f\u2060\ufeff\u00ad"
    assert printable(shown, lines=lines) == shown


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;https://evil\x1b\\safe\x1b]8;;\x1b\\", "safe"),
        ("\x9b2Jclear", "clear"),
        ("\x1b]0;never ended", "0;never ended"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("pay\u200bpal", "paypal"),
        ("a\tb\r\n  c", "a b c"),
        ("\x00nul\x7f", "nul"),
        (f"a {FAMILY} here", f"a {FAMILY} here"),
        ("a\u200db", "ab"),
        ("10\u00a0GB", "10\u00a0GB"),
    ],
)
def test_foreign_text_loses_what_could_act(foreign, shown):
    assert printable(foreign) == shown


def test_lines_and_indentation_stay_where_they_are_wanted():
    assert printable("@misc{a,\r\n\ttitle = {b}\n}", lines=True) == "@misc{a,\n    title = {b}\n}"


def test_accents_do_not_pile_up():
    assert len(printable("e" + "\u0301" * 500)) == 9


def test_hostile_text_takes_no_time():
    started = time.perf_counter()
    for hostile in (
        "\x9d" * 50_000,
        "\x1b]" * 50_000,
        "\u200d" * 50_000,
        "\x1b[" + "0;" * 50_000,
        "e" + "\u0301" * 50_000,
    ):
        printable(hostile)
        cut(hostile, 3_000)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize("url", ["https://arxiv.org/abs/2510.00001", "http://localhost:8000/x?y=1#z"])
def test_a_web_address_may_be_linked(url):
    assert web_url(url) == url


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "data:text/html,x", "//host/x", "https://", "https://user@host/", "https://h/\x1b[m",
     "https://h/\u202e", "https://h/ b", "https://[::1", "https://h:99999/", "https://h/" + "a" * 3_000],
)  # fmt: skip
def test_no_other_address_is_linked(url):
    assert web_url(url) is None


def test_an_address_cannot_end_its_brackets_or_quotes():
    assert web_url("https://h/<a>\"'b") == "https://h/%3Ca%3E%22%27b"
