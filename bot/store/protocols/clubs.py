"""Queries and changes of journal clubs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.model import Channel
from bot.model.club import Added, Club, Meeting, MeetingDetails, MeetingState, Presenting, Voted, Wanted


class Clubs(Protocol):
    """A club a channel, and its meetings: one under way, the ended ones behind it.

    Changes are conditional on the state of the meeting: of several processes, or of a repeat, one makes them.
    """

    async def start(self, club: Club, meeting: Meeting) -> bool:
        """Store a club with its first meeting. False, and nothing changes, if the channel has one."""

    async def stop(self, channel: Channel) -> bool:
        """Delete a channel's club and end its meeting under way. False if it has none."""

    async def club(self, channel: Channel) -> Club | None:
        """The club of a channel."""

    async def current(self, channel: Channel) -> MeetingDetails | None:
        """The channel's meeting under way."""

    async def latest(self, channel: Channel) -> Meeting | None:
        """The channel's meeting that ended last."""

    async def meeting(self, meeting: str) -> MeetingDetails | None:
        """A meeting of an id."""

    async def due(self, now: datetime) -> list[str]:
        """Ids of the meetings that are to be looked at, in their order."""

    async def looked(self, meeting: Meeting, again: datetime | None) -> None:
        """Set when a meeting is to be looked at again; one that was changed since it was read stays due."""

    async def discussed(self, channel: Channel) -> frozenset[str]:
        """Ids of the papers that the channel's meetings have read."""

    async def open_vote(self, meeting: str, wanted: Sequence[Wanted]) -> bool:
        """Begin the vote of a planned meeting, those that were added before among its candidates."""

    async def add(self, channel: Channel, meeting: str, paper_id: str, now: datetime) -> Added:
        """Make a paper a candidate, before or during the vote."""

    async def vote(self, channel: Channel, meeting: str, user: Channel, number: int | None, now: datetime) -> Voted:
        """Count a person's one vote for a candidate in place of an earlier one; None takes it back."""

    async def close_vote(self, meeting: str) -> bool:
        """Let no vote count any more."""

    async def decide(self, meeting: str, winner: int, *, votes: int, tied: int, ballots: int) -> bool:
        """Store the result of a closed vote."""

    async def end(self, meeting: str, state: MeetingState, upcoming: Meeting | None, reason: str = "") -> bool:
        """End a meeting under way, and store the next one if the channel still has a club."""

    async def present(  # noqa: PLR0913 - who, where and when
        self, channel: Channel, meeting: str, user: Channel, name: str, now: datetime, *, instead: bool = False
    ) -> Presenting:
        """Make a person the presenter of a decided meeting; with `instead`, in place of another one."""

    async def withdraw_presenter(self, channel: Channel, meeting: str, user: Channel, now: datetime) -> Presenting:
        """Record that the presenter cannot."""
