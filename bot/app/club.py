"""The routine of journal clubs: begins and ends votes, goes on to the next meeting, posts what is due.

Each step is one conditional change of the store, and what is posted follows from what is stored, under keys that are
for ever: killed between any two of them, the next look goes on where this one stopped.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from bot.digest.club import draw, most_wanted, next_meeting
from bot.model import Channel, PostKey
from bot.model.club import MeetingDetails, MeetingState, Wanted
from bot.model.post import CLUB
from bot.ports import Engine
from bot.store import Store
from bot.wording.club import unposted_notice
from bot.wording.club_posts import VOTE, club_posts, look_again

log = logging.getLogger("paperboy.club")

TRENDING_LOOKED_AT = 200
"""Trending papers of which those that the channel was shown may be voted on."""
AT_ONCE = 50
"""Meetings looked at beside each other, whose changes share their commits."""
NOTHING_RAN = "Paperboy did not run while the vote was due"
NO_ROOM = "the channel had as many messages as it takes a day"


class ClubRoutine:
    """Implements `ports.Routine`."""

    name = "journal clubs"

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._clubs, self._engine = store, store.clubs, engine

    async def run(self, now: datetime) -> None:
        """Look at every meeting that is due; one that fails holds up no other."""
        seen: set[str] = set()
        while meetings := [each for each in await self._clubs.due(now) if each not in seen][:AT_ONCE]:
            seen.update(meetings)  # the end of one may be the beginning of the next
            await asyncio.gather(*(self._look_at(meeting, now) for meeting in meetings))

    async def _look_at(self, meeting: str, now: datetime) -> None:
        try:
            await self._advance_all(meeting, now)
        except Exception:
            log.exception("a journal club failed meeting=%s", meeting)

    async def _advance_all(self, meeting: str, now: datetime) -> None:
        while (details := await self._clubs.meeting(meeting)) is not None:
            if await self._advance(details, now):
                continue
            following = await self._clubs.current(details.meeting.channel)
            posts = club_posts(details, following.meeting if following else None, now)
            await self._engine.post(posts)
            await self._clubs.looked(details.meeting, look_again(details, posts, now))
            return

    async def _advance(self, details: MeetingDetails, now: datetime) -> bool:
        """Take the next step of a meeting if it is time; False if there is none."""
        meeting = details.meeting
        match meeting.state:
            case MeetingState.PLANNED if now >= meeting.opens_at:
                return await self._open_vote(details, now)
            case MeetingState.VOTING:
                return await self._close_vote(details, now)
            case MeetingState.CLOSED:
                winner = draw(details.votes, meeting.id)
                return await self._clubs.decide(
                    meeting.id, winner.number, votes=winner.votes, tied=winner.tied, ballots=winner.ballots
                )
            case MeetingState.DECIDED if now >= meeting.starts_at:
                return await self._end(details, MeetingState.OVER, now)
        return False

    async def _open_vote(self, details: MeetingDetails, now: datetime) -> bool:
        meeting = details.meeting
        wishes = await self._wanted(meeting.channel, now)
        if now >= meeting.closes_at:
            has_papers = bool(wishes or details.candidates)
            state = MeetingState.UNPOSTED if has_papers else MeetingState.EMPTY
            return await self._end(details, state, now, NOTHING_RAN if has_papers else "")
        return bool(wishes or details.candidates) and await self._clubs.open_vote(meeting.id, wishes)

    async def _close_vote(self, details: MeetingDetails, now: datetime) -> bool:
        """End the vote at its time; end the meeting where the vote could not be posted."""
        meeting, vote = details.meeting, details.posts.get(VOTE)
        if vote is not None and (vote.ref is not None or vote.lost):
            return now >= meeting.closes_at and await self._clubs.close_vote(meeting.id)
        if vote is not None and vote.failed and vote.state != "open":
            return await self._end(details, MeetingState.UNPOSTED, now, vote.reason)
        if now < meeting.closes_at:
            return False
        if vote is not None:
            await self._store.ledger.abandon(PostKey(meeting.channel, CLUB, f"{meeting.id} {VOTE}"), "too late")
        return await self._end(details, MeetingState.UNPOSTED, now, vote.reason if vote else NO_ROOM)

    async def _end(self, details: MeetingDetails, state: MeetingState, now: datetime, reason: str = "") -> bool:
        meeting = details.meeting
        club = await self._clubs.club(meeting.channel)
        upcoming = next_meeting(club, meeting.day, now) if club else None
        if state is MeetingState.UNPOSTED and club is not None:
            await self._notify(club.set_by, details, reason, now)
        log.info("meeting ended channel=%s meeting=%s as=%s reason=%r", meeting.channel, meeting.id, state, reason)
        return await self._clubs.end(meeting.id, state, upcoming, reason)

    async def _notify(self, recipient: Channel | None, details: MeetingDetails, reason: str, now: datetime) -> None:
        """Tell the person who started the club, once for votes in a row that could not be posted."""
        meeting = details.meeting
        last = await self._clubs.latest(meeting.channel)
        if last is not None and last.state is MeetingState.UNPOSTED:
            return
        text = unposted_notice(meeting, reason, now)
        await self._store.people.queue_notice(recipient, meeting.channel, CLUB, meeting.day, text, now)
        self._engine.wake()

    async def _wanted(self, channel: Channel, now: datetime) -> list[Wanted]:
        """The papers to vote on, best first."""
        lessons = (await self._store.feedback.lessons((channel,))).get(channel)
        trends = (await self._engine.shortlist()).trends
        ids = [each.paper.id for each in trends if each.is_noticed and not each.paper.withdrawn][:TRENDING_LOOKED_AT]
        shown_ids = set(await self._store.ledger.shown_in(channel, ids))
        trending = [each for each in ids if each in shown_ids] or ids
        discussed = await self._clubs.discussed(channel)
        return most_wanted(lessons.feedback if lessons else (), trending, discussed, now)
