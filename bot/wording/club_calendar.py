"""The date of a journal club as an iCalendar file. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.model import File
from bot.model.club import MeetingDetails, MeetingState
from bot.text.cleaning import clean_text
from bot.wording.club import name_of, when
from bot.wording.parts import title_of

if TYPE_CHECKING:
    from icalendar import Event

DURATION = timedelta(hours=1)
CANCELLED = frozenset({MeetingState.SKIPPED, MeetingState.STOPPED})
DOWNLOAD_NOTE = "The download link works for a week, for everybody who has it."


def calendar_file(details: MeetingDetails, now: datetime) -> File:
    """The meeting as one event in the club's time zone; after a change, the same event with a higher SEQUENCE."""
    from icalendar import Calendar  # noqa: PLC0415 - takes a tenth of a second, which no other command needs

    calendar = Calendar()
    calendar.add("prodid", "-//Paperboy//Journal club//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if details.meeting.state in CANCELLED else "PUBLISH")
    calendar.add_component(_event(details, now))
    calendar.add_missing_timezones()
    name = f"journal-club-{details.meeting.day.isoformat()}.ics"
    caption = f"Journal club on {when(details.meeting, now)}, for your calendar."
    return File(name, "text/calendar", calendar.to_ical(), caption)


def _event(details: MeetingDetails, now: datetime) -> Event:
    from icalendar import Event  # noqa: PLC0415 - as above

    meeting, winner = details.meeting, details.winner
    starts_at = meeting.starts_at.astimezone(ZoneInfo(meeting.timezone))
    event = Event()
    event.add("uid", f"{meeting.id}@journal-club.paperboy")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", starts_at)
    event.add("duration", DURATION)
    event.add("sequence", meeting.revision)
    event.add("status", "CANCELLED" if meeting.state in CANCELLED else "CONFIRMED")
    event.add("summary", f"Journal club: {title_of(winner.paper)}" if winner else "Journal club")
    lines = []
    if winner is not None:
        event.add("url", winner.paper.url)
        lines = [title_of(winner.paper), winner.paper.url]
    if details.presenter is not None:
        lines.append(f"{clean_text(name_of(details.presenter))} presents.")
    event.add("description", "\n".join(lines))
    return event
