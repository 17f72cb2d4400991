"""Import of a file in the shape of arXiv's metadata snapshot on one core, and searches of another process meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from statistics import median

from tests.bench import corpus
from tests.bench.cold_process import ROOT
from tests.bench.figures import Row, percentile, seconds
from tests.bench.papers import source_texts

AT_REST_SECONDS = 10.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def snapshot_file(path: Path, lines: int) -> Path:
    """A file of so many records, oldest first; made unless it is there."""
    if not path.exists():
        making = path.with_suffix(".making")
        with making.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(_record(number)) + "\n" for number in range(lines))
        making.rename(path)
    return path


def _record(number: int) -> dict[str, object]:
    halves, sentences = source_texts()
    dice = Random(number)
    month, place = divmod(number, 20_000)
    year, month = 2007 + month // 12, month % 12
    created = f"Mon, {1 + place // 800} {_MONTHS[month]} {year} {place % 24:02d}:19:05 GMT"
    words = [corpus.invented(int(dice.paretovariate(0.6)) % 3_000_000) for _ in range(2)]
    abstract = f"{' '.join(dice.choices(sentences, k=dice.randint(5, 8)))} We call it {words[0]} {words[1]}, in $O(n)$."
    authors = [f"{corpus.invented(dice.randrange(245)).title()} {corpus.invented(dice.randrange(9_999)).title()}"
               for _ in range(dice.randint(1, 7))]  # fmt: skip
    return {
        "id": f"{year % 100:02d}{month + 1:02d}.{place:05d}",
        "submitter": authors[0],
        "authors": ", ".join(authors),
        "title": textwrap.fill(f"{dice.choice(halves)} {dice.choice(halves)}", 70, subsequent_indent="  "),
        "comments": f"{9 + number % 30} pages, {number % 9} figures" if number % 3 else None,
        "journal-ref": f"Phys.Rev.D{number % 99}:0130{number % 10},{year}" if number % 4 == 0 else None,
        "doi": f"10.1103/PhysRevD.{number}" if number % 4 == 0 else None,
        "report-no": None,
        "categories": " ".join(dict.fromkeys(dice.choices(list(corpus.CATEGORIES), k=2))),
        "license": None,
        "abstract": f"  {textwrap.fill(abstract, 80)}\n",
        "versions": [{"version": "v1", "created": created}],
        "update_date": f"{year}-{month + 1:02d}-15",
        "authors_parsed": [[*reversed(name.split()), ""] for name in authors],
    }


def rows(subject: str, scratch: Path, lines: int, *, beside: Path) -> Iterator[Row]:
    """Papers a second into an empty store and into a copy of a large one, and how long the searches of it take."""
    file = snapshot_file(scratch / f"snapshot-{lines}.jsonl", lines)
    empty = scratch / "imported.db"
    _remove(empty)
    took, used, peak = _imported(file, empty)
    what = f"{lines:,} records of a snapshot imported by one process on one core, {file.stat().st_size / 2**20:.0f} MB"
    pace = f"{lines / took:,.0f}/s, {lines / used:,.0f} a second of CPU, {peak:.0f} MB"
    yield Row(subject, what, pace, "3,000/s" if lines >= 10_000 else "")
    _remove(empty)
    grown = scratch / "grown.db"
    _remove(grown)
    subprocess.run(["cp", "--reflink=auto", str(beside), str(grown)], check=True)
    rest = Searching(grown).stopped_after(0.2 if lines < 10_000 else AT_REST_SECONDS)
    searching = Searching(grown)
    took, used, _ = _imported(file, grown)
    meanwhile = searching.stopped_after(0)
    _remove(grown)
    what = f"the same into {beside.stem.removeprefix('papers-')} papers, while another process searches"
    yield Row(subject, what, f"{lines / took:,.0f}/s, {lines / used:,.0f} a second of CPU")
    before = f"at rest {_spread(rest)}"
    target = "p99 200 ms" if lines >= 10_000 else ""
    what = f"searches meanwhile, {len(meanwhile):,}: p50, p95, p99, longest"
    yield Row(subject, what, _spread(meanwhile), target, before)


def _imported(file: Path, path: Path) -> tuple[float, float, float]:
    """Seconds of an import, those of CPU, and its peak memory in MB."""
    pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    command = [*pinned, sys.executable, "-m", "bot", "import", "--db", str(path), str(file)]
    started = time.perf_counter()
    with (path.with_suffix(".import.log")).open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"the import failed: {Path(log.name).read_text(encoding='utf-8')[-2_000:]}"
    Path(log.name).unlink()
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Searching:
    """A process that searches until it is told to stop."""

    def __init__(self, path: Path) -> None:
        job = json.dumps({"path": str(path), "seconds": 3_600.0})
        command = [sys.executable, "-m", "tests.bench.million_process", "answering", job]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the process died; its output is above"

    def stopped_after(self, least: float) -> list[float]:
        """Seconds of each search until now, or until that many seconds from now."""
        time.sleep(least)
        output, _ = self._process.communicate("stop\n")
        times: list[float] = json.loads(output)["times"]
        return times


def _spread(times: list[float]) -> str:
    return ", ".join(map(seconds, (median(times), percentile(times, 0.95), percentile(times, 0.99), max(times))))


def _remove(path: Path) -> None:
    """Delete a database and what lies beside it."""
    for each in path.parent.glob(f"{path.name}*"):
        with suppress(FileNotFoundError):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
