"""Two processes on one PostgreSQL database: what one has in hand, the other leaves alone until its lease is out."""

from __future__ import annotations

import asyncio
import threading

from bot.model import Channel, Findings, Ref, State, digest_key
from bot.store import Store
from bot.store.postgres import PostgresStore
from bot.store.sql.transaction import Transaction
from tests.contracts.store.ledger import HERE, PAPERS, TODAY
from tests.fakes import MONDAY, digest

SETTER = Channel("fake:T1/U1")


async def alive(store: Store, seconds: float = 60) -> None:
    assert await store.leases.take(f"process {store.process}", seconds)


async def test_a_name_is_held_by_one_process_until_its_lease_is_out(stores: tuple[Store, Store]) -> None:
    first, second = stores
    assert await first.leases.take("shard 1", 60)
    assert not await second.leases.take("shard 1", 60)
    await second.leases.release("shard 1")
    assert await second.leases.holders("shard") == {"shard 1": first.process}
    assert await first.leases.take("shard 1", 0)
    assert await second.leases.take("shard 1", 60)
    assert not await first.leases.take("shard 1", 60)


async def test_a_claimed_message_is_left_to_its_process_while_that_lives(stores: tuple[Store, Store]) -> None:
    first, second = stores
    await first.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
    await first.ledger.keep([digest(HERE, PAPERS)], {})
    await alive(first)
    assert await first.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    assert not await second.ledger.take_over(digest_key(HERE, TODAY), 0)
    assert not await second.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    await second.ledger.release(digest_key(HERE, TODAY), 0)
    await second.ledger.settle(digest_key(HERE, TODAY), 0, State.LOST, MONDAY)
    assert (await first.ledger.deliveries(digest_key(HERE, TODAY)))[0].state is State.CLAIMED


async def test_what_a_dead_process_had_in_hand_is_taken_over_and_no_longer_its_own(stores: tuple[Store, Store]) -> None:
    first, second = stores
    await first.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
    await first.ledger.keep([digest(HERE, PAPERS)], {})
    await alive(first, 0)
    await alive(second)
    assert await first.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    assert await second.ledger.take_over(digest_key(HERE, TODAY), 0)
    assert await second.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    await alive(first)  # it was frozen, and wakes up
    await first.ledger.release(digest_key(HERE, TODAY), 0)
    await first.ledger.settle(digest_key(HERE, TODAY), 0, State.POSTED, MONDAY, ref=Ref("of the first"))
    assert not await first.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    await second.ledger.settle(digest_key(HERE, TODAY), 0, State.POSTED, MONDAY, ref=Ref("of the second"))
    assert (await first.ledger.deliveries(digest_key(HERE, TODAY)))[0].ref == "of the second"


async def test_a_notice_is_claimed_by_one_process(stores: tuple[Store, Store]) -> None:
    first, second = stores
    await first.people.queue_notice(SETTER, HERE, "paused", TODAY, "Paused.", MONDAY)
    (notice,) = await first.people.due_notices(MONDAY)
    await alive(first)
    assert await first.people.claim_notice(notice.id, MONDAY)
    assert not await second.people.claim_notice(notice.id, MONDAY)
    await first.leases.release()
    assert await second.people.claim_notice(notice.id, MONDAY)
    await second.people.settle_notice(notice.id, "told")
    assert not await first.people.claim_notice(notice.id, MONDAY)


async def test_a_process_that_is_frozen_in_a_change_holds_up_others_for_seconds_only(
    stores: tuple[Store, Store],
) -> None:
    first, second = stores
    begun, thaw = threading.Event(), threading.Event()

    def change(db: Transaction) -> None:
        db.execute(
            "INSERT INTO notes (name, text) VALUES ('a', 'frozen') ON CONFLICT (name) DO UPDATE SET text = 'late'"
        )
        if not begun.is_set():
            begun.set()
            thaw.wait()

    assert isinstance(first, PostgresStore)
    frozen = asyncio.create_task(first.connection.write(change))
    await asyncio.to_thread(begun.wait)
    async with asyncio.timeout(60):
        await second.secrets.put_note("a", "another's")
    thaw.set()
    await frozen
    assert await second.secrets.get_note("a") == "late", "the change was undone, and made again"
