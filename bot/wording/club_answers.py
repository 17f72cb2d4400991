"""Answers to the commands of a journal club. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.commands import typed
from bot.model import Action, Block, Channel, Message, Paper, Span
from bot.model.club import MOST_CANDIDATES, Candidate, Club, Meeting, MeetingDetails, MeetingState, Voted
from bot.wording.channel import obstacle_blocks
from bot.wording.club import (
    calendar_button,
    deadline,
    name_of,
    outcome,
    present_button,
    presenter_block,
    rhythm,
    timed,
    vote_button,
    when,
)
from bot.wording.parts import block, count, moment_text, say, title_of, title_span

NO_CLUB = (
    f"There is no journal club here. Whoever manages this channel starts one: {typed('club start day:thu at:15:00')}."
)
ALONE = f"A journal club needs others. Start it in a channel: {typed('club start day:thu at:15:00')}."
UNKNOWN = f"This is of no meeting here. {typed('club status')} says what there is."
FULL = f"The vote has {MOST_CANDIDATES} papers, which is the most. Vote for one of them: {typed('club status')}."
STATUS = Action("Journal club", "club status")
_LEFT_OUT = {
    MeetingState.EMPTY: "there was no paper to vote on",
    MeetingState.SKIPPED: "it was cancelled",
    MeetingState.STOPPED: "the club was ended",
}


def already_there(club: Club) -> str:
    """The fault of a second club in a channel."""
    return (
        f"There is a journal club here already: {rhythm(club)}. For another day: {typed('club stop')}, then start anew."
    )


def started(club: Club, meeting: Meeting, obstacle: str | None, now: datetime) -> Message:
    """Answer to `club start`: the rhythm, the first meeting and its vote."""
    first = block(f"Journal club: {rhythm(club)}.")
    blocks = (first, _first_steps(meeting, now, "The first meeting"), *obstacle_blocks(obstacle))
    actions = (STATUS, Action("Test", "test"))
    return Message(blocks, actions, first.text)


def start_line(club: Club) -> str:
    """Line for the channel after the name of the person who started a club."""
    return f"started a journal club here: {rhythm(club)}."


def _first_steps(meeting: Meeting, now: datetime, subject: str) -> Block:
    """`The next meeting is on Thu 3 Dec, 15:00. The vote runs from Thu 26 Nov, 15:00 to Tue 1 Dec, 15:00.`"""
    begins = "begins in a moment"
    if meeting.opens_at > now:
        begins = f"begins on {moment_text(meeting.opens_at, meeting.timezone, now)}"
    text = f"{subject} is on {when(meeting, now)}. The vote {begins} and ends on {deadline(meeting, now)}."
    return timed(text, meeting, now)


def status(club: Club, details: MeetingDetails | None, last: Meeting | None, user: Channel, now: datetime) -> Message:
    """The rhythm, the meeting to come with its vote or its paper, and why the last one did not take place."""
    first = block(f"Journal club: {rhythm(club)}.")
    blocks, actions = [first], list[Action]()
    if details is not None:
        about, actions = _meeting(details, user, now)
        blocks += about
    if last is not None and (reason := _LEFT_OUT.get(last.state) or last.reason):
        blocks.append(block(f"{when(last, now)} was left out: {reason.rstrip('.')}.", "note"))
    return Message(tuple(blocks), tuple(actions), first.text)


def _meeting(details: MeetingDetails, user: Channel, now: datetime) -> tuple[list[Block], list[Action]]:
    meeting, winner = details.meeting, details.winner
    if winner is not None:
        line = timed(f"{when(meeting, now)}: ", meeting, now)
        read = Block("text", (*line.spans, title_span(winner.paper, bold=True)))
        blocks = [read, presenter_block(details.presenter), block(outcome(meeting), "note")]
        return blocks, [present_button(details), calendar_button(meeting)]
    if meeting.state is MeetingState.PLANNED:
        waiting = f"{count(len(details.candidates), 'paper')} to vote on so far." if details.candidates else ""
        blocks = [_first_steps(meeting, now, "The next meeting"), *((block(waiting, "note"),) if waiting else ())]
        return blocks, []
    votes = count(len(details.votes), "vote")
    ends = f"For {when(meeting, now)}: vote until {deadline(meeting, now)}. {votes} so far."
    mine = details.candidate(details.votes.get(user))
    items = [Block("item", (title_span(each.paper, bold=True),)) for each in details.candidates]
    own = block(f"Your vote: number {mine.number}." if mine else "You have not voted.", "note")
    return [timed(ends, meeting, now), *items, own], [vote_button(meeting, each) for each in details.candidates]


def voted(result: Voted, details: MeetingDetails, user: Channel, now: datetime) -> Message:
    """Answer to a vote, with a button that takes it back."""
    meeting = details.meeting
    if result == "withdrawn":
        return say("Your vote is taken back.", actions=(STATUS,))
    chosen = details.candidate(details.votes.get(user))
    title = title_of(chosen.paper) if chosen else ""
    first = {"changed": "Your vote is now for: ", "same": "Your vote is already for: "}.get(
        result, "Your vote is for: "
    )
    line = Block("text", (Span(first), Span(title, bold=True)))
    until = timed(f"You can change it until {deadline(meeting, now)}.", meeting, now)
    back = Action("Take it back", "club vote", {"meeting": meeting.id})
    return Message((line, replace(until, role="note")), (back, STATUS), f"{first}{title}")


def not_voted(result: Voted, details: MeetingDetails | None, now: datetime) -> str:
    """The fault of a vote that does not count: what became of its meeting."""
    if result == "unknown" or details is None:
        return UNKNOWN
    meeting = details.meeting
    if result == "early":
        return f"The vote begins on {moment_text(meeting.opens_at, meeting.timezone, now)}."
    if meeting.state in _LEFT_OUT or meeting.state is MeetingState.UNPOSTED:
        return (
            f"This meeting does not take place, so your vote was not counted. {typed('club status')} has the next one."
        )
    closed = f"This vote ended on {deadline(meeting, now)}; your press was not counted."
    if details.winner is not None:
        return f"{closed} It was won by “{title_of(details.winner.paper)}”."
    return f"{closed} The result comes in a moment."


def added(paper: Paper, meeting: Meeting, now: datetime) -> Message:
    """Answer to `club add`."""
    text = "It is in the vote now: " if meeting.state is MeetingState.VOTING else "It will be in the vote: "
    line = Block("text", (Span(text), Span(title_of(paper), bold=True)))
    blocks = [line]
    if meeting.state is MeetingState.PLANNED:
        blocks.append(_first_steps(meeting, now, "The meeting"))
    return Message(tuple(blocks), (STATUS,), f"{text}{title_of(paper)}", paper.id)


def listed(candidate: Candidate, meeting: Meeting) -> Message:
    """Answer to `club add` for a paper that is in the vote."""
    actions = (vote_button(meeting, candidate),) if meeting.state is MeetingState.VOTING else ()
    return say(f"It is in the vote already, as number {candidate.number}.", actions=(*actions, STATUS))


def adding_over(meeting: Meeting, now: datetime) -> str:
    """The fault of a paper that comes after the vote."""
    ended = f"The vote for {when(meeting, now)} ended on {deadline(meeting, now)}"
    return f"{ended}. Add it after that meeting, for the next one."


def presents(details: MeetingDetails, now: datetime) -> Message:
    """Answer to the person who presents."""
    meeting = details.meeting
    text = timed(f"You present on {when(meeting, now)}. Thank you!", meeting, now)
    back = Action("I can't after all", "club present", {"meeting": meeting.id, "back": "yes"})
    return Message((text,), (back, calendar_button(meeting)), text.text)


def other_presents(details: MeetingDetails) -> Message:
    """Answer where somebody else presents, who may have left."""
    presenter = details.presenter
    first = Span(f"{name_of(presenter) if presenter else 'Somebody'} presents already. If that has changed, you can.")
    options = {"meeting": details.meeting.id, "instead": "yes"}
    return Message((Block("text", (first,)),), (Action("Present instead", "club present", options),), first.text)


def presents_no_more(meeting: Meeting) -> Message:
    """Answer to a presenter who cannot."""
    return say(
        "You no longer present it. The thread says so.",
        actions=(Action("I'll present", "club present", {"meeting": meeting.id}),),
    )


def too_late_to_present(details: MeetingDetails | None, now: datetime) -> str:
    """The fault of an offer to present before or after its time."""
    if details is None:
        return UNKNOWN
    if details.meeting.state in {MeetingState.PLANNED, MeetingState.VOTING, MeetingState.CLOSED}:
        return f"The paper is not chosen yet: the vote ends on {deadline(details.meeting, now)}."
    if details.meeting.state in _LEFT_OUT:
        return f"This meeting does not take place. {typed('club status')} has the next one."
    return f"The meeting of {when(details.meeting, now)} has begun."


def cancelled(meeting: Meeting, upcoming: Meeting, now: datetime) -> Message:
    """Answer to `club skip`."""
    text = timed(f"Cancelled: the meeting on {when(meeting, now)}.", meeting, now)
    return Message((text, _first_steps(upcoming, now, "The next one")), (STATUS,), text.text)


def skip_line(meeting: Meeting, now: datetime) -> str:
    """Line for the channel after the name of the person who cancelled a meeting."""
    return f"cancelled the journal club on {when(meeting, now)}."


STOPPED = say(f"The journal club has ended. {typed('club start day:thu at:15:00')} starts another one.")
STOP_LINE = "ended this channel's journal club."
