"""Fields of other query languages: the query that is meant instead."""

from __future__ import annotations

import pytest

from bot.errors import QueryError
from bot.query.parser import parse


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("title:attention", "attention"),
        ('title:"attention is all you need"', '"attention is all you need"'),
        ("video -abs:medical", "video -medical"),
        ("year:2025", "since:52w"),
        ("video year:2025 cat:cs.CV", "video since:52w cat:cs.CV"),
        ("year:2025 title:x", "since:52w"),
        ("abs:", "has:code"),
    ],
)
def test_fields_of_other_languages_lead_to_the_query_that_is_meant(text: str, example: str):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.example == example
    parse(example)
