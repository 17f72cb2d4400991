"""Papers, merged under one id whatever the source or version, and the time series of who noticed them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.model import Findings, Paper, Signal, SourceReport

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.connection import Connection

UNCHANGED_FOR = timedelta(hours=6)
"""An unchanged value is stored again only after this long: a look every half hour would else be 48 rows a day."""

KEEP_EVERY_OBSERVATION = timedelta(days=90)
AUTHORITY = {"arxiv": 2, "huggingface": 1}
"""Whose title and abstract win: arXiv's own, then Hugging Face's copy, then anybody's."""

OPTIONAL = ("organization", "code_url", "project_url", "comment", "journal_ref", "doi")
LIST_SEPARATOR = "\n"


def stamp(moment: datetime | None) -> float | None:
    """A moment as it is stored."""
    return None if moment is None else moment.timestamp()


def moment(stored: float | None) -> datetime | None:
    """A stored moment, aware, in UTC."""
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of findings: ids never seen before, ids whose text changed, and observations kept."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    signals: int


class Papers:
    """Questions about papers and signals."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def add(self, findings: Findings, source: str, now: datetime) -> Added:
        """Merge what a source found, all of it or nothing."""
        return await self._db.write(_add, findings, source, now)

    async def get(self, ids: Iterable[str]) -> dict[str, Paper]:
        """The papers of these ids that are known."""
        return await self._db.read(_get, tuple(ids))

    async def signals(self, ids: Iterable[str], since: datetime) -> dict[str, list[Signal]]:
        """Every observation of these papers from then on, and the last one before, oldest first."""
        return await self._db.read(_signals, tuple(ids), since)

    async def candidates(self, since: datetime, until: datetime) -> list[Paper]:
        """Papers whose age is counted from that span, newest first. Withdrawn ones are left out."""
        return await self._db.read(_candidates, since, until)

    async def undescribed(self, limit: int) -> list[Paper]:
        """Papers whose sentence and index entry do not follow their text yet."""
        return await self._db.read(_undescribed, limit)

    async def describe(self, entries: Sequence[tuple[Paper, str, tuple[str, str, str]]]) -> None:
        """Store each paper's sentence and its analysed title, abstract and authors for the index.

        Skips a paper whose text changed meanwhile: it stays undescribed.
        """
        await self._db.write(_describe, entries)

    async def without_details(self, since: datetime, limit: int) -> list[str]:
        """arXiv ids first seen since then whose categories nobody told us yet, newest first."""
        return await self._db.read(_without_details, since, limit)

    async def repositories(self, since: datetime) -> dict[str, str]:
        """Known repositories of papers first seen since then: URL to paper id."""
        return await self._db.read(_repositories, since)

    async def count(self) -> tuple[int, int]:
        """How many papers and how many observations are stored."""
        return await self._db.read(
            lambda db: (
                db.execute("SELECT count(*) FROM papers").fetchone()[0],
                db.execute("SELECT count(*) FROM observations").fetchone()[0],
            )
        )

    async def thin(self, now: datetime) -> int:
        """Keep one observation a day and series once they are 90 days old. Returns how many went."""
        return await self._db.write(_thin, now)

    async def report(self, report: SourceReport) -> None:
        """Note how a source's look went; a fault leaves the last success standing."""
        await self._db.write(_report, report)

    async def reports(self) -> list[SourceReport]:
        """How every source did when last asked, by name."""
        return await self._db.read(_reports)


# --- rows ------------------------------------------------------------------------------------------------------


def to_paper(row: Mapping[str, Any]) -> Paper:
    """A row of `papers` as a Paper."""
    return Paper(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(json.loads(row["authors"])),
        published_at=moment(row["published_at"]),
        listed_at=moment(row["listed_at"]),
        first_seen=moment(row["first_seen"]),
        categories=tuple(json.loads(row["categories"])),
        organization=row["organization"],
        code_url=row["code_url"],
        project_url=row["project_url"],
        comment=row["comment"],
        journal_ref=row["journal_ref"],
        doi=row["doi"],
        version=row["version"],
        withdrawn=bool(row["withdrawn"]),
        tldr=row["tldr"],
    )


def id_list(ids: Iterable[str]) -> str:
    """Ids as one JSON parameter for `IN (SELECT value FROM json_each(?))`: no limit on their number."""
    return json.dumps(tuple(ids))


def _rows(db: Database, sql: str, *parameters: object) -> list[dict[str, Any]]:
    return list(db.query(sql, parameters))


def _get(db: Database, ids: tuple[str, ...]) -> dict[str, Paper]:
    rows = _rows(db, "SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(?))", id_list(ids))
    return {row["id"]: to_paper(row) for row in rows}


