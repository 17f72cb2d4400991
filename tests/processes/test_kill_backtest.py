"""A stretch of an archive played by processes that are killed in mid-thread: nothing twice, no day without a word."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_backtest import FIRST, write_archive
from tests.harness.recordings import DATA

REAL = DATA / "hf_daily_papers"


def played(archive: Path, folder: Path, first: date, days: int) -> dict[str, Any]:
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.processes.backtest_process",
        str(archive),
        str(folder),
        first.isoformat(),
        str(days),
    ]
    process = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.mark.parametrize("archive", ["synthetic", "real"])
def test_killed_every_third_day_it_still_shows_nothing_twice_and_misses_no_day(tmp_path: Path, archive: str) -> None:
    if archive == "real":
        if not REAL.exists():
            pytest.skip("needs ../shared/data (PAPERBOY_DATA)")
        killed = played(REAL, tmp_path / "stage", date(2025, 12, 1), 10)  # two Mondays, on which the weekly list is due
    else:
        killed = played(write_archive(tmp_path / "archive"), tmp_path / "stage", FIRST, 16)
    openers = Counter((post["channel"], post["day"]) for post in killed["posts"] if post["under"] is None)
    counts = Counter((post["channel"], post["paper"]) for post in killed["posts"] if post["under"])
    assert killed["crashes"] >= 4
    assert {(channel, day) for channel, days in killed["due"].items() for day in days} == set(openers)
    assert max(openers.values()) == 1
    assert max(counts.values()) == 1
    for opener in (post for post in killed["posts"] if post["under"] is None):
        replies = [post for post in killed["posts"] if post["under"] == opener["ref"]]
        assert all(post["day"] == opener["day"] for post in replies)
