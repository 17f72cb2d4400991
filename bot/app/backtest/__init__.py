"""Backtest (`paperboy replay`): an archive is replayed through the engine, and ranking and digests are measured.

archive.py      the archive as a source
arxiv_days.py   whole arXiv days as another
simulation.py   collect, tick and deliver at each moment of the archive
early.py        early picks, beside the same channel without
evaluation.py   NDCG, top-5 overlap, Spearman, bootstrap
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import fmean, median

from bot.app.backtest.archive import Archive
from bot.app.backtest.arxiv_days import ArxivDays
from bot.app.backtest.early import early_table
from bot.app.backtest.evaluation import Figures, interval, mean
from bot.app.backtest.simulation import RANKINGS, BacktestResult, ShownPapers, simulate, step_count
from bot.app.forecasts import Forecasts
from bot.app.progress import progress_bar
from bot.ranking.forecast.model import load

FITTED_UNTIL = date(2025, 9, 25)
"""Last list date of the data that the rule's coefficients were fitted on; later days are unseen."""


def run(  # noqa: PLR0913 - the options of `paperboy replay`
    folder: Path,
    *,
    start: date | None = None,
    hour: int = 9,
    quiet: bool = False,
    arxiv: Path | None = None,
    forecasts: Forecasts | None = None,
) -> BacktestResult:
    """Play an archive, and whole arXiv days with it. Raises UserError if files are missing or unreadable."""
    archive = Archive(folder)
    days = ArxivDays(arxiv, archive) if arxiv else None
    first = max(archive.first_day, start or archive.first_day)
    with (
        tempfile.TemporaryDirectory() as scratch,
        progress_bar("Replaying", step_count(archive, first), quiet=quiet) as advance,
    ):
        playing = simulate(
            archive,
            Path(scratch),
            first=first,
            hour=hour,
            progress=lambda: advance(1),
            arxiv_days=days,
            forecasts=forecasts,
        )
        return asyncio.run(playing)


def as_json(result: BacktestResult) -> str:
    """The figures of the day-0 rankings as one line of JSON."""
    figures = {name: mean([day[name] for day in result.day0.values()]).rounded() for name in RANKINGS}
    return json.dumps(
        {"days": len(result.day0)} | figures | {"shown_twice": result.shown_twice, "silent_days": result.silent_days}
    )


def as_table(result: BacktestResult) -> str:
    """All measurements as Markdown."""
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(result.outcomes.items()))
    return f"""{_section("Day 0 (first snapshot, about 08 UTC)", result.day0)}

{_section("Next day, 00:05 UTC (papers with both snapshots)", result.next_day)}

**Digests of five channels** ({result.due_days} due days: {outcomes})

Shown twice: {result.shown_twice}. Days without a digest or a reason: {result.silent_days}. Replies that say what has
changed about a paper, in the channel that follows everything: {result.updates_a_week:.1f} a week.

| the channel that follows everything | median hours on the list | week's upvotes, mean |
|---|---|---|
| Paperboy | {_shown_cells(result.ours)} |
| plain top five by upvotes, same window | {_shown_cells(result.plain)} |{_early(result)}"""


def _early(result: BacktestResult) -> str:
    """The table of early picks, and how many of the days the forecast was not fitted on; empty without such days."""
    if result.early is None:
        return ""
    last = load().until
    later = sum(1 for day in result.arxiv_days if day > last)
    return f"""

**Early picks** ({len(result.arxiv_days)} whole arXiv days)

{early_table(result.early)}

The shipped forecast was fitted on days up to {last}, of which figures are too good; {later} of these days are later."""


def _section(title: str, days: dict[date, dict[str, Figures]]) -> str:
    every, later = list(days.values()), [figures for day, figures in days.items() if day > FITTED_UNTIL]
    lines = [f"**{title}**", "", f"| | all {len(every)} days | {len(later)} days after the fit |", "|---|---|---|"]
    lines += [f"| {name.replace('_', ' ')} | {_means(every, name)} | {_means(later, name)} |" for name in RANKINGS]
    return "\n".join([*lines, f"| rule − upvotes, 95 % interval | {_differences(every)} | {_differences(later)} |"])


def _means(days: Sequence[dict[str, Figures]], name: str) -> str:
    return " / ".join(f"{figure:.4f}" for figure in mean([day[name] for day in days]))


def _differences(days: Sequence[dict[str, Figures]]) -> str:
    intervals = [interval([day["rule"][i] - day["upvotes"][i] for day in days]) for i in range(len(Figures._fields))]
    return " / ".join(f"{low:+.4f} to {high:+.4f}" for low, high in intervals)


def _shown_cells(papers: ShownPapers) -> str:
    if not papers.ages:
        return "– | –"
    return f"{median(papers.ages):.1f} | {f'{fmean(papers.weeks):.1f}' if papers.weeks else '–'}"
