"""Forms that are filled in by typed lines."""

from __future__ import annotations

import pytest

from bot.commands import filled_by_lines
from bot.model import Form, FormField

SETTINGS = Form(
    "Settings",
    "settings",
    (
        FormField("size", "Papers a day", "5"),
        FormField("at", "Hour", "09:00"),
        FormField("topics", "Topics", "", "lines"),
    ),
)
NOTE = Form("Note", "note", (FormField("text", "Note", "old"),))


@pytest.mark.parametrize(
    ("reply", "values"),
    [
        ("size: 8", ("8", "09:00", "")),
        ("SIZE = 8\nHour: 10:30", ("8", "10:30", "")),
        ("Papers a day: 3", ("3", "09:00", "")),
        ('topics: video\ncat:cs.CL\n"a, b"\nsize: 2', ("2", "09:00", 'video\ncat:cs.CL\n"a, b"')),
        ("at:", ("5", "", "")),
    ],
)
def test_each_line_fills_the_field_that_it_names(reply: str, values: tuple[str, ...]) -> None:
    filled = filled_by_lines(SETTINGS, reply)
    assert filled is not None
    assert tuple(field.value for field in filled.fields) == values
    assert [field.saved for field in filled.fields] == ["5", "09:00", ""], "none is saved yet"


@pytest.mark.parametrize("reply", ["", "hello", "colour: red"])
def test_a_reply_that_names_no_field_fills_none(reply: str) -> None:
    assert filled_by_lines(SETTINGS, reply) is None


def test_a_form_of_one_field_takes_the_whole_reply() -> None:
    filled = filled_by_lines(NOTE, "read this: soon\nor never")
    assert filled is not None
    assert filled.fields[0].value == "read this: soon\nor never"
