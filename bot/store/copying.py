"""A whole store copied from one database to another, of the same kind or not; killed and started again, it goes on.

Tables are those that the databases have: a new one is copied without a change here. Rows are read as they are written,
in batches by key; what rows refer to is checked once all are there. In the end both sides are read again and compared.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TypeAlias

from bot.errors import StoreError
from bot.store.sql.copying import CopiedDatabase, Marker, Row, Table

BATCH_ROWS = 10_000
BATCH_BYTES = 16_000_000
"""Texts and bytes of a batch, which is one transaction and is held in memory."""

Advance: TypeAlias = Callable[[int], None]
Bar: TypeAlias = Callable[[str, int], AbstractContextManager[Advance]]
"""Shows progress: of a label and a number of steps, the function that advances it by so many."""


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A table that is equal on both sides; its checksum is of all rows by key, generated columns included."""

    name: str
    rows: int
    checksum: str


def copy(source: CopiedDatabase, target: CopiedDatabase, bar: Bar) -> list[TableCopy]:
    """Copy everything into an empty database, or go on with a copy. Raises StoreError; started again, it goes on."""
    if source.name == target.name:
        raise StoreError(f"{source.name} is not copied onto itself: name another database with --to")
    with source, target:
        source.open_source()
        marker = target.open_target(source.name)
        tables = _tables(source, target)
        rows = sum(source.count(table) for table in tables)
        with bar("Copying", rows) as advance:
            advance(marker.copied)
            begun = [table.name for table in tables].index(marker.at_table) if marker.at_table else 0
            for table in tables[begun:]:
                marker = _copy_table(source, target, table, marker, advance)
        with bar("Checking", 2 * rows) as advance:
            copies = [_compare(source, target, table, advance) for table in tables]
        source.check_unchanged()
        target.finish(source.last_numbers())
        return copies


def _tables(source: CopiedDatabase, target: CopiedDatabase) -> list[Table]:
    """The tables of both, in the same order every time, for a copy that goes on. Raises StoreError if they differ."""
    if differences := sorted(_columns(source) ^ _columns(target)):
        raise StoreError(f"{source.name} and {target.name} have different tables: {', '.join(differences)}")
    return sorted(target.tables().values(), key=lambda table: table.name)


def _columns(database: CopiedDatabase) -> set[str]:
    return {f"{table.name}.{column}" for table in database.tables().values() for column in table.columns}


def _copy_table(
    source: CopiedDatabase, target: CopiedDatabase, table: Table, marker: Marker, advance: Advance
) -> Marker:
    """Copy what is left of a table; returns how far the copy is then."""
    is_begun = marker.at_table == table.name
    if is_begun and not table.key:
        return marker  # copied in one batch
    after = tuple(json.loads(marker.after)) if is_begun and marker.after else None
    with closing(source.rows(table, table.stored, after)) as rows:
        for batch in _batches(rows) if table.key else [list(rows)]:
            key = json.dumps(_key(table, table.stored, batch[-1])) if table.key else None
            reached = replace(marker, at_table=table.name, after=key, copied=marker.copied + len(batch))
            target.append(table, batch, marker, reached)
            marker = reached
            advance(len(batch))
    return marker


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum([len(value) for value in row if isinstance(value, str | bytes)])
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _key(table: Table, columns: Sequence[str], row: Row) -> Row:
    """The key of a row; the whole row in a table without one."""
    return tuple(row[columns.index(column)] for column in table.key or columns)


def _compare(source: CopiedDatabase, target: CopiedDatabase, table: Table, advance: Advance) -> TableCopy:
    """Compare counts and checksums of a table. Raises StoreError with the first key at which the sides differ."""
    original, copied = (_read(database, table, advance) for database in (source, target))
    if original == copied:
        return original
    raise StoreError(
        f"{table.name} differs in the copy, first at {_first_difference(source, target, table)} ({original.rows:,} rows"
        f" became {copied.rows:,}): one side was changed after the copying began; begin again, with an empty target"
    )


def _read(database: CopiedDatabase, table: Table, advance: Advance) -> TableCopy:
    """Number and checksum of a table's rows, by the same rule for every database."""
    digest, count = hashlib.sha256(), 0
    with closing(database.rows(table, table.columns)) as rows:
        for count, row in enumerate(rows, start=1):
            digest.update(marshal.dumps(row, 2))  # of version 2: the same bytes for the same types and values
            if count % BATCH_ROWS == 0:
                advance(BATCH_ROWS)
    advance(count % BATCH_ROWS)
    return TableCopy(table.name, count, digest.hexdigest()[:16])


def _first_difference(source: CopiedDatabase, target: CopiedDatabase, table: Table) -> str:
    columns = table.columns
    with closing(source.rows(table, columns)) as original, closing(target.rows(table, columns)) as copied:
        different = next(pair for pair in zip_longest(original, copied) if pair[0] != pair[1])
    key = min(_key(table, table.columns, row) for row in different if row is not None)
    return ", ".join(map(str, key))
