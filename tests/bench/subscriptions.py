"""Subscriptions as people write them: words and phrases that occur, fields, mutes, sizes from three to ten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.errors import QueryError
from bot.model import Channel, Paper, Subscription
from bot.query.parser import canonical
from bot.text.analyzer import STOP_WORDS
from tests.bench.papers import CATEGORIES, NOW

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Sydney",
)
_WORD = re.compile(r"[a-z]{5,}")

Selection = tuple[tuple[str, ...], tuple[str, ...], int]
"""Topics, mutes and size, as `Subscription.selection_key`."""


def selections(count: int, papers: Sequence[Paper]) -> list[Selection]:
    """So many distinct selections; one in ten follows everything."""
    dice = Random(count)
    distinct: dict[Selection, None] = {}
    while len(distinct) < count:
        topics = () if dice.random() < 0.1 else tuple(_topic(papers, dice) for _ in range(dice.randint(1, 4)))
        mutes = tuple(_topic(papers, dice) for _ in range(dice.choice((0, 0, 1, 2))))
        distinct[topics, mutes, dice.randint(3, 10)] = None
    return list(distinct)


def _topic(papers: Sequence[Paper], dice: Random) -> str:
    """A topic of a paper's words; another one where these are words of nearly every paper."""
    while True:
        with suppress(QueryError):
            return canonical(_line(papers, dice))


def _line(papers: Sequence[Paper], dice: Random) -> str:
    about = dice.choice(papers)
    written = _WORD.findall(f"{about.title} {about.abstract}".lower())
    words = [word for word in written if word not in STOP_WORDS] or ["diffusion"]  # of stop words alone no topic is
    at = dice.randrange(len(words))
    row, one, other = " ".join(words[at : at + 2]), dice.choice(words), dice.choice(words)
    category, author = dice.choice(CATEGORIES), dice.choice(about.authors)
    words_alone = (one, one, f"{one} {other}", f"{one} {other}", f'"{row}"', f"{one} | {other}", f"{one} -{other}")
    fields = (f"cat:{category}", f"cat:{category} {one}", f'author:"{author}"', f"org:nvidia {one}", f"like:{about.id}")
    facts = (f"{one} has:code", f"{one} min:20", f"{one} since:7d")
    return dice.choice((*words_alone, *fields, *facts))


def subscriptions(
    selected: Sequence[Selection], channels: int, *, now: datetime = NOW, due: timedelta = timedelta()
) -> Iterator[Subscription]:
    """Subscriptions of so many channels that share these selections, due at `now` plus `due`, in seven time zones."""
    at = now + due
    for number in range(channels):
        topics, mutes, size = selected[number % len(selected)]
        zone = ZONES[number % len(ZONES)]
        yield Subscription(
            Channel(f"bench:T{number % 97}/C{number}"),
            topics=topics,
            mutes=mutes,
            size=size,
            at=at.astimezone(ZoneInfo(zone)).time().replace(tzinfo=None),
            timezone=zone,
            set_by=Channel(f"bench:T{number % 97}/U{number}"),
            set_at=now - timedelta(days=30),
            last_at=now - timedelta(days=1),
            next_due=at,
        )
