"""Queries and changes of the store, in the SQL that SQLite and PostgreSQL share.

transaction.py    SQL in, rows out                       connection.py    what a part needs of a database
rows.py           rows as domain values                  merging.py       one row per work, whatever the source
signals.py        time series of signals                 digests.py       digests and their picks
shown_once.py     no paper twice in a channel, and the digests that did not arrive
move_and_erase.py everything about an address, moved or erased
renaming.py       a name in a key changed                copying.py       what copying a whole store needs of both

One file for each part: papers (and summaries), subscriptions, ledger, people, feedback, subscribers, secrets, segments,
leases, changes, figures …; index_view.py has what a search reads, and store.py makes a store of the parts.
"""
