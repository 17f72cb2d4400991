"""A journal club: when it meets and votes, the papers that are wanted, and who wins. Pure."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.model import Channel, Feedback
from bot.model.club import Club, Meeting, Wanted

MOST_WANTED = 5
"""Papers in the message of a vote."""
VOTE_BEGINS = timedelta(days=7)
"""Before the meeting."""
VOTE_ENDS = timedelta(days=2)
"""Before the meeting, so that there is time to read."""
WEEKLY_VOTE_ENDS = timedelta(days=1)
LEAST_VOTE = timedelta(days=1)
"""A meeting whose vote would be shorter is left to the next date."""
REMINDED = timedelta(hours=1)
"""Before the meeting."""
REMEMBERED = timedelta(days=60)
"""Age of a like, a save or a wish to discuss after which it no longer says what to read."""
_WEIGHTS: Mapping[str, int] = {"discuss": 3, "reaction": 2, "save": 1}
"""What one person's gesture adds. A reading list is private: saves move papers, and no figure or name says so."""


def first_meeting(club: Club, now: datetime) -> Meeting:
    """The first meeting of a new club: on the first such weekday that leaves a day to vote."""
    today = now.astimezone(ZoneInfo(club.timezone)).date()
    day = today + timedelta(days=(club.weekday - today.weekday()) % 7)
    return _meeting(club, day, now, step=timedelta(weeks=1))


def next_meeting(club: Club, last: date, now: datetime) -> Meeting:
    """The meeting after one on a day: a whole number of its rhythm later, that leaves a day to vote."""
    step = timedelta(weeks=club.weeks)
    return _meeting(club, last + step, now, step=step)


def _meeting(club: Club, day: date, now: datetime, *, step: timedelta) -> Meeting:
    ends = WEEKLY_VOTE_ENDS if club.weeks == 1 else VOTE_ENDS
    while _local(club, day - ends) - now < LEAST_VOTE:
        day += step
    opens_at = max(_local(club, day - VOTE_BEGINS), now)
    return Meeting(club.channel, day, club.timezone, _local(club, day), opens_at, _local(club, day - ends))


def _local(club: Club, day: date) -> datetime:
    """The club's hour on a local day, as `bot.model.schedule` reads hours that a change of the clock leaves out."""
    return datetime.combine(day, club.at, ZoneInfo(club.timezone)).astimezone(UTC)


def most_wanted(
    feedback: Iterable[Feedback], trending: Sequence[str], discussed: Collection[str], now: datetime
) -> list[Wanted]:
    """The papers to vote on: those that people here want to discuss, like or saved, then those that trend.

    `trending`: ids of papers that the channel was shown, best first. What was `discussed` does not return.
    """
    people: defaultdict[str, dict[str, set[Channel]]] = defaultdict(lambda: defaultdict(set))
    scores: Counter[str] = Counter()
    for each in feedback:
        if now - each.at <= REMEMBERED and each.paper_id not in discussed:
            scores[each.paper_id] += _WEIGHTS.get(each.gesture, 0) * each.value
            if each.value > 0:
                people[each.paper_id][each.gesture].add(each.user)
    by_score = sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))
    liked_ids = [paper_id for paper_id in by_score if scores[paper_id] > 0]
    others = [each for each in trending if each not in scores and each not in discussed]
    return [
        Wanted(each, len(people[each]["discuss"]), len(people[each]["reaction"]))
        for each in dict.fromkeys((*liked_ids, *others))
    ][:MOST_WANTED]


class Winner(NamedTuple):
    """The candidate with most votes."""

    number: int
    votes: int
    tied: int
    """Candidates with as many votes."""
    ballots: int


def draw(votes: Mapping[Channel, int], seed: str) -> Winner:
    """The candidate with most votes; of several one by lot, the same for the same seed. Without votes the first."""
    counts = Counter(votes.values())
    if not counts:
        return Winner(1, 0, 1, 0)
    most = max(counts.values())
    tied = sorted(number for number, count in counts.items() if count == most)
    number = random.Random(seed).choice(tied)  # noqa: S311 - a draw that a repeat after a crash must not change
    return Winner(number, most, len(tied), len(votes))
