"""Hours and weekdays as people type them. Pure; faults are UserErrors with the remedy."""

from __future__ import annotations

import difflib
import re
from datetime import time

from bot.commands.command import typed
from bot.errors import UserError
from bot.model import EVERY_DAY, WEEKDAYS, QuietHours
from bot.model.subscription import WORKDAYS

_BEFORE = r"(?:(?:at|@|around|about|um|kl\.?|klo|klokken|a\s+las|alle|às|à|om|by)\s*)?"
"""What stands before an hour, also in other languages."""
_HALVES = "morning|morgens|früh|matin|afternoon|evening|night|abends|nachmittags|soir"
_TIME = re.compile(
    rf"{_BEFORE}(\d{{1,2}})(?:\s*[:.h]\s*(\d{{2}}))?(?::00)?\s*(?:h|hrs?|hours?|uhr|heures?|o['\s]?clock)?\s*"
    rf"(?:([ap])\.?(?:\s?m\.?)?|(?:in the |on |every |this )?({_HALVES})s?)?",
    re.ASCII,
)
_DIGITS = re.compile(rf"{_BEFORE}(\d{{2}})(\d{{2}})\s*(?:h|hrs?|hours|uhr)?", re.ASCII)
_MORNING = frozenset({"morning", "morgens", "früh", "matin"})

_NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_NAMED_DAYS = {
    **dict.fromkeys(("daily", "every day", "everyday", "all", "day", "once a day"), EVERY_DAY),
    **dict.fromkeys(("weekday", "weekdays", "workdays", "business days"), WORKDAYS),
    **dict.fromkeys(("work day", "working day", "working days"), WORKDAYS),
    **dict.fromkeys(("weekend", "weekends"), EVERY_DAY - WORKDAYS),
    **dict.fromkeys(("week", "weekly", "once a week"), frozenset({0})),
}
_NO_HOURS = frozenset({"off", "none", "never", "no"})
_NO_DAYS = frozenset({"never", "none", "no", "off", "no days", "stop", "cancel"})
_OTHER_RHYTHM = re.compile(
    r"(?:bi|semi-?)-?(?:weekly|monthly)|fortnightly|monthly|hourly|yearly|twice (?:an?|per) \w+|once (?:an?|per) month|"
    r"month|hour|(?:other|second|two|few|\d+) (?:days?|weeks?|months?|hours?|\w+day)",
)
"""Rhythms that no digest has."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_REMEDY = "Write daily, weekdays, mon-fri, mon,wed,fri, or weekly fri."


def read_time(text: str) -> time:
    """Time of day from `9`, `9am`, `9:00 AM`, `21.30`, `0930`, `9 o'clock` or `noon`."""
    plain = text.strip().lower()
    if plain in _NAMED_TIMES:
        return _NAMED_TIMES[plain]
    if match := _DIGITS.fullmatch(plain) or _TIME.fullmatch(plain):
        hour, minute = int(match[1]), int(match[2] or 0)
        half = _half(match) if match.re is _TIME else None
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        elif half and match[3]:  # `13pm`; `19 Uhr abends` is 19:00
            hour = 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise UserError(f"“{excerpt(text)}” is not a time of day. Write it as 09:00, 9am or 21.30.")


def read_hours(text: str) -> QuietHours | None:
    """Hours of the day from `22:00-08:00` or `10pm-8am`; None for `off`."""
    plain = " ".join(text.strip().lower().split())
    if plain in _NO_HOURS:
        return None
    start, dash, end = re.sub(r"\s*(?:–|-|\bto\b|\buntil\b|\bbis\b)\s*", "-", plain).partition("-")
    if not dash:
        raise UserError(f"“{excerpt(text)}” is not a part of the day. Write it as 22:00-08:00, or off.")
    hours = QuietHours(read_time(start), read_time(end))
    if hours.start == hours.end:
        raise UserError(
            f"“{excerpt(text)}” is the whole day, so that nothing would be posted. Write it as 22:00-08:00."
        )
    return hours


def _half(match: re.Match[str]) -> str | None:
    """`a` before noon, `p` after it; None for an hour of 24."""
    if match[4] is None:
        return match[3]
    return "a" if match[4] in _MORNING else "p"


def read_days(text: str) -> frozenset[int]:
    """Weekdays, Monday is 0, from `mon-fri`, `weekdays`, `mon,wed,fri`, `daily`, `weekly` (Mondays) or `weekly fri`."""
    plain = re.sub(r"\s*(?:–|-|\bto\b|\bthrough\b|\bbis\b)\s*", "-", " ".join(text.strip().lower().split()))
    if plain not in _NAMED_DAYS:
        plain = re.sub(r"^(?:only |on |every |each )+(?=.)", "", plain)
    if plain in _NAMED_DAYS:
        return _NAMED_DAYS[plain]
    if plain in _NO_DAYS:
        text = f"For no digests: {typed('pause')} for a while, or {typed('unsubscribe')}."
        raise UserError(text, lines=(("pause", "pause"), ("unsubscribe", "unsubscribe")))
    if _OTHER_RHYTHM.fullmatch(plain):
        lines = ("subscribe days:daily", "subscribe days:mon,thu", "subscribe weekly:fri")
        choice = f"{typed(lines[0])}, {typed(lines[1])} or {typed(lines[2])}"
        raise UserError(
            f"A digest comes once a day, on days of the week: {choice}.", lines=tuple((line, line) for line in lines)
        )
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
        for number, name in enumerate(DAYS):
            if name.startswith(plain.rstrip(".")):
                return number
    nearest = difflib.get_close_matches(plain, (*WEEKDAYS, *DAYS, *_NAMED_DAYS), n=1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    values = (nearest[0],) if nearest and word.strip() == text.strip() else ()
    raise UserError(f"“{excerpt(word) or excerpt(text)}” is not a weekday. {hint}{_DAYS_REMEDY}", values=values)


def excerpt(text: str) -> str:
    """Typed text on one line of at most 60 characters, to be quoted in an error; backquotes are for our own words."""
    line = " ".join(text.replace("`", "'").split())
    return line if len(line) <= 60 else f"{line[:59]}…"