def _candidates(db: Database, since: datetime, until: datetime) -> list[Paper]:
    rows = _rows(
        db,
        "SELECT * FROM papers WHERE age_at > ? AND age_at <= ? AND withdrawn = 0 ORDER BY age_at DESC, id",
        stamp(since),
        stamp(until),
    )
    return [to_paper(row) for row in rows]


# --- merging ---------------------------------------------------------------------------------------------------


def _add(db: Database, findings: Findings, source: str, now: datetime) -> Added:
    new: list[str] = []
    changed: list[str] = []
    aliases: dict[str, str] = {}
    for found in findings.papers:
        paper_id = _one_id(db, found)
        aliases[found.id] = paper_id
        row = db.execute("SELECT * FROM papers WHERE id = ?", (paper_id,))
        known = row.fetchone()
        if known is None:
            _insert(db, found, source, now)
            new.append(paper_id)
        elif _merge(db, dict(zip([c[0] for c in row.description], known, strict=True)), found, source):
            changed.append(paper_id)
    signals = sum(_observe(db, signal, aliases.get(signal.paper_id, signal.paper_id)) for signal in findings.signals)
    return Added(tuple(new), tuple(changed), signals)


def _one_id(db: Database, found: Paper) -> str:
    """The id the work is already known under; a DOI's row is renamed once its arXiv id turns up."""
    if not found.is_arxiv:
        row = db.execute("SELECT id FROM papers WHERE id = ?1 OR doi = ?1 ORDER BY id = ?1 LIMIT 1", (found.id,))
        known = row.fetchone()
        return found.id if known is None else str(known[0])
    if found.doi and not _get(db, (found.id,)):
        db.execute("UPDATE papers SET doi = id, id = ?1 WHERE id = ?2", (found.id, found.doi))
    return found.id


def _insert(db: Database, found: Paper, source: str, now: datetime) -> None:
    row = {name: getattr(found, name) for name in ("id", "title", "abstract", "version", *OPTIONAL)}
    row |= {
        "authors": json.dumps(found.authors, ensure_ascii=False),
        "categories": json.dumps(found.categories),
        "published_at": stamp(found.published_at),
        "listed_at": stamp(found.listed_at),
        "first_seen": stamp(found.first_seen or now),
        "withdrawn": int(found.withdrawn),
        "text_from": source,
    }
    _execute_insert(db, "papers", row)


