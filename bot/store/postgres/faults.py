"""Faults of a database server as one line with the remedy, without the password."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import errors

from bot.errors import UnavailableStoreError
from bot.model.database import DatabaseUrl

READ_ONLY = (
    "name the primary server in PAPERBOY_DB, or end the server's read-only mode (`default_transaction_read_only`)"
)
_CONNECTIONS = (
    "end other programs' connections, raise the server's max_connections, or put PgBouncer before it; `paperboy"
    " doctor` says how many a process takes"
)
_RIGHT = (
    "give the role of PAPERBOY_DB that right: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO …,"
    " or make it the tables' owner"
)

_REMEDIES: Mapping[type[psycopg.Error], str] = {
    errors.ReadOnlySqlTransaction: READ_ONLY,
    errors.FeatureNotSupported: READ_ONLY,  # serialisable transactions, on a standby
    errors.InsufficientPrivilege: _RIGHT,
    errors.DiskFull: "free space on the server's disk",
    errors.OutOfMemory: "give the server more memory",
    errors.TooManyConnections: _CONNECTIONS,
    errors.QueryCanceled: "raise the role's statement_timeout (0 is none): ALTER ROLE … SET statement_timeout = 0",
    errors.LockNotAvailable: "another program locks the tables, see pg_locks; or raise the role's lock_timeout",
    errors.UndefinedTable: "one of Paperboy's tables is gone, or search_path leads elsewhere: restore a backup",
}
"""By the class of the error: what the server says once a connection stands."""

_CONNECTING: Mapping[str, str] = {
    "password authentication failed": "correct user and password in PAPERBOY_DB",
    "no password supplied": "write the password into PAPERBOY_DB",
    "too many clients": _CONNECTIONS,
    "too many connections": _CONNECTIONS,
    "connection slots": _CONNECTIONS,
    "no more connections allowed": _CONNECTIONS,
    "no pg_hba.conf entry": "let the server's pg_hba.conf admit this machine, or add sslmode=require to PAPERBOY_DB",
    "starting up": "wait until the server is up",
    "shutting down": "start the server again",
    'database "': "correct the name at the end of PAPERBOY_DB, or create that database: createdb NAME",
    'role "': "correct the user in PAPERBOY_DB, or create that role: createuser --pwprompt NAME",
}
"""By words in libpq's message, in English: a connection that fails has no code."""

_ABSENT = "check the address in PAPERBOY_DB, and that the server runs"
_UNREADABLE = "PAPERBOY_DB has a parameter that PostgreSQL's client does not know, after the `?`: correct or remove it"


def fault(error: psycopg.Error, url: DatabaseUrl) -> UnavailableStoreError:
    """The fault of a database server in one line, with the remedy."""
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return UnavailableStoreError(_UNREADABLE)  # libpq would quote the whole URL
    line = _line(error, url)
    return UnavailableStoreError(f"cannot use the database: {line}; {_remedy(error, line)}")


def commit_fault(error: psycopg.Error, url: DatabaseUrl) -> UnavailableStoreError:
    """The fault of a connection lost at COMMIT: what the server kept is unknown."""
    problem = "the database was lost while a change was committed, which may be kept"
    return UnavailableStoreError(f"{problem}: {_line(error, url)}")


def is_mistake(error: psycopg.Error) -> bool:
    """Whether an error is no fault of the server but of a statement or its values."""
    return not isinstance(error, (psycopg.OperationalError, *_REMEDIES))


def _line(error: psycopg.Error, url: DatabaseUrl) -> str:
    """The server's message without the statement, which holds values, or libpq's about a connection."""
    return url.redact(" ".join((error.diag.message_primary or str(error)).split()))


def _remedy(error: psycopg.Error, line: str) -> str:
    by_class = (remedy for kind, remedy in _REMEDIES.items() if isinstance(error, kind))
    by_words = (remedy for words, remedy in _CONNECTING.items() if words in line)
    return next(by_class, None) or next(by_words, _ABSENT)
