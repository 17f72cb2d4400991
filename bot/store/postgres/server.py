"""Requirements on a database server: checked at opening, and shown by `paperboy doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from bot.errors import StoreError, UnavailableStoreError, UnmadeStoreError
from bot.model import Check
from bot.model.database import DatabaseUrl
from bot.store.postgres import migrations
from bot.store.postgres.faults import READ_ONLY, fault

OLDEST_VERSION = 15
CONNECT_SECONDS = 10
POOL_CONNECTIONS = 8
"""Connections and threads of one process's store."""
LISTENING = 1
"""Connections besides, for notifications (`changes.py`)."""
MAX_CLOCK_DIFFERENCE = timedelta(minutes=1)

_DEFAULTS = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "paperboy",
    "client_encoding": "UTF8",
    # A peer that vanished without a word is noticed after half a minute instead of hours.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_IS_READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean"
_MISSING_RIGHTS = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'paperboy_migrations'::regclass)
AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
     AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) ORDER BY relname
"""
_FREE_CONNECTIONS = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - (SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL),
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
        - (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
        - (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
), current_setting('max_connections')::int
"""
_LIVING_PROCESSES = (
    "SELECT count(*) FROM leases WHERE name LIKE 'process %' AND until > extract(epoch FROM clock_timestamp())"
)
_OWN_CONNECTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


def defaults(url: DatabaseUrl) -> dict[str, Any]:
    """Parameters of a connection that the URL does not set. Raises psycopg.ProgrammingError for a malformed one."""
    in_url = conninfo_to_dict(url.reveal())
    return {name: value for name, value in _DEFAULTS.items() if name not in in_url}


def connect(url: DatabaseUrl) -> Connection:
    """One connection, without a pool. Raises psycopg.Error."""
    return psycopg.connect(url.reveal(), autocommit=True, prepare_threshold=None, **defaults(url))


def prepare(url: DatabaseUrl, *, write: bool) -> None:
    """Check the server and bring its tables up to date. Raises StoreError."""
    try:
        with connect(url) as conn:
            check(conn)
            migrations.check_whole(conn)
            if write and _is_read_only(conn):
                raise UnavailableStoreError(f"the database is read-only: {READ_ONLY}")
            if migrations.is_current(conn):
                return
            if not write:
                raise UnmadeStoreError("the database has no tables of this version yet: start `paperboy run` once")
            migrations.apply(conn)
    except psycopg.Error as error:
        raise fault(error, url) from None  # libpq's own message may have the password


def check(conn: Connection) -> None:
    """Raises StoreError if no Paperboy can use the server."""
    if problem := _version_fault(conn) or _encoding_fault(conn):
        raise StoreError(problem)


def examine(url: DatabaseUrl, now: datetime, queue_connections: int = 0) -> list[Check]:
    """The checks of a server: version, rights, tables, clock, connections. Raises StoreError without a connection.

    `queue_connections`: of one process, besides the store's.
    """
    try:
        with connect(url) as conn:
            return list(_checks(conn, url, now, POOL_CONNECTIONS + LISTENING + queue_connections))
    except psycopg.Error as error:
        raise fault(error, url) from None  # libpq's own message may have the password


def _checks(conn: Connection, url: DatabaseUrl, now: datetime, connections: int) -> Iterator[Check]:
    if problem := _version_fault(conn) or _encoding_fault(conn):
        yield Check("database", problem, fault=True, remedy="name a server that fits in PAPERBOY_DB")
    elif _is_read_only(conn):
        yield Check("database", "read-only", fault=True, remedy=READ_ONLY)
    else:
        yield Check("database", f"PostgreSQL {conn.info.server_version // 10_000}, {url}, as {conn.info.user}")
    yield _tables(conn)
    yield _clock(conn, now)
    yield _connections(conn, connections)


def _tables(conn: Connection) -> Check:
    if not (names := migrations.applied(conn)):
        return Check("tables", "none yet", remedy="`paperboy collect` or `paperboy run` makes them")
    missing = [name for (name,) in conn.execute(_MISSING_RIGHTS)]
    if missing:
        remedy = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO …"
        return Check("tables", f"the role may not read and write {', '.join(missing)}", fault=True, remedy=remedy)
    if newer := sorted(names - migrations.MIGRATIONS.keys()):
        return Check("tables", f"of a newer Paperboy, {newer[-1]}", fault=True, remedy="upgrade this one")
    if older := sorted(migrations.MIGRATIONS.keys() - names):
        return Check("tables", f"without {', '.join(older)}", remedy="the next `paperboy run` makes that change")
    return Check("tables", f"up to {max(names)}")


def _clock(conn: Connection, now: datetime) -> Check:
    """The difference between two clocks: leases follow the server's, due times this machine's."""
    theirs: datetime = _value(conn, "SELECT clock_timestamp()")
    if abs(theirs - now) <= MAX_CLOCK_DIFFERENCE:
        return Check("database clock", "as here")
    difference = f"{now:%Y-%m-%d %H:%M:%S} here, {theirs.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S} there"
    return Check("database clock", difference, fault=True, remedy="set both machines' clocks (NTP)")


def _connections(conn: Connection, per_process: int) -> Check:
    """Whether the processes that run, or the first one, get what each may take; it opens most of it when it is busy."""
    free, most = conn.execute(_FREE_CONNECTIONS).fetchone() or (0, 0)
    is_made: bool = _value(conn, "SELECT to_regclass('leases') IS NOT NULL AND has_table_privilege('leases', 'SELECT')")
    running: int = _value(conn, _LIVING_PROCESSES) if is_made else 0
    open_now: int = _value(conn, _OWN_CONNECTIONS)
    text = f"{free} free of {most}; a process takes up to {per_process}"
    if running:
        text += f", {running} running {'has' if running == 1 else 'have'} {open_now}"
    if free + open_now >= per_process * max(running, 1):
        return Check("connections", text)
    remedy = "raise the server's max_connections, run fewer processes, or put PgBouncer before it"
    return Check("connections", text, fault=True, remedy=remedy)


def _version_fault(conn: Connection) -> str | None:
    if (version := conn.info.server_version // 10_000) >= OLDEST_VERSION:
        return None
    return f"the server is PostgreSQL {version}: Paperboy needs version {OLDEST_VERSION} or newer"


def _encoding_fault(conn: Connection) -> str | None:
    if (encoding := _value(conn, "SHOW server_encoding")) == "UTF8":
        return None
    return f"the database holds {encoding}, not UTF8: createdb --encoding=UTF8 --template=template0 NAME"


def _is_read_only(conn: Connection) -> bool:
    return bool(_value(conn, _IS_READ_ONLY))


def _value(conn: Connection, sql: str) -> Any:
    row = conn.execute(sql.encode()).fetchone()
    return row[0] if row else None
