"""Replay: does the rule earn its place? An archive is played through the engine, and the figures are printed.

archive.py   the archive as a source
play.py      the play: collect, tick, deliver, watch the outbox
measure.py   NDCG, overlap, Spearman, bootstrap
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
from bot.app.backtest.simulation import RANKINGS, Played, Shown, length, play
from bot.app.cli.progress import progress_bar

FITTED_UNTIL = date(2025, 9, 25)
"""The last list date the rule's coefficients were fitted on; what comes later is unseen."""


def run(folder: Path, *, start: date | None = None, hour: int = 9, quiet: bool = False) -> Played:
    """Play an archive. Raises UserError if files are missing."""
    archive = Archive(folder)
    with (
        tempfile.TemporaryDirectory() as scratch,
        progress_bar("Replaying", length(archive, start), quiet=quiet) as advance,
    ):
        return asyncio.run(play(archive, Path(scratch), start=start, hour=hour, progress=lambda: advance(1)))


def as_json(played: Played) -> str:
    """The figures of the day-0 ranking on one line, for programs."""
    figures = {name: mean([day[name] for day in played.day0.values()]).rounded() for name in RANKINGS}
    return json.dumps(
        {"days": len(played.day0)} | figures | {"shown_twice": played.shown_twice, "silent_days": played.silent_days}
    )


def as_table(played: Played) -> str:
    """Everything that was measured, as Markdown."""
    parts = [
        _section("Day 0 (first snapshot, about 08 UTC)", played.day0),
        _section("Next day, 00:05 UTC (papers with both snapshots)", played.next_day),
        _digests(played),
    ]
    return "\n\n".join(part for part in parts if part)


def _section(title: str, days: dict[date, dict[str, Figures]]) -> str:
    later = {day: row for day, row in days.items() if day > FITTED_UNTIL}
    lines = [f"**{title}**", "", f"| | all {len(days)} days | {len(later)} days after the fit |", "|---|---|---|"]
    lines += [
        f"| {name.replace('_', ' ')} | {_cell(list(days.values()), name)} | {_cell(list(later.values()), name)} |"
        for name in RANKINGS
    ]
    lines.append(
        f"| rule − upvotes, 95 % interval | {_versus(list(days.values()))} | {_versus(list(later.values()))} |"
    )
    return "\n".join(lines)


def _cell(days: Sequence[dict[str, Figures]], name: str) -> str:
    found = mean([day[name] for day in days])
    return f"{found.ndcg5:.4f} / {found.top5:.4f} / {found.spearman:.4f}"


def _versus(days: Sequence[dict[str, Figures]]) -> str:
    cells = []
    for figure in ("ndcg5", "top5", "spearman"):
        low, high = interval([getattr(day["rule"], figure) - getattr(day["upvotes"], figure) for day in days])
        cells.append(f"{low:+.4f} to {high:+.4f}")
    return " / ".join(cells)


def _digests(played: Played) -> str:
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(played.outcomes.items()))
    return "\n".join(
        [
            f"**Digests of five channels** ({played.due_days} due days: {outcomes})",
            "",
            f"Shown twice: {played.shown_twice}. Days without a digest or a reason: {played.silent_days}.",
            "",
            "| the channel that follows everything | median hours on the list | week's upvotes, mean |",
            "|---|---|---|",
            f"| Paperboy | {_shown(played.ours)} |",
            f"| plain top five by upvotes, same window | {_shown(played.plain)} |",
        ]
    )


def _shown(shown: Shown) -> str:
    if not shown.ages:
        return "– | –"
    weeks = f"{fmean(shown.weeks):.1f}" if shown.weeks else "–"
    return f"{median(shown.ages):.1f} | {weeks}"
