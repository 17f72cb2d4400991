"""Truncation never breaks a grapheme or a number, and printable text acts on no terminal or page."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from adapters.text import harmless, printable, truncate, utf16, web_url
from bot.model import Span
from tests.harness.examples import examples

FAMILY = "👨‍👩‍👧‍👦"
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
quick = examples(100)


def utf8(text: str) -> int:
    """Bytes: a measure that counts up to 4 for one code point."""
    return len(text.encode("utf-8", "surrogatepass"))


MEASURES = (len, utf16, utf8)


def graphemes(text: str) -> list[str]:
    return regex.findall(r"\X", text)


@quick
@given(texts, st.integers(0, 60), st.sampled_from(MEASURES))
def test_a_truncated_text_fits_and_is_the_beginning(text, limit, measure):
    result = truncate(text, limit, measure)
    assert measure(result) <= limit
    if result != text:
        assert text.startswith(result.removesuffix("…"))


@quick
@given(texts, st.integers(1, 60), st.sampled_from(MEASURES))
def test_a_truncation_keeps_whole_graphemes(text, limit, measure):
    result = truncate(text, limit, measure)
    if result != text:
        graphemes_left = graphemes(result.removesuffix("…"))
        assert graphemes_left == graphemes(text)[: len(graphemes_left)]


@quick
@given(st.text("ab ", max_size=10), st.from_regex(r"[1-9][0-9]{1,3}\.[0-9]{1,3}%?", fullmatch=True), st.integers(1, 30))
def test_a_truncation_never_shows_part_of_a_number(before, number, limit):
    text = f"{before}x{number} is more than before"
    digits = re.findall(r"\d[\d.]*%?", truncate(text, limit))
    assert digits in ([], [number])


def test_a_truncation_ends_after_a_word():
    assert truncate("We reach higher accuracy", 14) == "We reach…"
    assert truncate("We reach, and hold, it", 11) == "We reach…"
    assert truncate("short", 5) == truncate("short", 6) == truncate("short", 1_000) == "short"


def test_a_truncation_without_room_for_the_ellipsis_is_empty():
    assert truncate("anything", 2, ellipsis="...") == ""


def test_each_platform_counts_its_own_way():
    assert [measure("é🚀") for measure in MEASURES] == [2, 3, 6]


@quick
@given(st.one_of(texts, st.text("\x1b\x9b\x9d\x07\\[];0mA\u202e\u200b\u200d👩x \t\n", max_size=40)), st.booleans())
def test_printable_text_is_harmless_and_stays_as_it_is(text, lines):
    result = printable(text, lines=lines)
    for character in result:
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
        assert character not in "\u200b\u200e\u200f\u2060\ufeff\u00ad"
    assert printable(result, lines=lines) == result


@pytest.mark.parametrize(
    ("text", "result"),
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
def test_printable_text_has_no_escape_sequences_and_invisible_characters(text, result):
    assert printable(text) == result


def test_line_breaks_and_indentation_stay_with_lines():
    assert printable("@misc{a,\r\n\ttitle = {b}\n}", lines=True) == "@misc{a,\n    title = {b}\n}"


def test_accents_do_not_pile_up():
    assert len(printable("e" + "\u0301" * 500)) == 9


def test_hostile_text_takes_no_time():
    started = time.thread_time()
    for hostile in (
        "\x9d" * 50_000,
        "\x1b]" * 50_000,
        "\u200d" * 50_000,
        "\x1b[" + "0;" * 50_000,
        "e" + "\u0301" * 50_000,
    ):
        printable(hostile)
        truncate(hostile, 3_000)
    assert time.thread_time() - started < 3


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


def test_an_address_may_have_two_thousand_characters_and_any_port_but_none():
    assert web_url("https://h/" + "a" * 1_990) is not None
    assert web_url("https://h/" + "a" * 1_991) is None
    assert web_url("https://h:1/") == "https://h:1/"
    assert web_url("https://h:0/") is None


def test_a_truncation_ends_after_a_word_unless_that_loses_half():
    assert truncate("abcde fghijklmnop", 11) == "abcde…"
    assert truncate("abcd fghijklmnop", 11) == "abcd fghij…"
    assert truncate("abcd efgh", 5) == "abcd…", "a word that just fits is whole"
    assert truncate("abcde", 4) == "abc…"


def test_a_truncation_cuts_no_number_and_no_unit_of_it():
    assert truncate("It reaches95.3%ofall", 14) == "It reaches…"
    assert truncate("aaaa12345", 7) == "aaaa…"
    assert truncate("aaaaaa12345", 7) == "aaaaaa…"
    assert truncate("123456 is more", 4) == "…"


@pytest.mark.parametrize(("limit", "result"), [(3, "👩‍🚀…"), (2, "…")])
def test_a_truncation_counts_code_points_and_keeps_an_emoji_of_three_whole(limit, result):
    assert truncate("👩‍🚀👩‍🚀👩‍🚀", limit + 1) == result


def test_eight_accents_stay_and_a_ninth_goes():
    assert printable("e" + "\u0301" * 8) == "e" + "\u0301" * 8
    assert printable("e" + "\u0301" * 9) == "e" + "\u0301" * 8


def test_lines_of_plain_text_keep_double_spaces_and_a_single_line_does_not():
    assert printable("a  b", lines=True) == "a  b"
    assert printable("a  b") == "a b"
    assert printable("é  b", lines=True) == "é  b"
    assert printable("a\u2028b\vc\rd", lines=True) == "a\nb\nc\nd"


def test_a_harmless_span_keeps_its_lines_and_only_a_safe_address():
    span = Span("a\n\x1b[31mb", url="https://h/<", bold=True)
    assert harmless(span) == Span("a\nb", url="https://h/%3C", bold=True)
    assert harmless(Span("a", url="javascript:x")) == Span("a")
