"""Days and durations as people type them. Pure; faults are UserErrors with the remedy."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.commands.times import DAYS, excerpt
from bot.errors import UserError

_SPAN = re.compile(
    r"(?:(?:in|for|the|this|past|last|about)\s+)*(an?\b|[a-z]+(?=\s)|\d{1,5})?\s*"
    r"(d|days?|w|wks?|weeks?|fortnights?|months?)?",
    re.ASCII,
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_UNITS = {"d": 1, "w": 7, "f": 14, "m": 30}
"""Days of a unit by its first letter."""
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:of\s+)?([a-z]{3,9})\.?,?(?:\s+(\d{4}))?", re.ASCII)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}))?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", re.ASCII)
_LEADING = re.compile(r"^(?:(?:on|the|until|untill|till?|to|from|since)\s+)+")
_BEFORE_DATE = re.compile(rf"^(?:{'|'.join(f'{day[:3]}(?:{day[3:]})?' for day in DAYS)})\.?,?\s+(?=\S*\d|\d)")
_NAMED = {"today": 0, "yesterday": -1, "tomorrow": 1}


def read_date(text: str, today: date) -> date:
    """A day that is past or today: `2026-11-22`, `22 Nov`, `yesterday`, `friday`; `tomorrow` is read too."""
    plain = _plain(text)
    if plain in _NAMED:
        return today + timedelta(days=_NAMED[plain])
    if (day := _named_day(plain, today, ahead=False)) is not None:
        return day
    raise UserError(f"“{excerpt(text)}” is not a day. Write it as {today.isoformat()}, or say yesterday or friday.")


def read_until(text: str, today: date) -> date:
    """A coming day: `2026-12-01`, `1 dec`, `tuesday`, `next week`, or a duration from today such as `2w`.

    Raises UserError for a day that is not ahead.
    """
    plain = _plain(text)
    example = (today + timedelta(days=7)).isoformat()
    if plain in _NAMED:
        day: date | None = today + timedelta(days=_NAMED[plain])
    elif (days := _days(plain)) is not None and days <= 3650:
        day = today + timedelta(days=days)
    else:
        day = _named_day(plain, today, ahead=True)
    if day is None:
        raise UserError(
            f"“{excerpt(text)}” is not a coming day. Write it as {example}, as friday, or as 2w for two weeks.",
            values=(example,),
        )
    if day <= today:
        raise UserError(f"{day.isoformat()} is not ahead. Name a coming day, such as {example}.", values=(example,))
    return day


def read_duration(text: str, minimum: int | None, maximum: int | None, today: date | None = None) -> timedelta:
    """Duration from `7d`, `2w`, `3 days`, `a week`, a bare number of days, or since a day. The bounds are in days."""
    plain = _plain(text)
    days = _days(plain)
    if days is None and today is not None:
        since = today - timedelta(days=1) if plain == "yesterday" else _named_day(plain, today, ahead=False)
        days = max((today - since).days, 1) if since else None
    if days is None:
        raise UserError(f"“{excerpt(text)}” is not a number of days. Write it as 7, 7d or 2w.", values=("7",))
    if maximum is not None and days > maximum:
        raise UserError(f"At most {maximum} days; “{excerpt(text)}” is more.", values=(str(maximum),))
    if days < (minimum or 0):
        raise UserError(f"At least {minimum} day{'' if minimum == 1 else 's'}.", values=(str(minimum),))
    return timedelta(days=days)


def _plain(text: str) -> str:
    """In lower case, without `until` and the weekday before a date, as in `Sun 22 Nov`."""
    plain = _LEADING.sub("", " ".join(text.casefold().split()))
    return _BEFORE_DATE.sub("", plain)


def _days(plain: str) -> int | None:
    """Days of a span; None if it is none."""
    match = _SPAN.fullmatch(plain)
    if match is None or not (match[1] or match[2]):
        return None
    number = int(match[1]) if match[1] and match[1].isdigit() else _NUMBERS.get(match[1] or "a")
    return number * _UNITS[(match[2] or "d")[0]] if number else None


def _named_day(plain: str, today: date, *, ahead: bool) -> date | None:
    """A day by its date or weekday; without a year the next one (`ahead`), or the latest one up to today."""
    if plain == "next week":
        return today + timedelta(days=7 - today.weekday())
    if plain == "next month":
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    weekday = plain.removeprefix("next " if ahead else "last ").removeprefix("this ").rstrip(".")
    for number, name in enumerate(DAYS):
        if len(weekday) >= 3 and (name.startswith(weekday) or weekday == f"{name}s"):
            return _weekday(number, today, ahead=ahead, strictly=plain.startswith("last "))
    return _dated(plain, today, ahead=ahead)


def _weekday(number: int, today: date, *, ahead: bool, strictly: bool) -> date:
    """The next weekday after today; or the latest up to today, `strictly` before it."""
    if ahead:
        return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    back = (today.weekday() - number) % 7
    return today - timedelta(days=7 if strictly and not back else back)


def _dated(plain: str, today: date, *, ahead: bool) -> date | None:
    if match := _YEAR_FIRST.fullmatch(plain):
        return _day_of(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_MONTH.fullmatch(plain):
        number, month, year = match[1], _month(match[2]), match[3]
    elif match := _MONTH_DAY.fullmatch(plain):
        number, month, year = match[2], _month(match[1]), match[3]
    elif match := _DOTTED.fullmatch(plain):
        number, month, year = match[1], int(match[2]), match[3]
    elif match := _SLASHED.fullmatch(plain):
        return _slashed(match, today, ahead=ahead)
    elif ahead and (month := _month(plain)):
        number, year = "1", None
    else:
        return None
    return _in_year(int(number), month, int(year) if year else None, today, ahead=ahead)


def _slashed(match: re.Match[str], today: date, *, ahead: bool) -> date | None:
    """`12/31`: Americans write the month first, others the day; a question where both can be."""
    year = int(match[3]) if match[3] else None
    pairs = {(int(match[1]), int(match[2])), (int(match[2]), int(match[1]))}
    days = {day for number, month in pairs if (day := _in_year(number, month, year, today, ahead=ahead))}
    if len(days) > 1:
        values = tuple(day.isoformat() for day in sorted(days))
        raise UserError(f"“{match[0]}” is {' or '.join(values)}. Write it like one of these.", values=values)
    return next(iter(days), None)


def _in_year(number: int, month: int, year: int | None, today: date, *, ahead: bool) -> date | None:
    if year is not None:
        return _day_of(year, month, number)
    years = range(today.year, today.year + 9) if ahead else range(today.year, today.year - 9, -1)
    days = (_day_of(each, month, number) for each in years)
    return next((day for day in days if day and (day > today if ahead else day <= today)), None)


def _day_of(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _month(word: str) -> int:
    """Number of a month by at least three letters; 0 if it is none."""
    plain = word.rstrip(".")
    matches = [number for number, name in enumerate(MONTHS, start=1) if len(plain) >= 3 and name.startswith(plain)]
    return matches[0] if matches else 9 if plain == "sept" else 0
