"""Messages of a journal club: the vote, its result, the presenter, the reminder. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.commands import typed
from bot.model import Action, Block, Message, Span
from bot.model.club import Candidate, Club, Meeting, MeetingDetails, MeetingState, Presenter
from bot.wording.cards import paper_links
from bot.wording.parts import (
    LONG_DAYS,
    NAME_MAX,
    block,
    byline,
    count,
    moment_text,
    title_of,
    title_span,
    with_moment,
)
from bot.wording.summaries import paper_summary

RHYTHMS = {1: "every week", 2: "every two weeks", 3: "every three weeks", 4: "every four weeks"}
"""By the weeks from one meeting to the next."""
_TITLES = {
    MeetingState.STOPPED: "This journal club has ended: the meeting on {} does not take place.",
    MeetingState.SKIPPED: "The journal club on {} is cancelled.",
}


def rhythm(club: Club) -> str:
    """`Thursdays at 15:00 (Europe/Berlin), every two weeks`."""
    return f"{LONG_DAYS[club.weekday]}s at {club.at:%H:%M} ({club.timezone}), {RHYTHMS[club.weeks]}"


def when(meeting: Meeting, now: datetime) -> str:
    """`Thu 3 Dec, 15:00`: when it begins, by the channel's clock."""
    return moment_text(meeting.starts_at, meeting.timezone, now)


def deadline(meeting: Meeting, now: datetime) -> str:
    """`Tue 1 Dec, 15:00`: when its vote ends, by the channel's clock."""
    return moment_text(meeting.closes_at, meeting.timezone, now)


def timed(text: str, meeting: Meeting, now: datetime) -> Block:
    """Our own sentence, in which begin and end of the vote and the meeting are moments of the reader's own clock."""
    paragraph = block(text)
    for at in (meeting.starts_at, meeting.closes_at, meeting.opens_at):
        words = moment_text(at, meeting.timezone, now)
        zoned = f"{words} ({meeting.timezone})"
        paragraph = with_moment(paragraph, zoned if zoned in paragraph.text else words, at)
    return paragraph


def vote_message(details: MeetingDetails, now: datetime) -> Message:
    """The vote: the candidates with a button each, the date of the meeting and the end of the vote."""
    meeting = details.meeting
    listed = [each for each in details.candidates if not each.added]
    title = f"Journal club on {when(meeting, now)}: which paper?"
    ends = f"Vote until {deadline(meeting, now)} ({meeting.timezone}). Everybody has one vote and can change it."
    add = f"Another paper? {typed('club add 2405.14105')}. A tie is drawn by lot."
    blocks = (block(title, "heading"), timed(ends, meeting, now), *map(_candidate, listed), block(add, "note"))
    return Message(blocks, tuple(vote_button(meeting, each) for each in listed), title, private=False)


def vote_button(meeting: Meeting, candidate: Candidate) -> Action:
    """The button that votes for a candidate."""
    options = {"meeting": meeting.id, "number": str(candidate.number)}
    return Action(f"Vote {candidate.number}", "club vote", options)


def _candidate(candidate: Candidate) -> Block:
    wishes = f"{count(candidate.discuss, 'person wants', 'people want')} to discuss it" if candidate.discuss else ""
    likes = f"👍 {candidate.likes}" if candidate.likes else ""
    facts = " · ".join(filter(None, (byline(candidate.paper), wishes, likes)))
    return Block("item", (title_span(candidate.paper, bold=True),), (Span(facts),) if facts else ())


def added_message(candidate: Candidate, meeting: Meeting) -> Message:
    """One more paper for a vote under way."""
    paper = candidate.paper
    line = Block(
        "text", (Span(f"One more paper to vote on, number {candidate.number}: "), title_span(paper, bold=True))
    )
    blocks = [line, *([Block("note", (Span(byline(paper)),))] if byline(paper) else [])]
    action = vote_button(meeting, candidate)
    return Message(tuple(blocks), (action,), f"To vote on: {title_of(paper)}", paper.id, private=False)


