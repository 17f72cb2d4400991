"""A month as a table of weeks: each day with the number of papers that were listed on it. Pure."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.web.params import calendar_path, day_path, week_path
from bot.wording import parts

SHADES = 4
"""Steps by which a day is darker the more papers it has."""
WINDOW = 3
"""Days whose papers a day's list has."""


@dataclass(frozen=True, slots=True)
class Day:
    """One cell; `path` is empty where there is no list."""

    number: int
    path: str
    label: str
    count: int
    shade: int
    is_today: bool


@dataclass(frozen=True, slots=True)
class Week:
    """One row: Monday to Sunday, None for the days of other months."""

    number: int
    path: str
    days: tuple[Day | None, ...]


def weeks(first: date, counts: Mapping[date, int], today: date) -> list[Week]:
    """The weeks of the month that begins with `first`; `counts` also of the two days before it."""
    most = max(counts.values(), default=0)
    rows = Calendar().monthdatescalendar(first.year, first.month)
    return [
        Week(
            row[0].isocalendar().week,
            week_path(row[0]) if any(_has_list(day, counts, today) for day in row) else "",
            tuple(_cell(day, counts, today, most) if day.month == first.month else None for day in row),
        )
        for row in rows
    ]


def months(first: date, today: date) -> list[tuple[str, str]]:
    """Short name and path of each month of a year; the path is empty for those to come."""
    all_of_them = [date(first.year, month, 1) for month in range(1, 13)]
    return [(f"{month:%b}", calendar_path(month) if month <= today else "") for month in all_of_them]


def _cell(day: date, counts: Mapping[date, int], today: date, most: int) -> Day:
    count = counts.get(day, 0)
    return Day(
        day.day,
        day_path(day) if _has_list(day, counts, today) else "",
        f"{parts.day_text(day, day)}: {parts.count(count, 'paper')}",
        count,
        -(-count * SHADES // most) if most else 0,
        day == today,
    )


def _has_list(day: date, counts: Mapping[date, int], today: date) -> bool:
    return day <= today and any(counts.get(day - timedelta(days=back)) for back in range(WINDOW))
