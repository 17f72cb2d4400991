"""A database of 0.9.0 with the tables of this version: nothing is lost, also where the process is killed half-way."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.model import ChannelSettings
from bot.store.sqlite import SqliteStore
from bot.store.sqlite.applied import names
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import migrations
from tests.bench.upgrade import FIRST_NEW, fill

CHANNELS = 20
NEW = sorted(name for name in names() if name >= FIRST_NEW)
KILLED = """
import os, signal, sys
from pathlib import Path
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import migrations
db = connect(Path(sys.argv[1]), write=True)
migrations.apply(db, stop_before=sys.argv[2])
db.execute("BEGIN IMMEDIATE")
db.execute("ALTER TABLE posts ADD COLUMN half_way TEXT")
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A process that is killed within the migration of this name."""


async def opened(path: Path) -> tuple[int, int, list[str]]:
    with SqliteStore(path, write=True) as store:
        subscriptions = await store.subscriptions.all()
        days = await store.ledger.last_days(subscriptions[0].channel, 40)
        assert await store.channels.settings(subscriptions[0].channel) == ChannelSettings()
        return len(subscriptions), len(days), [day.state for day in days if day.papers != 5]


async def test_what_was_stored_is_there_as_it_was(tmp_path: Path):
    fill(tmp_path / "p.db", CHANNELS)
    assert await opened(tmp_path / "p.db") == (CHANNELS, 30, [])


@pytest.mark.parametrize("name", NEW)
async def test_killed_within_a_migration_it_goes_on_at_the_next_start(tmp_path: Path, name: str):
    path = tmp_path / "p.db"
    fill(path, CHANNELS)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), name], check=False)
    assert killed.returncode == -signal.SIGKILL
    db = connect(path, write=False)
    assert {each.name for each in migrations.applied(db)} == {each for each in names() if each < name}
    db.conn.close()
    assert await opened(path) == (CHANNELS, 30, [])
