"""Papers that people link to in channels: posts that are done when they are recorded, so that they count as shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from bot.model import Channel
from bot.model.linked import LinkedPaper
from bot.model.post import LINK
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import id_list, stamp, to_paper
from bot.store.sql.transaction import Transaction, query

_POST = """
    INSERT INTO posts (channel, kind, key, name, day, due_at, chosen_at, state, not_before)
    SELECT ?1, ?2, ?3, '', ?4, ?5, ?5, 'done', ?5 FROM papers WHERE id = ?6
    ON CONFLICT (channel, kind, key) DO NOTHING
    """
_PICK = """
    INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend)
    VALUES (?, ?, ?, 1, ?, ?, '[]', '')
    """
_LINK = 'INSERT INTO links (channel, paper_id, day, "user", name, at) VALUES (?, ?, ?, ?, ?, ?)'
_SINCE = """
    SELECT papers.*, links.channel AS channel, links.name AS linked_by, links.at AS linked_at FROM links
    JOIN papers ON papers.id = links.paper_id
    WHERE links.channel IN (SELECT value FROM json_each(?)) AND links.at >= ?
    AND NOT EXISTS (SELECT 1 FROM picks WHERE picks.paper_id = links.paper_id AND picks.channel = links.channel
        AND picks.shown = 1 AND picks.kind <> 'link')
    ORDER BY links.at, links.paper_id
    """


class Links(Part):
    """Papers that people linked to in channels that want cards for them. They count as shown there."""

    @writes
    def record(
        self,
        db: Transaction,
        channel: Channel,
        user: Channel,
        name: str,
        papers: Sequence[str],
        day: date,
        now: datetime,
    ) -> list[str]:
        """Record that a person linked to stored papers. Returns those that are new there on that day."""
        fresh = []
        for paper_id in dict.fromkeys(papers):
            key = f"{paper_id} {day.isoformat()}"
            if db.execute(_POST, (channel, LINK, key, day.isoformat(), stamp(now), paper_id)).rowcount < 1:
                continue
            db.execute(_PICK, (channel, LINK, key, paper_id, LINK))
            db.execute(_LINK, (channel, paper_id, day.isoformat(), user, name, stamp(now)))
            fresh.append(paper_id)
        return fresh

    @reads
    def since(
        self, db: Transaction, channels: Collection[Channel], since: datetime
    ) -> dict[Channel, tuple[LinkedPaper, ...]]:
        """Papers linked to in each channel since a time, by their first link, that nothing else has shown there."""
        papers: dict[Channel, dict[str, LinkedPaper]] = {}
        for row in query(db, _SINCE, (id_list(channels), stamp(since))):
            papers.setdefault(row["channel"], {}).setdefault(row["id"], _to_linked(row))
        return {channel: tuple(each.values()) for channel, each in papers.items()}


def of_digest(db: Transaction, row: Mapping[str, Any]) -> tuple[LinkedPaper, ...]:
    """The papers that the digest of a row of `posts` names as linked to; without the names that were erased."""
    if not row["linked"]:
        return ()
    sql = """
        SELECT papers.*, links.name AS linked_by, links.at AS linked_at FROM papers
        JOIN links ON links.paper_id = papers.id AND links.channel = ? AND links.at >= ? AND links.at <= ?
        WHERE papers.id IN (SELECT value FROM json_each(?)) ORDER BY links.at, papers.id
        """
    first: dict[str, LinkedPaper] = {}
    for linked in query(db, sql, (row["channel"], row["since"], row["chosen_at"], row["linked"])):
        first.setdefault(linked["id"], _to_linked(linked))
    return tuple(first.values())


def _to_linked(row: Mapping[str, Any]) -> LinkedPaper:
    return LinkedPaper(to_paper(row), row["linked_by"], datetime.fromtimestamp(row["linked_at"], UTC))
