"""Papers that a channel liked before: under a pick that is close to one, and in the answer to `memory`. Pure."""

from __future__ import annotations

from datetime import date, datetime

from bot.model import LikedNeighbour, PublicLikes, ShownPaper, Span
from bot.text.cleaning import clean_text
from bot.text.sentences import cut
from bot.wording.parts import LONG_MONTHS

TITLE_MAX = 120
"""Characters of the title of the other paper."""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def neighbour_spans(neighbour: LikedNeighbour, now: datetime) -> tuple[Span, ...]:
    """`Close to X, which three of you liked on 3 March`, the date linked to the message about X."""
    verb = f", which {number_text(neighbour.people)} of you {neighbour.how} "
    return (
        Span("Close to "),
        Span(cut(clean_text(neighbour.title), TITLE_MAX), italic=True),
        Span(verb),
        Span(_when(neighbour, now), url=neighbour.url),
        Span("."),
    )


def shown_spans(
    shown: ShownPaper | None, likes: PublicLikes | None, url: str | None, now: datetime
) -> tuple[Span, ...]:
    """`shown on 3 March · three of you liked it`, the date linked to the message."""
    parts = []
    if shown is not None:
        parts.append(Span(f"shown on {date_text(shown.day, now.date())}", url=url))
    if likes is not None:
        parts.append(Span(f"{number_text(likes.people)} of you {likes.how} it"))
    return tuple(span for part in parts for span in (Span(" · "), part))


def number_text(number: int) -> str:
    """A number in words up to ten."""
    return NUMBERS[number - 1] if 1 <= number <= len(NUMBERS) else f"{number:,}"


def date_text(day: date, today: date) -> str:
    """`3 March`, or `3 March 2025` of another year than today's."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {LONG_MONTHS[day.month - 1]}{year}"


def _when(neighbour: LikedNeighbour, now: datetime) -> str:
    """`on 3 March`, or `between 3 and 9 March`, by the clock of `now`."""
    first, last = (at.astimezone(now.tzinfo).date() for at in (neighbour.first_at, neighbour.last_at))
    end = date_text(last, now.date())
    if first == last:
        return f"on {end}"
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else date_text(first, now.date())
    return f"between {start} and {end}"
