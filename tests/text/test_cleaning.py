"""Cleaning: HTML that sources leave in texts, and joiners, in every layer alike."""

from __future__ import annotations

import time

import pytest

from adapters.text import printable
from bot.query.lexer import tidy
from bot.text.analyzer import stems
from bot.text.cleaning import clean_text
from bot.text.entities import without_html


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Q&amp;A for Tom &#39;n&#39; Jerry at AT&amp;T &lt;v2&gt;", "Q&A for Tom 'n' Jerry at AT&T <v2>"),
        ("R&amp;amp;D, R\\&amp;D", "R&D, R&D"),
        ("Jos&eacute; &#x2013; na&iuml;ve&nbsp;Bayes", "José – naïve Bayes"),
        ("CO<sub>2</sub> <i>in <b>vivo</b></i>", "CO2 in vivo"),
        ("I <3 x<y>z & a<b>c; a & b", "I <3 x<y>z & a<b>c; a & b"),
        ("&nosuch; &copy=1 &amp", "&nosuch; &copy=1 &amp"),
        ("pay&#x202e;pal&#0; &#xd800;&#9999999;", "paypal\ufffd \ufffd\ufffd"),
    ],
)
def test_html_of_sources_is_read_and_signs_of_titles_stay(text: str, cleaned: str):
    assert clean_text(text) == cleaned
    assert clean_text(cleaned) == cleaned


def test_words_of_a_text_are_the_same_with_and_without_html():
    assert stems("Q&amp;A &#39;chat&#39; CO<sub>2</sub>") == stems("Q&A 'chat' CO2")


@pytest.mark.parametrize("layer", [clean_text, printable])
@pytest.mark.parametrize("pile", ["a" + "\u0301" * 20, "中" + "\u0301" * 20])
def test_plain_text_of_any_script_is_put_on_a_line_and_stays(layer, pile: str):
    assert layer("Müller  and 中文 – α") == "Müller and 中文 – α"
    assert len(printable(layer(pile))) <= 10


JOINED = [
    "👨\u200d👩\u200d👧 agents",
    "🏳️\u200d🌈 benchmark",
    "❤️\u200d🔥 LLM",
    "👩🏽\u200d🔬 lab",
    "می\u200cخواهم",
    "क्\u200dष",
    "ශ්\u200dරී",
]


@pytest.mark.parametrize("layer", [clean_text, printable, tidy])
@pytest.mark.parametrize("text", JOINED)
def test_joiners_of_emoji_and_scripts_stay_in_every_layer(layer, text: str):
    assert layer(text) == text


@pytest.mark.parametrize("layer", [clean_text, printable, tidy])
@pytest.mark.parametrize("text", ["pay\u200dpal", "pay\u200cpal", "\u200d\u200cpaypal", "paypal\u200d"])
def test_joiners_that_join_nothing_are_dropped_in_every_layer(layer, text: str):
    assert layer(text) == "paypal"


@pytest.mark.parametrize("unit", ["&amp;", "&#38;", "&", "<i>", "</i>", "<i></i>", "\u200d", "👨\u200d"])
def test_hostile_html_takes_no_time(unit: str):
    started = time.thread_time()
    without_html(unit * (100_000 // len(unit)))
    clean_text(unit * (20_000 // len(unit)))
    assert time.thread_time() - started < 1
