"""Watches: which new papers they bring, and what is posted of them now. Pure.

watches + shortlist ─► hits: new papers that match, by channel ─► plan: cards and the rest of the day that are due now

Nothing is remembered between two looks but what the ledger has: a paper that waits is found again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from bot.query.paper_set import PaperSet

if TYPE_CHECKING:
    from bot.digest.shortlist import Shortlist
    from bot.model import Channel, Paper, PostRecord, Ref, Trend, Watch

NEW_FOR = timedelta(days=7)
"""How long after a paper was first seen or listed a watch may bring it, where it had to wait."""
REST_AT = time(18)
"""Hour from which the day's other papers come in one message; where that is quiet, an hour before it gets quiet."""
REST_MOST = 20
"""Papers of that message; what is over comes the next day."""
TRIES = 2
"""Posts of one paper: one that is given up is tried once more as a message of its own, or with the rest of a day."""
GIVEN_UP = 3
"""Looks in a row whose posts were given up, after which a channel's watches are stopped."""
REST = "rest"
"""First word of the key of a message with the rest of a day."""


class Hit(NamedTuple):
    """A new paper, and the watches of one channel that it matches."""

    trend: Trend
    watches: tuple[Watch, ...]

    @property
    def paper_id(self) -> str:
        """Id of the paper."""
        return self.trend.paper.id

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the watches."""
        return tuple(watch.line for watch in self.watches)


class Card(NamedTuple):
    """One paper to post now."""

    key: str
    hit: Hit
    under: Ref | None
    """The day's first message of the channel's watches; None: this one opens."""


class Rest(NamedTuple):
    """The day's other papers, to post now in one message."""

    key: str
    hits: tuple[Hit, ...]
    under: Ref | None


@dataclass(slots=True)
class Plan:
    """Posts due in one channel, and the time until which other papers wait there."""

    day: date
    cards: list[Card] = field(default_factory=list)
    rest: Rest | None = None
    again_at: datetime | None = None
    """When a paper that waits may be posted; None: none waits."""

    def wait(self, until: datetime) -> None:
        """Look again then, or earlier for another paper."""
        self.again_at = min(self.again_at or until, until)


def came_at(paper: Paper) -> datetime | None:
    """The time at which a paper was first seen or listed, whichever is later."""
    return max(filter(None, (paper.first_seen, paper.listed_at)), default=None)


def find_hits(watches: Iterable[Watch], shortlist: Shortlist, now: datetime) -> dict[Channel, list[Hit]]:
    """The papers that watches match and that came since these were set, by channel, best first."""
    arrivals = [came_at(trend.paper) for trend in shortlist.trends]
    new = PaperSet(i for i, at in enumerate(arrivals) if at is not None and at > now - NEW_FOR)
    matching: dict[Channel, defaultdict[int, list[Watch]]] = {}
    for watch in watches:
        for position in shortlist.matching(watch.line) & new:
            at = arrivals[position]
            if at is not None and watch.set_at is not None and at > watch.set_at:
                matching.setdefault(watch.channel, defaultdict(list))[position].append(watch)
    return {
        channel: [Hit(shortlist.trends[position], tuple(by_position[position])) for position in sorted(by_position)]
        for channel, by_position in matching.items()
    }


def plan(hits: Sequence[Hit], shown: Collection[str], records: Sequence[PostRecord], now: datetime) -> Plan:
    """Plan which of a channel's hits are posted now. `shown`: papers that it has had; `records`: posts of its watches.

    The day's first paper opens a thread, later ones are replies in it; where one person alone reads, all open.
    """
    local = now.astimezone(ZoneInfo(hits[0].watches[0].timezone))
    today = _Today(hits, records, local.date())
    planned, rest = Plan(local.date()), list[Hit]()
    for hit in hits:
        if hit.paper_id in shown or today.given_up[hit.paper_id] >= TRIES:
            continue
        awake = [watch for watch in hit.watches if watch.quiet is None or not watch.quiet.cover(local.time())]
        if today.has_room(awake) and hit.paper_id not in today.perhaps_posted:
            _add_card(planned, hit, today, now)
        elif not today.rest_posted and len(rest) < REST_MOST and any(local.time() >= rest_hour(each) for each in awake):
            rest.append(hit)
        else:
            planned.wait(_next_change(hit.watches, local))
    if rest:
        under, waits = today.thread(direct=rest[0].watches[0].direct)
        if waits:
            planned.wait(now)
        else:
            planned.rest = Rest(f"{REST} {local.date()}", tuple(rest), under)
    return planned


