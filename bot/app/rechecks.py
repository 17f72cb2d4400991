"""Papers that were shown and that arXiv is asked about again, a few batches a day for all channels together.

A new version in a category that is followed comes with arXiv's feed, which has no comments; where a paper was accepted,
and withdrawals in other categories, come with these look-ups alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from bot.digest.second_look import WATCHED_FOR, WITHDRAWN_FOR
from bot.digest.selection import LONGEST_WINDOW
from bot.store import Store

NOTE = "second look at arxiv"
"""Note with the moment of the last batch and the last paper of each round."""
BATCH = 100
"""Papers of one batch, as many as arXiv is asked about in one request."""
ROUND = timedelta(days=1)
"""How often each paper of the last 30 days is asked about."""
SHORTEST_PAUSE = timedelta(hours=3)
"""Time between two batches at least, however many papers there are."""
OLD_ROUND = timedelta(days=7)
"""How often the papers of the year before are, which may have been withdrawn."""
REPLACED_AT_ONCE = 200
"""Papers with a new version that each collection looks up."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """The last batch of a round: its time and its last paper."""

    at: datetime
    last: str = ""

    def batch(self, ids: list[str], now: datetime, every: timedelta) -> list[str]:
        """The papers whose turn it is; none before the next batch is due."""
        pause = max(every / ceil(len(ids) / BATCH), SHORTEST_PAUSE) if ids else every
        if abs(now - self.at) < pause:  # of a clock that was set back, too
            return []
        return [each for each in ids if each > self.last][:BATCH] or ids[:BATCH]


async def due(store: Store, now: datetime) -> list[str]:
    """Ids of papers to look up with this collection; recorded as looked up."""
    turns = _read(await store.secrets.get_note(NOTE))
    looks, recent = store.second_looks, now - WATCHED_FOR - LONGEST_WINDOW
    spans = {"recent": (recent, now, ROUND), "old": (now - WITHDRAWN_FOR - LONGEST_WINDOW, recent, OLD_ROUND)}
    batches: dict[str, list[str]] = {}
    for name, (since, until, every) in spans.items():
        batches[name] = turns[name].batch(await looks.shown_between(since, until), now, every)
    replaced = await looks.revised(turns["replaced"].at, "version")
    turns |= {name: _Turn(now, batch[-1]) for name, batch in batches.items() if batch}
    turns["replaced"] = _Turn(now)
    stored = {name: (turn.at.timestamp(), turn.last) for name, turn in turns.items()}
    await store.secrets.put_note(NOTE, json.dumps(stored))
    return list(dict.fromkeys([*replaced[:REPLACED_AT_ONCE], *batches["recent"], *batches["old"]]))


def _read(note: str | None) -> dict[str, _Turn]:
    stored = json.loads(note) if note else {}
    begin = _Turn(datetime.fromtimestamp(0, UTC))
    turns = {name: _Turn(datetime.fromtimestamp(at, UTC), last) for name, (at, last) in stored.items()}
    return {name: turns.get(name, begin) for name in ("recent", "old", "replaced")}
