"""A journal club from its start to the next meeting, as its members see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from bot.errors import Failure
from bot.model import Message
from bot.model.club import MOST_CANDIDATES, MeetingState
from bot.wording.club_calendar import calendar_file
from tests.harness.club import CYD, START, ClubRoom, club_room, labels
from tests.harness.desk import ADA, BEN, HERE, OMNI, SINKS


@pytest.fixture
def room(tmp_path: Path) -> Iterator[ClubRoom]:
    with club_room(tmp_path) as made:
        yield made


async def test_a_meeting_from_the_vote_to_the_next_one(room: ClubRoom) -> None:
    """Friday 24 October; summer time ends on Sunday, so 15:00 in Berlin is 14:00 UTC on Thursday."""
    answer = await room.ask(START)
    assert "Thursdays at 15:00 (Europe/Berlin), every week." in answer.text
    assert "The first meeting is on Thu 30 Oct, 15:00." in answer.text
    assert "begins in a moment and ends on Wed 29 Oct, 15:00" in answer.text
    [vote] = await room.tick()
    assert vote.under is None
    assert vote.message.title == "Journal club on Thu 30 Oct, 15:00: which paper?"
    assert labels(vote.message) == [f"Vote {n}" for n in range(1, 6)]
    for caller, label in ((ADA, "Vote 2"), (BEN, "Vote 3"), (CYD, "Vote 2"), (BEN, "Vote 1")):
        assert "You can change it until Wed 29 Oct, 15:00" in (await room.press(vote.message, label, caller)).text
    assert await room.at("2025-10-29 13:59") == []
    [result] = await room.at("2025-10-29 14:00")
    assert result.under == vote.ref
    second = vote.message.blocks[3].text.splitlines()[0]
    assert f"We read: {second}" in result.text
    assert "It got 2 of 3 votes." in result.text
    assert "Nobody presents it yet." in result.text
    assert "You present on Thu 30 Oct, 15:00" in (await room.press(result.message, "I'll present", named(BEN))).text
    await room.tick()
    assert room.thread[1] == "Ben presents."
    assert await room.at("2025-10-30 12:59") == []
    [reminder] = await room.at("2025-10-30 13:00")
    assert reminder.under == vote.ref
    assert "Journal club at Thu 30 Oct, 15:00" in reminder.text
    assert "Ben presents." in reminder.text
    [following] = await room.at("2025-10-30 14:00")
    assert following.message.title == "Journal club on Thu 6 Nov, 15:00: which paper?"
    assert second not in following.text, "what was read does not return"
    assert len(room.outlet.posts) == 5


async def test_every_two_weeks_the_vote_begins_a_week_and_ends_two_days_before(room: ClubRoom) -> None:
    answer = await room.ask("club start day:tue at:9:00 every:2w timezone:America/New_York")
    assert "The first meeting is on Tue 28 Oct, 09:00." in answer.text
    await room.tick()
    assert "Vote until Sun 26 Oct, 09:00 (America/New_York)." in room.vote.text
    [result] = await room.at("2025-10-26 13:00")
    assert "Nobody voted, so it is the paper that was wanted most before." in result.text
    await room.at("2025-10-28 13:00")
    assert (await room.current()).meeting.day.isoformat() == "2025-11-11"
    assert await room.at("2025-11-04 13:59") == []
    assert len(await room.at("2025-11-04 14:00")) == 1, "the clocks went back on Sunday"


async def test_a_first_meeting_leaves_a_day_to_vote(room: ClubRoom) -> None:
    room.clock.set(datetime(2025, 10, 28, 13, 59, tzinfo=UTC))
    assert "Thu 30 Oct" in (await room.ask(START)).text
    await room.ask("club stop")
    room.clock.set(datetime(2025, 10, 28, 14, 1, tzinfo=UTC))
    answer = await room.ask(START)
    assert "The first meeting is on Thu 6 Nov, 15:00. The vote begins on Thu 30 Oct, 15:00" in answer.text
    assert not await room.tick()


async def test_wanted_papers_come_first_and_reading_lists_are_not_told(room: ClubRoom) -> None:
    await room.ask(f"save {SINKS}", BEN)
    await room.backend.desk.run("like", ADA, {"paper": OMNI})
    await room.backend.desk.run("discuss", CYD, {"paper": OMNI})
    await room.ask(START)
    await room.tick()
    items = [block for block in room.vote.message.blocks if block.role == "item"]
    assert "1 person wants to discuss it · 👍 1" in items[0].text
    assert "save" not in room.vote.text.lower()
    assert (await room.current()).candidates[1].paper.id == SINKS
    assert all("👍" not in block.text for block in items[1:])


async def test_a_paper_is_added_before_and_during_the_vote(room: ClubRoom) -> None:
    room.clock.set(datetime(2025, 10, 28, 14, 1, tzinfo=UTC))
    await room.ask(START)
    assert "It will be in the vote" in (await room.ask(f"club add {OMNI}", BEN)).text
    assert "1 paper to vote on so far." in (await room.ask("club")).text
    await room.at("2025-10-30 14:00")
    listed = [each.paper.id for each in (await room.current()).candidates]
    assert OMNI in listed
    ids = [trend.paper.id for trend in (await room.backend.engine.shortlist()).trends if trend.paper.id not in listed]
    assert "It is in the vote now" in (await room.ask(f"club add {ids[0]}", BEN)).text
    [added] = await room.tick()
    assert added.under == room.vote.ref
    number = len(listed) + 1
    assert labels(added.message) == [f"Vote {number}"]
    assert "Your vote is for" in (await room.press(added.message, f"Vote {number}", BEN)).text
    assert f"already, as number {number}" in (await room.ask(f"club add {ids[0]}")).text
    for paper_id in ids[1 : MOST_CANDIDATES - number + 1]:
        await room.ask(f"club add {paper_id}")
    assert "which is the most" in (await room.ask(f"club add {ids[20]}")).text
    await room.tick()
    assert len(room.thread) == MOST_CANDIDATES - len(listed)
    assert f"Your vote: number {number}." in (await room.ask("club status", BEN)).text
    await room.at("2025-11-05 14:00")
    assert (await room.current()).meeting.winner == number
    assert "ended on Wed 5 Nov, 15:00" in (await room.ask(f"club add {ids[21]}")).text


async def test_a_tie_is_drawn_once_and_said(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    await room.press(room.vote.message, "Vote 4", ADA)
    await room.press(room.vote.message, "Vote 5", BEN)
    [result] = await room.at("2025-10-29 14:00")
    assert "Drawn by lot: 2 papers had 1 vote each, of 2." in result.text
    assert (await room.current()).meeting.winner in {4, 5}


async def test_a_vote_is_changed_taken_back_and_not_counted_after_the_end(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    await room.press(room.vote.message, "Vote 1")
    assert "Your vote is now for" in (await room.press(room.vote.message, "Vote 2")).text
    again = await room.press(room.vote.message, "Vote 2")
    assert "Your vote is already for" in again.text
    assert "taken back" in (await room.press(again, "Take it back")).text
    assert (await room.current()).votes == {}
    room.clock.set(datetime(2025, 10, 29, 14, tzinfo=UTC))
    late = await room.press(room.vote.message, "Vote 1")
    assert (
        late.text == "This vote ended on Wed 29 Oct, 15:00; your press was not counted. The result comes in a moment."
    )
    await room.tick()
    assert "It was won by “" in (await room.press(room.vote.message, "Vote 1")).text


async def test_a_presenter_withdraws_and_another_takes_the_place_of_one_who_left(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    [result] = await room.at("2025-10-29 14:00")
    mine = await room.press(result.message, "I'll present", named(BEN))
    assert (await room.press(result.message, "I'll present", named(BEN))).text == mine.text
    await room.tick()
    await room.press(mine, "I can't after all", BEN)
    await room.tick()
    await room.press(result.message, "I'll present", named(CYD))
    await room.tick()
    other = await room.press(result.message, "I'll present", named(ADA))
    assert "Cyd presents already." in other.text
    await room.press(other, "Present instead", named(ADA))
    await room.tick()
    assert room.thread[1:] == [
        "Ben presents.", "The presenter cannot after all. Who presents?", "Cyd presents.", "Ada presents.",
    ]  # fmt: skip
    room.clock.set(datetime(2025, 10, 30, 14, tzinfo=UTC))
    assert "has begun" in (await room.press(result.message, "I'll present")).text


async def test_the_calendar_file_is_one_event_that_changes(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    [result] = await room.at("2025-10-29 14:00")
    first = event(await room.press(result.message, "Calendar file"))
    assert str(first["SUMMARY"]).startswith("Journal club: ")
    assert first.start == datetime(2025, 10, 30, 14, tzinfo=UTC)
    assert first["DTSTART"].params["TZID"] == "Europe/Berlin"
    await room.press(result.message, "I'll present", named(BEN))
    second = event(await room.press(result.message, "Calendar file"))
    assert (second["UID"], second["SEQUENCE"] > first["SEQUENCE"]) == (first["UID"], True)
    assert "Ben presents." in second["DESCRIPTION"]
    await room.ask("club skip")
    third = event(await room.press(result.message, "Calendar file"))
    assert (third["UID"], third["STATUS"], third["SEQUENCE"] > second["SEQUENCE"]) == (first["UID"], "CANCELLED", True)


@pytest.mark.parametrize("clock", ["2025-10-23 08:00", "2026-03-26 08:00"])
async def test_the_hour_is_right_on_the_day_when_the_clocks_change(room: ClubRoom, clock: str) -> None:
    """At 02:30 on that Sunday: an hour that comes twice, or not at all."""
    room.clock.set(datetime.fromisoformat(f"{clock}+00:00"))
    await room.ask("club start day:sun at:02:30")
    details = await room.current()
    calendar = Calendar.from_ical(calendar_file(details, room.clock()).content)
    [made] = calendar.walk("VEVENT")
    assert made.start.astimezone(UTC) == details.meeting.starts_at
    assert details.meeting.starts_at == datetime.fromisoformat(
        {"2025": "2025-10-26 00:30+00:00", "2026": "2026-03-29 01:30+00:00"}[clock[:4]]
    )


async def test_a_skipped_meeting_before_and_after_its_vote_began(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    answer = await room.ask("club skip")
    assert "Cancelled: the meeting on Thu 30 Oct, 15:00." in answer.text
    assert "The next one is on Thu 6 Nov" in answer.text
    assert "cancelled the journal club on Thu 30 Oct" in answer.announcement
    await room.tick()
    assert room.thread == ["The journal club on Thu 30 Oct, 15:00 is cancelled."]
    assert "does not take place" in (await room.press(room.vote.message, "Vote 1")).text
    await room.ask("club skip")
    assert "was left out: it was cancelled" in (await room.ask("club")).text
    assert await room.at("2025-10-30 14:00") == []
    assert (await room.current()).meeting.day.isoformat() == "2025-11-13"


async def test_a_stopped_club_says_so_in_the_thread_and_nothing_more(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    assert "has ended" in (await room.ask("club stop")).text
    await room.tick()
    assert room.thread[0].startswith("This journal club has ended")
    assert await room.at("2025-10-30 13:30") == []
    for line in ("club", "club stop", "club skip", f"club add {OMNI}"):
        assert "There is no journal club here." in (await room.ask(line)).text
    assert "Journal club: Thursdays" in (await room.ask(START)).text


async def test_without_any_paper_it_is_left_out_and_only_the_status_says_so(tmp_path: Path) -> None:
    (tmp_path / "week.db").touch()
    with club_room(tmp_path) as room:
        await room.ask(START)
        assert await room.tick() == []
        assert await room.at("2025-10-29 14:00") == []
        assert "Thu 30 Oct, 15:00 was left out: there was no paper to vote on." in (await room.ask("club")).text
        assert (await room.current()).meeting.day.isoformat() == "2025-11-06"


async def test_a_vote_that_cannot_be_posted_is_told_to_who_started_it_once(room: ClubRoom) -> None:
    room.outlet.fails_next(Failure.CHANNEL_GONE, "Paperboy may not write there", times=9, channel=HERE)
    await room.ask(START)
    await room.tick()
    await room.tick()
    notices = [post.text for post in room.outlet.in_channel(ADA.user)]
    assert notices == [
        "The vote for the journal club of slack:T1/C1 on Thu 30 Oct, 15:00 could not be posted: Paperboy may not write"
        " there."
    ]
    assert "could not be posted" in (await room.ask("club")).text or "may not write" in (await room.ask("club")).text
    await room.at("2025-10-30 14:00")
    await room.tick()
    await room.tick()
    assert (await room.current()).meeting.day.isoformat() == "2025-11-13"
    assert len(room.outlet.in_channel(ADA.user)) == 1


async def test_where_the_vote_was_deleted_the_result_opens_a_thread_of_its_own(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    room.outlet.fails_next(Failure.THREAD_GONE, "its thread was deleted", times=1)
    assert await room.at("2025-10-29 14:00") == []
    [result] = await room.tick()
    assert (result.under, "We read: " in result.text) == (None, True)
    assert await room.tick() == []
    [reminder] = await room.at("2025-10-30 13:00")
    assert reminder.under == result.ref


async def test_a_vote_that_nobody_can_vouch_for_still_has_a_result(room: ClubRoom) -> None:
    room.outlet.fails_next(Failure.UNKNOWN, "no answer", arrived=True)
    room.outlet.cannot_tell()
    await room.ask(START)
    await room.tick()
    for _ in range(3):
        room.clock.advance(minutes=10)
        await room.tick()
    await room.press(room.vote.message, "Vote 3")
    [result] = await room.at("2025-10-29 14:00")
    assert (result.under, "It got 1 of 1 vote." in result.text) == (None, True)


async def test_a_channel_with_as_many_messages_as_it_takes_gets_its_vote_the_next_day(room: ClubRoom) -> None:
    before = await room.store.channels.settings(HERE)
    await room.store.channels.change(HERE, before, replace(before, openers=0))
    await room.ask(START)
    assert await room.tick() == []
    await room.store.channels.change(HERE, replace(before, openers=0), before)
    assert len(await room.at("2025-10-25 09:00")) == 1


async def test_a_person_who_is_forgotten_leaves_no_vote_and_no_name(room: ClubRoom, tmp_path: Path) -> None:
    await room.ask(START)
    await room.tick()
    await room.press(room.vote.message, "Vote 1", BEN)
    [result] = await room.at("2025-10-29 14:00")
    await room.press(result.message, "I'll present", named(BEN))
    await room.tick()
    answer = await room.ask("forget me confirm:yes", BEN)
    assert "1 vote and 1 offer to present" in answer.text
    details = await room.current()
    assert (details.votes, details.presenter) == ({}, None)
    [reminder] = await room.at("2025-10-30 13:00")
    assert "Nobody presents it yet." in reminder.text
    assert b"Ben presents" not in (tmp_path / "week.db").read_bytes()


async def test_who_may_do_what(room: ClubRoom) -> None:
    for line in (START, "club skip", "club stop"):
        assert "you need the permission “Manage Channels”" in (await room.ask(line, BEN)).text
    await room.ask(START)
    assert "There is a journal club here already: Thursdays at 15:00" in (await room.ask(START)).text
    await room.tick()
    assert "Your vote is for" in (await room.press(room.vote.message, "Vote 1", BEN)).text
    alone = replace(ADA, channel=ADA.user, direct=True)
    for line in (START, "club", f"club add {OMNI}"):
        assert "A journal club needs others." in (await room.ask(line, alone)).text


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("club start", "club start takes mon, tue"),
        ("club start day:thu", "An at is missing."),
        ("club start day:someday at:15:00", "club start takes mon, tue"),
        ("club start day:thu at:25:00", "is not a time of day"),
        ("club start day:thu at:15:00 every:5w", "every: takes 1w, 2w, 3w or 4w"),
        ("club start day:thu at:15:00 every:day", "every: takes"),
        ("club start day:thu at:15:00 timezone:Mars", "time zone"),
        ("club add", "A paper is missing"),
        ("club dance", "club"),
    ],
)
async def test_what_cannot_be_read_is_one_line_with_the_remedy(room: ClubRoom, line: str, remedy: str) -> None:
    answer = await room.ask(line)
    assert remedy in answer.text
    assert "\n" not in answer.text
    assert await room.store.clubs.club(HERE) is None


async def test_presses_of_another_channel_or_of_nothing_count_nowhere(room: ClubRoom) -> None:
    await room.ask(START)
    await room.tick()
    elsewhere = replace(BEN, channel=ADA.user)
    meeting = (await room.current()).meeting.id
    for caller, options in (
        (elsewhere, {"meeting": meeting, "number": "1"}),
        (BEN, {"meeting": meeting, "number": "77"}),
        (BEN, {"meeting": "none", "number": "1"}),
    ):
        answer = await room.backend.desk.run("club vote", caller, options)
        assert isinstance(answer, Message)
        assert "This is of no meeting here." in answer.text
    assert (await room.current()).votes == {}
    early = await room.backend.desk.run("club present", BEN, {"meeting": meeting})
    assert isinstance(early, Message)
    assert "The paper is not chosen yet" in early.text


async def test_a_meeting_that_nothing_ran_for_is_left_out(room: ClubRoom) -> None:
    await room.ask(START)
    assert [post.channel for post in await room.at("2025-10-29 15:00")] == [ADA.user]
    assert "Paperboy did not run" in (await room.ask("club")).text
    assert (await room.current()).meeting.day.isoformat() == "2025-11-06"
    last = await room.store.clubs.latest(HERE)
    assert last is not None
    assert last.state is MeetingState.UNPOSTED


def named(caller):
    return replace(caller, name={ADA.user: "Ada", BEN.user: "Ben", CYD.user: "Cyd"}[caller.user])


def event(answer: Message):
    assert answer.file is not None
    assert answer.private
    [made] = Calendar.from_ical(answer.file.content).walk("VEVENT")
    return made
