"""Everything Paperboy remembers.

sql/            `Store` and its parts: queries and changes, in the SQL that both databases share
sqlite/         one SQLite file
postgres/       one PostgreSQL database, with the extra `[postgres]`
copying.py      a whole store copied from one database to another
encryption.py   the keys that secrets are encrypted with
"""

from bot.store.sql.changes import StoreRevision
from bot.store.sql.index_view import IndexView
from bot.store.sql.secrets import Secrets
from bot.store.sql.store import Store

__all__ = ["IndexView", "Secrets", "Store", "StoreRevision"]
