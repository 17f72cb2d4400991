"""Secrets by name, encrypted with a key from the environment; the database alone gives none of them away. And notes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken, MultiFernet

from bot.errors import StoreError
from bot.store.encryption import cipher

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection


class Secrets:
    """Keeps short texts encrypted. Without a key everything in it stays shut, and nothing is put in."""

    def __init__(self, connection: Connection, keys: Sequence[str]) -> None:
        self._db = connection
        self._keys = keys

    @cached_property
    def _cipher(self) -> MultiFernet | None:
        return cipher(self._keys)  # not before it is needed: most commands work without a valid key

    async def put(self, name: str, text: str) -> None:
        """Keep a text, in place of what was there. Raises StoreError without a key."""
        if self._cipher is None:
            raise StoreError(
                "set PAPERBOY_SECRET_KEY first (`paperboy key` makes one): tokens are stored encrypted only"
            )
        sealed = self._cipher.encrypt(text.encode())
        sql = "INSERT OR REPLACE INTO secrets (name, sealed) VALUES (?, ?)"
        await self._db.write(lambda db: db.execute(sql, (name, sealed)))

    async def get(self, name: str) -> str | None:
        """What is kept; None if there is nothing, or no key that opens it."""
        sealed = await self._db.read(_sealed, name)
        if sealed is None or self._cipher is None:
            return None
        try:
            return self._cipher.decrypt(sealed).decode()
        except InvalidToken:
            return None

    async def delete(self, name: str) -> bool:
        """Forget a text; False if there was none."""
        sql = "DELETE FROM secrets WHERE name = ?"
        return await self._db.write(lambda db: db.execute(sql, (name,)).rowcount > 0)

    async def names(self, prefix: str) -> list[str]:
        """The names that begin with this."""
        return await self._db.read(_names, prefix)

    async def note(self, name: str, text: str) -> None:
        """Keep a text that is no secret, in place of what was there; needs no key.

        Where the name begins with an address and a space, the note goes when that place or person is forgotten.
        """
        sql = "INSERT OR REPLACE INTO notes (name, text) VALUES (?, ?)"
        await self._db.write(lambda db: db.execute(sql, (name, text)))

    async def noted(self, name: str) -> str | None:
        """That text; None if there is none."""
        return await self._db.read(_noted, name)


def forget_notes(db: Database, where: str) -> None:
    """Erase the notes of a place or person."""
    db.execute("DELETE FROM notes WHERE substr(name, 1, length(?1) + 1) = ?1 || ' '", (where,))


def _noted(db: Database, name: str) -> str | None:
    row = db.execute("SELECT text FROM notes WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def _sealed(db: Database, name: str) -> bytes | None:
    row = db.execute("SELECT sealed FROM secrets WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def _names(db: Database, prefix: str) -> list[str]:
    rows = db.execute("SELECT name FROM secrets WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name", (prefix,))
    return [row[0] for row in rows]
