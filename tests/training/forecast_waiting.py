"""`python -m tests.training.forecast_waiting [--data DIR]`: what becomes of papers that wait, behind `odds.py`.

Every whole arXiv day is forecast by a fit that left it out. Two tables: the share of the listed papers that is still to
come after so many hours, and the odds of papers not listed by then, beside how many of them were. Listed papers whose
time the archive does not have, a third, count as those whose time is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.ranking.forecast.odds import HOURS, odds_after
from tests.harness.recordings import DATA
from tests.training.forecast import Fits, prepared

ASKED = (2.0, 5.0, 9.0, 33.0)
"""Hours since the announcement at which digests are chosen."""
BINS, LIKELIEST = 8, (150, 60)

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Waiting:
    """Papers of whole days, forecast by fits that left their day out."""

    odds: _Floats
    """Probability to be listed, at midnight."""
    listed: NDArray[np.bool_]
    hours: _Floats
    """From midnight to the listing; NaN where not listed or of unknown time."""

    def still_to_come(self, hours: float) -> float:
        """Share of the listed papers that are listed later."""
        known = self.hours[~np.isnan(self.hours)]
        return float(np.mean(known > hours))

    def after(self, hours: float) -> tuple[_Floats, NDArray[np.bool_], _Floats]:
        """(odds, listed yet, weight) of the papers that were not listed by then."""
        left = (self.hours > hours) | ~self.listed
        odds = np.array([odds_after(each, timedelta(hours=hours)) for each in self.odds[left]])
        weight = self.listed.sum() / (~np.isnan(self.hours)).sum()
        listed = self.listed[left]
        return odds, listed, np.where(listed, weight, 1.0)


def waiting(fits: Fits) -> Waiting:
    """The papers of all whole days."""
    fit = fits.listing
    whole = ~fit.extra
    logits = fit.left_out(np.ones(len(fit.days), bool))[whole][:, None]
    listed = fit.listed[whole].astype(bool)
    line = LogisticRegression(C=1e6).fit(logits, listed)
    papers = [each for each, inside in zip(fits.examples, whole, strict=True) if inside]
    hours = [_hours(each.day, fits.listed_at.get(each.paper.id)) if each.listed else np.nan for each in papers]
    return Waiting(line.predict_proba(logits)[:, 1], listed, np.array(hours))


def _hours(day: date, listed_at: datetime | None) -> float:
    midnight = datetime.combine(day, time(0), UTC)
    return (listed_at - midnight) / timedelta(hours=1) if listed_at else np.nan


def tables(papers: Waiting) -> Iterator[str]:
    """Both tables as Markdown."""
    known = int((~np.isnan(papers.hours)).sum())
    yield f"{int(papers.listed.sum())} listed papers, the time of {known} is known\n"
    yield "| hours | still to come |\n|---|---|"
    for hours in HOURS:
        yield f"| {hours:.0f} | {papers.still_to_come(hours):.2f} |"
    yield "\n| hours | papers | odds | listed yet |\n|---|---|---|---|"
    for hours in ASKED:
        odds, listed, weight = papers.after(hours)
        order = np.argsort(odds, kind="stable")
        for rows in (*np.array_split(order, BINS)[-3:], *(order[-number:] for number in LIKELIEST)):
            said, came = (float(np.average(each[rows], weights=weight[rows])) for each in (odds, listed))
            yield f"| {hours:.0f} | {len(rows)} | {said:.3f} | {came:.3f} |"


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds the archive.")
def main(data: Path) -> None:
    """Print both tables."""
    for line in tables(waiting(prepared(data, date.max))):
        click.echo(line)


if __name__ == "__main__":
    main()
