"""The query language: what parses, what it prints as, and what is refused with which remedy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.query.ast import FieldTerm, Phrase, Query, Term, Word, content_text
from bot.query.lexer import tidy
from bot.query.parser import (
    MAX_LENGTH,
    canonical,
    field_values,
    like_ids,
    named_paper,
    parse,
    parse_literal,
    positive_terms,
)
from bot.search.plan import StemGroup, make_plan

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
    ("text", "problem", "position"),
    [
        ("", "nothing to look for", 0),
        ("   ", "nothing to look for", 0),
        ('video "speculative', "never closed", 6),
        ('author:"Yejin Choi', "never closed", 7),
        ("video cat:", "needs a value", 6),
        ("cat: cs.CL", "needs a value", 0),
        ("video foo:bar", "no field “foo:”", 6),
        ("x min:many", "takes a number", 6),
        ("x min:-3", "takes a number", 6),
        ("x since:7", "hours, days or weeks", 8),
        ("x since:0d", "hours, days or weeks", 8),
        ("x like:9913.1", "arXiv id", 7),
        ("x has:money", "code or project", 6),
        ("x cat:cs.*", "arXiv category", 6),
        ("video - medical", "lone -", 6),
        ("video --medical", "One - is enough", 6),
        ("|", "side of |", 0),
        ("a | | b", "side of |", 4),
        ("a |", "side of |", 2),
        ("-medical", "nothing to look for", 0),
        ("a | -medical -vision", "nothing to look for", 4),
        ("???", "no word", 0),
        ('x ""', "no word", 2),
        ("author:…", "author: takes a name", 7),
        ("(a | b) c", "brackets", 0),
        ("video OR audio", "| instead of OR", 6),
        ("https://arxiv.org/abs/2405.14105", "link", 0),
        ("x" * (MAX_LENGTH + 1), "characters", MAX_LENGTH),
        ("x" * 1_000_000, "too long", 2_000),
    ],
)
def test_a_malformed_query_is_refused_with_the_place_and_an_example(text: str, problem: str, position: int):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert problem in caught.value.problem
    assert caught.value.position == position
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("autor:choi", 'author:"Yejin Choi"'),
        ("category:cs.CL", "cat:cs.CL"),
        ("organization:x", "org:nvidia"),
        ("au:choi", 'author:"Yejin Choi"'),
        ("cate:", "cat:cs.CL"),
        ("a:choi", '"a choi"'),
        ("https://arxiv.org/abs/2405.14105", "like:2405.14105"),
        ("https://example.org/blog", "video diffusion"),
        ("https://arxiv.org/abs/2511.00007", "like:2511.00007"),
        ("--vision", "diffusion -vision"),
        ("x -", "diffusion -medical"),
        ("“Why should I trust you", '"Why should I trust you"'),
    ],
)
def test_the_example_is_the_nearest_right_word(text: str, example: str):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.example == example


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


@pytest.mark.parametrize("text", ["→ + &", "(", "…", "a | ???", "-(medical imaging) x", "RLHF OR DPO"])
def test_signs_alone_and_signs_that_mean_something_are_refused(text: str):
    with pytest.raises(QueryError):
        parse(text)


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


def test_a_search_for_two_papers_is_answered_with_one_that_works():
    with pytest.raises(QueryError, match="These are 2 papers") as caught:
        named_paper("1706.03762 1810.04805")
    assert caught.value.example == "1706.03762"


@given(st.one_of(st.text(max_size=40), st.text(alphabet='ab:|-"( ', max_size=20)))
@settings(max_examples=200, deadline=None)
def test_an_error_points_into_the_text(text: str):
    error = refusal(text)
    assert error is None or 0 <= error.position <= len(error.text)


def refusal(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


def test_every_example_of_an_error_is_itself_a_query():
    for text in (
        "",
        "x cat:",
        "x author:",
        "x org:",
        "x venue:",
        "x like:",
        "x has:",
        "x since:",
        "x min:",
        "(",
        "-x",
        "a AND b",
    ):
        with pytest.raises(QueryError) as caught:
            parse(text)
        parse(caught.value.example)


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
@settings(max_examples=600, deadline=None)
def test_any_text_parses_to_what_prints_as_itself_or_is_refused(text: str):
    try:
        query = parse(text)
    except QueryError:
        return
    assert parse(str(query)) == query
    assert canonical(str(query)) == str(query)
    assert all(any(not term.negated for term in terms) for terms in query.alternatives)


@given(st.one_of(TYPED, st.text(max_size=60)))
@settings(max_examples=300, deadline=None)
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
        "audio like:2405.14105",
    ]
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
