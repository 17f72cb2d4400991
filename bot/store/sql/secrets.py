"""Secrets, encrypted with keys from the environment so that the file alone discloses none; and notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from cryptography.fernet import InvalidToken, MultiFernet

from bot.errors import StoreError
from bot.store.encryption import cipher
from bot.store.sql.connection import Connection, Part, reads, writes
from bot.store.sql.rows import stamp
from bot.store.sql.transaction import Transaction, put


class Secrets(Part):
    """Short texts by name: secrets, encrypted with the store's keys, and notes, which are not secret."""

    def __init__(self, connection: Connection, keys: Sequence[str]) -> None:
        super().__init__(connection)
        self._keys = keys

    @cached_property
    def _cipher(self) -> MultiFernet | None:
        return cipher(self._keys)  # on first use: most commands work without a valid key

    async def put(self, name: str, text: str) -> None:
        """Store a secret in place of an older one. Raises StoreError without a key."""
        if self._cipher is None:
            raise StoreError(
                "set PAPERBOY_SECRET_KEY first (`paperboy key` makes one): tokens are stored encrypted only"
            )
        await self._store(name, self._cipher.encrypt(text.encode()))

    async def get(self, name: str) -> str | None:
        """A secret; None if there is none, or no key that decrypts it."""
        sealed = await self._load(name)
        if sealed is None or self._cipher is None:
            return None
        try:
            return self._cipher.decrypt(sealed).decode()
        except (InvalidToken, TypeError):
            return None

    async def unreadable(self) -> list[str]:
        """Names of the secrets that no key decrypts; all of them without a key."""
        sealed = await self._all()
        return [name for name, secret in sealed if not _opens(self._cipher, secret)]

    async def reseal(self) -> int:
        """Encrypt with the first key what an older one encrypted; returns how many. What is unreadable stays."""
        cipher_, first = self._cipher, cipher(self._keys[:1])
        outdated = [(name, secret) for name, secret in await self._all() if not _opens(first, secret)]
        older = [(name, secret) for name, secret in outdated if _opens(cipher_, secret)]
        if cipher_ is None or not older:
            return 0
        return await self._replace([(cipher_.rotate(secret), name, secret) for name, secret in older])

    @writes
    def _replace(self, db: Transaction, rows: Sequence[tuple[bytes, str, bytes]]) -> int:
        """Replace secrets that are still the ones that were read."""
        sql = "UPDATE secrets SET sealed = ? WHERE name = ? AND sealed = ?"
        return sum(db.execute(sql, row).rowcount for row in rows)

    @reads
    def _all(self, db: Transaction) -> list[tuple[str, bytes]]:
        return [(row[0], row[1]) for row in db.execute("SELECT name, sealed FROM secrets ORDER BY name")]

    @writes
    def _store(self, db: Transaction, name: str, sealed: bytes) -> None:
        put(db, "secrets", ("name",), {"name": name, "sealed": sealed})

    @reads
    def _load(self, db: Transaction, name: str) -> bytes | None:
        row = db.execute("SELECT sealed FROM secrets WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    @writes
    def delete(self, db: Transaction, name: str) -> bool:
        """Delete a secret; False if there was none."""
        return db.execute("DELETE FROM secrets WHERE name = ?", (name,)).rowcount > 0

    @reads
    def names(self, db: Transaction, prefix: str) -> list[str]:
        """Names of secrets that begin with a prefix."""
        rows = db.execute("SELECT name FROM secrets WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name", (prefix,))
        return [row[0] for row in rows]

    @writes
    def put_note(self, db: Transaction, name: str, text: str) -> None:
        """Store a note in place of an older one; needs no key.

        A note whose name begins with an address and a space is erased with that place or person.
        """
        put(db, "notes", ("name",), {"name": name, "text": text})

    @writes
    def first_note(self, db: Transaction, name: str, text: str) -> str:
        """The note of a name, stored now if there is none; of several processes one decides it."""
        db.execute("INSERT INTO notes (name, text) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, text))
        return str(db.execute("SELECT text FROM notes WHERE name = ?", (name,)).fetchone()[0])

    @reads
    def get_note(self, db: Transaction, name: str) -> str | None:
        """A note."""
        row = db.execute("SELECT text FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    @reads
    def notes(self, db: Transaction, prefix: str) -> dict[str, str]:
        """Notes by name, of the names that begin with a prefix."""
        rows = db.execute(
            "SELECT name, text FROM notes WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name", (prefix,)
        )
        return dict(rows.fetchall())

    @writes
    def delete_note(self, db: Transaction, name: str) -> None:
        """Delete a note, if there is one."""
        db.execute("DELETE FROM notes WHERE name = ?", (name,))

    @writes
    def use_once(self, db: Transaction, name: str, until: datetime) -> bool:
        """Record until a time that a name is used. False if it was used before."""
        sql = "INSERT INTO used_names (name, until) VALUES (?, ?) ON CONFLICT DO NOTHING"
        return db.execute(sql, (name, stamp(until))).rowcount > 0

    @writes
    def unuse(self, db: Transaction, name: str) -> None:
        """Let a name be used again: what it was used for did not happen."""
        db.execute("DELETE FROM used_names WHERE name = ?", (name,))

    @writes
    def forget_used(self, db: Transaction, now: datetime) -> None:
        """Forget the names whose time is over."""
        db.execute("DELETE FROM used_names WHERE until < ?", (stamp(now),))


def _opens(cipher_: MultiFernet | None, sealed: bytes) -> bool:
    try:
        return cipher_ is not None and cipher_.decrypt(sealed) is not None
    except (InvalidToken, TypeError):  # TypeError: a damaged row may hold another type
        return False


def erase_notes(db: Transaction, where: str) -> None:
    """Erase the notes of a place or person, of the persons of a place, and those of anybody about it."""
    sql = """
        DELETE FROM notes WHERE substr(name, 1, length(?1) + 1) IN (?1 || ' ', ?1 || '/')
        OR substr(name, length(name) - length(?1), length(?1) + 1) = ' ' || ?1
        """
    db.execute(sql, (where,))
