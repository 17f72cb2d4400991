"""Handlers of a channel's journal club. What is posted follows from what is stored: `bot/wording/club_posts.py`."""

from __future__ import annotations

import asyncio
from datetime import time

from bot.commands import typed
from bot.digest.club import first_meeting, next_meeting
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.model import WEEKDAYS, Message, PostKey
from bot.model.club import Club, Meeting, MeetingDetails, MeetingState
from bot.model.post import CLUB
from bot.wording import club_answers as wording
from bot.wording.club_calendar import DOWNLOAD_NOTE, calendar_file
from bot.wording.club_posts import VOTE, club_posts
from bot.wording.parts import file_answer


@handles("club start")
async def start(context: Context, invocation: Invocation) -> Message:
    """Start a club; the first meeting is on the first such day that leaves time to vote."""
    caller, clubs = invocation.caller, context.store.clubs
    if caller.alone:
        raise UserError(wording.ALONE)
    zone = invocation.text("timezone") if invocation.has("timezone") else await context.timezone(caller)
    weekday, weeks = WEEKDAYS.index(invocation.text("day")), int(invocation.text("every").removesuffix("w"))
    club = Club(invocation.channel, weekday, invocation.value("at", time), zone, weeks, caller.user)
    meeting = first_meeting(club, invocation.now)
    if not await clubs.start(club, meeting):
        raise UserError(wording.already_there(await clubs.club(invocation.channel) or club))
    return announced(wording.started(club, meeting, caller.obstacle, invocation.now), caller, wording.start_line(club))


@handles("club status")
async def show(context: Context, invocation: Invocation) -> Message:
    """The rhythm, and how far the next meeting is."""
    club = await _club(context, invocation)
    details = await context.store.clubs.current(invocation.channel)
    last = await context.store.clubs.latest(invocation.channel)
    return wording.status(club, details, last, invocation.caller.user, invocation.now)


@handles("club add")
async def add(context: Context, invocation: Invocation) -> Message:
    """Put a paper to the vote, before or while it runs."""
    await _club(context, invocation)
    paper = await context.paper(invocation.text("paper"))
    details = await _current(context, invocation)
    facts = invocation.channel, details.meeting.id, paper.id, invocation.now
    match await context.store.clubs.add(*facts):
        case "added":
            await _post(context, invocation, details.meeting.id)
            return wording.added(paper, details.meeting, invocation.now)
        case "listed":
            number = next(each for each in details.candidates if each.paper.id == paper.id)
            return wording.listed(number, details.meeting)
        case "full":
            raise UserError(wording.FULL)
        case _:
            raise UserError(wording.adding_over(details.meeting, invocation.now))


@handles("club vote")
async def vote(context: Context, invocation: Invocation) -> Message:
    """Count a person's vote, or take it back where no paper is named."""
    meeting, user, now = invocation.text("meeting"), invocation.caller.user, invocation.now
    number = invocation.number("number") if invocation.has("number") else None
    result = await context.store.clubs.vote(invocation.channel, meeting, user, number, now)
    details = await context.store.clubs.meeting(meeting)
    if details is None or result in {"unknown", "early", "over"}:
        raise UserError(wording.not_voted(result, details, now))
    return wording.voted(result, details, user, now)


@handles("club present")
async def present(context: Context, invocation: Invocation) -> Message:
    """Become the presenter, or be it no longer; the thread is told."""
    meeting, caller, now = invocation.text("meeting"), invocation.caller, invocation.now
    clubs = context.store.clubs
    if invocation.text("back") == "yes":
        result = await clubs.withdraw_presenter(invocation.channel, meeting, caller.user, now)
    else:
        instead = invocation.text("instead") == "yes"
        result = await clubs.present(invocation.channel, meeting, caller.user, caller.name, now, instead=instead)
    details = await clubs.meeting(meeting)
    if details is None or result in {"unknown", "over"}:
        raise UserError(wording.too_late_to_present(details if result == "over" else None, now))
    if result == "other" and details.presenter is not None:
        return wording.other_presents(details)
    await _post(context, invocation, meeting)
    return (
        wording.presents(details, now) if result in {"presents", "same"} else wording.presents_no_more(details.meeting)
    )


@handles("club calendar")
async def give_calendar_file(context: Context, invocation: Invocation) -> Message:
    """The date as a file for the person who asked."""
    details = await context.store.clubs.meeting(invocation.text("meeting"))
    if details is None or details.meeting.channel != invocation.channel:
        raise UserError(wording.UNKNOWN)
    file = await asyncio.to_thread(calendar_file, details, invocation.now)
    download = context.downloads.calendar_url(details.meeting.id) if context.downloads else None
    return file_answer(file, download, DOWNLOAD_NOTE)


@handles("club skip")
async def skip(context: Context, invocation: Invocation) -> Message:
    """Cancel the next meeting, before or after its vote began; the thread is told."""
    club, now = await _club(context, invocation), invocation.now
    details = await _current(context, invocation)
    upcoming = next_meeting(club, details.meeting.day, now)
    if not await context.store.clubs.end(details.meeting.id, MeetingState.SKIPPED, upcoming):
        raise UserError(f"Somebody else was quicker: {typed('club status')} says how it is now.")
    await _cancel(context, invocation, details, upcoming)
    answer = wording.cancelled(details.meeting, upcoming, now)
    return announced(answer, invocation.caller, wording.skip_line(details.meeting, now))


@handles("club stop")
async def stop(context: Context, invocation: Invocation) -> Message:
    """End the club, and the meeting that is under way."""
    details = await context.store.clubs.current(invocation.channel)
    if not await context.store.clubs.stop(invocation.channel):
        raise UserError(wording.NO_CLUB)
    if details is not None:
        await _cancel(context, invocation, details, None)
    return announced(wording.STOPPED, invocation.caller, wording.STOP_LINE)


async def _club(context: Context, invocation: Invocation) -> Club:
    club = await context.store.clubs.club(invocation.channel)
    if club is None:
        raise UserError(wording.ALONE if invocation.caller.alone else wording.NO_CLUB)
    return club


async def _current(context: Context, invocation: Invocation) -> MeetingDetails:
    details = await context.store.clubs.current(invocation.channel)
    if details is None:  # between the end of one and the start of the next, which are one change
        raise UserError(wording.NO_CLUB)
    return details


async def _post(context: Context, invocation: Invocation, meeting: str, upcoming: Meeting | None = None) -> None:
    """Post what a change calls for; the routine would a minute later."""
    if (details := await context.store.clubs.meeting(meeting)) is not None:
        await context.engine.post(club_posts(details, upcoming, invocation.now))


async def _cancel(context: Context, invocation: Invocation, details: MeetingDetails, upcoming: Meeting | None) -> None:
    """Tell the thread of an ended meeting; a vote that was never tried to post is posted no more."""
    waiting = details.posts.get(VOTE)
    if waiting is not None and waiting.state == "open" and not waiting.tried:
        key = PostKey(invocation.channel, CLUB, f"{details.meeting.id} {VOTE}")
        await context.store.ledger.abandon(key, "cancelled")
    await _post(context, invocation, details.meeting.id, upcoming)
