"""Days and spans as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.commands.dates import read_date, read_duration, read_until
from bot.errors import UserError

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("tuesday", date(2026, 11, 24)), ("next monday", date(2026, 11, 23)), ("until fri", date(2026, 11, 27)),
        ("sunday", date(2026, 11, 29)), ("next week", date(2026, 11, 23)), ("next month", date(2026, 12, 1)),
        ("1 dec", date(2026, 12, 1)), ("Dec 1st", date(2026, 12, 1)), ("1.12.", date(2026, 12, 1)),
        ("december", date(2026, 12, 1)), ("1 Feb", date(2027, 2, 1)), ("Tue 1 Dec", date(2026, 12, 1)),
        ("12/24", date(2026, 12, 24)), ("24/12/2026", date(2026, 12, 24)), ("for 2 weeks", date(2026, 12, 6)),
        ("a month", date(2026, 12, 22)), ("2026/12/01", date(2026, 12, 1)), ("3 days", date(2026, 11, 25)),
    ],
)  # fmt: skip
def test_coming_days_are_read_as_people_write_them(typed, day):
    assert read_until(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("sunday", TODAY), ("last sunday", date(2026, 11, 15)), ("friday", date(2026, 11, 20)),
        ("Sun 22 Nov", TODAY), ("Sat 22 Nov 2025", date(2025, 11, 22)), ("november 2", date(2026, 11, 2)),
        ("24 Dec", date(2025, 12, 24)), ("29 feb", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_past_days_are_read_as_digests_show_them(typed, day):
    assert read_date(typed, TODAY) == day


def test_a_day_that_could_be_two_is_asked_about():
    with pytest.raises(UserError) as caught:
        read_until("1/2", TODAY)
    assert caught.value.values == ("2027-01-02", "2027-02-01")


def test_a_catchup_can_start_on_a_day():
    assert read_duration("since monday", 1, 14, date(2026, 11, 27)).days == 4
    assert read_duration("yesterday", 1, 14, TODAY).days == 1
    assert read_duration("last week", 1, 14, TODAY).days == 7
    assert read_duration("the last 3 days", 1, 14, TODAY).days == 3


def test_dates_and_spans_count_from_the_askers_today():
    assert read_date("yesterday", TODAY) == date(2026, 11, 21)
    assert read_date("2026-11-02", TODAY) == date(2026, 11, 2)
    assert read_until("2w", TODAY) == date(2026, 12, 6)
    assert read_until("tomorrow", TODAY) == date(2026, 11, 23)
    assert read_duration("a week", 1, 14) == read_duration("7", 1, 14) == timedelta(days=7)


@pytest.mark.parametrize("typed", ["yesterday", "2026-11-22", "0d", "soon", "2026-02-30", "99999d"])
def test_a_pause_ends_on_a_coming_day(typed):
    with pytest.raises(UserError):
        read_until(typed, TODAY)