def _execute_insert(db: Database, table: str, row: Mapping[str, object], verb: str = "INSERT") -> None:
    columns = ", ".join(row)
    marks = ", ".join("?" * len(row))
    db.execute(f"{verb} INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - names are ours


def _merge(db: Database, known: Mapping[str, Any], found: Paper, source: str) -> bool:
    """Best known wins: unknown never overwrites, text only from as good a source or a later version.

    Returns whether what the index and the sentence are made of changed.
    """
    row: dict[str, Any] = {name: getattr(found, name) for name in OPTIONAL if getattr(found, name)}
    if found.categories:
        row["categories"] = json.dumps(found.categories)
    row["published_at"] = _earlier(known["published_at"], stamp(found.published_at))
    row["listed_at"] = _earlier(known["listed_at"], stamp(found.listed_at))
    row["withdrawn"] = max(known["withdrawn"], int(found.withdrawn))
    row["version"] = max(known["version"] or 0, found.version or 0) or None
    if _better_text(known, found, source):
        row |= {"title": found.title or known["title"], "abstract": found.abstract or known["abstract"]}
        row["text_from"] = source
        if found.authors:
            row["authors"] = json.dumps(found.authors, ensure_ascii=False)
    different = {name: value for name, value in row.items() if value != known[name]}
    text_changed = bool(different.keys() & {"title", "abstract", "authors"})
    if text_changed:
        different["described"] = 0
    if different:
        assignments = ", ".join(f"{name} = ?" for name in different)
        db.execute(f"UPDATE papers SET {assignments} WHERE id = ?", (*different.values(), known["id"]))  # noqa: S608 - names are ours
    return text_changed


def _better_text(known: Mapping[str, Any], found: Paper, source: str) -> bool:
    if (found.version or 0) < (known["version"] or 0) and found.version is not None:
        return False
    if not known["abstract"] and found.abstract:
        return True
    return AUTHORITY.get(source, 0) >= AUTHORITY.get(known["text_from"], 0) and bool(found.title)


def _earlier(a: float | None, b: float | None) -> float | None:
    return min((moment for moment in (a, b) if moment is not None), default=None)


# --- signals ---------------------------------------------------------------------------------------------------


def _observe(db: Database, signal: Signal, paper_id: str) -> bool:
    """Append one observation unless it says nothing new. Signals of papers nobody knows are dropped."""
    at = signal.seen_at.timestamp()
    key = (paper_id, signal.source, signal.kind)
    series = db.execute(
        "SELECT id, value, seen_at FROM series WHERE paper_id = ? AND source = ? AND kind = ?", key
    ).fetchone()
    if series is None:
        if not db.execute("SELECT 1 FROM papers WHERE id = ?", (paper_id,)).fetchone():
            return False
        series_id = db.execute(
            "INSERT INTO series (paper_id, source, kind, value, seen_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (*key, signal.value, at),
        ).fetchone()[0]
    else:
        series_id, value, seen_at = series
        if at >= seen_at:
            if value == signal.value and at - seen_at < UNCHANGED_FOR.total_seconds():
                return False
            db.execute("UPDATE series SET value = ?, seen_at = ? WHERE id = ?", (signal.value, at, series_id))
    kept = db.execute(
        "INSERT OR IGNORE INTO observations (series_id, seen_at, value) VALUES (?, ?, ?)", (series_id, at, signal.value)
    )
    return kept.rowcount > 0


def _signals(db: Database, ids: tuple[str, ...], since: datetime) -> dict[str, list[Signal]]:
    start = since.timestamp()
    rows = db.execute(
        """
        SELECT s.paper_id, s.source, s.kind, o.value, o.seen_at
        FROM json_each(?1) AS wanted JOIN series AS s ON s.paper_id = wanted.value
        JOIN observations AS o ON o.series_id = s.id AND o.seen_at >= coalesce(
            (SELECT max(p.seen_at) FROM observations AS p WHERE p.series_id = s.id AND p.seen_at < ?2), ?2)
        ORDER BY s.paper_id, o.seen_at
        """,
        (id_list(ids), start),
    )
    found: dict[str, list[Signal]] = {}
    for paper_id, source, kind, value, seen_at in rows:
        signal = Signal(paper_id, source, kind, value, datetime.fromtimestamp(seen_at, UTC))
        found.setdefault(paper_id, []).append(signal)
    return found


def _thin(db: Database, now: datetime) -> int:
    before = (now - KEEP_EVERY_OBSERVATION).timestamp()
    gone = db.execute(
        """
        DELETE FROM observations WHERE seen_at < ?1 AND EXISTS (
            SELECT 1 FROM observations AS later WHERE later.series_id = observations.series_id
            AND later.seen_at > observations.seen_at AND later.seen_at < ?1
            AND CAST(later.seen_at / 86400 AS INTEGER) = CAST(observations.seen_at / 86400 AS INTEGER))
        """,
        (before,),
    )
    return gone.rowcount


# --- describing, sources ---------------------------------------------------------------------------------------


def _undescribed(db: Database, limit: int) -> list[Paper]:
    return [to_paper(row) for row in _rows(db, "SELECT * FROM papers WHERE described = 0 LIMIT ?", limit)]


def _describe(db: Database, entries: Sequence[tuple[Paper, str, tuple[str, str, str]]]) -> None:
    for paper, tldr, analysed in entries:
        row = db.execute(
            "UPDATE papers SET tldr = ?, described = 1 WHERE id = ? AND title = ? AND abstract = ? RETURNING n",
            (tldr, paper.id, paper.title, paper.abstract),
        ).fetchone()
        if row is not None:
            db.execute(
                "INSERT OR REPLACE INTO papers_index (rowid, title, abstract, authors) VALUES (?, ?, ?, ?)",
                (row[0], *analysed),
            )


def _without_details(db: Database, since: datetime, limit: int) -> list[str]:
    rows = db.execute(
        "SELECT id FROM papers WHERE age_at > ?1 AND first_seen > ?1 AND categories = '[]' AND id NOT LIKE '10.%/%'"
        " ORDER BY first_seen DESC LIMIT ?2",
        (stamp(since), limit),
    )
    return [row[0] for row in rows]


def _repositories(db: Database, since: datetime) -> dict[str, str]:
    rows = db.execute("SELECT code_url, id FROM papers WHERE code_url IS NOT NULL AND age_at > ?", (stamp(since),))
    return {row[0]: row[1] for row in rows}


def _report(db: Database, report: SourceReport) -> None:
    db.execute(
        """
        INSERT INTO sources (source, tried_at, succeeded_at, papers, signals, fault) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (source) DO UPDATE SET tried_at = excluded.tried_at, fault = excluded.fault,
            succeeded_at = coalesce(excluded.succeeded_at, succeeded_at),
            papers = excluded.papers, signals = excluded.signals
        """,
        (
            report.source,
            stamp(report.tried_at),
            stamp(report.succeeded_at),
            report.papers,
            report.signals,
            report.fault,
        ),
    )


def _reports(db: Database) -> list[SourceReport]:
    return [
        SourceReport(
            source=row["source"],
            tried_at=datetime.fromtimestamp(row["tried_at"], UTC),
            succeeded_at=moment(row["succeeded_at"]),
            papers=row["papers"],
            signals=row["signals"],
            fault=row["fault"],
        )
        for row in _rows(db, "SELECT * FROM sources ORDER BY source")
    ]
