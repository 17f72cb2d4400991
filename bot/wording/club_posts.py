"""The posts that a meeting of a journal club needs now. Pure, and the same however often it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.digest.club import REMINDED
from bot.model import Message, Post, PostKey
from bot.model.club import Meeting, MeetingDetails, MeetingState
from bot.model.post import CLUB
from bot.wording.club import (
    added_message,
    cancelled_message,
    presenter_message,
    reminder_message,
    result_message,
    vote_message,
)

VOTE = "poll"
MOST_CHANGES = 10
"""Changes of a presenter that a thread is told of; further ones are in the reminder."""
LOOKED_AGAIN = timedelta(minutes=10)
"""Time after which a vote without any paper is tried again."""


class _Reply(NamedTuple):
    name: str
    message: Message
    expires_at: datetime
    papers: tuple[str, ...] = ()
    is_told_anyway: bool = True
    """Whether it is posted in the channel where there is no thread."""


def club_posts(details: MeetingDetails, upcoming: Meeting | None, now: datetime) -> list[Post]:
    """The posts that are due and not stored. `upcoming`: the channel's next meeting, after a cancelled one."""
    meeting, vote = details.meeting, details.posts.get(VOTE)
    if vote is None:
        if meeting.state is not MeetingState.VOTING or now >= meeting.closes_at:
            return []
        papers = tuple(each.paper.id for each in details.candidates if not each.added)
        return [_post(details, _Reply(VOTE, vote_message(details, now), meeting.closes_at, papers), now, opens=True)]
    if vote.ref is None and not vote.lost:
        return []
    replies = [each for each in _replies(details, upcoming, now) if now < each.expires_at]
    return [post for each in replies if (post := _told(details, each, now)) is not None]


def _told(details: MeetingDetails, reply: _Reply, now: datetime) -> Post | None:
    """A reply in the thread; in the channel where there is none, or the reply was refused: it may be deleted."""
    stored = details.posts.get(reply.name)
    if stored is None:
        opens = details.thread is None
        return _post(details, reply, now, opens=opens) if reply.is_told_anyway or not opens else None
    again = f"{reply.name} again"
    if stored.failed and reply.is_told_anyway and again not in details.posts:
        return _post(details, reply._replace(name=again), now, opens=True)
    return None


def _replies(details: MeetingDetails, upcoming: Meeting | None, now: datetime) -> Iterator[_Reply]:
    meeting = details.meeting
    if meeting.state is MeetingState.VOTING:
        for each in details.candidates:
            if each.added:
                message = added_message(each, meeting)
                yield _Reply(f"paper {each.number}", message, meeting.closes_at, (each.paper.id,), is_told_anyway=False)
    elif meeting.state is MeetingState.DECIDED and details.winner is not None:
        yield _Reply("result", result_message(details, now), meeting.starts_at, (details.winner.paper.id,))
        if 0 < meeting.presenting <= MOST_CHANGES and "result" in details.posts:
            name = f"presenter {meeting.presenting}"
            yield _Reply(name, presenter_message(details), meeting.starts_at, is_told_anyway=False)
        if meeting.starts_at - now <= REMINDED:
            yield _Reply("reminder", reminder_message(details, now), meeting.starts_at)
    elif meeting.state in {MeetingState.SKIPPED, MeetingState.STOPPED}:
        yield _Reply("cancelled", cancelled_message(meeting, upcoming, now), meeting.starts_at)


def _post(details: MeetingDetails, reply: _Reply, now: datetime, *, opens: bool) -> Post:
    meeting = details.meeting
    return Post(
        PostKey(meeting.channel, CLUB, f"{meeting.id} {reply.name}"),
        now.astimezone(ZoneInfo(meeting.timezone)).date(),
        (reply.message,),
        now,
        reply.expires_at,
        None if opens else details.thread,
        reply.papers,
    )


def look_again(details: MeetingDetails, wanted: list[Post], now: datetime) -> datetime | None:
    """When a meeting needs something next: now while a post waits, else at its next step; None for never."""
    meeting = details.meeting
    if wanted or any(each.state == "open" for each in details.posts.values()):
        return now
    match meeting.state:
        case MeetingState.PLANNED:
            return max(meeting.opens_at, now + LOOKED_AGAIN) if now >= meeting.opens_at else meeting.opens_at
        case MeetingState.VOTING:
            return meeting.closes_at
        case MeetingState.CLOSED:
            return now
        case MeetingState.DECIDED:
            reminded_at = meeting.starts_at - REMINDED
            return reminded_at if now < reminded_at else meeting.starts_at
        case _:
            return None
