"""Conversion of rows to domain values and back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model import Paper
from bot.store.sql.transaction import Transaction, query

AMONG = "IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
"""Condition on numbers, whose parameter is an `id_list`."""
LONGEST_VECTOR = 4_096
"""Bytes of the longest vector that is recognised as all zeros."""


def stamp(moment: datetime | None) -> float | None:
    """Stored form of a time: Unix seconds."""
    return None if moment is None else moment.timestamp()


def moment(stored: float | None) -> datetime | None:
    """Aware UTC time of a stored one."""
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


def to_paper(row: Mapping[str, Any]) -> Paper:
    """Paper of a row of `papers`."""
    return Paper(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(json.loads(row["authors"])),
        more_authors=row["more_authors"],
        published_at=moment(row["published_at"]),
        listed_at=moment(row["listed_at"]),
        first_seen=moment(row["first_seen"]),
        categories=tuple(json.loads(row["categories"])),
        organization=row["organization"],
        organization_handle=row["organization_handle"],
        code_url=row["code_url"],
        project_url=row["project_url"],
        comment=row["comment"],
        journal_ref=row["journal_ref"],
        doi=row["doi"],
        version=row["version"],
        withdrawn=bool(row["withdrawn"]),
        tldr=row["tldr"],
        tldr_by=row["tldr_by"],
    )


def papers_by_id(db: Transaction, ids: Collection[str]) -> dict[str, Paper]:
    """Stored papers of these ids, by id."""
    rows = query(db, "SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(?))", (id_list(ids),))
    return {row["id"]: to_paper(row) for row in rows}


def papers_by_number(db: Transaction, numbers: Iterable[int]) -> dict[int, Paper]:
    """Stored papers of these numbers, by number."""
    return {row["n"]: to_paper(row) for row in query(db, f"SELECT * FROM papers WHERE n {AMONG}", (id_list(numbers),))}


def id_list(ids: Iterable[str] | Iterable[int]) -> str:
    """JSON array of ids, a parameter for `IN (SELECT value FROM json_each(?))`: no limit on their number."""
    return json.dumps(tuple(ids))
