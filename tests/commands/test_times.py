"""Hours and weekdays as people type them."""

from __future__ import annotations

from datetime import time

import pytest

from bot.commands.times import read_days, read_time
from bot.errors import UserError


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9", time(9)), ("9am", time(9)), ("9 PM", time(21)), ("12am", time(0)), ("12pm", time(12)), ("09:00", time(9)),
        ("21.30", time(21, 30)), ("9h30", time(9, 30)), ("0930", time(9, 30)), ("noon", time(12)),
        ("9:05 a.m.", time(9, 5)),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(typed, expected):
    assert read_time(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9:00 AM", time(9)), ("at 9", time(9)), ("9 o'clock", time(9)), ("21h", time(21)), ("0930 h", time(9, 30)),
        ("9 in the evening", time(21)), ("12:30 pm", time(12, 30)), ("09:00:00", time(9)), ("9 Uhr", time(9)),
    ],
)  # fmt: skip
def test_hours_may_have_words_around_them(typed, expected):
    assert read_time(typed) == expected


@pytest.mark.parametrize("typed", ["25", "9:75", "13pm", "0am", "nine", "24:00", "9:0", "-1", "٩"])
def test_what_is_no_hour_says_how_to_write_one(typed):
    with pytest.raises(UserError, match=r"09:00, 9am or 21\.30"):
        read_time(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}), ("weekdays", {0, 1, 2, 3, 4}), ("mon,wed,fri", {0, 2, 4}),
        ("Mon to Fri", {0, 1, 2, 3, 4}),
        ("daily", set(range(7))), ("weekly", {0}), ("weekly fri", {4}), ("weekly-fri", {4}), ("fridays", {4}),
        ("every friday", {4}), ("each day", set(range(7))), ("fri - mon", {4, 5, 6, 0}),
        ("monday and friday", {0, 4}), ("tues thurs", {1, 3}), ("weekends", {5, 6}),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(typed, expected):
    assert read_days(typed) == expected


@pytest.mark.parametrize("typed", ["frday", "", "weekly mon,tue", "mo", "1-5", "mon-", ",", "daiyl"])
def test_what_names_no_days_says_how_to(typed):
    with pytest.raises(UserError, match="Write daily, weekdays"):
        read_days(typed)
