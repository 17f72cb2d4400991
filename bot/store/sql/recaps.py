"""Papers and counts for weekly recaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from bot.model import MAIN, Channel
from bot.model.recap import RecapPlace, WeekOfChannel
from bot.store.sql.channel_settings import to_settings
from bot.store.sql.connection import Part, reads
from bot.store.sql.rows import id_list, moment, stamp
from bot.store.sql.transaction import Transaction

_PLACES = """
SELECT s.channel, c.settings, s.timezone, s.paused_at IS NULL, s.next_due FROM subscriptions AS s
LEFT JOIN channel_settings AS c ON c.channel = s.channel WHERE {condition} ORDER BY s.channel, s.name <> ?1, s.name
"""
_WITHIN = "channel IN (SELECT value FROM json_each(?1)) AND {at} >= ?2 AND {at} < ?3"
_MOST = "GROUP BY channel, paper_id ORDER BY channel, count(*) DESC, max({at}) DESC, paper_id"
_LIKES = f"""
SELECT channel, paper_id, count(*) FROM reactions WHERE value = 1 AND {_WITHIN.format(at="reacted_at")}
{_MOST.format(at="reacted_at")}
"""
_WISHES = f"""
SELECT channel, paper_id, count(*) FROM gestures WHERE gesture = 'discuss' AND {_WITHIN.format(at="at")}
{_MOST.format(at="at")}
"""
_CODE = """
SELECT channel, p.paper_id, max(changed_at) FROM revisions AS r JOIN picks AS p ON p.paper_id = r.paper_id
JOIN posts USING (channel, kind, key)
WHERE r.field = 'code_url' AND r.before = '' AND changed_at >= ?2 AND changed_at < ?3 AND p.shown = 1
    AND chosen_at < changed_at AND channel IN (SELECT value FROM json_each(?1))
GROUP BY channel, p.paper_id ORDER BY channel, max(changed_at) DESC, p.paper_id
"""


class Recaps(Part):
    """Which channels have a recap, and what happened in them."""

    @reads
    def places(self, db: Transaction) -> list[RecapPlace]:
        """Channels with a recap and a digest."""
        condition = "instr(c.settings, '\"recap_day\"') > 0"
        return list(_places(db.execute(_PLACES.format(condition=condition), (MAIN,))))

    @reads
    def place(self, db: Transaction, channel: Channel) -> RecapPlace | None:
        """A channel, whether or not it has a recap; None if it has no digest."""
        return next(_places(db.execute(_PLACES.format(condition="s.channel = ?2"), (MAIN, channel))), None)

    @reads
    def weeks(
        self, db: Transaction, channels: Collection[Channel], since: datetime, until: datetime
    ) -> dict[Channel, WeekOfChannel]:
        """Papers that were liked, are to be discussed or got code, by channel, from a time up to another.

        Channels where nothing was are left out.
        """
        span = (id_list(channels), stamp(since), stamp(until))
        likes, wishes, code = (_by_channel(db.execute(sql, span)) for sql in (_LIKES, _WISHES, _CODE))
        return {
            channel: WeekOfChannel(
                tuple(likes[channel]), tuple(wishes[channel]), tuple(paper_id for paper_id, _ in code[channel])
            )
            for channel in channels
            if channel in likes or channel in wishes or channel in code
        }


def _places(rows: Iterable[Sequence[Any]]) -> Iterator[RecapPlace]:
    for channel, group in groupby(rows, key=itemgetter(0)):
        own = list(group)
        _, settings, timezone, *_ = own[0]
        dues = [next_due for *_, is_running, next_due in own if is_running and next_due is not None]
        paused = not any(is_running for *_, is_running, _ in own)
        yield RecapPlace(channel, to_settings(settings), timezone, moment(min(dues, default=None)), paused)


def _by_channel(rows: Iterable[tuple[Channel, str, Any]]) -> defaultdict[Channel, list[tuple[str, Any]]]:
    by_channel: defaultdict[Channel, list[tuple[str, Any]]] = defaultdict(list)
    for channel, paper_id, number in rows:
        by_channel[channel].append((paper_id, number))
    return by_channel