def _next_change(watches: Iterable[Watch], local: datetime) -> datetime:
    """The next moment at which papers that wait may be posted: the day is over, or quiet hours, or the rest is due."""
    hours = {time(0), *map(rest_hour, watches), *(watch.quiet.end for watch in watches if watch.quiet is not None)}
    return min(next_at(local, hour) for hour in hours)


def next_at(local: datetime, hour: time) -> datetime:
    """The next moment after `local` at which it is so late by its clock."""
    today = datetime.combine(local.date(), hour, local.tzinfo).astimezone(UTC)
    return (
        today
        if today > local
        else datetime.combine(local.date() + timedelta(days=1), hour, local.tzinfo).astimezone(UTC)
    )


def _add_card(planned: Plan, hit: Hit, today: _Today, now: datetime) -> None:
    """Plan one paper, unless it waits for the handle of the message that opens the thread."""
    tries, direct = today.given_up[hit.paper_id], hit.watches[0].direct
    under, waits = today.thread(direct=direct)
    today.count(hit, opens=under is None and not direct)
    if waits:
        planned.wait(now)
    else:
        key = f"{hit.paper_id} {tries + 1}" if tries else hit.paper_id
        planned.cards.append(Card(key, hit, None if tries else under))


def last_of_failed(records: Sequence[PostRecord], watches: Collection[Watch]) -> PostRecord | None:
    """The last of the posts given up, of too many looks in a row since a channel's latest watch was set; else None.

    Posts made in one look count as one: they are given up together where the channel cannot be reached.
    """
    since = max((watch.set_at for watch in watches if watch.set_at is not None), default=None)
    recent = [each for each in records if since is None or each.made_at >= since]
    looks = sorted({each.made_at for each in recent})[-GIVEN_UP:]
    latest = [each for each in recent if each.made_at in looks]
    failed = len(looks) == GIVEN_UP and all(each.state == "abandoned" for each in latest)
    return latest[-1] if failed else None


def rest_hour(watch: Watch) -> time:
    """The hour by the channel's clock from which a day's other papers of a watch come."""
    if watch.quiet is None or not watch.quiet.cover(REST_AT):
        return REST_AT
    return watch.quiet.start.replace(hour=(watch.quiet.start.hour - 1) % 24)


class _Today:
    """Posts of a channel's watches on one local day, stored and planned."""

    def __init__(self, hits: Sequence[Hit], records: Sequence[PostRecord], day: date) -> None:
        failed = [each for each in records if each.state == "abandoned"]
        self.given_up = Counter(paper_id for each in failed for paper_id in each.papers)
        """By paper id: posts that did not arrive."""
        self.perhaps_posted = {paper_id for each in failed if each.may_have_arrived for paper_id in each.papers}
        """Ids of papers that nobody can tell about: a message of their own could be their second."""
        today = [each for each in records if each.day == day and each.state != "abandoned"]
        self.rest_posted = any(each.day == day and _is_rest(each) for each in records)
        can_open = (each for each in today if each.under is None and (each.ref is not None or each.state == "open"))
        self._opener, self._opens = next(can_open, None), False
        cards = {each.papers[0] for each in today if each.papers and not _is_rest(each)}
        self._cards = Counter(each.line for hit in hits if hit.paper_id in cards for each in hit.watches)
        """By line of a watch: papers of today that had a message of their own."""

    def has_room(self, watches: Iterable[Watch]) -> bool:
        """Whether one of these may post another paper on its own."""
        return any(self._cards[watch.line] < watch.most for watch in watches)

    def count(self, hit: Hit, *, opens: bool) -> None:
        """Count a planned paper, and that it opens the day's thread."""
        self._cards.update(watch.line for watch in hit.watches)
        self._opens |= opens

    def thread(self, *, direct: bool) -> tuple[Ref | None, bool]:
        """The message to reply to, None where the next one opens; and whether the one that opens is on its way."""
        if direct:
            return None, False
        if self._opener is None:
            return None, self._opens
        return self._opener.ref, self._opener.ref is None


def _is_rest(record: PostRecord) -> bool:
    return record.key.key.startswith(f"{REST} ")
