"""Rows of journal clubs' meetings, with everything that is stored about one."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from bot.model import Channel
from bot.model.club import UNDER_WAY, Candidate, Meeting, MeetingDetails, MeetingState, PostedMessage, Presenter
from bot.model.post import CLUB
from bot.store.sql.rows import stamp, to_paper
from bot.store.sql.transaction import Transaction, put, query

IS_UNDER_WAY = f"state IN ({', '.join(f'{state.value!r}' for state in UNDER_WAY)})"
"""Condition on `club_meetings`."""
_COLUMNS = tuple(field.name for field in fields(Meeting))
"""Columns of `club_meetings`, each with the name of its field."""
_TIMES = ("starts_at", "opens_at", "closes_at")
_POSTS = """
SELECT p.key, p.state, p.reason, d.ref, d.state AS message FROM posts AS p LEFT JOIN deliveries AS d
    ON d.channel = p.channel AND d.kind = p.kind AND d.key = p.key AND d.slot = 0
WHERE p.channel = ?1 AND p.kind = ?2 AND p.key > ?3 AND p.key < ?4
"""
"""The posts of a meeting: their keys begin with its id and a space, which `!` comes after."""


def insert(db: Transaction, meeting: Meeting) -> None:
    """Store a new meeting, to be looked at when its vote begins."""
    row: dict[str, object] = {column: getattr(meeting, column) for column in _COLUMNS}
    row |= {column: stamp(getattr(meeting, column)) for column in _TIMES}
    row |= {"day": meeting.day.isoformat(), "state": meeting.state.value, "look_at": stamp(meeting.opens_at)}
    put(db, "club_meetings", ("id",), row)


def row_of(db: Transaction, channel: Channel, meeting: str) -> dict[str, Any] | None:
    """Row of a meeting in a channel."""
    return next(query(db, "SELECT * FROM club_meetings WHERE id = ? AND channel = ?", (meeting, channel)), None)


def presenter_of(db: Transaction, meeting: str) -> Presenter | None:
    """The presenter of a meeting."""
    sql = 'SELECT "user", name FROM club_presenters WHERE meeting = ? AND withdrawn = 0'
    row = db.execute(sql, (meeting,)).fetchone()
    return None if row is None else Presenter(*row)


def details(db: Transaction, condition: str, value: str) -> MeetingDetails | None:
    """The meeting that a condition on `club_meetings` holds for."""
    row = next(query(db, f"SELECT * FROM club_meetings WHERE {condition}", (value,)), None)
    if row is None:
        return None
    meeting = to_meeting(row)
    sql = """
        SELECT c.number, c.added, c.discuss, c.likes, papers.* FROM club_candidates AS c
        JOIN papers ON papers.id = c.paper_id WHERE c.meeting = ? ORDER BY c.number
        """
    rows = query(db, sql, (meeting.id,))
    candidates = tuple(
        Candidate(each["number"], to_paper(each), bool(each["added"]), each["discuss"], each["likes"]) for each in rows
    )
    votes = dict(db.execute('SELECT "user", number FROM club_votes WHERE meeting = ?', (meeting.id,)).fetchall())
    posts = {
        each["key"].partition(" ")[2]: PostedMessage(
            each["state"],
            each["ref"] if each["message"] == "posted" else None,
            each["message"] == "lost",
            each["reason"] or "",
            each["message"] is not None,
        )
        for each in query(db, _POSTS, (meeting.channel, CLUB, f"{meeting.id} ", f"{meeting.id}!"))
    }
    return MeetingDetails(meeting, candidates, votes, presenter_of(db, meeting.id), posts)


def to_meeting(row: dict[str, Any]) -> Meeting:
    """Meeting of a row."""
    times = {column: datetime.fromtimestamp(row[column], UTC) for column in _TIMES}
    converted = {"day": date.fromisoformat(row["day"]), "state": MeetingState(row["state"]), **times}
    return Meeting(**{column: row[column] for column in _COLUMNS} | converted)
