"""Everything Paperboy remembers.

protocols/      the interface: `Store` and its parts
sql/            queries and changes, in the SQL that both databases share
sqlite/         one SQLite file
postgres/       one PostgreSQL database, with the extra `[postgres]`
copying.py      a whole store copied from one database to another
encryption.py   the keys that secrets are encrypted with
"""

from bot.store.protocols import Store

__all__ = ["Store"]
