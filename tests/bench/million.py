"""Searches over a million papers: how long they take, by kind; memory; what an exhaustive scoring would have ranked.

`python -m tests.bench.million [--papers N] [--scratch FOLDER] [PART ...]` measures some parts: searches, memory,
quality, peers, topics, import, one-author. The corpus and the peers' indexes stay in the folder for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.bench import corpus, import_speed, peers
from tests.bench.cold_process import ROOT
from tests.bench.figures import Row, percentile, seconds, table, unrest
from tests.bench.judged import difference_interval
from tests.bench.million_process import OF_ALL, PLAIN
from tests.bench.scale import Scale

SUBJECT = "million"
SCRATCH = "PAPERBOY_BENCH"
"""Environment variable: a folder in which the corpora stay."""
SIZE = 1_000_000
"""Papers that the targets are about; those of `_SMALLER` are about a tenth."""
_SMALLER = 100_000
_MODULES = {"tantivy": "tantivy", "FTS5": "sqlite3"}
_SLOW = {"FTS5": 10}
"""Peers of whose searches only one in so many is timed."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured, and where its files are."""

    scratch: Path
    papers: int
    queries: int
    """Of each kind; three times as many by words and meaning."""
    channels: int
    topics: int
    """Distinct selections of topics."""
    imported: int
    toy: int = 0
    """Judged queries; 0 for all."""

    @property
    def at(self) -> str:
        """The size in words."""
        return f"{self.papers:,} papers"

    def target(self, text: str, smaller: str = "") -> str:
        """A target, if it is of this size."""
        return text if self.papers == SIZE else smaller if self.papers == _SMALLER else ""


def measure(scale: Scale) -> Iterator[Row]:
    """All parts, at each size."""
    for papers in scale.millions:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(os.environ.get(SCRATCH) or folder)
            toy = scale.queries if papers < 1_000 else 0
            job = Job(
                scratch, papers, scale.search_queries // 3, scale.channels[-1], scale.selections, papers // 10, toy
            )
            for part in PARTS if not toy else TOY_PARTS:
                yield from PARTS[part](job)


def _making(job: Job, *, one_author: bool = False) -> tuple[Path, list[Row]]:
    job.scratch.mkdir(parents=True, exist_ok=True)
    path, spent = corpus.database(job.scratch, job.papers, of_one_author=one_author, toy=job.toy)
    whole = sum(spent.values()) - spent.get("made", 0.0)
    parts = ", ".join(f"{name} {seconds(each)}" for name, each in spent.items())
    what = f"{job.at} stored, indexed and embedded, texts and stems given"
    return path, [Row(SUBJECT, what, f"{job.papers / whole:,.0f}/s ({parts})")] if spent else []


# --- searching -------------------------------------------------------------------------------------------------


def searches(job: Job) -> Iterator[Row]:
    """A row for each kind of search, one for the memory, and one for the first answer."""
    path, rows = _making(job)
    yield from rows
    with suppress(FileNotFoundError):
        shutil.rmtree(corpus.cache_folder(path))
    cold = _run("searches", path=str(path), count=1, only=[])
    run = _run("searches", path=str(path), count=job.queries)
    for kind, times in run["times"].items():
        answered = f"; {run['answered'][kind]} of {len(times)} with hits"
        refused = f", {run['refused'][kind]} refused" if kind in run["refused"] else ""
        target = job.target("10 ms, 25 ms", "p95 8 ms") if kind == PLAIN else job.target("p95 40 ms")
        cpu = f" (CPU {_spread(run['cpu'][kind])})" if kind in run["cpu"] else ""
        figure = _spread(times) + cpu + answered + refused
        yield Row(SUBJECT, f"{job.at}, {kind}: p50, p95, p99", figure, target)
    opened = ", ".join(f"{seconds(each['first'])} (CPU {seconds(each['first_cpu'])})" for each in (cold, run))
    yield Row(SUBJECT, f"{job.at}: first answer without and with cache files", opened, job.target("5 s, 1 s", "0.4 s"))
    memory = f"{run['peak']:.0f} MB; {run['own']:.0f} MB of its own and {run['mapped']:.0f} MB mapped"
    yield Row(SUBJECT, f"{job.at}: peak memory; at the end", memory, job.target("900 MB", "200 MB"))


def two_processes(job: Job) -> Iterator[Row]:
    """Memory of two processes that search side by side, their shared pages counted once."""
    path, rows = _making(job)
    yield from rows
    sides = [_start("searches", path=str(path), count=job.queries) for _ in range(2)]
    runs = [json.loads(_line(side)) for side in sides]
    shares = [_share(side.pid) for side in sides]
    for side in sides:
        _end(side)
    times = [each for run in runs for each in run["times"][PLAIN]]
    parts = " + ".join(f"{share:.0f}" for share in shares)
    what = f"{job.at}, two processes: memory, shared pages once"
    yield Row(SUBJECT, what, f"{sum(shares):.0f} MB ({parts})", job.target("1,200 MB"))
    yield Row(SUBJECT, f"{job.at}, two processes, {PLAIN}: p50, p95, p99", _spread(times))


