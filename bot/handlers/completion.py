"""Ways to go on while somebody types, from memory. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.commands import COMMANDS, GROUPS, Option, zones
from bot.commands.parsing import APART
from bot.model import Paper, Subscription

MOST, LONGEST = 25, 100
"""https://discord.com/developers/docs/interactions/application-commands#autocomplete"""
_TITLE = 70
"""Characters of a title: an id, the dots and this fit in however wide Discord counts its letters."""
DAYS = ("daily", "weekdays", "mon-fri", "mon,wed,fri", "weekly mon", "weekly fri", "weekends")
CATEGORIES = (
    "cs.CL", "cs.CV", "cs.LG", "cs.AI", "cs.RO", "cs.IR", "cs.CR", "cs.SE", "cs.HC", "cs.MA", "cs.DC", "cs.SD", "cs.GR",
    "cs.NE", "cs.DB", "cs.CY", "cs.MM", "cs.PL", "cs.AR", "stat.ML", "eess.AS", "eess.IV", "eess.SP", "math.OC",
    "quant-ph", "q-bio.NC",
)  # fmt: skip
"""The categories people follow most, by papers on Daily Papers; any other can be typed."""


def complete(
    command: str, option: str, prefix: str, wish: Subscription | None, papers: Iterable[Paper] = ()
) -> tuple[str, ...]:
    """At most 25 values that fit what is typed so far, best first. `papers` are those one is likely to mean."""
    found = COMMANDS.get(command)
    known = found.option(option) if found else None
    if known is None:
        return ()
    if option in {"topic", "query"}:
        return _topics(command, prefix, wish)
    if known.kind == "paper":
        return _fitting((f"{each.id}{APART}{_short(each.title)}" for each in papers), prefix)
    return _fitting(_values(known), prefix)


def _values(option: Option) -> Iterable[str]:
    """Everything an option can be, as far as that is a list."""
    match option.kind, option.name:
        case "choice", _:
            return option.choices
        case "timezone", _:
            return zones().values()
        case "days", _:
            return DAYS
        case _, "command":
            return [*(command.name for command in COMMANDS.values() if not command.hidden), *GROUPS]
        case _:
            return ()


def _topics(command: str, prefix: str, wish: Subscription | None) -> tuple[str, ...]:
    if command in {"topics remove", "topics unmute"}:
        lines = (wish.mutes if command == "topics unmute" else wish.topics) if wish else ()
        return _fitting(lines, prefix)
    before, colon, category = prefix.rpartition("cat:")
    if colon and " " not in category:
        return tuple(f"{before}cat:{found}" for found in _fitting(CATEGORIES, category))
    followed = wish.topics if wish and not command.startswith("topics") else ()
    fitting = _fitting(followed, prefix)
    typed = (prefix.strip(),) if prefix.strip() and prefix.strip() not in fitting else ()
    return (*typed, *fitting)[:MOST]


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1].rstrip()}…"


def _fitting(values: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Those that begin with the prefix, then those with a part that does, then those that contain it."""
    wanted = prefix.strip().lower().replace(" ", "_")
    ranked: list[tuple[int, str]] = []
    for value in values:
        lower = value.lower().replace(" ", "_")
        if wanted in lower:
            rank = 0 if lower.startswith(wanted) else 1 if f"/{wanted}" in lower or f"_{wanted}" in lower else 2
            ranked.append((rank, value))
    ranked.sort(key=lambda pair: pair[0])
    return tuple(value for _, value in ranked if len(value) <= LONGEST)[:MOST]
