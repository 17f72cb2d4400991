"""Everything Paperboy remembers.

protocols/      the questions that a store answers, and `Store`, which holds its parts
sqlite/         the implementation: one SQLite file; the only place with SQL
encryption.py   the keys that secrets are encrypted with
"""

from bot.store.protocols import Store

__all__ = ["Store"]
