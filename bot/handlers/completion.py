"""Completion of options while they are typed, from memory. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from bot.commands import COMMANDS, GROUPS, zones
from bot.commands.command import Completion
from bot.commands.options import ALL_DIGESTS, NAME_OR_ALL
from bot.commands.values import ID_SEPARATOR
from bot.model import MANAGERS, MEMBERS, Paper, Subscription
from bot.model.category import CATEGORIES
from bot.text.sentences import cut
from bot.wording.parts import title_of

MOST, LONGEST = 25, 100
"""https://discord.com/developers/docs/interactions/application-commands#autocomplete"""
_TITLE = 70
"""Characters of a title, so that id and title fit in 100 even where Discord counts a letter as two."""
DAYS = ("daily", "weekdays", "mon-fri", "mon,wed,fri", "weekly mon", "weekly fri", "weekends")


RULES = {**dict.fromkeys(("managers", "sharers", "feedback"), (MEMBERS, MANAGERS)), "mention": ("off",)}
"""Values beside groups, by option."""


def complete(
    command: str,
    option: str,
    prefix: str,
    digests: Sequence[Subscription],
    offered: Mapping[Completion, Iterable[str]] = MappingProxyType({}),
) -> tuple[str, ...]:
    """At most 25 values that fit what is typed so far, best first.

    `digests`: those of the channel, whose names and lines are offered; `offered`: what was looked up, by kind.
    """
    declared = COMMANDS[command].option(option) if command in COMMANDS else None
    if declared is None:
        return ()
    followed = dict.fromkeys(line for each in digests for line in each.topics)
    mutes = dict.fromkeys(line for each in digests for line in each.mutes)
    if declared.completes in {"queries", "topics"}:
        return _queries(prefix, followed if declared.completes == "queries" else ())
    values: Mapping[Completion | None, Iterable[str]] = {
        "followed": followed,
        "muted": mutes,
        "commands": ("all", *(each.name for each in COMMANDS.values() if not each.hidden), *GROUPS),
        "timezones": zones().values(),
        "days": DAYS,
        "digests": _names(digests, with_all=declared == NAME_OR_ALL),
        "groups": (*RULES.get(option, ()), *offered.get("groups", ())),
        "papers": offered.get("papers", ()),
        "watched": offered.get("watched", ()),
        None: declared.choices,
    }
    return fitting(values[declared.completes], prefix)


def paper_values(papers: Iterable[Paper]) -> Iterator[str]:
    """Values for an option that is a paper: id and title."""
    return (f"{paper.id}{ID_SEPARATOR}{cut(title_of(paper), _TITLE)}" for paper in papers)


def _names(digests: Sequence[Subscription], *, with_all: bool) -> tuple[str, ...]:
    names = tuple(each.name for each in digests)
    return (*names, ALL_DIGESTS) if with_all and len(names) > 1 else names


def _queries(prefix: str, followed: Iterable[str]) -> tuple[str, ...]:
    """Categories after `cat:`, else what is typed and the followed topics that fit."""
    before, colon, category = prefix.rpartition("cat:")
    if colon and " " not in category:
        return tuple(f"{before}cat:{each}" for each in fitting(CATEGORIES, category))
    matching = fitting(followed, prefix)
    typed = (prefix.strip(),) if prefix.strip() and prefix.strip() not in matching else ()
    return (*typed, *matching)[:MOST]


def fitting(values: Iterable[str], prefix: str) -> tuple[str, ...]:
    """At most 25 values that begin with the prefix, then those with a part that does, then those that contain it."""
    typed = prefix.strip().lower().replace(" ", "_")
    ranked: list[tuple[int, str]] = []
    for value in values:
        lower = value.lower().replace(" ", "_")
        if typed in lower:
            rank = 0 if lower.startswith(typed) else 1 if f"/{typed}" in lower or f"_{typed}" in lower else 2
            ranked.append((rank, value))
    ranked.sort(key=lambda pair: pair[0])
    return tuple(value for _, value in ranked if len(value) <= LONGEST)[:MOST]
