"""Everything Paperboy remembers.

protocols/      the interface: `Store` and its parts
sqlite/         the implementation: one SQLite file; the only place with SQL
encryption.py   the keys that secrets are encrypted with
"""

from bot.store.protocols import Store

__all__ = ["Store"]
