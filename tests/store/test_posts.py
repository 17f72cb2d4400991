"""Posts of other kinds than digests, which later versions make: the tables and the ledger take them in."""

from __future__ import annotations

from pathlib import Path

from bot.model import Findings, PostKey, Ref, State, digest_key
from bot.store.sql.transaction import Transaction
from tests.contracts.store import MakeStore
from tests.contracts.store.ledger import HERE, IDS, PAPERS, THERE, TODAY, keep, shown
from tests.fakes import MONDAY, digest


async def test_whatever_is_posted_is_claimed_and_settled_as_a_digests_messages_are(
    make_store: MakeStore, tmp_path: Path
) -> None:
    """A post of a kind that this version does not make: the tables take it in, and nobody words it as a digest."""
    watch = PostKey(HERE, "watch", "video 2511.00001")
    columns = "channel, kind, key, name, day, due_at, chosen_at, state, not_before"
    moments = (MONDAY.timestamp(), MONDAY.timestamp(), "open", MONDAY.timestamp())

    def insert(db: Transaction) -> None:
        row = (*watch, "main", TODAY.isoformat(), *moments)
        db.execute(f"INSERT INTO posts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        db.execute(
            "INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend)"
            " VALUES (?, ?, ?, 1, ?, 'topic', '[]', '')",
            (*watch, IDS[0]),
        )

    with make_store(tmp_path / "p.db") as store:
        await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
        await store.connection.write(insert)  # type: ignore[attr-defined]  # both have one
        await keep(store, digest(HERE, PAPERS[1:]))
        assert await store.ledger.claim(watch, 0, IDS[0], MONDAY)
        await store.ledger.release(watch, 0)
        assert await store.ledger.claim(watch, 0, IDS[0], MONDAY)
        assert await store.ledger.take_over(watch, 0)
        await store.ledger.settle(watch, 0, State.POSTED, MONDAY, ref=Ref("w"), closes=True)
        assert not await store.ledger.claim(watch, 1, None, MONDAY)
        assert await store.ledger.paper_of(HERE, Ref("w")) == IDS[0]
        assert await store.ledger.papers_under(HERE, Ref("w")) == (IDS[0],)
        assert await shown(store) == {HERE: set(IDS)}
        assert [each.post for each in await store.ledger.open_posts(MONDAY)] == [digest_key(HERE, TODAY)]
        assert await store.ledger.recorded(TODAY) == {digest_key(HERE, TODAY)}
        assert len(await store.ledger.last_days(HERE)) == 1
        assert await store.subscriptions.move(HERE, THERE)
        assert list(await store.ledger.deliveries(watch._replace(channel=THERE))) == [0]
