"""Papers that a channel was shown, and the messages that showed them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from bot.model import OPENER, Channel, Ref, ShownPaper, State
from bot.model.delivery import COMPACT
from bot.store.sql.connection import Part, reads
from bot.store.sql.rows import id_list
from bot.store.sql.transaction import Transaction

_OF_PICK = "d.channel = p.channel AND d.kind = p.kind AND d.key = p.key"
_LAST = f"""
SELECT p.paper_id, posts.day, posts.under_ref,
    (SELECT ref FROM deliveries AS d WHERE {_OF_PICK} AND d.paper_id = p.paper_id AND d.state = '{State.POSTED.value}'
        ORDER BY slot LIMIT 1),
    (SELECT ref FROM deliveries AS d WHERE {_OF_PICK} AND d.state = '{State.POSTED.value}' AND slot IN (?2, ?3)
        ORDER BY slot DESC LIMIT 1)
FROM json_each(?4) AS wanted JOIN picks AS p ON p.paper_id = wanted.value AND p.channel = ?1 AND p.shown = 1
JOIN posts ON posts.channel = p.channel AND posts.kind = p.kind AND posts.key = p.key
ORDER BY posts.day
"""
"""Paper, day, the message that all of its post are replies to, the paper's own message, the post's first message."""


class Shown(Part):
    """Papers that a channel was shown, by digests and other posts alike."""

    @reads
    def ids(self, db: Transaction, channel: Channel) -> list[str]:
        """Ids of all papers that a channel was shown, the latest last."""
        rows = db.execute(
            "SELECT paper_id FROM picks JOIN posts USING (channel, kind, key) WHERE channel = ? AND shown = 1"
            " GROUP BY paper_id ORDER BY max(day)",
            (channel,),
        )
        return [paper_id for (paper_id,) in rows]

    @reads
    def last(self, db: Transaction, channel: Channel, ids: Collection[str]) -> dict[str, ShownPaper]:
        """Latest messages that showed a channel these papers; a paper that it was not shown is left out."""
        rows = db.execute(_LAST, (channel, OPENER, COMPACT, id_list(ids)))
        return {
            paper_id: ShownPaper(date.fromisoformat(day), _ref(own or first), _ref(under or first or own))
            for paper_id, day, under, own, first in rows
        }


def _ref(text: str | None) -> Ref | None:
    return None if text is None else Ref(text)
