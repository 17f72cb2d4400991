"""The query language: what parses, what it prints as, and what is refused with which remedy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.query.ast import FieldTerm, Phrase, Query, Term, Word, content_text
from bot.query.lexer import tidy
from bot.query.parser import (
    canonical,
    field_values,
    like_ids,
    named_paper,
    parse,
    parse_literal,
    positive_terms,
)
from bot.search.plan import StemGroup, make_plan
from tests.harness.examples import examples

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)


def one(text: str) -> tuple[Term, ...]:
    alternatives = parse(text).alternatives
    assert len(alternatives) == 1
    return alternatives[0]


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("diffusion", Word("diffusion")),
        ('"speculative  decoding"', Phrase("speculative decoding")),
        ("cat:cs.CL", FieldTerm("cat", "cs.CL")),
        ("cat:cond-mat.mtrl-sci", FieldTerm("cat", "cond-mat.mtrl-sci")),
        ('author:"Yejin Choi"', FieldTerm("author", "Yejin Choi")),
        ("AUTHOR:Choi", FieldTerm("author", "Choi")),
        ("org:nvidia", FieldTerm("org", "nvidia")),
        ("venue:neurips", FieldTerm("venue", "neurips")),
        ("like:2405.14105v3", FieldTerm("like", "2405.14105")),
        ("like:https://arxiv.org/abs/2405.14105", FieldTerm("like", "2405.14105")),
        ("like:math.GT/0309136", FieldTerm("like", "math/0309136")),
        ("has:Code", FieldTerm("has", "code")),
        ("has:project", FieldTerm("has", "project")),
        ("since:36h", FieldTerm("since", timedelta(hours=36))),
        ("since:2w", FieldTerm("since", timedelta(days=14))),
        ("min:20", FieldTerm("min", 20)),
        ("16:9", Word("16:9")),
        ("Meteor:", Word("Meteor:")),
    ],
)
def test_each_form_of_the_language_is_read(text: str, leaf: object):
    assert one(text) == (Term(leaf),)  # type: ignore[arg-type]


def test_words_are_all_required_and_the_bar_binds_least():
    expected = (
        (Term(Word("video")), Term(Word("diffusion"))),
        (Term(Word("audio")), Term(Word("speech"), negated=True)),
    )
    assert parse("video diffusion | audio -speech") == Query(expected)
    assert parse("a|b") == parse("a | b")


def test_a_minus_turns_words_phrases_and_fields_around():
    assert [term.negated for term in one('x -medical -"case study" -cat:cs.CV')] == [False, True, True, True]


def test_what_phones_and_chats_make_of_typing_reads_as_typed():
    assert parse("“speculative decoding” –medical") == parse('"speculative decoding" -medical')
    assert parse("video\u00a0diffusion\u200b cat：cs.CL ｜ audio") == parse("video diffusion cat:cs.CL | audio")
    assert parse("R&amp;D") == parse("R&D")
    assert parse("like:<https://arxiv.org/abs/2405.14105|a label>") == parse("like:2405.14105")
    assert parse("cat:<http://cs.AI|cs.AI>") == parse("cat:cs.AI")


@pytest.mark.parametrize(
    ("pasted", "printed"),
    [
        ("Vision + Language: A Survey", "Vision Language: A Survey"),
        ("vision & language", "vision language"),
        ("vision / language", "vision language"),
        ("vision : language", "vision language"),
        ("vision – language", "vision language"),
        ("vision -- language", "vision language"),
        ("Vision ＋ Language", "Vision Language"),
        ("T5 | BERT & GPT", "T5 | BERT GPT"),
        ("(Almost) Free Attention [Extended]", "Almost Free Attention Extended"),
        ("f(x) = y", "f(x) y"),
        ("🤗 Transformers … • state of the art", "Transformers state of the art"),
        ("MiniLM: Deep Self-Attention Distillation", "MiniLM: Deep Self-Attention Distillation"),
        ("GPT：一种方法", "GPT:一种方法"),
        ("“Why Should I Trust You?”: Explaining Predictions", '"Why Should I Trust You?" Explaining Predictions'),
        ('5" screens on 7" phones', '5" screens on 7" phones'),
        ("ATTENTION AND MEMORY", "ATTENTION AND MEMORY"),
        ("BRIDGE - Building Data - 154 Billion Tokens", "BRIDGE Building Data 154 Billion Tokens"),
        ("Stronger Models are NOT Stronger Teachers", "Stronger Models are NOT Stronger Teachers"),
        ("One-Way Ticket:Time-Independent Encoder", "One-Way Ticket:Time-Independent Encoder"),
        ("pragmatics beyond humans: meaning and models", "pragmatics beyond humans: meaning and models"),
    ],
)
def test_signs_of_a_pasted_title_that_mean_nothing_are_passed_over(pasted: str, printed: str):
    assert canonical(pasted) == printed
    assert canonical(printed) == printed


@pytest.mark.parametrize(
    ("typed", "paper"),
    [
        ("arXiv:1706.03762v5 [cs.CL] 2 Aug 2023", "1706.03762"),
        ("Attention Is All You Need https://arxiv.org/abs/1706.03762?utm_source=x", "1706.03762"),
        ("like:1706.03762 diffusion", None),
        ("video -LIKE:https://arxiv.org/abs/1706.03762", None),
        ("attention", None),
    ],
)
def test_a_search_that_names_a_paper_is_for_that_paper(typed: str, paper: str | None):
    assert named_paper(tidy(typed)) == paper


def test_the_canonical_text_is_short_and_stable():
    assert (
        canonical(" video   -“case  study”|  since:24H  author:'Choi' ")
        == "video -\"case study\" | since:1d author:'Choi'"
    )


PIECES = (
    'video diffusion " “ - – | : cat: cs.CL author: since: 7d min: 20 like: 2405.14105 10.1/x|y has:code &amp; &lt;'
    " <https://a.b|c> 大模型 \u200b OR ( org: é x-y"
)
TYPED = st.lists(st.sampled_from([" ", *PIECES.split(" ")]), max_size=12).map("".join)


@given(st.one_of(TYPED, st.text(max_size=60)))
@examples(150)
def test_any_text_parses_to_what_prints_as_itself_or_is_refused(text: str):
    try:
        query = parse(text)
    except QueryError:
        return
    assert parse(str(query)) == query
    assert canonical(str(query)) == str(query)
    assert all(any(not term.negated for term in terms) for terms in query.alternatives)


@given(st.one_of(TYPED, st.text(max_size=60)))
@examples(100)
def test_tidying_twice_is_tidying_once(text: str):
    assert tidy(tidy(text)) == tidy(text)


def test_search_is_told_the_stems_the_phrases_and_the_filters():
    query = parse('the multi-modal models "speculative decoding" -medical cat:cs.CL | audio like:2405.14105')
    assert positive_terms(query) == ("multi", "modal", "multimod", "model", "specul", "decod", "audio")
    assert [make_plan(terms, NOW).phrases for terms in query.alternatives] == [
        (StemGroup("speculative", ("specul",)), StemGroup("decoding", ("decod",))),
        (),
    ]
    assert [str(make_plan(terms, NOW).exact) for terms in query.alternatives] == [
        '"speculative decoding" cat:cs.CL',
        "audio",  # its candidates are the papers that are like the one
    ]
    [both] = parse("like:2405.14105 like:2405.14106").alternatives
    assert str(make_plan(both, NOW).exact) == "like:2405.14106"
    assert [make_plan(terms, NOW).without for terms in query.alternatives] == [("medic",), ()]
    assert like_ids(query) == ("2405.14105",)


def test_stop_words_are_looked_for_only_when_there_is_nothing_else():
    assert positive_terms(parse("the who")) == ("the", "who")
    (terms,) = parse("the who").alternatives
    assert make_plan(terms, NOW).exact is None


def test_a_literal_query_has_three_hundred_words_at_most_and_no_operators():
    (terms,) = parse_literal("- ??? " + "-w OR | " * 200).alternatives
    assert [str(term) for term in terms] == ["-w", "OR"] * 150
    assert {term.negated for term in terms} == {False}


def test_a_query_has_five_hundred_characters_at_most():
    assert parse("x" * 500)
    with pytest.raises(QueryError):
        parse("x" * 501)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("<#C123|video> models", "video models"),
        ("<@U123> video", "video"),
        ("<!subteam^S1|@team> video", "@team video"),
        ("<http://cs.AI|cs.AI>", "cs.AI"),
        ("a &lt; b &amp;&gt; c", "a < b &> c"),
    ],
)
def test_slacks_mentions_are_their_labels_or_nothing(typed: str, text: str):
    assert tidy(typed) == text


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("author:choi cat:cs.CL | org:nvidia cat:stat.ML", "cat", ("cs.CL", "stat.ML")),
        ("author:choi cat:cs.CL | org:nvidia cat:stat.ML", "author", ("choi",)),
        ("author:choi cat:cs.CL | org:nvidia cat:stat.ML", "org", ("nvidia",)),
        ("video -cat:cs.CL cat:cs.LG | cat:cs.LG", "cat", ("cs.LG",)),
    ],
)
def test_a_fields_values_are_its_own_and_not_those_it_excludes(text: str, name: str, values: tuple[str, ...]):
    assert field_values(parse(text), name) == values


def test_only_free_words_outside_negations_are_content_words():
    (terms,) = parse('robot "by touch" cat:cs.RO -medical the grasping').alternatives
    assert content_text(terms) == "robot grasping"
