"""Journal clubs: their meetings, the papers that are voted on, votes and presenters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from bot.model import Channel
from bot.model.club import (
    MOST_CANDIDATES,
    Added,
    Club,
    Meeting,
    MeetingDetails,
    MeetingState,
    Presenting,
    Voted,
    Wanted,
)
from bot.model.post import CLUB
from bot.store.sql.club_meetings import IS_UNDER_WAY, details, insert, presenter_of, row_of, to_meeting
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import stamp
from bot.store.sql.transaction import Transaction, put, query

DUE_NOW = 0.0


class Clubs(Part):
    """A club a channel, and its meetings: one under way, the ended ones behind it.

    Changes are conditional on the state of the meeting: of several processes, or of a repeat, one makes them.
    """

    @writes
    def start(self, db: Transaction, club: Club, meeting: Meeting) -> bool:
        """Store a club with its first meeting. False, and nothing changes, if the channel has one."""
        if db.execute("SELECT 1 FROM clubs WHERE channel = ?", (club.channel,)).fetchone() is not None:
            return False
        facts = {"channel": club.channel, "weekday": club.weekday, "at": f"{club.at:%H:%M}", "weeks": club.weeks}
        put(db, "clubs", ("channel",), {**facts, "timezone": club.timezone, "set_by": club.set_by})
        insert(db, meeting)
        return True

    @writes
    def stop(self, db: Transaction, channel: Channel) -> bool:
        """Delete a channel's club and end its meeting under way. False if it has none."""
        sql = f"""
            UPDATE club_meetings SET state = ?, revision = revision + 1, look_at = ?
            WHERE channel = ? AND {IS_UNDER_WAY}
            """
        db.execute(sql, (MeetingState.STOPPED.value, DUE_NOW, channel))
        return db.execute("DELETE FROM clubs WHERE channel = ?", (channel,)).rowcount > 0

    @reads
    def club(self, db: Transaction, channel: Channel) -> Club | None:
        """The club of a channel."""
        sql = "SELECT channel, weekday, at, timezone, weeks, set_by FROM clubs WHERE channel = ?"
        row = db.execute(sql, (channel,)).fetchone()
        return None if row is None else replace(Club(*row), at=time.fromisoformat(row[2]))

    @reads
    def current(self, db: Transaction, channel: Channel) -> MeetingDetails | None:
        """The channel's meeting under way."""
        return details(db, f"channel = ? AND {IS_UNDER_WAY}", channel)

    @reads
    def latest(self, db: Transaction, channel: Channel) -> Meeting | None:
        """The channel's meeting that ended last."""
        ended = f"channel = ? AND NOT {IS_UNDER_WAY}"
        sql = f"SELECT * FROM club_meetings WHERE {ended} ORDER BY starts_at DESC LIMIT 1"
        row = next(query(db, sql, (channel,)), None)
        return None if row is None else to_meeting(row)

    @reads
    def meeting(self, db: Transaction, meeting: str) -> MeetingDetails | None:
        """A meeting of an id."""
        return details(db, "id = ?", meeting)

    @reads
    def due(self, db: Transaction, now: datetime) -> list[str]:
        """Ids of the meetings that are to be looked at, in their order."""
        sql = "SELECT id FROM club_meetings WHERE look_at <= ? ORDER BY look_at, id"
        return [meeting for (meeting,) in db.execute(sql, (stamp(now),))]

    @writes
    def looked(self, db: Transaction, meeting: Meeting, again: datetime | None) -> None:
        """Set when a meeting is to be looked at again; one that was changed since it was read stays due."""
        sql = "UPDATE club_meetings SET look_at = ? WHERE id = ? AND revision = ?"
        db.execute(sql, (stamp(again), meeting.id, meeting.revision))

    @reads
    def discussed(self, db: Transaction, channel: Channel) -> frozenset[str]:
        """Ids of the papers that the channel's meetings have read."""
        sql = """
            SELECT paper_id FROM club_candidates AS c
            JOIN club_meetings AS m ON m.id = c.meeting AND m.winner = c.number
            WHERE m.channel = ? AND m.state IN ('decided', 'over')
            """
        return frozenset(paper_id for (paper_id,) in db.execute(sql, (channel,)))

    @writes
    def open_vote(self, db: Transaction, meeting: str, wanted: Sequence[Wanted]) -> bool:
        """Begin the vote of a planned meeting, those that were added before among its candidates."""
        if not _advance(db, meeting, MeetingState.PLANNED, MeetingState.VOTING):
            return False
        sql = "SELECT paper_id FROM club_candidates WHERE meeting = ? ORDER BY number"
        added = [paper_id for (paper_id,) in db.execute(sql, (meeting,))]
        by_id = {each.paper_id: each for each in wanted}
        candidates = [*wanted, *(Wanted(paper_id) for paper_id in added if paper_id not in by_id)]
        db.execute("DELETE FROM club_candidates WHERE meeting = ?", (meeting,))
        db.executemany(
            "INSERT INTO club_candidates (meeting, number, paper_id, added, discuss, likes) VALUES (?, ?, ?, 0, ?, ?)",
            [(meeting, number, *each) for number, each in enumerate(candidates, start=1)],
        )
        return True

    @writes
    def add(self, db: Transaction, channel: Channel, meeting: str, paper_id: str, now: datetime) -> Added:
        """Make a paper a candidate, before or during the vote."""
        row = row_of(db, channel, meeting)
        if row is None:
            return "unknown"
        if row["state"] not in {"planned", "voting"} or row["closes_at"] <= now.timestamp():
            return "over"
        sql = "SELECT number, paper_id FROM club_candidates WHERE meeting = ? ORDER BY number"
        numbers = {listed: number for number, listed in db.execute(sql, (meeting,))}
        if paper_id in numbers:
            return "listed"
        if len(numbers) >= MOST_CANDIDATES:
            return "full"
        facts = (meeting, max(numbers.values(), default=0) + 1, paper_id, int(row["state"] == "voting"))
        db.execute("INSERT INTO club_candidates (meeting, number, paper_id, added) VALUES (?, ?, ?, ?)", facts)
        _touch(db, meeting)
        return "added"

    @writes
    def vote(
        self, db: Transaction, channel: Channel, meeting: str, user: Channel, number: int | None, now: datetime
    ) -> Voted:
        """Count a person's one vote for a candidate in place of an earlier one; None takes it back."""
        row = row_of(db, channel, meeting)
        sql = "SELECT 1 FROM club_candidates WHERE meeting = ? AND number = ?"
        if row is None or (number and db.execute(sql, (meeting, number)).fetchone() is None):
            return "unknown"
        if row["state"] == "planned":
            return "early"
        if row["state"] != "voting" or row["closes_at"] <= now.timestamp():
            return "over"
        sql = 'SELECT number FROM club_votes WHERE meeting = ? AND "user" = ?'
        before = db.execute(sql, (meeting, user)).fetchone()
        if number is None:
            db.execute('DELETE FROM club_votes WHERE meeting = ? AND "user" = ?', (meeting, user))
            return "withdrawn"
        vote = {"meeting": meeting, "user": user, "number": number, "at": stamp(now)}
        put(db, "club_votes", ("meeting", "user"), vote)
        return "voted" if before is None else "same" if before[0] == number else "changed"

    @writes
    def close_vote(self, db: Transaction, meeting: str) -> bool:
        """Let no vote count any more."""
        return _advance(db, meeting, MeetingState.VOTING, MeetingState.CLOSED)

    @writes
    def decide(self, db: Transaction, meeting: str, winner: int, *, votes: int, tied: int, ballots: int) -> bool:
        """Store the result of a closed vote."""
        if not _advance(db, meeting, MeetingState.CLOSED, MeetingState.DECIDED):
            return False
        sql = "UPDATE club_meetings SET winner = ?, votes = ?, tied = ?, ballots = ? WHERE id = ?"
        db.execute(sql, (winner, votes, tied, ballots, meeting))
        return True

    @writes
    def end(
        self, db: Transaction, meeting: str, state: MeetingState, upcoming: Meeting | None, reason: str = ""
    ) -> bool:
        """End a meeting under way, and store the next one if the channel still has a club."""
        sql = f"""
            UPDATE club_meetings SET state = ?, reason = ?, revision = revision + 1, look_at = ?
            WHERE id = ? AND {IS_UNDER_WAY}
            """
        if not db.execute(sql, (state.value, reason, DUE_NOW, meeting)).rowcount:
            return False
        sql = "SELECT 1 FROM clubs WHERE channel = ?"
        if upcoming is not None and db.execute(sql, (upcoming.channel,)).fetchone() is not None:
            insert(db, upcoming)
        return True

    @writes
    def present(
        self,
        db: Transaction,
        channel: Channel,
        meeting: str,
        user: Channel,
        name: str,
        now: datetime,
        *,
        instead: bool = False,
    ) -> Presenting:
        """Make a person the presenter of a decided meeting; with `instead`, in place of another one."""
        if refused := _no_presenting(db, channel, meeting, now):
            return refused
        presenter = presenter_of(db, meeting)
        if presenter is not None and (presenter.user == user or not instead):
            return "same" if presenter.user == user else "other"
        db.execute("UPDATE club_presenters SET withdrawn = 1 WHERE meeting = ?", (meeting,))
        offer = {"meeting": meeting, "user": user, "name": name, "at": stamp(now), "withdrawn": 0}
        put(db, "club_presenters", ("meeting", "user"), offer)
        _touch(db, meeting, presenting=1)
        return "presents"

    @writes
    def withdraw_presenter(
        self, db: Transaction, channel: Channel, meeting: str, user: Channel, now: datetime
    ) -> Presenting:
        """Record that the presenter cannot."""
        if refused := _no_presenting(db, channel, meeting, now):
            return refused
        sql = 'UPDATE club_presenters SET withdrawn = 1 WHERE meeting = ? AND "user" = ? AND withdrawn = 0'
        if not db.execute(sql, (meeting, user)).rowcount:
            return "other"
        _touch(db, meeting, presenting=1)
        return "withdrawn"


