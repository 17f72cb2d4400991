"""Papers that the forecast is fitted on: whole arXiv days with what was listed of them, and the archive's lists."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.app.backtest.archive import Archive
from bot.model import Paper
from bot.ranking.forecast.features import plain_features
from bot.ranking.forecast.model import CLIP

DAYS, CATEGORIES = "arxiv_labelled/arxiv_full_days.jsonl.gz", "arxiv_labelled/hf_paper_categories.jsonl.gz"
POSITIVES_FROM = date(2025, 1, 1)
"""Day from which listed papers of the archive are further positives."""
LEAST_DEVIATION = 0.05


@dataclass(frozen=True)
class Labelled:
    """A paper, its day, and whether it was listed; `extra`: one of the archive, of a day that is not known whole."""

    paper: Paper
    day: date
    listed: bool
    extra: bool = False


@dataclass(frozen=True)
class Voted:
    """A listed paper, the day of its list, and its upvotes after a week."""

    paper: Paper
    day: date
    upvotes: float


def lines(path: Path) -> Iterable[dict[str, Any]]:
    """Objects of a gzipped file of JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def labelled(data: Path) -> list[Labelled]:
    """Every paper of the whole days."""
    return [
        Labelled(
            Paper(
                row["id"],
                row["title"],
                row["abstract"],
                more_authors=row["n_authors"] or 0,
                categories=tuple(row["categories"]),
                comment=row["comment"],
            ),
            date.fromisoformat(row["day"]),
            bool(row["on_hf_daily"]),
        )
        for row in lines(data / DAYS)
    ]


def extra_positives(data: Path, whole: Iterable[Labelled]) -> list[Labelled]:
    """Listed papers of other days whose categories and comment are known; without names, as those of whole days."""
    known, known_of = {each.paper.id for each in whole}, {row["id"]: row for row in lines(data / CATEGORIES)}
    return [
        Labelled(
            Paper(
                row["id"],
                row["title"],
                row["summary"],
                more_authors=len(row["authors"]),
                categories=tuple(known_of[row["id"]]["categories"]),
                comment=known_of[row["id"]]["comment"],
            ),
            day,
            listed=True,
            extra=True,
        )
        for row in lines(data / "hf_daily_papers" / "papers.jsonl.gz")
        if row["id"] in known_of
        and row["id"] not in known
        and (day := date.fromisoformat(row["list_date"])) >= POSITIVES_FROM
    ]


def voted(archive: Archive) -> list[Voted]:
    """The archive's papers with upvotes after a week."""
    return [
        Voted(archive.paper(each.paper_id), day, each.week) for day, listed in archive.judged.items() for each in listed
    ]


class Columns:
    """Named features as columns, held against their means and deviations over the papers they are fitted on."""

    def __init__(self, rows: Iterable[Mapping[str, float]]) -> None:
        rows = list(rows)
        self.names = list(dict.fromkeys(name for row in rows for name in row))
        values = self._values(rows)
        self._means = np.nanmean(values, axis=0)
        self._deviations = np.maximum(np.nanstd(values, axis=0), LEAST_DEVIATION)

    def _values(self, rows: Iterable[Mapping[str, float]]) -> NDArray[np.float64]:
        return np.array([[row.get(name, np.nan) for name in self.names] for row in rows])

    def matrix(self, rows: Iterable[Mapping[str, float]]) -> NDArray[np.float64]:
        """(rows, features): deviations from the mean, bounded; 0 where unknown."""
        return np.nan_to_num(np.clip((self._values(rows) - self._means) / self._deviations, -CLIP, CLIP))

    def card(self, weights: Iterable[float], bias: float) -> dict[str, Any]:
        """The weights as `model.LinearModel` reads them."""
        each = zip(self.names, weights, self._means, self._deviations, strict=True)
        return {"bias": round(float(bias), 5), "weights": {n: [round(float(x), 5) for x in xs] for n, *xs in each}}


def plain_rows(papers: Iterable[Paper]) -> list[dict[str, float]]:
    """Plain features of papers."""
    return [plain_features(paper) for paper in papers]
