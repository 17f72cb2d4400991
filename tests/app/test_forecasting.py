"""`paperboy forecast`: papers as JSON Lines in, what to expect of each out, and nothing from a later day."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.harness.command_line import paperboy

WHOLE = {
    "id": "2511.00001",
    "day": "2025-11-10",
    "title": "OpenAgent-7B: An Open-Source Multimodal Reasoning Agent",
    "abstract": "We introduce OpenAgent-7B, a large language model agent. Code and models are released on GitHub.",
    "categories": ["cs.CL", "cs.AI"],
    "comment": "Project page: https://example.org",
    "authors": [f"Author {n}" for n in range(12)],
    "organization": "an-organization",
}


def written(path: Path, *rows: dict[str, Any] | str) -> Path:
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def forecasts(file: Path, *options: str) -> list[dict[str, Any]]:
    result = paperboy("forecast", str(file), "--json", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def archive(folder: Path, rows: Sequence[tuple[str, str, str, float]]) -> Path:
    """Daily Papers of (id, list date, author, upvotes counted the next day)."""
    folder.mkdir()
    papers = [
        {"id": paper_id, "list_date": day, "snapshot_at": f"{day}T08:00:00Z", "title": "T", "authors": [author]}
        for paper_id, day, author, _ in rows
    ]
    counts = [{"id": paper_id, "t": f"{day}T23:00:00Z", "upvotes": votes} for paper_id, day, _, votes in rows]
    written(folder / "papers.jsonl.gz", *papers)
    written(folder / "upvote_snapshots.jsonl.gz", *counts)
    table = io.StringIO()
    csv.writer(table).writerow(("id", "list_date", "t_day0", "up_day0", "t_d1", "up_d1", "up_week"))
    (folder / "upvote_series.csv.gz").write_bytes(gzip.compress(table.getvalue().encode()))
    return folder


def test_a_line_has_the_probability_and_the_upvotes_with_their_interval(tmp_path: Path) -> None:
    dull = WHOLE | {"id": 2, "title": "A note on soil moisture", "abstract": "Moisture.", "categories": ["cs.CV"]}
    dull |= {"comment": None, "authors": ["A B"]}
    hot, cold = forecasts(written(tmp_path / "papers.jsonl.gz", WHOLE, dull))
    assert list(hot) == ["id", "listed", "upvotes", "low", "high"]
    assert (hot["id"], cold["id"]) == ("2511.00001", "2")
    assert 0 < cold["listed"] < 0.1 < 0.3 < hot["listed"] < 1
    assert 0 <= hot["low"] < hot["upvotes"] < hot["high"]
    assert hot["upvotes"] > cold["upvotes"]


def test_every_field_but_the_id_may_be_missing(tmp_path: Path) -> None:
    rows = [{key: value for key, value in WHOLE.items() if key != name} for name in WHOLE if name != "id"]
    nothing: dict[str, Any] = dict.fromkeys(WHOLE) | {"id": "x"}
    results = forecasts(written(tmp_path / "papers.jsonl", *rows, {"id": "only"}, nothing))
    assert len(results) == len(rows) + 2
    assert all(0 < each["listed"] < 1 and each["low"] <= each["upvotes"] <= each["high"] for each in results)


def test_names_say_nothing_about_being_listed_only_their_number_does(tmp_path: Path) -> None:
    without = {key: value for key, value in WHOLE.items() if key not in ("authors", "organization")}
    famous, counted, few = forecasts(
        written(tmp_path / "papers.jsonl", WHOLE, without | {"n_authors": 12}, without | {"n_authors": 1})
    )
    assert famous["listed"] == counted["listed"] != few["listed"]


def test_the_past_of_its_authors_counts_but_never_from_the_papers_day_on(tmp_path: Path) -> None:
    days = ("2025-11-03", "2025-11-04", "2025-11-05")
    past = archive(tmp_path / "past", [(f"25{n}.1", day, "Author 0", 300) for n, day in enumerate(days)])
    also_later = [
        *[(f"25{n}.1", day, "Author 0", 300.0) for n, day in enumerate(days)],
        ("2510.7", "2025-11-10", "Author 0", 900),
        ("2510.8", "2025-12-01", "Author 1", 900),
        ("2511.00001", "2025-11-01", "Author 0", 900),  # the paper itself
    ]
    later = archive(tmp_path / "later", also_later)
    file = written(tmp_path / "papers.jsonl", WHOLE, WHOLE | {"day": "2025-11-03"}, WHOLE | {"day": None})
    (plain, _, undated), (known, first, no_day) = forecasts(file), forecasts(file, "--archive", str(past))
    assert known["upvotes"] > plain["upvotes"]
    assert known["listed"] == plain["listed"]
    assert first["upvotes"] < known["upvotes"], "nothing was listed before 3 November"
    assert no_day == undated, "without a day no past is known"
    assert forecasts(file, "--archive", str(later))[0] == known


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "line 1"),
        ({"title": "no id"}, "line 1: no id"),
        ({"id": "x", "day": "10 November"}, '"2025-12-31", or leave it out'),
        ({"id": "x", "n_authors": "many"}, "write a number, or leave it out"),
        ({"id": "x", "n_authors": -1}, "write a number, or leave it out"),
    ],
)
def test_a_bad_line_is_left_out_and_named_and_ends_a_strict_run(
    tmp_path: Path, bad: dict[str, Any] | str, reason: str
) -> None:
    file = written(tmp_path / "papers.jsonl", bad, WHOLE)
    result = paperboy("forecast", str(file), "--json")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    named, count = result.stderr.splitlines()
    assert reason in named
    assert count == f"{file}: 1 line left out"
    strict = paperboy("forecast", str(file), "--json", "--strict")
    assert (strict.exit_code, strict.stdout) == (2, "")
    assert strict.stderr.splitlines() == [f"paperboy: {named}"]
    only = paperboy("forecast", str(written(tmp_path / "bad.jsonl", bad)))
    assert (only.exit_code, only.stdout, len(only.stderr.splitlines())) == (2, "", 1)


def test_for_people_a_line_reads_as_a_sentence_and_a_folder_without_an_archive_is_one_line(tmp_path: Path) -> None:
    file = written(tmp_path / "papers.jsonl", WHOLE)
    line = paperboy("forecast", str(file)).stdout
    assert line.startswith("2511.00001: listed ")
    assert line.count("\n") == 1
    missing = paperboy("forecast", str(file), "--archive", str(tmp_path))
    assert (missing.exit_code, missing.stdout, len(missing.stderr.splitlines())) == (2, "", 1)
