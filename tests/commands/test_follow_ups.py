"""What is written below an answer means that answer, or nothing of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import find, follow_up, named_button, read_options, with_places
from bot.model import Action
from bot.query.parser import parse

TODAY = date(2025, 11, 28)
PAPERS = (Action("#1", "paper", {"paper": "2510.00001"}), Action("#2", "paper", {"paper": "2510.00002"}))
MORE = Action("More", "search", {"query": "video since:52w", "count": "3", "start": "4"})
ANSWER = (*PAPERS, MORE)


def query(text: str) -> str | None:
    meaning = follow_up(text, ANSWER, TODAY)
    return meaning[1]["query"] if isinstance(meaning, tuple) else meaning


@pytest.mark.parametrize("text", ["more", "More!", "show me more please", "next page", "go on"])
def test_more_is_the_button_of_that_name_of_any_list(text: str):
    assert follow_up(text, ANSWER, TODAY) == ("search", dict(MORE.options))
    today = Action("More", "today", {"start": "6"})
    assert follow_up(text, (*PAPERS, today), TODAY) == ("today", {"start": "6"})
    assert follow_up(text, PAPERS, TODAY) == "end"
    assert follow_up(text, (), TODAY) == "end"


@pytest.mark.parametrize(
    ("text", "narrowed"),
    [
        ("only since 2025", "video since:332d"),
        ("since 2024", "video since:698d"),
        ("only last month", "video since:30d"),
        ("just the ones with code", "video since:364d has:code"),
        ("by Ada Lovelace", 'video since:364d author:"Ada Lovelace"'),
        ("from NVIDIA", "video since:364d org:NVIDIA"),
        ("only at neurips", "video since:364d venue:neurips"),
        ("but only with more than 20 upvotes", "video since:364d min:20"),
        ("without transformers", "video since:364d -transformers"),
        ("and robotics", "video since:364d robotics"),
    ],
)
def test_a_search_is_narrowed_from_its_first_page(text: str, narrowed: str):
    assert follow_up(text, ANSWER, TODAY) == ("search", {"query": narrowed, "count": "3"})


def test_each_alternative_of_a_search_is_narrowed():
    either = Action("Newest first", "search", {"query": "video | audio", "order": "newest"})
    meaning = follow_up("only with code", [either], TODAY)
    assert meaning == ("search", {"query": "video has:code | audio has:code"})


@pytest.mark.parametrize(
    ("text", "order"), [("newest first", "newest"), ("only the latest", "newest"), ("by upvotes", "trending")]
)
def test_a_search_is_ordered_anew(text: str, order: str):
    meaning = follow_up(text, ANSWER, TODAY)
    assert meaning == ("search", {"query": "video since:52w", "count": "3", "order": order})
    read_options(find("search"), meaning[1], today=TODAY)


@pytest.mark.parametrize(
    "text", ["robotics", "today", "help", "status", "from 1999", "of course", "this is great", "in other fields"]
)
def test_another_question_is_no_follow_up(text: str):
    assert follow_up(text, ANSWER, TODAY) is None
    assert follow_up(f"only {text}", PAPERS, TODAY) is None, "nothing was searched"


@given(
    st.text(max_size=60)
    | st.sampled_from(["only ", "and ", "since "]).flatmap(lambda a: st.text(max_size=30).map(a.__add__))
)
def test_whatever_is_written_the_query_can_be_read(text: str):
    meaning = query(text)
    if meaning not in {None, "end"}:
        parse(str(meaning))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2", "paper 2510.00002"),
        ("what is 1 about?", "paper 2510.00001"),
        ("why #2", "why 2510.00002"),
        ("save #1 please", "save 2510.00001 please"),
        ("#9", "paper #9"),
        ("video diffusion", "video diffusion"),
    ],
)
def test_a_number_is_the_paper_of_that_number(text: str, line: str):
    assert with_places(text, ANSWER) == line


@pytest.mark.parametrize(
    ("line", "label"),
    [("similar", "Similar papers"), ("SIMILAR PAPERS!", "Similar papers"), ("3", "#3"), ("👍", "👍"),
     ("Save…", "Save…"), ("similar to what?", None), ("papers", None), ("", None), ("?", None)],
)  # fmt: skip
def test_a_button_is_named_by_its_label_or_its_first_words(line: str, label: str | None) -> None:
    buttons = [
        Action("Similar papers", "similar"),
        Action("#3", "paper"),
        Action("👍", "like"),
        Action("Save…", "save"),
    ]
    button = named_button(line, buttons)
    assert (button and button.label) == label