def forget(db: Transaction, who: Channel) -> dict[str, int]:
    """Erase a person's votes, offers to present and name on clubs, or those that were cast in a channel."""
    of_meeting = "meeting IN (SELECT id FROM club_meetings WHERE channel = ?1)"
    presented = 'SELECT meeting FROM club_presenters WHERE "user" = ?1'
    # What was said about a presenter names them; it was posted, and nothing reads it again.
    db.execute(
        f"""
        UPDATE posts SET messages = '[]' WHERE kind = ?2 AND state <> 'open'
            AND channel IN (SELECT channel FROM club_meetings WHERE id IN ({presented}))
            AND substr(key, 1, instr(key, ' ') - 1) IN ({presented})
        """,
        (who, CLUB),
    )
    db.execute("UPDATE clubs SET set_by = NULL WHERE set_by = ?", (who,))
    return {
        "vote": db.execute(f'DELETE FROM club_votes WHERE "user" = ?1 OR {of_meeting}', (who,)).rowcount,
        "offer to present": db.execute(
            f'DELETE FROM club_presenters WHERE "user" = ?1 OR {of_meeting}', (who,)
        ).rowcount,
    }


def _advance(db: Transaction, meeting: str, before: MeetingState, after: MeetingState) -> bool:
    sql = "UPDATE club_meetings SET state = ?, revision = revision + 1, look_at = ? WHERE id = ? AND state = ?"
    return db.execute(sql, (after.value, DUE_NOW, meeting, before.value)).rowcount > 0


def _touch(db: Transaction, meeting: str, *, presenting: int = 0) -> None:
    sql = """
        UPDATE club_meetings SET revision = revision + 1, presenting = presenting + ?,
            look_at = CASE state WHEN 'planned' THEN look_at ELSE ? END
        WHERE id = ?
        """
    db.execute(sql, (presenting, DUE_NOW, meeting))


def _no_presenting(db: Transaction, channel: Channel, meeting: str, now: datetime) -> Presenting | None:
    """Reason why a meeting takes no presenter now."""
    row = row_of(db, channel, meeting)
    if row is None:
        return "unknown"
    return "over" if row["state"] != "decided" or row["starts_at"] <= now.timestamp() else None
