"""Models fitted to votes, beside the rule: `python -m tests.training.votes [--data DIR]`.

Each list up to 2025-09-25 is ordered at its first snapshot by models of ln(1 + upvotes after a week) that were fitted
on all snapshots of earlier lists alone, in blocks of time. Nothing is written; `bot/ranking/README.md` has the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from bot.app.backtest import FITTED_UNTIL
from bot.app.backtest.archive import Archive
from bot.app.backtest.evaluation import Figures, figures, interval, mean
from bot.app.backtest.simulation import MIN_PAPERS
from bot.model import Evidence
from bot.ranking.trend import rule_inputs, trend_score
from tests.harness.recordings import DATA
from tests.training.forecast_data import lines

LONGEST = timedelta(hours=30)
"""After the list's midnight; later snapshots leave little to forecast."""
BLOCKS = 5
RIDGE_PRIOR = 20.0
VOTES = 0
"""Column of ln(1 + upvotes so far)."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ListSnapshot:
    """A list as one poll saw it: a row for each paper."""

    day: date
    features: _Floats
    rule: _Floats
    weeks: _Floats
    is_first: bool
    """Whether it is the list's first snapshot, by which orders are judged."""


def snapshots(data: Path) -> list[ListSnapshot]:
    """All polls of lists with at least ten papers that were counted after a week."""
    folder = data / "hf_daily_papers"
    archive = Archive(folder)
    days = {each.paper_id: day for day, listed in archive.judged.items() for each in listed}
    polls: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for row in lines(folder / "upvote_snapshots.jsonl.gz"):
        if row["id"] in days:
            polls.setdefault((days[row["id"]], row["t"]), []).append(row)
    seen: set[date] = set()
    found = []
    for (day, at), rows in sorted(polls.items()):
        moment = datetime.fromisoformat(at.removesuffix("Z")).replace(tzinfo=UTC)
        is_soon = moment - datetime.combine(day, time(0), UTC) < LONGEST
        if day <= FITTED_UNTIL and is_soon and len(rows) >= MIN_PAPERS:
            found.append(_snapshot(archive, day, moment, rows, is_first=day not in seen))
            seen.add(day)
    return found


def _snapshot(
    archive: Archive, day: date, at: datetime, rows: Sequence[dict[str, Any]], *, is_first: bool
) -> ListSnapshot:
    votes = np.log1p([float(row["upvotes"]) for row in rows])
    papers = [archive.paper(str(row["id"])) for row in rows]
    evidence = [Evidence("huggingface", "upvotes", float(row["upvotes"]), at) for row in rows]
    inputs = [rule_inputs(paper, [each]) for paper, each in zip(papers, evidence, strict=True)]
    columns = [
        votes,
        np.log1p([each.age or 0.0 for each in inputs]),
        [float(np.mean(votes > each)) for each in votes],
        votes - votes.mean(),
        np.log([min(max(each.title, 20), 200) for each in inputs]),
        np.log([min(max(each.authors, 1), 60) for each in inputs]),
        [_known(row, "rank") for row in rows],
        np.log1p([_known(row, "comments") for row in rows]),
        [at.weekday()] * len(rows),
        [len(rows)] * len(rows),
    ]
    rule = np.array([trend_score(each) for each in inputs])
    weeks = np.array([archive.weeks[paper.id] for paper in papers])
    return ListSnapshot(day, np.column_stack(columns).astype(float), rule, weeks, is_first)


def _known(row: Mapping[str, Any], field: str) -> float:
    return np.nan if row.get(field) is None else float(row[field])


def _centred(values: _Floats) -> _Floats:
    return np.asarray(values - values.mean())


def _linear(features: _Floats) -> _Floats:
    votes, hours = features[:, VOTES] - 2.2, features[:, 1] - 1.9
    return np.column_stack([features[:, [0, 1, 4, 5]], votes * hours, votes**2, hours**2])


def orders(earlier: Sequence[ListSnapshot], later: Sequence[ListSnapshot]) -> Iterator[tuple[str, list[_Floats]]]:
    """Each way of ordering the later lists, fitted on the earlier ones."""
    target = np.concatenate([_centred(np.log1p(each.weeks)) for each in earlier])
    yield "upvotes", [each.features[:, VOTES] for each in later]
    yield "rule", [each.rule for each in later]
    linear = np.concatenate([_linear(each.features) - _linear(each.features).mean(0) for each in earlier])
    deviations = linear.std(0)
    ridge = Ridge(alpha=RIDGE_PRIOR).fit(linear / deviations, target)
    yield "ridge regression", [ridge.predict(_linear(each.features) / deviations) for each in later]
    every = np.concatenate([each.features for each in earlier])
    monotone = [1 if column == VOTES else 0 for column in range(every.shape[1])]
    trees = HistGradientBoostingRegressor(
        max_iter=150, learning_rate=0.04, max_depth=3, min_samples_leaf=30, l2_regularization=10.0,
        monotonic_cst=monotone, early_stopping=False, random_state=0,
    ).fit(every, target)  # fmt: skip
    boosted = [trees.predict(each.features) for each in later]
    yield "boosted trees", boosted
    yield "trees and rule", [_centred(a) + _centred(each.rule) for a, each in zip(boosted, later, strict=True)]


def table(every: Sequence[ListSnapshot]) -> Iterator[str]:
    """Means over the lists of all blocks but the first, and intervals of the difference from the rule."""
    days = sorted({each.day for each in every})
    by_way: dict[str, list[Figures]] = {}
    for block in np.array_split(np.array(days), BLOCKS)[1:]:
        earlier = [each for each in every if each.day < block[0]]
        later = [each for each in every if each.is_first and each.day in set(block)]
        for name, scores in orders(earlier, later):
            judged = [figures(list(a), list(each.weeks)) for a, each in zip(scores, later, strict=True)]
            by_way.setdefault(name, []).extend(judged)
    yield f"{len(by_way['rule'])} lists, fitted on {len(every)} snapshots of lists before each block\n"
    yield "| | NDCG@5 / top-5 overlap / Spearman | minus the rule, 95 % intervals |\n|---|---|---|"
    for name, judged in by_way.items():
        pairs = list(zip(judged, by_way["rule"], strict=True))
        bounds = (interval([a[i] - b[i] for a, b in pairs]) for i in range(len(Figures._fields)))
        cells = (" / ".join(f"{x:.4f}" for x in mean(judged)), " / ".join(f"{a:+.4f} to {b:+.4f}" for a, b in bounds))
        yield f"| {name} | {' | '.join(cells if name != 'rule' else (cells[0], ''))} |"


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds the archive.")
def main(data: Path) -> None:
    """Print the table."""
    for line in table(snapshots(data)):
        click.echo(line)


if __name__ == "__main__":
    main()
