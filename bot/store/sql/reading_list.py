"""Notes, tags and read marks of reading lists; what a channel liked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.model import Channel, Favourite, SavedPaper
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import id_list, moment, stamp, to_paper
from bot.store.sql.transaction import Transaction, query

_ENTRIES = (
    "SELECT papers.*, saved_at, read_at, note, tags FROM saves JOIN papers ON papers.id = paper_id"
    ' WHERE "user" = ? {more} ORDER BY saved_at DESC, papers.id'
)
_FAVOURITES = """
SELECT papers.*, likes, shares FROM papers JOIN (
    SELECT paper_id, sum(liked) AS likes, sum(shared) AS shares, max(at) AS latest FROM (
        SELECT paper_id, 1 AS liked, 0 AS shared, reacted_at AS at FROM reactions WHERE channel = ?1 AND value > 0
        UNION ALL SELECT paper_id, 0, 1, at FROM gestures WHERE channel = ?1 AND gesture = 'share') AS signs
    GROUP BY paper_id) AS counted ON counted.paper_id = papers.id
ORDER BY likes + shares DESC, latest DESC, papers.id
"""
_WITH_TITLE = "SELECT lower(title), id FROM papers WHERE lower(title) IN (SELECT value FROM json_each(?)) ORDER BY n"
_SAVED = '"user" = ? AND paper_id = ?'
NOTE_SEPARATOR = " · "
"""Between the notes of two entries that become one."""


class ReadingLists(Part):
    """Notes, tags and read marks of saved papers; private to the person but for `favourites`, which has no saves."""

    @reads
    def entries(self, db: Transaction, user: Channel) -> list[SavedPaper]:
        """A person's saved papers, latest first."""
        return [_saved(row) for row in query(db, _ENTRIES.format(more=""), (user,))]

    @reads
    def entry(self, db: Transaction, user: Channel, paper_id: str) -> SavedPaper | None:
        """One saved paper; None if the person has not saved it."""
        rows = query(db, _ENTRIES.format(more="AND paper_id = ?"), (user, paper_id))
        return next((_saved(row) for row in rows), None)

    @writes
    def mark(self, db: Transaction, user: Channel, paper_id: str, read_at: datetime | None) -> bool:
        """Mark a saved paper as read, or as unread. False if it was; a paper that is not saved is passed over."""
        changed = "IS NULL" if read_at else "IS NOT NULL"
        sql = f"UPDATE saves SET read_at = ? WHERE {_SAVED} AND read_at {changed}"
        return db.execute(sql, (stamp(read_at), user, paper_id)).rowcount > 0

    @writes
    def annotate(self, db: Transaction, user: Channel, paper_id: str, note: str) -> None:
        """Replace the note on a saved paper."""
        db.execute(f"UPDATE saves SET note = ? WHERE {_SAVED}", (note, user, paper_id))

    @writes
    def tag(
        self, db: Transaction, user: Channel, paper_id: str, add: Sequence[str], remove: Sequence[str]
    ) -> tuple[str, ...]:
        """Add and remove tags of a saved paper. Returns those that it has now; none if it is not saved."""
        row = db.execute(f"SELECT tags FROM saves WHERE {_SAVED}", (user, paper_id)).fetchone()
        if row is None:
            return ()
        tags = tuple(tag for tag in dict.fromkeys((*json.loads(row[0]), *add)) if tag not in remove)
        db.execute(f"UPDATE saves SET tags = ? WHERE {_SAVED}", (_json(tags), user, paper_id))
        return tags

    @writes
    def merge(self, db: Transaction, user: Channel, entries: Sequence[SavedPaper]) -> int:
        """Add entries; of papers that are saved already, what is new: tags, a mark, a note that is not there yet.

        Papers that are not stored are passed over. Returns the number of those that were not saved before.
        """
        ids = id_list(entry.paper.id for entry in entries)
        stored_ids = {row[0] for row in db.execute(f"SELECT id FROM papers WHERE id IN ({_LISTED})", (ids,))}
        sql = f'SELECT * FROM saves WHERE "user" = ? AND paper_id IN ({_LISTED})'
        saved = {row["paper_id"]: row for row in query(db, sql, (user, ids))}
        present = [entry for entry in entries if entry.paper.id in stored_ids]
        for entry in present:
            _put(db, user, entry, saved.get(entry.paper.id))
        return len({entry.paper.id for entry in present} - saved.keys())

    async def resolve(self, ids: Iterable[str], titles: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Ids of the stored papers that have these ids or DOIs, and of those with these titles, whatever their case."""
        by_lower = {title: ascii_lower(title) for title in titles}
        ids_found, titles_found = await self._resolve(id_list(ids), json.dumps([*by_lower.values()]))
        return ids_found, {title: titles_found[lower] for title, lower in by_lower.items() if lower in titles_found}

    @reads
    def _resolve(self, db: Transaction, ids: str, titles: str) -> tuple[dict[str, str], dict[str, str]]:
        by_id = f"SELECT id, id FROM papers WHERE id IN ({_LISTED}) UNION ALL SELECT doi, id FROM papers WHERE doi IN"
        ids_found = dict(db.execute(f"{by_id} ({_LISTED})", (ids, ids)).fetchall())
        if titles == "[]":  # the table is read whole
            return ids_found, {}
        return ids_found, dict(db.execute(_WITH_TITLE, (titles,)).fetchall())

    @reads
    def favourites(self, db: Transaction, channel: Channel) -> list[Favourite]:
        """Papers that people liked or shared in a channel, by the number of people, then the latest first."""
        return [Favourite(to_paper(row), row["likes"], row["shares"]) for row in query(db, _FAVOURITES, (channel,))]


_LISTED = "SELECT value FROM json_each(?)"


def _saved(row: Mapping[str, Any]) -> SavedPaper:
    tags = tuple(json.loads(row["tags"]))
    return SavedPaper(to_paper(row), moment(row["saved_at"]), moment(row["read_at"]), row["note"], tags)


def _json(tags: Iterable[str]) -> str:
    return json.dumps(list(tags), ensure_ascii=False)


def ascii_lower(text: str) -> str:
    """Lower case as both databases write it: of ASCII letters alone."""
    return "".join(each.lower() if each.isascii() else each for each in text)


def _put(db: Transaction, user: Channel, entry: SavedPaper, row: Mapping[str, Any] | None) -> None:
    """Insert an entry, or add what is new in it to the one that is stored."""
    if row is None:
        db.execute(
            'INSERT INTO saves ("user", paper_id, saved_at, read_at, note, tags) VALUES (?, ?, ?, ?, ?, ?)'
            ' ON CONFLICT ("user", paper_id) DO NOTHING',
            (user, entry.paper.id, stamp(entry.saved_at), stamp(entry.read_at), entry.note, _json(entry.tags)),
        )
        return
    merged = _merged(row, {"read_at": stamp(entry.read_at), "note": entry.note, "tags": _json(entry.tags)})
    db.execute(f"UPDATE saves SET read_at = ?, note = ?, tags = ? WHERE {_SAVED}", (*merged, user, entry.paper.id))


def _merged(kept: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[float | None, str, str]:
    """Mark, note and tags of two entries of one paper; a note that the kept one has already is not repeated."""
    notes = [kept["note"], *([other["note"]] if other["note"] not in kept["note"] else [])]
    tags = dict.fromkeys((*json.loads(kept["tags"]), *json.loads(other["tags"])))
    return kept["read_at"] or other["read_at"], NOTE_SEPARATOR.join(filter(None, notes)), _json(tags)


def merge_saves(db: Transaction, old: str, new: str) -> None:
    """Add what people noted about a paper to their entry of another one, which is the same work."""
    sql = 'SELECT * FROM saves WHERE paper_id = ? AND "user" IN (SELECT "user" FROM saves WHERE paper_id = ?)'
    both = {row["user"]: row for row in query(db, sql, (old, new))}
    for row in list(query(db, sql, (new, old))):
        merged = _merged(row, both[row["user"]])
        db.execute(f"UPDATE saves SET read_at = ?, note = ?, tags = ? WHERE {_SAVED}", (*merged, row["user"], new))
