"""An archive of Hugging Face Daily Papers as a source: at any moment it tells what had been snapshotted by then.

Files (JSON Lines and CSV, gzipped): `papers`, `upvote_snapshots`, `upvote_series`, and `github_star_snapshots` if it
is there.
A paper's own fields count as read at its `snapshot_at`, never before.
"""

from __future__ import annotations

import csv
import gzip
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import SourceError, UserError
from bot.model import Findings, Paper, Signal

SOURCE = "huggingface"
GAP = timedelta(hours=24)
"""A weekday without any snapshot for this long is a gap in the archive: the source was down."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """A paper of a list with the votes it is judged by."""

    paper_id: str
    day0_at: datetime | None
    next_day_at: datetime | None
    week: float


class Archive:
    """The archive in memory, ordered by the time at which each thing was seen. Raises UserError if unreadable."""

    name = SOURCE

    def __init__(self, folder: Path) -> None:
        try:
            self._papers = {row["id"]: row for row in _lines(folder / "papers.jsonl.gz")}
            self._seen = sorted(self._signals(folder), key=lambda signal: signal.seen_at)
            self.judged = self._judge(folder)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"the archive in {folder} is not of the form this reads: {error!r}") from None
        if not self._seen:
            raise UserError(f"the archive in {folder} has no snapshot of any paper: name another folder")
        self._times = [signal.seen_at for signal in self._seen]

    @property
    def first_day(self) -> date:
        """The first day with a snapshot."""
        return self._times[0].date()

    @property
    def last_day(self) -> date:
        """The last day of any list."""
        return max(date.fromisoformat(row["list_date"]) for row in self._papers.values())

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """What was snapshotted after `since` until now. Raises SourceError on a weekday the archive lacks."""
        end = bisect_right(self._times, now)
        if now.weekday() < SATURDAY and (end == 0 or now - self._times[end - 1] > GAP):
            raise SourceError(SOURCE, f"the archive has no snapshot of {now:%Y-%m-%d}")
        return self.seen(since, now)

    def seen(self, since: datetime, now: datetime) -> Findings:
        """The same, whatever gap there is."""
        start, end = bisect_right(self._times, since), bisect_right(self._times, now)
        signals = tuple(self._seen[start:end])
        ids = dict.fromkeys(signal.paper_id for signal in signals)
        return Findings(tuple(self._paper(paper_id) for paper_id in ids), signals)

    def week(self, paper_id: str) -> float | None:
        """The votes a paper had at its week's end."""
        return self._weeks.get(paper_id)

    def _paper(self, paper_id: str) -> Paper:
        row = self._papers[paper_id]
        organization = row.get("organization")
        return Paper(
            id=paper_id,
            title=" ".join(row["title"].split()),
            abstract=row.get("summary") or "",
            authors=tuple(str(author) for author in row.get("authors") or ()),
            published_at=_moment(row.get("publishedAt")),
            listed_at=_moment(row.get("submittedOnDailyAt")) or _moment(row["list_date"]),
            organization=organization.get("fullname") if isinstance(organization, dict) else organization,
            code_url=row.get("githubRepo"),
            project_url=row.get("projectPage"),
        )

    def _signals(self, folder: Path) -> Iterator[Signal]:
        """Upvotes of papers we know the title of; comments and stars as they stood at the paper's own snapshot."""
        for row in _lines(folder / "upvote_snapshots.jsonl.gz"):
            if row["id"] in self._papers:
                yield Signal(row["id"], SOURCE, "upvotes", float(row["upvotes"]), _when(row["t"]))
        for row in self._papers.values():
            at = _when(row["snapshot_at"])
            for kind, field in (("comments", "numComments"), ("github_stars", "githubStars")):
                if row.get(field) is not None:
                    yield Signal(row["id"], SOURCE, kind, float(row[field]), at)
        stars = folder / "github_star_snapshots.jsonl.gz"
        for row in _lines(stars) if stars.exists() else ():
            if row["github"] and row["id"] in self._papers:
                yield Signal(row["id"], SOURCE, "github_stars", float(row["stars"]), _when(row["t"]))

    def _judge(self, folder: Path) -> dict[date, list[Judged]]:
        """The papers of each list that have a week's value."""
        self._weeks: dict[str, float] = {}
        lists: dict[date, list[Judged]] = {}
        for row in _table(folder / "upvote_series.csv.gz"):
            if not row["up_week"]:
                continue
            week = float(row["up_week"])
            self._weeks[row["id"]] = week
            if row["id"] in self._papers:
                day0_at = _moment(row["t_day0"]) if row["up_day0"] else None
                next_day_at = _moment(row["t_d1"]) if row["up_d1"] else None
                listed = date.fromisoformat(row["list_date"])
                lists.setdefault(listed, []).append(Judged(row["id"], day0_at, next_day_at, week))
        return dict(sorted(lists.items()))


def _open(path: Path, read: Callable[[Any], Iterable[dict[str, Any]]]) -> list[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(read(file))
    except FileNotFoundError:
        raise UserError(f"the archive lacks {path.name}: name the folder that holds it") from None
    except (OSError, EOFError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from None


def _lines(path: Path) -> list[dict[str, Any]]:
    return _open(path, lambda file: (json.loads(line) for line in file if line.strip()))


def _table(path: Path) -> list[dict[str, Any]]:
    return _open(path, csv.DictReader)


def _when(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _moment(text: str | None) -> datetime | None:
    return _when(text) if text else None
