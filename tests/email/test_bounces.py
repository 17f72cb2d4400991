"""Refusals in a row: two are skipped messages, the third ends it, and a mail that arrives starts the count again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.delivery.mail.bounces import BounceLimitedOutlet
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.store.sqlite import SqliteStore
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.store import new_store

ADA, NOBODY = Channel("mail:1"), Channel("mail:2")


class Refusals:
    """An outlet whose mail may be refused, and the store of the count."""

    def __init__(self, store: SqliteStore) -> None:
        self.mail = FakeOutlet("mail", threads=False)
        self.store = store
        self.restart()

    def restart(self) -> None:
        """Nothing but the store is kept."""
        self.limited = BounceLimitedOutlet(self.mail, self.store)

    async def post(self, channel: Channel = ADA) -> Ref:
        return await self.limited.post(channel, Message(()), under=None, key="pb1")

    async def refused(self, kind: Failure = Failure.CHANNEL_GONE, channel: Channel = ADA) -> tuple[Failure, str]:
        """What a refusal is reported as."""
        self.mail.fails_next(kind, "550 No such user")
        with pytest.raises(DeliveryError) as caught:
            await self.post(channel)
        return caught.value.kind, caught.value.reason


@pytest.fixture
async def refusals(tmp_path: Path):
    with new_store(tmp_path / "p.db") as store:
        await store.subscribers.request_letter("ada@example.com", "ada@example.com", {}, MONDAY)
        yield Refusals(store)


async def test_from_the_third_refusal_in_a_row_on_the_address_is_gone_a_restart_between_them_or_not(refusals):
    assert await refusals.refused() == (Failure.MESSAGE_REFUSED, "550 No such user (1 of 3 times)")
    refusals.restart()
    assert await refusals.refused() == (Failure.MESSAGE_REFUSED, "550 No such user (2 of 3 times)")
    for _ in range(2):
        assert await refusals.refused() == (Failure.CHANNEL_GONE, "550 No such user")


async def test_a_mail_that_arrives_or_a_wish_for_more_starts_the_count_again_for_good(refusals):
    for starts_again in (refusals.post, lambda: refusals.store.subscribers.reset_bounces(ADA)):
        await refusals.refused()
        await refusals.refused()
        await starts_again()
        refusals.restart()
        assert await refusals.refused() == (Failure.MESSAGE_REFUSED, "550 No such user (1 of 3 times)")
        await refusals.post()


@pytest.mark.parametrize("kind", [Failure.LATER, Failure.UNKNOWN, Failure.MESSAGE_REFUSED, Failure.WORKSPACE_GONE])
async def test_another_failure_is_reported_as_it_is_and_neither_counted_nor_a_success(refusals, kind: Failure):
    await refusals.refused()
    assert await refusals.refused(kind) == (kind, "550 No such user")
    assert await refusals.refused() == (Failure.MESSAGE_REFUSED, "550 No such user (2 of 3 times)")


async def test_an_address_that_was_erased_meanwhile_is_gone_at_the_first_refusal(refusals):
    assert await refusals.refused(channel=NOBODY) == (Failure.CHANNEL_GONE, "550 No such user")
    assert await refusals.store.subscribers.count_bounce(NOBODY) == 0


async def test_an_outlet_that_is_limited_answers_for_the_real_one(refusals):
    assert (refusals.limited.name, refusals.limited.threads, refusals.limited.pace) == ("mail", False, 0.0)
