"""Questions about summaries that a language model wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.model import Paper
from bot.store.sqlite.rows import query, stamp, to_paper

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection

TRIES = 2
"""How often a model is asked about one text."""


class Summaries:
    """Which papers a model may still be asked about, and what came of it."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def unwritten(self, since: datetime, limit: int) -> Sequence[Paper]:
        """Papers from then on, with an abstract, that no model has written about, newest first."""
        return await self._db.read(_unwritten, since, limit)

    async def write(self, paper: Paper, told: str, model: str) -> bool:
        """Show this sentence from now on, as the model's; False if the paper's text changed meanwhile."""
        return await self._db.write(_write, paper, told, model)

    async def missed(self, paper: Paper) -> None:
        """Note that a try came to nothing."""
        await self._db.write(_missed, paper)


def _unwritten(db: Database, since: datetime, limit: int) -> list[Paper]:
    rows = query(
        db,
        "SELECT * FROM papers WHERE age_at > ? AND described > 0 AND abstract <> '' AND withdrawn = 0 AND tldr_by = ''"
        " AND tldr_tries < ? ORDER BY age_at DESC, id LIMIT ?",
        stamp(since),
        TRIES,
        limit,
    )
    return [to_paper(row) for row in rows]


def _write(db: Database, paper: Paper, told: str, model: str) -> bool:
    done = db.execute(
        "UPDATE papers SET tldr = ?, tldr_by = ? WHERE id = ? AND title = ? AND abstract = ? AND described > 0",
        (told, model, paper.id, paper.title, paper.abstract),
    )
    return done.rowcount > 0


def _missed(db: Database, paper: Paper) -> None:
    db.execute("UPDATE papers SET tldr_tries = tldr_tries + 1 WHERE id = ?", (paper.id,))
