"""A process posts while the store knows that it lives, and stops before others take over what it has in hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.delivery import deliver
from bot.delivery.deliver import Deliverer
from bot.delivery.in_flight import InFlight
from bot.delivery.notices import Notices
from bot.delivery.process_lease import LEASE_SECONDS, MARGIN_SECONDS, ProcessLease
from bot.errors import StoreError
from bot.model import Channel, Findings, Message, Nudge, Subscription, delivery_key, digest_key
from bot.queue.in_process import InProcessQueue
from bot.store.postgres import PostgresStore
from tests.fakes import MONDAY, FakeClock, FakeOutlet, digest, paper
from tests.harness.postgres import clear_databases, database

HERE, TODAY = Channel("fake:T1/C1"), MONDAY.date()


class Process:
    """A deliverer with a store of its own, as in a process of its own, and a clock that a test moves."""

    def __init__(self, store: PostgresStore, outlet: FakeOutlet) -> None:
        self.store, self.seconds = store, 1_000.0
        self.lease = ProcessLease(store, lambda: self.seconds)
        outlets, clock = {outlet.name: outlet}, FakeClock()
        notices = Notices(store, outlets, clock, None, InFlight(lease=self.lease))
        self.deliverer = Deliverer(store, outlets, clock, notices)
        self.queue = InProcessQueue(self.deliverer)


@pytest.fixture
def processes(tmp_path: Path, outlet: FakeOutlet) -> Iterator[tuple[Process, Process]]:
    url = database(tmp_path)
    with PostgresStore(url, write=True) as first, PostgresStore(url, write=True) as second:
        yield Process(first, outlet), Process(second, outlet)
    clear_databases()


async def keep_digest(process: Process) -> None:
    papers = [paper(number) for number in range(1, 4)]
    await process.store.papers.add(Findings(tuple(papers)), "huggingface", MONDAY)
    await process.store.subscriptions.put(Subscription(HERE))
    await process.store.ledger.keep([digest(HERE, papers)], {})


async def test_nothing_is_posted_without_the_lease_and_all_of_it_with_it(
    processes: tuple[Process, Process], outlet: FakeOutlet
) -> None:
    process, _ = processes
    await keep_digest(process)
    await process.queue.start_tasks()
    await process.queue.pause()
    assert outlet.in_channel(HERE) == []
    assert await process.store.ledger.deliveries(digest_key(HERE, TODAY)) == {}
    await process.lease.renew()
    process.seconds += LEASE_SECONDS - MARGIN_SECONDS - 0.01
    await process.queue.drain()
    assert len(outlet.in_channel(HERE)) == 4


@pytest.mark.parametrize("renews", [False, True], ids=["without its lease", "with its lease renewed first"])
async def test_a_process_that_wakes_up_after_its_lease_posts_nothing(
    processes: tuple[Process, Process], outlet: FakeOutlet, *, renews: bool
) -> None:
    """Frozen after its claim: another one has searched, posted and gone on meanwhile."""
    frozen, other = processes
    await keep_digest(frozen)
    await frozen.lease.renew()
    await other.lease.renew()
    claim = frozen.store.ledger.claim

    async def claim_and_freeze(*args: object) -> bool:
        claimed = await claim(*args)  # type: ignore[arg-type]
        frozen.seconds += LEASE_SECONDS - MARGIN_SECONDS
        await frozen.store.leases.take(f"process {frozen.store.process}", 0)
        await other.queue.drain()
        if renews:
            await frozen.lease.renew()
        return claimed

    frozen.store.ledger.claim = claim_and_freeze  # type: ignore[method-assign,assignment]
    await frozen.queue.start_tasks()
    await frozen.queue.pause()
    assert len(outlet.in_channel(HERE)) == 4
    assert len(outlet.openers(HERE)) == 1
    rows = await other.store.ledger.deliveries(digest_key(HERE, TODAY))
    assert [rows[slot].attempts for slot in sorted(rows)] == [2, 1, 1, 1]


async def test_a_post_that_its_client_holds_back_is_cut_off_when_the_lease_runs_out(
    processes: tuple[Process, Process], outlet: FakeOutlet
) -> None:
    """It waits for a connection or a rate limit: another process posts meanwhile, so it must not be sent later."""
    slow, other = processes
    released = asyncio.Event()
    await keep_digest(slow)
    await slow.lease.renew()
    await other.lease.renew()
    outlet.is_slow(released)
    await slow.queue.start_tasks()
    await outlet.until(lambda: outlet.attempts(HERE) == 1)
    take = slow.store.leases.take

    async def take_slowly(name: str, seconds: float) -> bool:
        slow.seconds += LEASE_SECONDS - MARGIN_SECONDS - 0.05
        return await take(name, seconds)

    slow.store.leases.take = take_slowly  # type: ignore[method-assign]
    await slow.lease.renew()
    async with asyncio.timeout(60):
        await slow.queue.pause()
    released.set()
    await take(f"process {slow.store.process}", 0)
    await other.queue.drain()
    assert len(outlet.in_channel(HERE)) == 4


@pytest.mark.parametrize("is_away", [False, True], ids=["with the store", "while the store is away"])
async def test_a_claim_that_a_stop_cuts_off_is_taken_back_or_left_soon(
    processes: tuple[Process, Process], outlet: FakeOutlet, monkeypatch: pytest.MonkeyPatch, *, is_away: bool
) -> None:
    process, _ = processes
    await keep_digest(process)
    await process.lease.renew()
    ledger, claimed = process.store.ledger, asyncio.Event()
    claim = ledger.claim

    async def claim_and_wait(*args: object) -> bool:
        await claim(*args)  # type: ignore[arg-type]
        claimed.set()
        await asyncio.Event().wait()
        return True

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ledger, "claim", claim_and_wait)
    if is_away:
        monkeypatch.setattr(deliver, "RELEASE_SECONDS", 0.05)
        monkeypatch.setattr(ledger, "release", never)
    delivering = asyncio.create_task(process.deliverer.deliver(Nudge(HERE)))
    await asyncio.wait_for(claimed.wait(), 30)
    delivering.cancel()
    async with asyncio.timeout(60):
        await asyncio.gather(delivering, return_exceptions=True)
    assert delivering.cancelled()
    assert len(await ledger.deliveries(digest_key(HERE, TODAY))) == is_away
    assert outlet.in_channel(HERE) == []


async def test_a_message_in_the_hand_of_a_process_that_lives_is_left_to_it(
    processes: tuple[Process, Process], outlet: FakeOutlet
) -> None:
    busy, other = processes
    await keep_digest(busy)
    await busy.lease.renew()
    await other.lease.renew()
    assert await busy.store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    await other.queue.start_tasks()
    await other.queue.pause()
    assert outlet.in_channel(HERE) == []
    await outlet.post(HERE, Message(()), under=None, key=delivery_key(HERE, TODAY, 0))
    await busy.store.leases.release()
    await other.queue.drain()
    assert len(outlet.in_channel(HERE)) == 4, "the opener was found, not repeated"


async def test_a_lease_that_cannot_be_renewed_runs_out(processes: tuple[Process, Process]) -> None:
    process, _ = processes
    await process.lease.renew()

    async def fails(*_: object) -> bool:
        raise StoreError("the server is gone")

    process.store.leases.take = fails  # type: ignore[method-assign]
    await process.lease.renew()
    assert process.lease.is_held
    process.seconds += LEASE_SECONDS - MARGIN_SECONDS
    await process.lease.renew()
    assert not process.lease.is_held


async def test_a_named_lease_has_one_holder_and_its_loss_is_counted_once(
    processes: tuple[Process, Process],
) -> None:
    seconds, losses = [0.0], list[str]()
    first, second = (
        ProcessLease(each.store, lambda: seconds[0], name="schedule", lost=lambda: losses.append(""))
        for each in processes
    )
    await first.renew()
    await second.renew()
    assert (first.is_held, second.is_held) == (True, False)
    seconds[0] += LEASE_SECONDS
    await processes[0].store.leases.take("schedule", 0)
    await second.renew()
    for _ in range(2):
        await first.renew()
        assert (first.is_held, second.is_held) == (False, True)
    assert len(losses) == 1
    await second.release()
    await first.renew()
    assert first.is_held
    assert (await processes[0].store.leases.holders("")).keys() == {"schedule"}


async def test_at_its_end_others_take_over_at_once(processes: tuple[Process, Process]) -> None:
    process, other = processes
    running = asyncio.create_task(process.lease.run())
    while not process.lease.is_held:
        await asyncio.sleep(0)
    assert await other.store.leases.holders("process") == {f"process {process.store.process}": process.store.process}
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert not process.lease.is_held
    assert await other.store.leases.holders("process") == {}
