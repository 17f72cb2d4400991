"""Papers that a channel has been shown: each once over all of its digests and posts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from bot.model import Channel, Digest, MissedDigest, Outcome, PostKey, State, SubscriptionKey, digest_key
from bot.store.sql.digests import OF_POST
from bot.store.sql.rows import id_list, stamp, to_paper
from bot.store.sql.transaction import Transaction, query

_SHOWN_BEFORE = """
EXISTS (SELECT 1 FROM picks AS other WHERE other.paper_id = picks.paper_id AND other.channel = picks.channel
    AND other.shown = 1 AND (other.kind != picks.kind OR other.key != picks.key))
"""
"""Condition on `picks`: another post has shown the paper in the channel, or is about to."""
LISTED_AT_ONCE = 20
"""Papers of missed digests that one digest lists; more wait for the next one."""


def shown_in(db: Transaction, channel: Channel, ids: Collection[str]) -> list[str]:
    """Ids among these of papers that a channel has been shown, or is about to be."""
    rows = db.execute(
        "SELECT DISTINCT p.paper_id FROM json_each(?) AS wanted"
        " JOIN picks AS p ON p.paper_id = wanted.value AND p.channel = ? AND p.shown = 1",
        (id_list(ids), channel),
    )
    return [row[0] for row in rows]


def channels_shown(db: Transaction, ids: Collection[str]) -> dict[str, list[Channel]]:
    """Channels that have been shown each of these papers, or are about to be, by paper id."""
    # One row per paper, because a million rows took a second.
    rows = db.execute(
        "SELECT wanted.value, (SELECT json_group_array(channel) FROM picks WHERE paper_id = wanted.value AND shown = 1)"
        " FROM json_each(?) AS wanted",
        (id_list(ids),),
    )
    return {paper_id: json.loads(channels) for paper_id, channels in rows}


def distinct(fresh: Iterable[Digest]) -> list[Digest]:
    """The digests without papers that another of the same channel has before them."""
    chosen: dict[Channel, set[str]] = {}
    kept = []
    for digest in fresh:
        ids = chosen.setdefault(digest.channel, set())
        picks = tuple(pick for pick in digest.picks if pick.paper.id not in ids)
        ids.update(pick.paper.id for pick in picks)
        outcome = digest.outcome if picks or not digest.picks else Outcome.NOTHING_NEW
        kept.append(digest if len(picks) == len(digest.picks) else replace(digest, picks=picks, outcome=outcome))
    return kept


def drop_shown(db: Transaction, fresh: Sequence[Digest]) -> None:
    """Delete picks of new digests that the channel has been shown since they were chosen, by another process."""
    by_key: dict[str, list[Channel]] = {}
    for digest in fresh:
        by_key.setdefault(digest.post.key, []).append(digest.channel)
    for key, channels in by_key.items():
        dropped = db.execute(
            "DELETE FROM picks WHERE kind = 'digest' AND key = ? AND channel IN (SELECT value FROM json_each(?))"
            f" AND {_SHOWN_BEFORE} RETURNING channel",
            (key, id_list(channels)),
        ).fetchall()
        if dropped:
            _mark_emptied(db, key, {channel for (channel,) in dropped})


def _mark_emptied(db: Transaction, key: str, channels: Collection[Channel]) -> None:
    """Record that digests have nothing new, where no pick of theirs is left; where such days are quiet, none is due."""
    lists = (
        "EXISTS (SELECT 1 FROM posts AS earlier WHERE earlier.channel = posts.channel AND earlier.name = posts.name"
        " AND earlier.listed_on = posts.day)"
    )
    db.execute(
        f"UPDATE posts SET outcome = ?, state = CASE WHEN quiet = 'skip' AND NOT {lists} THEN 'done' ELSE state END"
        " WHERE kind = 'digest' AND key = ? AND channel IN (SELECT value FROM json_each(?)) AND NOT EXISTS"
        " (SELECT 1 FROM picks WHERE channel = posts.channel AND kind = posts.kind AND key = posts.key)",
        (Outcome.NOTHING_NEW.value, key, id_list(channels)),
    )


def mark_listed(db: Transaction, kept: Sequence[Digest]) -> None:
    """Note which digests list the papers of earlier ones; those papers count as shown."""
    rows = [(d.day.isoformat(), *digest_key(d.channel, missed.day, d.name)) for d in kept for missed in d.missed]
    db.executemany(f"UPDATE posts SET listed_on = ? WHERE {OF_POST}", rows)
    update = f"UPDATE picks SET shown = 1 WHERE {OF_POST} AND NOT {_SHOWN_BEFORE}"
    db.executemany(update, [row[1:] for row in rows])


def unmark_listed(db: Transaction, post: PostKey) -> None:
    """Let the papers that an abandoned digest listed be listed by the next one."""
    listed_by_it = db.execute(
        "SELECT earlier.channel, earlier.kind, earlier.key FROM posts AS earlier JOIN posts AS later"
        " ON earlier.channel = later.channel AND earlier.name = later.name AND earlier.listed_on = later.day"
        " WHERE later.channel = ? AND later.kind = ? AND later.key = ?",
        post,
    ).fetchall()
    db.executemany(f"UPDATE picks SET shown = 0 WHERE {OF_POST}", listed_by_it)
    db.executemany(f"UPDATE posts SET listed_on = NULL WHERE {OF_POST}", listed_by_it)


def missed(
    db: Transaction, channels: Collection[Channel], since: datetime
) -> dict[SubscriptionKey, tuple[MissedDigest, ...]]:
    """Abandoned digests chosen since a time whose papers no later one lists, oldest first, by subscription.

    Without papers that another post has shown in the channel since. At most about LISTED_AT_ONCE papers a subscription;
    the rest follows once those are listed.
    """
    condition = "state = 'abandoned' AND listed_on IS NULL AND chosen_at >= ?"
    rows = db.execute(f"SELECT channel, name FROM posts WHERE {condition} AND kind = 'digest'", (stamp(since),))
    affected, of = {SubscriptionKey(channel, name) for channel, name in rows}, set(channels)
    by_key: dict[SubscriptionKey, tuple[MissedDigest, ...]] = {}
    for key in sorted(each for each in affected if each.channel in of):
        waiting = _missed(db, f"{condition} AND NOT {_SHOWN_BEFORE}", key, stamp(since))
        while len(waiting) > 1 and sum(len(each.papers) for each in waiting) > LISTED_AT_ONCE:
            waiting = waiting[:-1]
        if waiting:
            by_key[key] = waiting
    return by_key


def listed(db: Transaction, key: SubscriptionKey, day: str) -> tuple[MissedDigest, ...]:
    """Earlier digests whose papers the digest of a day lists."""
    return _missed(db, "listed_on = ? AND shown = 1", key, day)


def _missed(db: Transaction, condition: str, key: SubscriptionKey, parameter: object) -> tuple[MissedDigest, ...]:
    opener = "SELECT state FROM deliveries WHERE channel = d.channel AND kind = d.kind AND key = d.key AND slot = 0"
    rows = query(
        db,
        f"SELECT papers.*, d.day AS missed_day, coalesce(({opener}), '') AS opener FROM posts AS d"
        " JOIN picks USING (channel, kind, key) JOIN papers ON papers.id = paper_id"
        f" WHERE d.channel = ? AND kind = 'digest' AND name = ? AND {condition} AND NOT EXISTS ({opener}"
        " AND state = 'posted') ORDER BY d.day || '', position",
        (*key, parameter),
    )
    return tuple(
        MissedDigest(date.fromisoformat(day), tuple(paper for paper, _ in papers), certain=opener != State.LOST)
        for (day, opener), papers in groupby(
            ((to_paper(row), (row["missed_day"], row["opener"])) for row in rows), key=itemgetter(1)
        )
    )
