"""A whole store copied from a SQLite file to PostgreSQL and back, by the command as people type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bot.store.sqlite import SqliteStore
from bot.store.sqlite.file import connect
from tests.bench.figures import Row, Times, seconds, timed
from tests.bench.papers import NOW, papers
from tests.bench.scale import Scale
from tests.bench.store import stored_id
from tests.harness.postgres import bare_database, waiting_for_the_disk

KINDS = ("upvotes", "comments")
LOOKS = 5
"""Observations of each series."""
DIFFERENT = 2_000
"""Texts; more would only make the set-up longer."""
VECTOR, STEMS, SEGMENT = 256, 600, 4_000_000
"""Bytes of a paper's vector and of its stems, and of each column of a segment of 100,000 papers."""


def measure(scale: Scale) -> Iterator[Row]:
    """One run each way, of a process that ends; the server waits for the disk."""
    with tempfile.TemporaryDirectory() as folder:
        path, back, url = Path(folder) / "paperboy.db", Path(folder) / "back.db", bare_database().reveal()
        _fill(path, scale.copied)
        holds = f"{scale.copied:,} papers, {scale.copied * len(KINDS) * LOOKS:,} observations"
        yield Row("migrate", f"SQLite file of {holds}", f"{path.stat().st_size / 1e6:,.0f} MB")
        with waiting_for_the_disk():
            yield _copied(f"{holds}: SQLite to PostgreSQL, compared", path, url)
            yield _copied(f"{holds}: PostgreSQL to SQLite, compared", url, back)


def _copied(what: str, source: Path | str, target: Path | str) -> Row:
    times = Times()
    with timed(times):
        command = [sys.executable, "-m", "bot", "migrate", "--from", str(source), "--to", str(target)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    share = f"{seconds(usage.ru_utime + usage.ru_stime)} of them its own processor's"
    return Row("migrate", what, f"{times}, peak memory {usage.ru_maxrss / 1024:.0f} MB", "< 600 s", share)


def _fill(path: Path, count: int) -> None:
    """Rows of the largest tables by SQL: papers, series, observations, and the index."""
    SqliteStore(path, write=True).close()
    texts, dice, at = papers(min(DIFFERENT, count)), Random(1), NOW.timestamp()
    series = range(count * len(KINDS))
    segments = range(1, 1 + -(-count // 100_000))
    rows = {
        "papers (n, id, title, abstract, authors, first_seen, categories, tldr, text_from, described)": (
            (
                n,
                stored_id(n),
                f"{like.title} {n}",
                like.abstract,
                json.dumps(like.authors),
                at - n,
                "[]",
                like.title,
                "",
                2,
            )
            for n, like in ((n, texts[n % len(texts)]) for n in range(count))
        ),
        "series (id, paper_id, source, kind, value, seen_at)": (
            (n, stored_id(n // len(KINDS)), "huggingface", KINDS[n % len(KINDS)], n % 97, at) for n in series
        ),
        "observations (series_id, seen_at, value)": (
            (n, at + look * 21_600.5, look) for n in series for look in range(LOOKS)
        ),
        "index_orders (n, stems)": ((n, dice.randbytes(STEMS)) for n in range(count)),
        "embeddings (n, model, revision, vector)": ((n, "static", 1, dice.randbytes(VECTOR)) for n in range(count)),
        "index_segments (id, kind, model, position, papers, checksum, bytes)": (
            (number, "words", "", number, 100_000, f"{number:032x}", 2 * SEGMENT) for number in segments
        ),
        "index_parts (segment_id, part, data)": (
            (number, part, dice.randbytes(SEGMENT if count >= 100_000 else 100))
            for number in segments
            for part in range(2)
        ),
    }
    conn = connect(path, write=True).conn
    for table, values in rows.items():
        marks = ", ".join("?" * (table.count(",") + 1))
        conn.execute("BEGIN")
        conn.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        conn.execute("COMMIT")
    conn.close()
