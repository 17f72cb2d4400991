"""Faults of a real PostgreSQL server: one line each with the remedy, no password, and back by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from bot.app.metrics import NOT_RANKED, Metrics
from bot.errors import StoreError, UnavailableStoreError
from bot.model import Channel, Ref, State, digest_key
from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore, connection, examine, server
from tests.fakes import MONDAY, digest
from tests.harness.commit_cutter import CommitCutter
from tests.harness.postgres import new_database, own_server, url_of
from tests.harness.postgres import server as shared_server

PASSWORD = "hunter22-of-the-database"


@pytest.fixture
def name() -> Iterator[str]:
    """Name of a database with tables, which is not used again."""
    made = new_database()
    yield made
    admin(f"DROP DATABASE {made} WITH (FORCE)")


@pytest.fixture
def role() -> Iterator[str]:
    """Name of a role that may connect, and nothing else."""
    made = f"reader_{uuid4().hex}"
    admin(f"CREATE ROLE {made} LOGIN PASSWORD '{PASSWORD}'")
    yield made
    admin(f"DROP ROLE {made}")


@pytest.fixture(scope="module")
def own() -> Iterator[Any]:
    """A server that is stopped and started, and wants a password of the role `guarded`."""
    ours = own_server()
    with psycopg.connect(ours.get_uri(), autocommit=True) as conn:
        conn.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'".encode())
        rules = Path(conn.execute("SHOW hba_file").fetchone()[0])  # type: ignore[index]
        rules.write_text(f"local all guarded scram-sha-256\n{rules.read_text()}")
        conn.execute("SELECT pg_reload_conf()")
    yield ours
    ours.ensure_postgres_running()


def admin(sql: str, *, on: str = "postgres") -> None:
    with psycopg.connect(url_of(on).reveal(), autocommit=True) as conn:
        conn.execute(sql.encode())


def refusal(url: DatabaseUrl, *, write: bool = True) -> str:
    """The one line with which a database is not opened."""
    with pytest.raises(StoreError) as caught:
        PostgresStore(url, write=write).close()
    text = str(caught.value)
    assert "\n" not in text
    assert PASSWORD not in text
    return text


def test_an_absent_server():
    text = refusal(DatabaseUrl(f"postgresql://me:{PASSWORD}@127.0.0.1:9/papers"))
    assert "cannot use the database: " in text
    assert text.endswith("check the address in PAPERBOY_DB, and that the server runs")


def test_a_parameter_that_the_client_does_not_know_is_not_quoted_with_the_whole_url():
    text = refusal(DatabaseUrl(f"postgresql://me:{PASSWORD}@127.0.0.1:9/papers?sslmode=require&passwort={PASSWORD}"))
    assert text.startswith("PAPERBOY_DB has a parameter that PostgreSQL's client does not know")


def test_a_server_that_is_too_old(name: str, monkeypatch: pytest.MonkeyPatch):
    assert server.OLDEST_VERSION == 15
    monkeypatch.setattr(server, "OLDEST_VERSION", 99)
    assert "Paperboy needs version 99 or newer" in refusal(url_of(name))


def test_an_unknown_database_and_an_unknown_role(own: Any):
    nowhere, nobody = url_of("nowhere", of=own.get_uri()), url_of("postgres", of=own.get_uri(), user="nobody_here")
    assert 'database "nowhere" does not exist; correct the name' in refusal(nowhere)
    assert 'role "nobody_here" does not exist; correct the user' in refusal(nobody)


def test_a_wrong_password_and_none(own: Any):
    url = url_of("postgres", of=own.get_uri(), user="guarded", password=f"not-{PASSWORD}")
    text = refusal(url)
    assert 'password authentication failed for user "guarded"' in text
    assert text.endswith("correct user and password in PAPERBOY_DB")
    none = refusal(url_of("postgres", of=own.get_uri(), user="guarded", password=""))
    assert none.endswith("write the password into PAPERBOY_DB")


def test_a_database_in_another_encoding():
    made = f"latin_{uuid4().hex}"
    admin(f"CREATE DATABASE {made} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        assert "the database holds LATIN1, not UTF8: createdb --encoding=UTF8" in refusal(url_of(made))
    finally:
        admin(f"DROP DATABASE {made}")


async def test_a_database_that_is_read_only_is_read_alone(name: str):
    with PostgresStore(url_of(name), write=True) as store:
        admin(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(UnavailableStoreError, match="read-only transaction; name the primary server"):
            await store.secrets.put_note("a", "b")
        assert await store.papers.count() == (0, 0)
    assert "the database is read-only: name the primary server in PAPERBOY_DB" in refusal(url_of(name))
    with PostgresStore(url_of(name), write=False) as store:
        assert await store.papers.count() == (0, 0)


async def test_a_role_without_rights(name: str, role: str):
    empty = f"paperboy_{uuid4().hex}"
    admin(f"CREATE DATABASE {empty}")
    try:
        assert "may not make its tables (permission denied for schema public): give" in refusal(
            url_of(empty, user=role, password=PASSWORD)
        )
    finally:
        admin(f"DROP DATABASE {empty} WITH (FORCE)")
    url = url_of(name, user=role, password=PASSWORD)
    assert "permission denied for table paperboy_migrations; give the role" in refusal(url)
    admin(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", on=name)
    try:
        with PostgresStore(url, write=True) as store:
            assert await store.papers.count() == (0, 0)
            with pytest.raises(UnavailableStoreError, match="permission denied for table notes; give the role"):
                await store.secrets.put_note("a", "b")
        (tables,) = [check for check in examine(url, datetime.now(UTC)) if check.subject == "tables"]
        assert tables.fault
        assert "may not read and write card_counts, channel_settings, " in tables.result
    finally:
        admin(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}", on=name)


async def test_too_many_connections_at_the_start_and_a_pool_that_is_exhausted(
    name: str, role: str, monkeypatch: pytest.MonkeyPatch
):
    url = url_of(name, user=role, password=PASSWORD)
    admin(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}", on=name)
    admin(f"ALTER ROLE {role} CONNECTION LIMIT 1")
    try:
        with PostgresStore(url, write=True) as store, psycopg.connect(url_of(name).reveal()) as blocker:
            assert await store.papers.count() == (0, 0)
            assert "too many connections for role" in (text := refusal(url))
            assert "raise the server's max_connections, or put PgBouncer before it" in text
            blocker.execute("LOCK TABLE notes")
            waiting = asyncio.create_task(store.secrets.get_note("a"))
            while not await asyncio.to_thread(_is_blocked, blocker):
                await asyncio.sleep(0)
            monkeypatch.setattr(connection, "WAIT_SECONDS", 0.2)
            with pytest.raises(UnavailableStoreError, match="too many connections for role .*max_connections"):
                await store.papers.count()
            blocker.rollback()
            assert await waiting is None
    finally:
        admin(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}", on=name)


def _is_blocked(conn: psycopg.Connection) -> bool:
    row = conn.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND database IS NOT NULL").fetchone()
    return bool(row and row[0])


async def test_statements_and_locks_that_take_longer_than_the_server_allows(name: str):
    admin(f"ALTER DATABASE {name} SET statement_timeout = '500ms'")
    with PostgresStore(url_of(name), write=True) as store:
        with pytest.raises(UnavailableStoreError, match="statement timeout; raise the role's statement_timeout"):
            await store.connection.read(lambda db: db.execute("SELECT pg_sleep(60)"))
        assert await store.papers.count() == (0, 0)
    admin(f"ALTER DATABASE {name} SET lock_timeout = '50ms'")
    with PostgresStore(url_of(name), write=True) as store, psycopg.connect(url_of(name).reveal()) as blocker:
        blocker.execute("LOCK TABLE notes")
        with pytest.raises(UnavailableStoreError, match="lock timeout; another program locks the tables") as line:
            await store.secrets.put_note("a", "a-value")
        assert "a-value" not in str(line.value), "the statement is not quoted"
        blocker.rollback()
        await store.secrets.put_note("a", "b")


async def test_tables_that_are_gone(name: str):
    with PostgresStore(url_of(name), write=True) as store:
        admin("DROP SCHEMA public CASCADE; CREATE SCHEMA public", on=name)
        with pytest.raises(UnavailableStoreError, match="one of Paperboy's tables is gone"):
            await store.papers.count()


async def test_a_server_that_restarts_is_waited_for_and_one_that_stays_away_is_one_line_until_it_is_back(
    own: Any, monkeypatch: pytest.MonkeyPatch
):
    url = url_of("postgres", of=own.get_uri())
    with PostgresStore(url, write=True) as store:
        metrics = Metrics(store)
        await store.secrets.put_note("a", "before")
        await asyncio.to_thread(own.stop)
        changes = [asyncio.create_task(store.secrets.put_note(f"n{n}", "during")) for n in range(12)]
        notes = [asyncio.create_task(store.secrets.get_note("a")) for _ in range(4)]
        await asyncio.to_thread(own.ensure_postgres_running)
        await asyncio.gather(*changes)
        assert await asyncio.gather(*notes) == ["before"] * 4
        assert await store.secrets.get_note("n11") == "during"

        await asyncio.to_thread(own.stop)
        monkeypatch.setattr(connection, "WAIT_SECONDS", 0.3)
        for call in (store.secrets.get_note("a"), store.secrets.put_note("a", "lost")):
            with pytest.raises(UnavailableStoreError, match=r"cannot use the database: .*that the server runs") as line:
                await call
            assert "\n" not in str(line.value)
        assert await metrics.unready() == "the database server does not answer, or refuses: see the log"
        assert b"paperboy_store_up 0.0" in (await metrics.numbers())[0]
        await asyncio.to_thread(own.ensure_postgres_running)
        monkeypatch.setattr(connection, "WAIT_SECONDS", 120)
        started = time.monotonic()
        assert await store.secrets.get_note("a") == "before"
        assert time.monotonic() - started < 60, "it is back at once"
        assert await metrics.unready() == NOT_RANKED
        assert b"paperboy_store_up 1.0" in (await metrics.numbers())[0]


@pytest.mark.parametrize("delivered", [False, True])
async def test_a_commit_that_was_cut_is_one_line_and_is_made_again_only_where_it_may_be(own: Any, *, delivered: bool):
    given = psycopg.conninfo.conninfo_to_dict(own.get_uri())
    path = f"{given['host']}/.s.PGSQL.{given.get('port', 5432)}"
    note = f"cut-{delivered}"
    with CommitCutter(path, delivered=delivered) as cutter:
        url = DatabaseUrl(f"postgresql://postgres@127.0.0.1:{cutter.port}/postgres?sslmode=disable")
        with PostgresStore(url, write=True) as store:
            cutter.armed = True
            with pytest.raises(UnavailableStoreError, match="lost while a change was committed, which may be kept: "):
                await store.secrets.first_note(note, "once")
            assert await store.secrets.get_note(note) == ("once" if delivered else None)
            await store.secrets.put_note(note, "again")
            assert await store.secrets.get_note(note) == "again"
            await store.ledger.keep([digest(Channel(f"fake:{note}"), [])], {})
            cutter.armed = True
            post = digest_key(Channel(f"fake:{note}"), MONDAY.date())
            assert await store.ledger.claim(post, 0, None, MONDAY), "a claim is made again, and so is what follows it"
            cutter.armed = True
            await store.ledger.settle(post, 0, State.POSTED, MONDAY, ref=Ref("1"))
            assert (await store.ledger.deliveries(post))[0].ref == "1"


async def test_each_transaction_may_have_another_session_as_behind_pgbouncer(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    """Transaction pooling: what a session remembers is gone by the next transaction."""
    with PostgresStore(url_of(name), write=True) as store:
        pool = store.connection._pool
        real = type(pool).putconn

        def forget(self: Any, conn: psycopg.Connection[Any]) -> None:
            if not conn.closed:
                assert conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
                conn.execute("DISCARD ALL")
                conn.close()  # the next transaction gets another one
            real(self, conn)

        monkeypatch.setattr(type(pool), "putconn", forget)
        for number in range(20):
            await store.secrets.put_note("n", str(number))
            assert await store.secrets.get_note("n") == str(number)


def test_doctor_looks_at_version_rights_tables_clocks_and_connections(name: str, role: str):
    now = datetime.now(UTC)
    checks = {check.subject: check for check in examine(url_of(name), now)}
    assert list(checks) == ["database", "tables", "database clock", "connections"]
    assert not [check for check in checks.values() if check.fault]
    assert f"/{name}" in checks["database"].result
    assert checks["tables"].result.startswith("up to m")
    assert " free of " in checks["connections"].result
    late = {check.subject: check for check in examine(url_of(name), now + timedelta(minutes=5))}["database clock"]
    assert late.fault
    assert " here, " in late.result
    assert "NTP" in late.remedy
    admin(f"ALTER ROLE {role} CONNECTION LIMIT 3")
    admin(f"GRANT SELECT ON paperboy_migrations TO {role}", on=name)
    few = {check.subject: check for check in examine(url_of(name, user=role, password=PASSWORD), now)}["connections"]
    admin(f"REVOKE ALL ON paperboy_migrations FROM {role}", on=name)
    assert few.fault
    assert few.result.startswith("2 free of ")
    bare = {check.subject: check for check in examine(url_of("postgres", of=shared_server()), now)}["tables"]
    assert (bare.result, bare.fault) == ("none yet", False)
