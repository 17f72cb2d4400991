"""A column renamed in rows whose key it belongs to, where rows of the new name may be stored already."""

from __future__ import annotations

from bot.store.sql.transaction import Transaction


def rename(db: Transaction, table: str, column: str, rest_of_key: tuple[str, ...] | None, old: str, new: str) -> None:
    """Give rows a new name. A row that has it already, and the same rest of the key, stays, and the old one goes.

    `rest_of_key`: the key's other columns; None where the column belongs to no key.
    """
    if rest_of_key is not None:
        same = "".join(f' AND kept."{other}" = {table}."{other}"' for other in rest_of_key)
        stored = f"SELECT 1 FROM {table} AS kept WHERE kept.{column} = ?{same}"
        db.execute(f"DELETE FROM {table} WHERE {column} = ? AND EXISTS ({stored})", (old, new))
    db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))
