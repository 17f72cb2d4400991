"""An archive of Hugging Face Daily Papers as a source: at each moment it returns what had been snapshotted by then.

Files, gzipped JSON Lines and CSV: `papers`, `upvote_snapshots`, `upvote_series`, and optionally
`github_star_snapshots`. A paper's own counts were read at its `snapshot_at`.
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
from bot.ranking.forecast.history import History
from bot.sources.huggingface_parse import read_organization

SOURCE = "huggingface"
MAX_GAP = timedelta(hours=24)
"""A weekday with no snapshot for longer is a gap in the archive: the source was down."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class JudgedPaper:
    """A paper of a list with the times of its snapshots and its votes after a week."""

    paper_id: str
    day0_at: datetime | None
    next_day_at: datetime | None
    week: float


class Archive:
    """The archive in memory, ordered by time of observation. Raises UserError if it is unreadable."""

    name = SOURCE

    def __init__(self, folder: Path) -> None:
        try:
            self._papers = {row["id"]: row for row in read_lines(folder / "papers.jsonl.gz")}
            self._observations = sorted(self._signals(folder), key=lambda signal: signal.seen_at)
            series = [row for row in _read(folder / "upvote_series.csv.gz", csv.DictReader) if row["up_week"]]
            self.weeks = {str(row["id"]): float(row["up_week"]) for row in series}
            """Votes after a week, by paper id."""
            self.judged = self._judged(series)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"the archive in {folder} is not of the form this reads: {error!r}") from None
        if not self._observations:
            raise UserError(f"the archive in {folder} has no snapshot of any paper: name another folder")
        self._times = [signal.seen_at for signal in self._observations]
        self.first_day = self._times[0].date()
        """First day with a snapshot."""
        self.last_day = max(date.fromisoformat(row["list_date"]) for row in self._papers.values())
        """Last day with a list."""

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """Papers and signals snapshotted after `since` until `now`. Raises SourceError in a gap on a weekday."""
        end = bisect_right(self._times, now)
        if now.weekday() < SATURDAY and (end == 0 or now - self._times[end - 1] > MAX_GAP):
            raise SourceError(SOURCE, f"the archive has no snapshot of {now:%Y-%m-%d}")
        return self.snapshots(since, now)

    def snapshots(self, since: datetime, now: datetime) -> Findings:
        """Papers and signals snapshotted after `since` until `now`."""
        start, end = bisect_right(self._times, since), bisect_right(self._times, now)
        signals = tuple(self._observations[start:end])
        ids = dict.fromkeys(signal.paper_id for signal in signals)
        return Findings(tuple(self.paper(paper_id) for paper_id in ids), signals)

    def paper(self, paper_id: str) -> Paper:
        """A paper of the archive."""
        row = self._papers[paper_id]
        organization = read_organization(row.get("organization"))
        return Paper(
            id=paper_id,
            title=" ".join(row["title"].split()),
            abstract=row.get("summary") or "",
            authors=tuple(str(author) for author in row.get("authors") or ()),
            published_at=_optional_time(row.get("publishedAt")),
            listed_at=_optional_time(row.get("submittedOnDailyAt")) or _optional_time(row["list_date"]),
            organization=organization.name,
            organization_handle=organization.handle,
            code_url=row.get("githubRepo"),
            project_url=row.get("projectPage"),
        )

    def listed_at(self, paper_id: str) -> datetime | None:
        """The time at which a paper was listed; None if it is not in the archive."""
        return self.paper(paper_id).listed_at if paper_id in self._papers else None

    @property
    def ids(self) -> tuple[str, ...]:
        """The papers' ids."""
        return tuple(self._papers)

    def history(self) -> History:
        """The lists with their votes, as the past of authors and organisations."""
        votes: dict[str, list[tuple[datetime, float]]] = {}
        for signal in self._observations:
            if signal.kind == "upvotes":
                votes.setdefault(signal.paper_id, []).append((signal.seen_at, signal.value))
        history = History()
        for paper_id, row in self._papers.items():
            history.add(self.paper(paper_id), date.fromisoformat(row["list_date"]), votes.get(paper_id, ()))
        return history

    def _signals(self, folder: Path) -> Iterator[Signal]:
        """Upvotes of papers with a title; comments and stars at the paper's own snapshot."""
        for row in read_lines(folder / "upvote_snapshots.jsonl.gz"):
            if row["id"] in self._papers:
                yield Signal(row["id"], SOURCE, "upvotes", float(row["upvotes"]), _time(row["t"]))
        for row in self._papers.values():
            at = _time(row["snapshot_at"])
            for kind, field in (("comments", "numComments"), ("github_stars", "githubStars")):
                if row.get(field) is not None:
                    yield Signal(row["id"], SOURCE, kind, float(row[field]), at)
        stars = folder / "github_star_snapshots.jsonl.gz"
        for row in read_lines(stars) if stars.exists() else ():
            if row["github"] and row["id"] in self._papers:
                yield Signal(row["id"], SOURCE, "github_stars", float(row["stars"]), _time(row["t"]))

    def _judged(self, series: Iterable[dict[str, Any]]) -> dict[date, list[JudgedPaper]]:
        """The papers with a title and votes after a week, by list date."""
        lists: dict[date, list[JudgedPaper]] = {}
        for row in series:
            if row["id"] in self._papers:
                day0_at = _optional_time(row["t_day0"]) if row["up_day0"] else None
                next_day_at = _optional_time(row["t_d1"]) if row["up_d1"] else None
                judged = JudgedPaper(row["id"], day0_at, next_day_at, float(row["up_week"]))
                lists.setdefault(date.fromisoformat(row["list_date"]), []).append(judged)
        return dict(sorted(lists.items()))


def _read(path: Path, read: Callable[[Any], Iterable[dict[str, Any]]]) -> list[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(read(file))
    except FileNotFoundError:
        raise UserError(f"the archive lacks {path.name}: name the folder that holds it") from None
    except (OSError, EOFError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from None


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Objects of a gzipped file of JSON Lines. Raises UserError if it cannot be read."""
    return _read(path, lambda file: (json.loads(line) for line in file if line.strip()))


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _optional_time(text: str | None) -> datetime | None:
    return _time(text) if text else None
