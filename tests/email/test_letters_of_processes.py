"""Two processes on one PostgreSQL database: letters are limited and sent once, whichever process was asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.delivery.mail import letters, limits
from bot.delivery.mail.letters import LetterSender
from bot.delivery.mail.links import Links
from bot.model import Message
from bot.ports import Claim
from bot.store import Store
from tests.email.harness import BASE_URL, KEY
from tests.fakes import MONDAY, FakeClock


class Postman:
    """Takes letters after a moment, as a server does."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def letter(self, address: str, message: Message, *, key: str, claim: Claim) -> None:
        await asyncio.sleep(0.01)
        await claim()
        self.sent.append(address)

    async def takes_unicode(self) -> bool:
        return True


def sender(store: Store, postman: Postman) -> LetterSender:
    clock = FakeClock(MONDAY)
    return LetterSender(store, Links((KEY,), BASE_URL, clock), postman, clock)


async def asked(store: Store, number: int) -> None:
    for n in range(number):
        await store.subscribers.request_letter(f"r{n}@example.com", f"r{n}@example.com", {}, MONDAY)


async def test_each_letter_leaves_and_counts_once(stores: tuple[Store, Store]) -> None:
    await asked(stores[0], 10)
    postman = Postman()
    senders = [sender(store, postman) for store in stores]
    await asyncio.gather(*(each.send() for each in senders))
    await asyncio.gather(*(each.send() for each in senders))  # also what one left to the other
    assert sorted(postman.sent) == [f"r{n}@example.com" for n in range(10)]
    assert await stores[0].subscribers.requests("letters", MONDAY - timedelta(hours=1)) == 10


async def test_a_letter_that_another_process_was_asked_for_is_noticed(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "LOOK_SECONDS", 0.02)
    postman = Postman()
    running = asyncio.create_task(sender(stores[1], postman).run())
    await asyncio.sleep(0.1)  # it has looked, and sleeps an hour
    await asked(stores[0], 1)
    async with asyncio.timeout(60):
        while not postman.sent:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_requests_of_a_client_are_limited_over_both(stores: tuple[Store, Store]) -> None:
    client = limits.client_limits(KEY, "192.0.2.1")
    answers = await asyncio.gather(*(stores[n % 2].subscribers.count_request(client, MONDAY) for n in range(8)))
    assert [answer is None for answer in answers].count(True) == 5
