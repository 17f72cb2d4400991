"""Backtest (`paperboy replay`): an archive is replayed through the engine, and ranking and digests are measured.

archive.py      the archive as a source
simulation.py   collect, tick and deliver at each moment of the archive
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
from bot.app.backtest.evaluation import Figures, interval, mean
from bot.app.backtest.simulation import RANKINGS, BacktestResult, ShownPapers, simulate, step_count
from bot.app.progress import progress_bar

FITTED_UNTIL = date(2025, 9, 25)
"""Last list date of the data that the rule's coefficients were fitted on; later days are unseen."""


def run(folder: Path, *, start: date | None = None, hour: int = 9, quiet: bool = False) -> BacktestResult:
    """Play an archive. Raises UserError if files are missing or unreadable."""
    archive = Archive(folder)
    first = max(archive.first_day, start or archive.first_day)
    with (
        tempfile.TemporaryDirectory() as scratch,
        progress_bar("Replaying", step_count(archive, first), quiet=quiet) as advance,
    ):
        return asyncio.run(simulate(archive, Path(scratch), first=first, hour=hour, progress=lambda: advance(1)))


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

Shown twice: {result.shown_twice}. Days without a digest or a reason: {result.silent_days}.

| the channel that follows everything | median hours on the list | week's upvotes, mean |
|---|---|---|
| Paperboy | {_shown_cells(result.ours)} |
| plain top five by upvotes, same window | {_shown_cells(result.plain)} |"""


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
