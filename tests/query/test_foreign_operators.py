"""AND, OR and NOT of other query languages: the answer offers the reader's own query, rewritten."""

from __future__ import annotations

import pytest

from bot.errors import QueryError
from bot.query.parser import parse


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mamba AND transformer", "mamba transformer"),
        ("mamba OR transformer", "mamba | transformer"),
        ("mamba NOT medical", "mamba -medical"),
        ("mamba AND NOT medical OR s4", "mamba -medical | s4"),
        ('"state AND space" AND cat:cs.LG', '"state AND space" cat:cs.LG'),
    ],
)
def test_the_query_itself_is_offered_in_our_syntax(typed: str, offered: str):
    with pytest.raises(QueryError) as refusal:
        parse(typed)
    assert str(refusal.value).endswith(f"Try: {offered}")
    parse(offered)


@pytest.mark.parametrize(
    "typed", ["mamba AND (s4 OR s6)", "NOT mamba", "mamba OR", "OR", 'a OR b "c', "x -AND", "x -OR", "-NOT -NOT"]
)
def test_what_cannot_be_rewritten_gets_an_example_that_parses(typed: str):
    with pytest.raises(QueryError) as refusal:
        parse(typed)
    parse(str(refusal.value).split("Try: ")[1])
