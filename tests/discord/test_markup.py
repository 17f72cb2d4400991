"""Discord's markdown: how much of a paragraph fits, and what is done to its words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.discord.markup import escape, escaped_length, markdown, one_line, safe_url
from bot.model import Span

STYLED = [
    (Span("a title"), "a title"),
    (Span("a title", bold=True), "**a title**"),
    (Span("a title", italic=True), "*a title*"),
    (Span("a title", bold=True, italic=True), "***a title***"),
    (Span("a title", code=True), "`a title`"),
    (Span("a `title`", code=True), "a \\`title\\`"),
    (Span("a title", url="https://h/"), "[a title](<https://h/>)"),
    (Span("a title", url="https://h/", bold=True), "**[a title](<https://h/>)**"),
    (Span("a title", url="https://h/", code=True), "[a title](<https://h/>)"),
    (Span("R&D_x 🚀"), "R&D\\_x 🚀"),
]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(("span", "written"), STYLED)
def test_a_span_that_just_fits_is_whole_and_in_one_unit_less_it_is_cut(span: Span, written: str):
    assert markdown((span,), units(written)) == written
    cut = markdown((span,), units(written) - 1)
    assert cut != written
    assert "…" in cut
    assert units(cut) <= units(written) - 1


@pytest.mark.parametrize(("span", "written"), STYLED)
def test_in_a_paragraph_a_span_leaves_the_rest_of_the_room_to_the_next(span: Span, written: str):
    assert markdown((span, Span(" ab")), units(written) + 3) == f"{written} ab"
    assert markdown((span, Span(" abcd")), units(written) + 4) == f"{written} ab…"


def test_nothing_follows_what_was_cut_but_something_follows_words_that_end_in_dots():
    assert markdown((Span("word " * 5), Span("more")), 20) == "word word word…"
    assert markdown((Span("and so on…"), Span(" more")), 40) == "and so on… more"


def test_marks_stand_beside_words_on_each_line_and_blank_lines_go():
    assert markdown((Span(" a \n\n b", bold=True), Span(" c")), 100) == " **a**\n **b** c"
    assert markdown((Span(" \n\u200b"),), 100) == ""


def test_a_moment_is_shown_by_the_readers_clock_and_by_its_words_where_that_does_not_fit():
    due = Span("Sun 22 Nov, 09:00", at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    assert (
        markdown((Span("It comes "), due, Span(".")), 100) == "It comes <t:1795338000:F> your time (<t:1795338000:R>)."
    )
    assert markdown((due,), 20) == "Sun 22 Nov, 09\\:00"


def test_without_room_nothing_is_written():
    for span in (Span("word"), Span("word", url="https://h/"), Span("  ")):
        assert markdown((span,), 0) == ""
    assert markdown((Span("word", url="https://h/"),), 14) == ""


def test_an_address_of_five_hundred_and_twelve_units_is_a_link_and_a_longer_one_is_not():
    assert safe_url("https://h/" + "x" * 502) is not None
    assert safe_url("https://h/" + "x" * 503) is None
    assert safe_url("https://h/(a)") == "https://h/%28a%29"
    assert safe_url("javascript:x") is None
    assert safe_url(None) is None


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("1. a", "1\\. a"), ("12.", "12\\."), ("1.5", "1.5"), ("v. 1", "v. 1"), ("-5", "\\-5"), ("a:b", "a\\:b"),
        ("@x #y", "\\@x \\#y"), ("<a>", "\\<a\\>"), ("(a)[b]", "\\(a\\)\\[b\\]"), ("~|`*_\\", "\\~\\|\\`\\*\\_\\\\"),
    ],
)  # fmt: skip
def test_each_mark_is_escaped_once_and_counted(text: str, escaped: str):
    assert escape(text) == escaped
    assert escaped_length(text) == units(escaped)


def test_a_foreign_line_is_one_line():
    assert one_line(" a\n\tb\u200b ") == "a b"
