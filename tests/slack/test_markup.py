"""Foreign text is shown as it was written, and does nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from adapters.slack import limits
from adapters.slack.markup import (
    has_autolinks,
    mrkdwn,
    mrkdwn_length,
    plain_text,
    rich_text_elements,
    safe_url,
    shorten,
    to_paragraph,
)
from bot.model import Span
from tests.harness.examples import examples
from tests.harness.strategies import SPANS, TEXT
from tests.slack.fake import reading


def written(*spans: Span) -> str | None:
    return mrkdwn(to_paragraph(spans))


def read_rich(elements: list[dict[str, object]]) -> reading.Reading:
    return reading._rich({"type": "rich_text_section", "elements": elements})


def test_plain_words_are_mrkdwn_with_three_characters_escaped():
    assert written(Span("R&D at <5 % > 3")) == "R&amp;D at &lt;5 % &gt; 3"


def test_styles_and_links_are_mrkdwn():
    text = written(
        Span("1. "), Span("Title", url="https://h/?a=1&b=2", bold=True), Span(" — "), Span("so", italic=True)
    )
    assert text == "1. *<https://h/?a=1&amp;b=2|Title>* — _so_"


def test_formatting_ends_before_a_line_break_and_spaces():
    assert written(Span("\n a \nb ", italic=True), Span("c")) == " _a_ \n_b_ c"


MARKED = ["*bold*", "_it_", "~x~", "`code`", ":smile:", ":+1:", "C*", "x_i", "~10", "10:30:45", "a *b", "<!x> *"]
QUOTED = ["> quote", "  > quote", "a\n> b"]


@pytest.mark.parametrize("text", MARKED + QUOTED)
def test_what_slack_could_take_for_markup_becomes_rich_text(text: str):
    paragraph = to_paragraph((Span(text),))
    assert mrkdwn(paragraph) is None
    assert read_rich(rich_text_elements(paragraph)).shown == text.strip("\n")


@pytest.mark.parametrize("text", ["扩", "a", "-", "“", "*"])
def test_formatting_that_slack_would_not_draw_beside_a_letter_becomes_rich_text(text: str):
    assert written(Span(text), Span("模型", bold=True)) is None
    assert written(Span("模型", bold=True), Span(text)) is None


def test_bullets_and_single_colons_stay_what_they_are():
    assert written(Span("• Scaling: a study - of 1. things")) == "• Scaling: a study - of 1. things"


def test_two_styled_neighbours_become_rich_text():
    assert written(Span("a", bold=True), Span("b", italic=True)) is None
    assert rich_text_elements(to_paragraph((Span("a", bold=True), Span("b", italic=True, code=True)))) == [
        {"type": "text", "text": "a", "style": {"bold": True}},
        {"type": "text", "text": "b", "style": {"italic": True, "code": True}},
    ]


def test_no_string_of_a_rich_text_is_a_mention():
    texts = [element["text"] for element in rich_text_elements(to_paragraph((Span("*<!channel> <@U1> <#C1> a<b"),)))]
    assert texts == ["*<", "!channel> <", "@U1> <", "#C1> a<b"]


def test_latex_is_shown_as_it_is():
    latex = r"$\mathcal{L}_1 = \sum_{i} x_i^{*}$"
    assert plain_text(to_paragraph((Span(latex),))) == latex
    assert read_rich(rich_text_elements(to_paragraph((Span(latex),)))).shown == latex


def test_direction_marks_and_zero_width_characters_are_gone():
    assert written(Span("a\u202eb\u2066c\u200bd\ufeffe\x00f")) == "abcdef"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://h/", "https://u:p@h/", "https:///x", "https://h/" + "&" * 500]
)
def test_only_web_addresses_become_links(url: str):
    assert safe_url(url) is None
    assert written(Span("a", url=url)) == "a"


def test_an_address_cannot_end_its_link_early():
    assert written(Span("a", url="https://h/|x>y<z")) == "<https://h/%7Cx%3Ey%3Cz|a>"


def test_a_moment_is_shown_by_the_readers_clock_and_falls_back_to_its_words():
    nine = Span("Sun 22 Nov, 09:00 (UTC)", at=datetime(2026, 11, 22, 9, tzinfo=UTC))
    date = "{date_short_pretty} at {time} your time"
    assert written(Span("It comes "), nine, Span(".")) == f"It comes <!date^1795338000^{date}|Sun 22 Nov, 09:00 (UTC)>."
    paragraph = to_paragraph((Span("*It* comes "), nine))
    assert mrkdwn(paragraph) is None
    element = {"type": "date", "timestamp": 1_795_338_000, "format": date, "fallback": "Sun 22 Nov, 09:00 (UTC)"}
    assert rich_text_elements(paragraph)[-1] == element
    assert "date" not in str(written(replace(nine, url="https://h/"))), "a link stays one"


def test_bare_addresses_and_names_are_noticed():
    for text in ("see evil.example", "http://x", "@here", "#general"):
        assert has_autolinks(to_paragraph((Span(text),))), text
    assert not has_autolinks(to_paragraph((Span("12.5 % of 2510.18866 · v1. Next", url="https://arxiv.org"),)))


@given(SPANS, SPANS, SPANS)
@examples(75)
def test_every_paragraph_reads_as_it_was_meant_and_pings_nobody(first: Span, second: Span, third: Span):
    paragraph = to_paragraph((first, second, third))
    as_mrkdwn = mrkdwn(paragraph)
    read = read_rich(rich_text_elements(paragraph)) if as_mrkdwn is None else reading.mrkdwn(as_mrkdwn, verbatim=True)
    assert read.shown == plain_text(paragraph)
    assert read.pings == []
    assert [url for url, _ in read.links if not url.startswith(("http://", "https://"))] == []
    urls = {span.url for line in paragraph for span in line if span.url}
    assert {url for url, _ in read.links} == urls
    assert as_mrkdwn is None or len(as_mrkdwn) <= mrkdwn_length(paragraph)


@given(SPANS, SPANS, TEXT)
@examples(80)
def test_a_shortened_paragraph_fits_and_no_entity_or_link_is_cut(first: Span, second: Span, text: str):
    paragraph = to_paragraph((first, Span("\n"), second, Span(text)))
    for most in (40, 300, limits.SECTION):
        short = shorten(paragraph, most)
        assert mrkdwn_length(short) <= most
        assert not paragraph or plain_text(short).strip()
        if (as_mrkdwn := mrkdwn(short)) is not None:
            assert len(as_mrkdwn) <= most
            assert reading.mrkdwn(as_mrkdwn, verbatim=True).shown == plain_text(short)


def test_the_longest_line_gives_way_and_the_facts_below_it_stay():
    title, facts = Span("Title", url="https://h/", bold=True), Span("\n▲ 132 · 2405.14105", italic=True)
    short = shorten(to_paragraph((title, Span("\n" + "word " * 100), facts)), 200)
    assert plain_text(short).startswith("Title\nword word")
    assert plain_text(short).endswith("word…\n▲ 132 · 2405.14105")


def test_an_address_that_leaves_no_room_for_words_is_dropped_before_them():
    paragraph = to_paragraph((Span("A title of some length", url="https://h/" + "x" * 900),))
    assert shorten(paragraph, 230) == ((Span("A title of some length"),),)


def test_a_link_may_have_two_thousand_characters_of_address_once_escaped():
    for url, is_safe in (("https://h/" + "x" * 1_990, True), ("https://h/" + "x" * 1_991, False)):
        assert (safe_url(url) is not None) is is_safe
    assert safe_url("https://h/?" + "&" * 397 + "xxxx") is not None
    assert safe_url("https://h/?" + "&" * 397 + "xxxxx") is None, "each & is five characters in a link"


@pytest.mark.parametrize(
    "span",
    [
        Span("a & b"),
        Span("Title", bold=True),
        Span("Title", italic=True),
        Span("Title", code=True),
        Span("Title", bold=True, italic=True),
        Span("R&D", url="https://h/?a=1&b=2", bold=True),
        Span("one\ntwo\n\nthree", italic=True),
    ],
)
def test_the_length_of_plain_and_styled_text_is_that_of_its_mrkdwn(span: Span):
    paragraph = to_paragraph((span,))
    assert mrkdwn_length(paragraph) == len(str(mrkdwn(paragraph)))
    assert shorten(paragraph, mrkdwn_length(paragraph)) == paragraph
    assert shorten(paragraph, mrkdwn_length(paragraph) - 1) != paragraph


def test_the_longest_line_keeps_a_third_of_the_room_or_the_end_is_cut():
    facts = Span("\n" + "f" * 199)
    kept = shorten(to_paragraph((Span("t" * 500), facts)), 300)
    assert [len(plain_text((line,))) for line in kept] == [100, 199]
    cut = shorten(to_paragraph((Span("t" * 500), facts, Span("f"))), 300)
    assert [len(plain_text((line,))) for line in cut] == [300]


def test_lines_before_the_cut_stay_whole_and_line_breaks_count():
    lines = [Span("a" * 90), *(Span("\n" + letter * 90) for letter in "bcd")]
    short = shorten(to_paragraph(tuple(lines)), 200)
    assert plain_text(short) == "\n".join(["a" * 90, "b" * 90, "c" * 17 + "…"])


@pytest.mark.parametrize(("room", "linked"), [(20, True), (19, False)])
def test_a_link_keeps_its_address_while_twenty_characters_of_its_words_fit(room: int, linked: bool):
    url = "https://h/" + "x" * 30
    paragraph = to_paragraph((Span("word " * 9, url=url),))
    [[span]] = shorten(paragraph, len(url) + 3 + room)
    assert (span.url == url) is linked
    assert span.text.endswith("…") is linked, "without its address there is room for all of its words"


def test_a_short_label_keeps_its_address_if_both_fit():
    paragraph = to_paragraph((Span("PDF", url="https://h/"), Span(" " + "word " * 20)))
    [[first, _]] = shorten(paragraph, 60)
    assert first == Span("PDF", url="https://h/")


def test_blank_lines_are_merged_and_none_is_at_either_end():
    assert plain_text(to_paragraph((Span("\n \na\n\n \n\nb"), Span("\n\n")))) == "a\n\nb"
    assert to_paragraph((Span(" \n\u200b"),)) == ()


@pytest.mark.parametrize(("before", "after"), [("(", ")"), (" ", "."), ("", ","), ("", "!"), ("", "?"), ("", ";")])
def test_styled_text_beside_a_bracket_or_a_stop_is_mrkdwn(before: str, after: str):
    assert written(Span(before), Span("so", bold=True), Span(after)) == f"{before}*so*{after}"


def test_code_that_is_a_link_becomes_rich_text():
    assert written(Span("run", code=True, url="https://h/")) is None
    assert written(Span("run", code=True)) == "`run`"