def result_message(details: MeetingDetails, now: datetime) -> Message:
    """The paper that is read, how it was found, the date and who presents."""
    meeting, winner = details.meeting, details.winner
    assert winner is not None  # noqa: S101 - asked of a decided meeting
    paper = winner.paper
    summary = paper_summary(paper)
    blocks = (
        Block("text", (Span("We read: ", bold=True), title_span(paper, bold=True))),
        *((Block("text", (Span(summary),)),) if summary else ()),
        timed(f"{when(meeting, now)} ({meeting.timezone}).", meeting, now),
        presenter_block(details.presenter),
        block(outcome(meeting), "note"),
        paper_links(paper),
    )
    title = f"Journal club on {when(meeting, now)}: {title_of(paper)}"
    return Message(blocks, result_buttons(details), title, paper.id, private=False)


def outcome(meeting: Meeting) -> str:
    """Sentence on how the paper was chosen: by votes, by lot, or without any vote."""
    if not meeting.ballots:
        return "Nobody voted, so it is the paper that was wanted most before."
    if meeting.tied > 1:
        each = count(meeting.votes, "vote")
        return f"Drawn by lot: {meeting.tied} papers had {each} each, of {meeting.ballots}."
    return f"It got {meeting.votes} of {count(meeting.ballots, 'vote')}."


def presenter_block(presenter: Presenter | None) -> Block:
    """Line with the presenter; the name is foreign text and no mention."""
    text = f"{name_of(presenter)} presents." if presenter else "Nobody presents it yet. Who will?"
    return Block("text", (Span(text),))


def name_of(presenter: Presenter) -> str:
    """The presenter's name on one line."""
    return " ".join(presenter.name.split())[:NAME_MAX] or "Somebody"


def result_buttons(details: MeetingDetails) -> tuple[Action, ...]:
    """Buttons of a decided meeting."""
    return (present_button(details), calendar_button(details.meeting))


def present_button(details: MeetingDetails) -> Action:
    """The button by which somebody becomes the presenter."""
    options = {"meeting": details.meeting.id}
    return Action("I'll present", "club present", options, style="plain" if details.presenter else "primary")


def calendar_button(meeting: Meeting) -> Action:
    """The button that gives the date as a file."""
    return Action("Calendar file", "club calendar", {"meeting": meeting.id})


def presenter_message(details: MeetingDetails) -> Message:
    """That the presenter has changed."""
    text = presenter_block(details.presenter)
    if details.presenter is None:
        text = block("The presenter cannot after all. Who presents?")
    return Message((text,), result_buttons(details), text.text, private=False)


def reminder_message(details: MeetingDetails, now: datetime) -> Message:
    """Reminder of today's paper, hour and presenter."""
    meeting, winner = details.meeting, details.winner
    assert winner is not None  # noqa: S101 - asked of a decided meeting
    begins = timed(f"Journal club at {when(meeting, now)} ({meeting.timezone}): ", meeting, now)
    line = Block("text", (*begins.spans, title_span(winner.paper, bold=True)))
    buttons = (Action("Read it", url=winner.paper.url), present_button(details))
    title = f"Journal club at {when(meeting, now)}: {title_of(winner.paper)}"
    return Message((line, presenter_block(details.presenter)), buttons, title, winner.paper.id, private=False)


def cancelled_message(meeting: Meeting, upcoming: Meeting | None, now: datetime) -> Message:
    """That a meeting does not take place, and when the next one is."""
    text = _TITLES[meeting.state].format(when(meeting, now))
    blocks = [timed(text, meeting, now)]
    if upcoming is not None:
        blocks.append(timed(f"The next one is on {when(upcoming, now)}.", upcoming, now))
    actions = (calendar_button(meeting),) if meeting.winner is not None else ()
    return Message(tuple(blocks), actions, text, private=False)


def unposted_notice(meeting: Meeting, reason: str, now: datetime) -> str:
    """Notice to the person who started a club: its vote could not be posted."""
    why = reason.rstrip(".") or "the reason is not known"
    return f"The vote for the journal club of {meeting.channel} on {when(meeting, now)} could not be posted: {why}."
