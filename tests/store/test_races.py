"""Races between two processes on one PostgreSQL database: exactly one wins, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.model import Channel, Findings, Signal, State, digest_key
from bot.model.mailbox import RequestLimit
from bot.model.segment import NewSegment
from bot.store import Store
from bot.store.postgres import PostgresStore, connection
from tests.contracts.store.ledger import HERE, PAPERS, TODAY
from tests.contracts.store.segments import FIRST, SECOND, made
from tests.fakes import MONDAY, digest, paper
from tests.harness.postgres import clear_databases, database

T = TypeVar("T")

TIMES = 40
ADA = Channel("fake:T1/U1")
PLACES = [Channel(f"fake:T1/C{number}") for number in range(TIMES)]


@pytest.fixture
async def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
    """Of two processes that live, and that look before each change whether a newer version has changed the tables."""
    monkeypatch.setattr(connection, "CHECK_SECONDS", -1.0)
    url = database(tmp_path)
    with PostgresStore(url, write=True) as first, PostgresStore(url, write=True) as second:
        for store in (first, second):
            await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
            assert await store.leases.take(f"process {store.process}", 60)
        yield first, second
    clear_databases()


async def at_once(stores: tuple[Store, Store], step: Callable[[Store, int], Awaitable[T]]) -> list[tuple[T, T]]:
    """What both processes get for each number, all of them at the same time."""
    numbers = range(TIMES)
    answers = await asyncio.gather(*(step(store, number) for number in numbers for store in stores))
    return list(zip(answers[::2], answers[1::2], strict=True))


async def test_a_message_is_claimed_by_one(stores: tuple[Store, Store]) -> None:
    await stores[0].ledger.keep([digest(place, PAPERS) for place in PLACES], {})
    claims = await at_once(stores, lambda store, n: store.ledger.claim(digest_key(PLACES[n], TODAY), 0, None, MONDAY))
    assert all(sum(pair) == 1 for pair in claims)
    await at_once(
        stores, lambda store, n: store.ledger.settle(digest_key(PLACES[n], TODAY), 0, State.POSTED, MONDAY, closes=True)
    )
    assert not await stores[0].ledger.open_posts(MONDAY)


async def test_a_digest_that_is_abandoned_while_its_opener_is_posted_counts_as_shown(
    stores: tuple[Store, Store],
) -> None:
    await stores[0].ledger.keep([digest(place, PAPERS) for place in PLACES], {})

    async def post_or_abandon(store: Store, number: int) -> None:
        if store is stores[0]:
            await store.ledger.settle(digest_key(PLACES[number], TODAY), 0, State.POSTED, MONDAY)
        else:
            await store.ledger.abandon(digest_key(PLACES[number], TODAY), "gone")

    await asyncio.gather(*(stores[0].ledger.claim(digest_key(place, TODAY), 0, None, MONDAY) for place in PLACES))
    await at_once(stores, post_or_abandon)
    for place in PLACES:
        assert len(await stores[0].ledger.shown_in(place, [each.id for each in PAPERS])) == len(PAPERS)


async def test_a_message_that_is_claimed_while_its_channel_moves_keeps_no_old_name(
    stores: tuple[Store, Store],
) -> None:
    await stores[0].ledger.keep([digest(place, PAPERS) for place in PLACES], {})
    moved = [Channel(f"{place}-moved") for place in PLACES]

    async def claim_or_move(store: Store, number: int) -> bool:
        if store is stores[0]:
            return await store.ledger.claim(digest_key(PLACES[number], TODAY), 0, None, MONDAY)
        return await store.subscriptions.move(PLACES[number], moved[number])

    for number, (claimed, _) in enumerate(await at_once(stores, claim_or_move)):
        assert not await stores[0].ledger.deliveries(digest_key(PLACES[number], TODAY))
        assert len(await stores[0].ledger.deliveries(digest_key(moved[number], TODAY))) == claimed


async def test_a_digest_is_kept_once_whoever_chose_it(stores: tuple[Store, Store]) -> None:
    chosen = [digest(place, PAPERS) for place in PLACES]
    await at_once(stores, lambda store, n: store.ledger.keep(chosen[n : n + 3], {}))
    assert len(await stores[0].ledger.open_posts(MONDAY)) == TIMES
    assert await stores[1].ledger.shown_in(PLACES[0], [each.id for each in PAPERS])


async def test_two_digests_of_a_channel_that_two_processes_keep_at_once_have_no_paper_in_common(
    stores: tuple[Store, Store],
) -> None:
    """A process that was frozen keeps one of them by a choice that is out of date."""
    names = ("main", "evening")

    async def keep(store: Store, number: int) -> None:
        name = names[stores.index(store)]
        await store.ledger.keep([replace(digest(PLACES[number], PAPERS), name=name)], {})

    await at_once(stores, keep)
    for place in PLACES:
        kept = [await stores[0].ledger.digest(place, TODAY, name) for name in names]
        assert [pick.paper.id for each in kept if each for pick in each.picks] == [each.id for each in PAPERS]


async def test_a_notice_is_queued_once_and_claimed_by_one(stores: tuple[Store, Store]) -> None:
    await at_once(stores, lambda store, n: store.people.queue_notice(ADA, PLACES[n], "late", TODAY, "Late.", MONDAY))
    notices = await stores[0].people.due_notices(MONDAY)
    assert len(notices) == TIMES
    claims = await at_once(stores, lambda store, n: store.people.claim_notice(notices[n].id, MONDAY))
    assert all(sum(pair) == 1 for pair in claims)


async def test_a_name_is_used_once(stores: tuple[Store, Store]) -> None:
    until = MONDAY + timedelta(hours=1)
    uses = await at_once(stores, lambda store, n: store.secrets.use_once(f"form {n}", until))
    assert all(sum(pair) == 1 for pair in uses)


async def test_a_place_is_greeted_once(stores: tuple[Store, Store]) -> None:
    greetings = await at_once(stores, lambda store, n: store.subscriptions.mark_greeted(PLACES[n], MONDAY))
    assert all(sum(pair) == 1 for pair in greetings)


async def test_requests_are_counted_up_to_their_limit(stores: tuple[Store, Store]) -> None:
    limits = [RequestLimit("one address", 10, timedelta(hours=1)), RequestLimit("all", 99, timedelta(hours=1))]
    refusals = await at_once(stores, lambda store, _: store.subscribers.count_request(limits, MONDAY))
    assert sum(pair.count(None) for pair in refusals) == 10
    assert await stores[0].subscribers.requests("one address", MONDAY - timedelta(minutes=1)) == 10


async def test_no_more_letters_wait_than_may(stores: tuple[Store, Store]) -> None:
    async def request(store: Store, number: int) -> bool:
        name = f"{number}@{'ab'[store is stores[0]]}.org"
        return await store.subscribers.request_letter(name, name, {}, MONDAY, turn=1, most_waiting=7)

    requests = await at_once(stores, request)
    assert sum(map(sum, requests)) == 7
    letters = await stores[0].subscribers.waiting_letters()
    assert len(letters) == 7
    claims = await asyncio.gather(
        *(store.subscribers.claim_letter(letter.id) for letter in letters for store in stores)
    )
    assert sum(claims) == 7


async def test_each_feedback_is_undone_once(stores: tuple[Store, Store]) -> None:
    people = [Channel(f"fake:T1/U{number}") for number in range(TIMES)]
    await at_once(stores, lambda store, n: store.people.react(HERE, people[n], PAPERS[0].id, 1, MONDAY))
    undone = await at_once(stores, lambda store, n: store.feedback.undo_latest(HERE))
    users = [feedback.user for pair in undone for feedback in pair if feedback is not None]
    assert sorted(users) == sorted(people)
    assert not await stores[0].feedback.lessons([HERE])


async def test_nothing_that_is_excluded_at_the_same_time_is_lost(stores: tuple[Store, Store]) -> None:
    await stores[0].people.react(HERE, ADA, PAPERS[0].id, 1, MONDAY)

    async def exclude(store: Store, number: int) -> None:
        await store.feedback.exclude(HERE, [f"{'ab'[store is stores[0]]}{number}"], [], MONDAY)

    await at_once(stores, exclude)
    assert len((await stores[0].feedback.lessons([HERE]))[HERE].words) == 2 * TIMES


async def test_two_sources_of_one_work_are_one_paper_with_the_signals_of_both(stores: tuple[Store, Store]) -> None:
    async def add(store: Store, number: int) -> None:
        doi = f"10.1/{number}"
        listed = replace(paper(100 + number), doi=doi)
        if store is stores[1]:
            listed = replace(listed, id=doi, doi=None)
        votes = Signal(listed.id, "one" if store is stores[0] else "two", "upvotes", 5, MONDAY)
        await store.papers.add(Findings((listed,), (votes,)), "huggingface", MONDAY)

    await at_once(stores, add)
    ids = [paper(100 + number).id for number in range(TIMES)]
    assert (await stores[0].papers.count())[0] == len(PAPERS) + TIMES
    signals = await stores[0].papers.signals(ids, MONDAY - timedelta(days=1))
    assert {each: {signal.source for signal in signals[each]} for each in ids} == {each: {"one", "two"} for each in ids}


async def test_the_same_findings_are_stored_once(stores: tuple[Store, Store]) -> None:
    def findings(number: int) -> Findings:
        batch = [paper(200 + (number + k) % TIMES) for k in range(5)]
        return Findings(tuple(batch), tuple(Signal(each.id, "hn", "points", 7, MONDAY) for each in batch))

    await at_once(stores, lambda store, n: store.papers.add(findings(n), "huggingface", MONDAY))
    assert await stores[0].papers.count() == (len(PAPERS) + TIMES, TIMES)


async def test_one_of_two_merges_of_a_revision_is_stored(stores: tuple[Store, Store]) -> None:
    assert await stores[0].segments.replace(NewSegment("words", "", 3, FIRST))
    (first,) = await stores[0].segments.read(lambda view: view.segments("words"))
    merge = NewSegment("words", "", 3, SECOND, (first.id,))
    merges = await at_once(stores, lambda store, _: store.segments.replace(merge))
    assert sum(map(sum, merges)) == 1
    assert len(await stores[0].segments.read(lambda view: view.segments("words"))) == 1
    left = await stores[0].connection.read(lambda db: db.execute("SELECT count(*) FROM index_parts").fetchone()[0])
    assert left == 1, "of those that lost nothing is left"


async def test_entries_and_segments_of_two_processes_are_all_stored(stores: tuple[Store, Store]) -> None:
    await stores[0].papers.add(Findings(tuple(paper(500 + n) for n in range(TIMES))), "huggingface", MONDAY)
    waiting = await stores[0].segments.unindexed(2 * TIMES)
    assert len(waiting) == TIMES + len(PAPERS)

    async def step(store: Store, n: int) -> None:
        await store.segments.index([made(*waiting[n])], NewSegment("words", "", 1, b"%d" % n) if n % 2 else None)

    await at_once(stores, step)
    assert len(await stores[0].segments.unindexed(2 * TIMES)) == len(waiting) - TIMES
    positions = await stores[0].connection.read(
        lambda db: [row[0] for row in db.execute("SELECT position FROM index_segments").fetchall()]
    )
    assert sorted(positions) == list(range(1, TIMES + 1))
    assert len(await stores[0].segments.read(lambda view: view.tail())) == TIMES // 2


async def test_a_lease_has_one_holder(stores: tuple[PostgresStore, PostgresStore]) -> None:
    leases = await at_once(stores, lambda store, n: store.leases.take(f"shard {n}", 60))
    assert all(sum(pair) == 1 for pair in leases)
    waits = sorted(sum(await at_once(stores, lambda store, _: store.leases.turn("pace", 60)), ()))
    assert [round(wait / 60) for wait in waits] == list(range(2 * TIMES))
    assert not any(store.connection.undone for store in stores), "no lease is renewed later for the sake of another"
