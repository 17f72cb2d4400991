"""Queries that are refused: the place of the fault, and an example that is a query, the reader's own if it can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.query.parser import MAX_LENGTH, named_paper, parse
from tests.harness.examples import examples


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
        ("x min:many", "with a number", 2),
        ("x min:-3", "with a number", 2),
        ("x since:7", "since:24h, since:7d or since:2w", 2),
        ("x since:0d", "since:24h, since:7d or since:2w", 2),
        ("x like:9913.1", "arXiv id", 2),
        ("x has:money", "has:code or has:project", 2),
        ("x cat:cs.*", "arXiv category", 2),
        ("video - medical", "lone -", 6),
        ("video --medical", "One - is enough", 6),
        ("|", "side of |", 0),
        ("a | | b", "side of |", 4),
        ("a |", "side of |", 2),
        ("-medical", "nothing to look for", 0),
        ("a | -medical -vision", "nothing to look for", 4),
        ("???", "no word", 0),
        ('x ""', "no word", 2),
        ("author:…", "author: with a name", 0),
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
    ("typed", "offered"),
    [
        ("video since:7", "video since:7d"),
        ("video since:7 days", "video since:7days"),
        ("video has:data", "video has:code"),
        ("author: Song Han", 'author:"Song Han"'),
        ("org: Tsinghua University video", 'org:"Tsinghua University" video'),
        ("author: han video", "author:han video"),
        ("cat=cs.CL robots", "cat:cs.CL robots"),
        ('author="Song Han"', 'author:"Song Han"'),
        ('author= "Song Han"', 'author:"Song Han"'),
        ("min=many", "min:20"),
    ],
)
def test_a_field_that_is_nearly_right_is_offered_right_among_the_other_words(typed: str, offered: str):
    with pytest.raises(QueryError) as caught:
        parse(typed)
    assert caught.value.example == offered
    parse(offered)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("https://github.com/NVlabs/OmniVinci", "OmniVinci"),
        ("github.com/NVlabs/OmniVinci.git", "OmniVinci"),
        ("OmniVinci https://github.com/NVlabs/OmniVinci", "OmniVinci"),
        ("https://huggingface.co/meta-llama/Llama-3-8B?library=transformers", "Llama-3-8B"),
        ("https://huggingface.co/datasets/HuggingFaceFW/fineweb", "fineweb"),
        ("https://example.org/blog/genie-3-a-new-frontier/", "genie a new frontier"),
        ("https://x.com/somebody/status/1234567890", "video diffusion"),
        ("https://github.com/x/y", "video diffusion"),
    ],
)
def test_a_link_to_no_paper_is_answered_with_the_name_in_it(typed: str, offered: str):
    with pytest.raises(QueryError) as caught:
        parse(typed)
    assert caught.value.example == offered
    parse(offered)


@pytest.mark.parametrize(("typed", "printed"), [("since:1month", "30d"), ("since:2weeks", "14d"), ("since:1y", "365d")])
def test_a_time_may_be_written_in_full(typed: str, printed: str):
    assert str(parse(typed)) == f"since:{printed}"
    assert str(parse("min:50+")) == "min:50"


@pytest.mark.parametrize("text", ["→ + &", "(", "…", "a | ???", "-(medical imaging) x", "RLHF OR DPO"])
def test_signs_alone_and_signs_that_mean_something_are_refused(text: str):
    with pytest.raises(QueryError):
        parse(text)


def test_a_search_for_two_papers_is_answered_with_one_that_works():
    with pytest.raises(QueryError, match="These are 2 papers") as caught:
        named_paper("1706.03762 1810.04805")
    assert caught.value.example == "1706.03762"


@given(st.one_of(st.text(max_size=40), st.text(alphabet='ab:|-"( ', max_size=20)))
@examples(100)
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
