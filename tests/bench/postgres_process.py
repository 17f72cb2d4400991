"""One of several processes that deliver the digests of a PostgreSQL database, to a platform that answers at once."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date, datetime, timedelta

from bot.model import Channel, Ref, State, digest_key
from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from tests.bench.side_process import on_start

AT_ONCE = 16


async def deliver(store: PostgresStore, channels: list[Channel], now: datetime, messages: int) -> None:
    """Claim and settle every message, as the deliverer does; now and then people react, and forms are used once."""
    day: date = now.date()
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(channel: Channel) -> None:
        async with turns:
            oldest = await store.ledger.oldest_open(channel, now)
            assert oldest is not None
            for slot in range(messages):
                assert await store.ledger.claim(digest_key(channel, day), slot, None, now)
                ref, closes = Ref(f"{channel} {slot}"), slot == messages - 1
                await store.ledger.settle(digest_key(channel, day), slot, State.POSTED, now, ref=ref, closes=closes)
            user = Channel(f"{channel}/U1")
            await store.people.react(channel, user, oldest.content.picks[0].paper.id, 1, now)
            await store.people.queue_notice(user, channel, "late", day, "A notice.", now)
            await store.secrets.use_once(f"form {channel}", now + timedelta(hours=1))

    await asyncio.gather(*map(one, channels))


async def main() -> None:
    """Read the job, deliver on a signal, and say how many attempts were undone."""
    job = json.loads(sys.argv[1])
    with PostgresStore(DatabaseUrl(job["place"]), write=True) as store:
        await store.leases.take(f"process {store.process}", 3600)
        work = deliver(store, job["channels"], datetime.fromisoformat(job["now"]), job["messages"])
        await on_start(work)
        await store.secrets.put_note(f"undone {store.process}", str(store.connection.undone))


if __name__ == "__main__":
    asyncio.run(main())
