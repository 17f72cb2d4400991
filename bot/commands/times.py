"""Hours, time zones, weekdays, dates and durations as people type them. Pure; faults are UserErrors with the remedy."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from zoneinfo import available_timezones

from bot.errors import UserError
from bot.model import EVERY_DAY, WEEKDAYS

_TIME = re.compile(r"(\d{1,2})(?:\s*[:.h]\s*(\d{2}))?\s*([ap])?\.?(?:m\.?)?", re.ASCII)
_DIGITS = re.compile(r"(\d{2})(\d{2})", re.ASCII)
_SPAN = re.compile(r"(?:in\s+)?(an?|\d{1,5})\s*(d|days?|w|weeks?)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)

_NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_NAMED_DAYS = {
    "daily": EVERY_DAY,
    "every day": EVERY_DAY,
    "everyday": EVERY_DAY,
    "all": EVERY_DAY,
    "weekdays": frozenset(range(5)),
    "workdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    "weekend": frozenset({5, 6}),
    "weekly": frozenset({0}),
}
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_REMEDY = "Write daily, weekdays, mon-fri, mon,wed,fri, or weekly fri."


def read_time(text: str) -> time:
    """Time of day from `9`, `9am`, `09:00`, `21.30`, `0930` or `noon`."""
    plain = text.strip().lower()
    if plain in _NAMED_TIMES:
        return _NAMED_TIMES[plain]
    if match := _DIGITS.fullmatch(plain) or _TIME.fullmatch(plain):
        hour, minute, half = int(match[1]), int(match[2] or 0), match[3] if match.re is _TIME else None
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        elif half:
            hour = 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise UserError(f"“{excerpt(text)}” is not a time of day. Write it as 09:00, 9am or 21.30.")


@cache
def zones() -> Mapping[str, str]:
    """Every time zone by its name in lower case."""
    named = (zone for zone in available_timezones() if zone not in {"Factory", "localtime"})
    return {zone.lower(): zone for zone in sorted(named)}


@cache
def _cities() -> Mapping[str, tuple[str, ...]]:
    cities: dict[str, list[str]] = defaultdict(list)
    for lower, zone in zones().items():
        if "/" in zone and not lower.startswith("etc/"):
            cities[lower.rpartition("/")[2]].append(zone)
    return {city: tuple(names) for city, names in cities.items()}


def read_timezone(text: str) -> str:
    """IANA name from one in any case or from an unambiguous city: `Europe/Berlin`, `berlin`, `new york`."""
    plain = re.sub(r"\s*/\s*", "/", text.strip().lower()).replace(" ", "_")
    if plain in zones():
        return zones()[plain]
    matches = _cities().get(plain, ())
    if len(matches) == 1:
        return matches[0]
    cities = difflib.get_close_matches(plain.rpartition("/")[2], _cities(), n=2, cutoff=0.75)
    names = difflib.get_close_matches(plain, zones(), n=2, cutoff=0.75)
    near = [zones()[name] for name in names] + [zone for city in cities for zone in _cities()[city]]
    nearest = matches or tuple(dict.fromkeys(near))
    hint = f"Did you mean {' or '.join(nearest[:3])}?"
    if not nearest:
        hint = "Name a place, as in Europe/Berlin or America/New_York."
    raise UserError(f"“{excerpt(text)}” is not a time zone I know. {hint}")


def read_days(text: str) -> frozenset[int]:
    """Weekdays, Monday is 0, from `mon-fri`, `weekdays`, `mon,wed,fri`, `daily`, `weekly` (Mondays) or `weekly fri`."""
    plain = re.sub(r"\s*(?:–|-|\bto\b)\s*", "-", " ".join(text.strip().lower().split()))
    if plain in _NAMED_DAYS:
        return _NAMED_DAYS[plain]
    weekly = re.fullmatch(r"weekly[\s:,-]+(?:on )?(.+)", plain)
    days: set[int] = set()
    for part in filter(None, re.split(r"[\s,;+&/]+|\band\b", weekly[1] if weekly else plain)):
        first, dash, last = part.partition("-")
        start = _weekday(first, text)
        end = _weekday(last, text) if dash else start
        days |= {(start + i) % 7 for i in range((end - start) % 7 + 1)}
    if weekly and len(days) > 1:
        raise UserError(f"“{excerpt(text)}” names {len(days)} days, and weekly is one. {_DAYS_REMEDY}")
    if not days:
        raise UserError(f"No days are named. {_DAYS_REMEDY}")
    return frozenset(days)


def _weekday(word: str, text: str) -> int:
    plain = word.strip().removesuffix("s") if len(word.strip()) > 4 else word.strip()
    if len(plain) >= 3:
        for number, name in enumerate(_LONG_DAYS):
            if name.startswith(plain.rstrip(".")):
                return number
    nearest = difflib.get_close_matches(plain, (*WEEKDAYS, *_LONG_DAYS, *_NAMED_DAYS), n=1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    raise UserError(f"“{excerpt(word) or excerpt(text)}” is not a weekday. {hint}{_DAYS_REMEDY}")


def read_date(text: str, today: date) -> date:
    """Date from `2026-11-22`, `today`, `yesterday` or `tomorrow`."""
    plain = text.strip().lower()
    named = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if plain in named:
        return today + timedelta(days=named[plain])
    if match := _DATE.fullmatch(plain):
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            pass
    raise UserError(f"“{excerpt(text)}” is not a day. Write it as {today.isoformat()}, or say today or yesterday.")


def read_until(text: str, today: date) -> date:
    """A coming day: a date, or a duration from today such as `2w`. Raises UserError for a day that is not ahead."""
    plain = text.strip().lower()
    example = (today + timedelta(days=7)).isoformat()
    try:
        day = today + read_duration(plain, 1, 3650) if _SPAN.fullmatch(plain) else read_date(plain, today)
    except UserError:
        raise UserError(
            f"“{excerpt(text)}” is not a coming day. Write it as {example}, or as 2w for two weeks."
        ) from None
    if day <= today:
        raise UserError(f"{day.isoformat()} is not ahead. Name a coming day, such as {example}.")
    return day


def read_duration(text: str, minimum: int | None, maximum: int | None) -> timedelta:
    """Duration from `7d`, `2w`, `3 days`, `a week` or a bare number of days. The bounds are in days."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None:
        raise UserError(f"“{excerpt(text)}” is not a number of days. Write it as 7d or 2w.")
    number = int(match[1]) if match[1].isdigit() else 1
    days = number * (7 if (match[2] or "d").startswith("w") else 1)
    if days < (minimum or 0) or (maximum is not None and days > maximum):
        raise UserError(f"“{excerpt(text)}” is out of range. It can be {minimum or 0} to {maximum} days.")
    return timedelta(days=days)


def excerpt(text: str) -> str:
    """Typed text on one line of at most 60 characters, to be quoted in an error."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
