"""Zotero, both ways: saved papers go into a person's library, and the library orders what is shown to that person.

http.py      requests to its Web API, with its limits and back-off
client.py    what we ask of a library
parse.py     its answers -> values; pure
items.py     a paper -> an item of a library, and whether an item is that paper; pure
profile.py   a library's items -> one vector, and how close papers are to it; pure
sync.py      connections, papers on their way, and the daily reading of each library
"""

from bot.zotero.sync import ZoteroSync

__all__ = ["ZoteroSync"]
