"""A journal club: its rhythm, its meetings, and the papers that are voted on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal, NamedTuple

from bot.model.channel import Channel, Ref
from bot.model.paper import Paper

MOST_CANDIDATES = 12
"""Papers that one meeting may vote on."""


class MeetingState(StrEnum):
    """State of a meeting; its club goes on to the next one after any of the last five."""

    PLANNED = "planned"
    VOTING = "voting"
    CLOSED = "closed"
    """No vote counts any more, and the result is not stored yet."""
    DECIDED = "decided"
    OVER = "over"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    EMPTY = "empty"
    """There was no paper to vote on."""
    UNPOSTED = "unposted"
    """The vote could not be posted."""


UNDER_WAY = (MeetingState.PLANNED, MeetingState.VOTING, MeetingState.CLOSED, MeetingState.DECIDED)
"""States of a channel's one meeting that is still to come."""


@dataclass(frozen=True, slots=True)
class Club:
    """The rhythm of a channel's journal club: a weekday and an hour in a time zone, every so many weeks."""

    channel: Channel
    weekday: int
    """Monday is 0."""
    at: time
    timezone: str
    weeks: int = 1
    set_by: Channel | None = None
    """The person who started it, whom notices are sent to."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a club."""

    channel: Channel
    day: date
    """The channel's local day."""
    timezone: str
    starts_at: datetime
    opens_at: datetime
    """Begin of the vote."""
    closes_at: datetime
    """End of the vote."""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    """Unique for ever: the keys of its posts begin with it."""
    state: MeetingState = MeetingState.PLANNED
    winner: int | None = None
    """Number of the candidate that is read."""
    votes: int = 0
    """Votes for the winner."""
    tied: int = 1
    """Candidates with as many votes, among which it was drawn."""
    ballots: int = 0
    """Votes in all."""
    revision: int = 0
    """Grows with every change that a calendar or the routine has to know of."""
    presenting: int = 0
    """Times that the presenter changed."""
    reason: str = ""
    """Why it ended before its time; empty if a person ended it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that is voted on."""

    number: int
    """From 1, in the order of the vote's message."""
    paper: Paper
    added: bool = False
    """Whether somebody added it after the vote's message was made."""
    discuss: int = 0
    """People who wanted to discuss it when the vote began."""
    likes: int = 0


class Wanted(NamedTuple):
    """A paper that a channel wants to read, with what may be said about it in public."""

    paper_id: str
    discuss: int = 0
    likes: int = 0


class Presenter(NamedTuple):
    """A person who presents the paper, with the name that others read."""

    user: Channel
    name: str


class PostedMessage(NamedTuple):
    """Outcome of a post of one message; `state` is that of the post in the ledger."""

    state: str
    ref: Ref | None = None
    lost: bool = False
    """Whether nobody can tell if it arrived."""
    reason: str = ""
    tried: bool = True
    """Whether it may have left."""

    @property
    def failed(self) -> bool:
        """Whether it will not be posted any more, and may not be there."""
        return self.state != "open" and self.ref is None


@dataclass(frozen=True, slots=True)
class MeetingDetails:
    """A meeting with everything that is stored about it, read at one moment."""

    meeting: Meeting
    candidates: tuple[Candidate, ...] = ()
    votes: Mapping[Channel, int] = field(default_factory=dict)
    """Number of the candidate by person."""
    presenter: Presenter | None = None
    posts: Mapping[str, PostedMessage] = field(default_factory=dict)
    """By what follows the meeting's id in the key: `poll`, `result`, …"""

    @property
    def winner(self) -> Candidate | None:
        """The candidate that is read."""
        return self.candidate(self.meeting.winner)

    def candidate(self, number: int | None) -> Candidate | None:
        """The candidate of a number."""
        return next((each for each in self.candidates if each.number == number), None)

    @property
    def thread(self) -> Ref | None:
        """The message that everything else is said under: the vote, or what was said anew where that is gone."""
        refs = (self.posts[name].ref for name in ("result again", "poll", "result") if name in self.posts)
        return next(filter(None, refs), None)


Voted = Literal["voted", "changed", "same", "withdrawn", "early", "over", "unknown"]
"""What became of a vote; `early`: the vote has not begun."""
Added = Literal["added", "listed", "full", "over", "unknown"]
"""What became of a paper for a vote; `listed`: it was a candidate before."""
Presenting = Literal["presents", "same", "other", "withdrawn", "over", "unknown"]
"""What became of an offer to present; `other`: somebody else does."""
