"""The command line with a PostgreSQL database: the same answers as with a file, and faults in one line."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from tests.harness.command_line import SAMPLE, filled, paperboy
from tests.harness.postgres import bare_database, clear_databases, database, url_of

pytestmark = pytest.mark.usefixtures("alone")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database with the tables and nothing in them."""
    yield database(tmp_path / "served").reveal()
    clear_databases()


def one_line(result: Result) -> str:
    """The only line of a command that cannot be carried out."""
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    return line


def test_every_command_answers_as_with_a_file(url: str):
    (Path() / "queries.jsonl").write_text('{"_id": "1", "text": "speculative decoding"}\n')
    subscription = '{"channel": "console:local", "topics": ["video"], "at": "08:30", "timezone": "Europe/Berlin"}\n'
    for words, text in (
        (("import", str(SAMPLE)), None),
        (("import", str(SAMPLE)), None),
        (("subscriptions", "import"), subscription),
        (("subscriptions", "export"), None),
        (("search", "speculative decoding", "--json"), None),
        (("search", "--queries", "queries.jsonl", "--json"), None),
        (("search", "since:2025-10-20 has:code video"), None),
        (("match", "video", "--json"), None),
        (("papers", "why", "2510.19338"), None),
        (("papers", "save", "2510.19338"), None),
        (("papers", "saved"), None),
        (("papers", "topics", "add", "diffusion", "confirm:yes"), None),
        (("papers", "status"), None),
        (("preview", "--json"), None),
        (("preview", "--topic", "video"), None),
        (("collect", "--json"), None),
        (("reindex",), None),
        (("search", "agents", "--json"), None),
        (("key", "--drop"), None),
        (("mail", "unsubscribe", "mail:17"), None),
        (("forget", "console:local"), None),
    ):
        here, there = (paperboy(*words, "--db", db, input=text) for db in ("paperboy.db", url))
        assert there.stdout == here.stdout, words
        assert there.exit_code == here.exit_code, words
    assert json.loads(paperboy("preview", "--json", "--db", url).stdout)["picks"]


def test_a_copy_is_made_by_the_server_s_own_program(url: str):
    line = one_line(paperboy("backup", "my copy.dump", "--db", "postgresql://me:hunter22@h/papers"))
    assert line.endswith("pg_dump --format=custom --file='my copy.dump' postgresql://me@h/papers")
    assert not Path("my copy.dump").exists()


def test_a_command_that_reads_needs_the_right_to_read_alone(url: str, monkeypatch: pytest.MonkeyPatch):
    paperboy("import", str(SAMPLE), "--db", url)
    with monkeypatch.context() as patch:
        patch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
        assert "AdaSPEC" in paperboy("search", "speculative decoding", "--db", url).stdout
        assert paperboy("papers", "why", "2510.19338", "--db", url).exit_code == 0
        assert "the database is read-only: name the primary" in one_line(paperboy("import", str(SAMPLE), "--db", url))


def test_a_database_without_tables_is_read_by_nothing_and_filled_by_what_writes():
    empty = url_of("template1").reveal()
    assert "start `paperboy run` once" in one_line(paperboy("search", "x", "--db", empty))
    examined = paperboy("doctor", "--db", empty).stdout
    assert "! store: no tables of this version yet\n  → `paperboy collect` or `paperboy run` makes them" in examined


def test_processes_that_live_are_named_with_the_connections_that_they_may_take(url: str):
    with PostgresStore(DatabaseUrl(url), write=True) as first, PostgresStore(DatabaseUrl(url), write=True) as second:
        for store, seconds in ((first, 60), (second, 0)):
            assert asyncio.run(store.leases.take(f"process {store.process}", seconds))
        examined, status = paperboy("doctor", "--db", url).stdout, paperboy("papers", "status", "--db", url).stdout
    assert f"✓ processes: running: {first.process}\n" in examined
    # 8 of the store and 4 of the queue; listening for changes, for jobs of six platforms, and for the sweep
    assert re.search(r"✓ connections: \d+ free of \d+; a process takes up to 20, 1 running has \d+\n", examined)
    assert f"1 process running: {first.process}." in status


def test_without_the_extra_one_line_says_how_to_get_it(url: str, monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith("bot.store.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("bot.store.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install '.[postgres]' in Paperboy's checkout, or" in one_line(paperboy("search", "x", "--db", url))
    assert "✗ store: the client for PostgreSQL is missing" in paperboy("doctor", "--db", url).stdout


def test_a_store_is_moved_to_postgresql_and_back():
    filled()
    there = bare_database().reveal()
    moved = paperboy("migrate", "--from", "paperboy.db", "--to", there)
    assert moved.exit_code == 0
    *tables, last = moved.stdout.splitlines()
    assert any(re.fullmatch(r"papers: \d+ rows, checksum [0-9a-f]{16}", line) for line in tables)
    assert "set PAPERBOY_DB to the new one" in last
    assert paperboy("migrate", "--from", there, "--to", "back.db").stdout == moved.stdout
    query = ("search", "speculative decoding", "--json", "--db")
    assert {paperboy(*query, db).stdout for db in (there, "back.db")} == {paperboy(*query, "paperboy.db").stdout}


def test_what_cannot_be_moved_is_one_line(url: str):
    filled()
    assert "is not empty" in one_line(paperboy("migrate", "--from", "paperboy.db", "--to", url))
    assert "onto itself" in one_line(paperboy("migrate", "--from", "paperboy.db", "--to", "./paperboy.db"))
    assert "there is no database" in one_line(paperboy("migrate", "--from", "none.db", "--to", "new.db"))
    assert not Path("none.db").exists()
    assert not Path("new.db").exists()
    refused = paperboy("migrate", "--from", "paperboy.db", "--to", "mysql://me:hunter22@h/papers")
    assert refused.exit_code == 2
    assert "mysql:// is no database" in refused.stderr
    assert "hunter22" not in refused.stderr


def test_nothing_runs_on_an_unfinished_copy():
    filled()
    with sqlite3.connect("paperboy.db") as db:
        db.execute("CREATE TABLE paperboy_copying (source TEXT)")
        db.execute("INSERT INTO paperboy_copying VALUES ('elsewhere.db')")
    db.close()
    for words in (("run",), ("search", "x"), ("migrate", "--to", "new.db", "--from", "paperboy.db")):
        line = one_line(paperboy(*words, *([] if words[0] == "migrate" else ["--db", "paperboy.db"])))
        assert "an unfinished copy of elsewhere.db: start `paperboy migrate`" in line
