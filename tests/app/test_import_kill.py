"""`paperboy import`, killed at random moments: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.app.importing import NOTE
from bot.search.segment import Segment
from bot.store import IndexView, Store
from bot.store.sqlite import SqliteStore
from tests.harness.snapshot import snapshot_record, write_snapshot

PAPERS = 3_000
IMPORT = (
    "import bot.sources.paper_stream as s, bot.app.importing as i; s.BATCH = i.BATCH = 250;"
    "from bot.__main__ import main; main()"
)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_an_import_killed_at_any_moment_goes_on_and_loses_and_doubles_nothing(tmp_path: Path) -> None:
    path, db = tmp_path / "snapshot.json", tmp_path / "p.db"
    write_snapshot(path, range(PAPERS))
    line = [sys.executable, "-c", IMPORT, "import", str(path), "--db", str(db)]
    seconds = random.Random(17)
    kills = 0
    for _ in range(4):
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while process.poll() is None and not _has_papers(db, kills):
            time.sleep(0.05)
        time.sleep(seconds.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
    assert kills > 0
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert f"{path}: " in ended.stdout
    with SqliteStore(db, write=False) as store:
        asyncio.run(_check(store))


def _has_papers(db: Path, kills: int) -> bool:
    """Whether the process has stored something, where it is the first one."""
    return kills > 0 or (db.exists() and db.stat().st_size > 0 and db.with_name("p.db-wal").exists())


async def _check(store: Store) -> None:
    records = [snapshot_record(number) for number in range(PAPERS)]
    assert await store.papers.count() == (PAPERS, 0)
    stored = await store.papers.get(record["id"] for record in records)
    assert {paper_id: paper.title for paper_id, paper in stored.items()} == {
        record["id"]: " ".join(record["title"].split()) for record in records
    }
    assert await store.segments.unindexed(1) == []
    numbers: set[int] = set()
    for info in await store.segments.read(lambda view: view.segments("words")):
        data = await store.segments.read(_bytes, info.id)
        numbers |= set(Segment.from_bytes(data).numbers.tolist())
    numbers |= set(await store.segments.read(lambda view: view.tail()))
    every = await store.segments.read(lambda view: set(view.stored()))
    assert numbers == every
    assert len(every) == PAPERS
    assert await store.secrets.notes(NOTE) == {}


def _bytes(view: IndexView, segment_id: int) -> bytes:
    return b"".join(view.segment(segment_id))
