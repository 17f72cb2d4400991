"""Whole arXiv days as a source: every paper of a day from its midnight (UTC) on, whether it was listed later or not.

One gzipped file of JSON Lines, with `id`, `day`, `title`, `abstract`, `categories`, `comment`, `n_authors` and
`on_hf_daily`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.app.backtest.archive import Archive, read_lines
from bot.app.past_lists import midnight
from bot.errors import UserError
from bot.model import Findings, Paper


class ArxivDays:
    """The papers of each day. Raises UserError if the file is unreadable.

    Listed papers that the archive lacks are left out: when they were listed is not known.
    """

    name = "arxiv"

    def __init__(self, file: Path, archive: Archive) -> None:
        self._papers: dict[date, list[Paper]] = {}
        try:
            for row in read_lines(file):
                if archive.listed_at(row["id"]) or not row["on_hf_daily"]:
                    paper = _paper(row)
                    self._papers.setdefault(_day(row), []).append(paper)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{file} is not of the form this reads: {error!r}") from None

    @property
    def days(self) -> tuple[date, ...]:
        """The days, in order."""
        return tuple(sorted(self._papers))

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """The papers of the days that began after `since`."""
        papers = (paper for day in self.days if since < midnight(day) <= now for paper in self._papers[day])
        return Findings(tuple(papers))


def _paper(row: Mapping[str, Any]) -> Paper:
    return Paper(
        row["id"],
        row["title"],
        row["abstract"],
        more_authors=row["n_authors"] or 0,
        categories=tuple(row["categories"]),
        comment=row["comment"],
        first_seen=midnight(_day(row)),
    )


def _day(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(row["day"])