def one_author(job: Job) -> Iterator[Row]:
    """Searches by an author whom all papers have."""
    path, rows = _making(job, one_author=True)
    yield from rows
    run = _run("searches", path=str(path), count=job.queries, only=[OF_ALL])
    for kind, times in run["times"].items():
        yield Row(SUBJECT, f"{job.at}, {kind}: p50, p95, p99", _spread(times), job.target("p95 40 ms"))


# --- quality ---------------------------------------------------------------------------------------------------


def quality(job: Job) -> Iterator[Row]:
    """nDCG@10 of the judged collections among all papers, beside exhaustive scoring."""
    path, rows = _making(job)
    yield from rows
    for name, run in _run("quality", path=str(path), toy=job.toy).items():
        ours, best = run["ours"], run["exhaustive"]
        low, high = difference_interval(ours, best)
        what = f"{name}, {len(ours)} queries, hidden among {job.at}: nDCG@10"
        figure = f"{mean(ours):.4f}; {run['same']} of {len(ours)} pages the same"
        beside = f"every paper scored: {mean(best):.4f}"
        yield Row(SUBJECT, what, figure, job.target("within .005"), beside, f"{low:+.4f} … {high:+.4f}")


# --- peers -----------------------------------------------------------------------------------------------------


def beside(job: Job) -> Iterator[Row]:
    """Other engines over the same texts, words alone, each in a process of its own."""
    job.scratch.mkdir(parents=True, exist_ok=True)
    for name in peers.BUILT:
        if find_spec(_MODULES[name]) is None:
            yield Row(SUBJECT, f"{name} over the same texts", "skipped: pip install -e '.[bench]'")
            continue
        place = {"name": name, "scratch": str(job.scratch), "size": job.papers}
        built = _run("peer", **place)
        run = _run("peer_searches", count=-(-3 * job.queries // _SLOW.get(name, 1)), **place)
        yield Row(SUBJECT, f"{job.at}, {name}, words alone: p50, p95, p99", _spread(run["times"]))
        memory = f"{run['peak']:.0f} MB; {run['own']:.0f} MB of its own and {run['mapped']:.0f} MB mapped"
        made = f"built in {seconds(built['built'])}, " if built["built"] else ""
        yield Row(
            SUBJECT, f"{job.at}, {name}: peak memory; at the end", f"{memory}; {made}{built['disk']:.0f} MB on disk"
        )


# --- topics, import --------------------------------------------------------------------------------------------


def topics(job: Job) -> Iterator[Row]:
    """Topics of many channels meet a day's new papers."""
    path, rows = _making(job)
    yield from rows
    run = _run("topics", path=str(path), channels=job.channels, distinct=job.topics)
    what = f"topics of {job.channels:,} channels ({run['texts']:,} different) meet {run['papers']:,} papers of a day"
    parts = f"ranked {seconds(run['ranked'])}, meaning {seconds(run['near'])}, matched {seconds(run['matched'])}"
    whole = seconds(run["ranked"] + run["near"] + run["matched"])
    yield Row(SUBJECT, f"{what}, {job.at} stored", f"{whole} ({parts}), {run['peak']:.0f} MB")


def imported(job: Job) -> Iterator[Row]:
    """arXiv's snapshot imported on one core, and searches meanwhile."""
    path, rows = _making(job)
    yield from rows
    yield from import_speed.rows(SUBJECT, job.scratch, job.imported, beside=path)


PARTS: dict[str, Callable[[Job], Iterator[Row]]] = {
    "searches": searches,
    "memory": two_processes,
    "quality": quality,
    "peers": beside,
    "topics": topics,
    "import": imported,
    "one-author": one_author,
}
TOY_PARTS = ("searches", "quality", "peers", "topics", "import")


# --- processes -------------------------------------------------------------------------------------------------


def _spread(times: Sequence[float]) -> str:
    if not times:
        return "none"
    return ", ".join(map(seconds, (median(times), percentile(times, 0.95), percentile(times, 0.99))))


def _start(step: str, **job: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.million_process", step, json.dumps(job)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(side: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert side.stdout is not None
    line = side.stdout.readline()
    assert line, "the process died; its output is above"
    return line


def _end(side: subprocess.Popen[str]) -> None:
    side.communicate()


def _run(step: str, **job: Any) -> dict[str, Any]:
    """The result of one step."""
    side = _start(step, **job)
    result = json.loads(_line(side))
    _end(side)
    return result if isinstance(result, dict) else {}


def _share(pid: int) -> float:
    """Memory of a process in MB, of pages that several share its part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    """Measure some parts at one size."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    arguments.add_argument("--papers", type=int, default=SIZE)
    arguments.add_argument("--queries", type=int, default=100, help="of each kind; three times as many plain ones")
    arguments.add_argument("--channels", type=int, default=10_000)
    arguments.add_argument("--import-lines", type=int, default=100_000)
    arguments.add_argument("--scratch", type=Path, default=os.environ.get(SCRATCH, "/tmp/paperboy-bench"))
    given = arguments.parse_args()
    job = Job(given.scratch, given.papers, given.queries, given.channels, 1_000, given.import_lines)
    rows, noise = [], unrest()
    for part in given.parts or PARTS:
        for row in PARTS[part](job):
            print(f"{row.what}: {row.figure}", file=sys.stderr, flush=True)
            rows.append(row)
    noise += unrest()
    print(table(rows))
    print(f"\nThe same small calculation took {noise} before and after.")


if __name__ == "__main__":
    main()
