"""Forecasts for programs: papers as JSON Lines in, what to expect of each out, without a database or a request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from bot.app.backtest.archive import Archive
from bot.errors import SourceError
from bot.model import Paper
from bot.ranking.forecast.history import History
from bot.ranking.forecast.model import Forecast, load
from bot.sources.jsonl import read_each, read_paper

BATCH = 256
"""Papers that are worked on at once."""
AUTHORS_COUNTED_MAX = 100_000


class _Dated(NamedTuple):
    """A paper and its day; the id as the file has it."""

    paper_id: str
    paper: Paper
    day: date | None


def forecast(file: Path, archive: Path | None, out: TextIO, skipped: list[str] | None, *, as_json: bool) -> None:
    """Write one line for each paper of a file, in its order. Bad lines as in `read_each`.

    Raises UserError if the file or the archive cannot be read.
    """
    history = Archive(archive).history() if archive else None
    papers = read_each(file, _dated, "paper", skipped)
    while batch := list(islice(papers, BATCH)):
        out.writelines(f"{line}\n" for line in _lines(batch, history, as_json=as_json))


def _dated(record: Mapping[str, Any]) -> _Dated:
    paper, day, count = read_paper(record), record.get("day"), record.get("n_authors")
    if not paper.authors and count is not None:
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= AUTHORS_COUNTED_MAX:
            raise SourceError("file", f"n_authors is {json.dumps(count)[:40]}: write a number, or leave it out")
        paper = replace(paper, more_authors=count)
    try:
        day = None if day in (None, "") else date.fromisoformat(str(day)[:10])
    except ValueError:
        raise SourceError("file", f'day is {json.dumps(day)[:40]}: write it as "2025-12-31", or leave it out') from None
    return _Dated(str(record.get("id", record.get("_id"))), paper, day)


def _lines(batch: Sequence[_Dated], history: History | None, *, as_json: bool) -> Iterable[str]:
    papers, days = [each.paper for each in batch], [each.day for each in batch]
    for each, expected in zip(batch, load().forecasts(papers, days, history), strict=True):
        yield _json_line(each.paper_id, expected) if as_json else _text_line(each.paper_id, expected)


def _json_line(paper_id: str, expected: Forecast) -> str:
    upvotes = {name: round(getattr(expected, name), 2) for name in ("upvotes", "low", "high")}
    return json.dumps({"id": paper_id, "listed": round(expected.listed, 6)} | upvotes, ensure_ascii=False)


def _text_line(paper_id: str, expected: Forecast) -> str:
    bounds = f"{expected.low:.0f} to {expected.high:.0f}"
    return f"{paper_id}: listed {expected.listed:.0%}; if so, {expected.upvotes:.0f} upvotes ({bounds})"
