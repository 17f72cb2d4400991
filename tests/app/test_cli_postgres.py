"""The command line with a PostgreSQL database: the same answers as with a file, and faults in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from tests.harness.command_line import SAMPLE, paperboy
from tests.harness.postgres import clear_databases, database, url_of

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


def test_without_the_extra_one_line_says_how_to_get_it(url: str, monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith("bot.store.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("bot.store.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'paperboy[postgres]'" in one_line(paperboy("search", "x", "--db", url))
    assert "✗ store: the client for PostgreSQL is missing" in paperboy("doctor", "--db", url).stdout
