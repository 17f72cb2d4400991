"""What weekly recaps are made of: channels that have one, and what happened in their week."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Channel, ChannelSettings, Findings, Subscription
from bot.model.recap import WeekOfChannel
from bot.store import Store
from bot.store.sql.transaction import Transaction
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
PAPERS = [paper(number) for number in (1, 2, 3)]
ONE, TWO, THREE = (each.id for each in PAPERS)
WEEK = timedelta(days=7)


class RecapsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
            yield opened

    async def test_only_what_people_said_openly_in_that_week_counts_the_most_first(self, store: Store) -> None:
        for person in (ADA, BEN):
            await store.people.react(HERE, person, TWO, 1, MONDAY)
            await store.feedback.toggle(HERE, person, THREE, "discuss", MONDAY)
        await store.people.react(HERE, ADA, ONE, 1, MONDAY + timedelta(hours=1))
        await store.people.react(HERE, BEN, ONE, -1, MONDAY)
        await store.people.react(HERE, ADA, THREE, 1, MONDAY + WEEK)
        await store.feedback.record(HERE, ADA, ONE, "save", MONDAY)
        await store.people.react(THERE, ADA, ONE, 1, MONDAY - timedelta(seconds=1))
        weeks = await store.recaps.weeks((HERE, THERE), MONDAY, MONDAY + WEEK)
        assert weeks == {HERE: WeekOfChannel(((TWO, 2), (ONE, 1)), ((THREE, 2),))}

    async def test_code_counts_where_it_came_after_the_channel_was_shown_the_paper(self, store: Store) -> None:
        await store.ledger.keep([digest(HERE, PAPERS[:2])], {})
        released = MONDAY + timedelta(days=1)

        def revise(db: Transaction) -> None:
            for paper_id, before in ((ONE, ""), (TWO, "https://old.example"), (THREE, "")):
                columns = "paper_id, field, changed_at, before, source"
                row = (paper_id, "code_url", released.timestamp(), before, "")
                db.execute(f"INSERT INTO revisions ({columns}) VALUES (?, ?, ?, ?, ?)", row)

        await store.connection.write(revise)  # type: ignore[attr-defined]  # both have one
        assert await store.recaps.weeks((HERE, THERE), MONDAY, MONDAY + WEEK) == {HERE: WeekOfChannel(code=(ONE,))}
        assert await store.recaps.weeks((HERE,), released + timedelta(seconds=1), MONDAY + WEEK) == {}

    async def test_channels_with_a_recap_have_the_zone_of_a_digest_and_its_next_hour(self, store: Store) -> None:
        settings = ChannelSettings(recap_day=4)
        for channel in (HERE, THERE):
            await store.channels.change(channel, ChannelSettings(), settings)
        assert await store.recaps.places() == []
        assert await store.recaps.place(HERE) is None
        made = Subscription(HERE, timezone="Europe/Berlin", next_due=MONDAY + timedelta(days=1))
        await store.subscriptions.put(made, replace(made, name="rl", timezone="UTC", next_due=MONDAY))
        [place] = await store.recaps.places()
        assert (place.channel, place.settings, place.timezone) == (HERE, settings, "Europe/Berlin")
        assert (place.next_digest, place.paused) == (MONDAY, False)
        await store.channels.change(HERE, settings, ChannelSettings())
        assert await store.recaps.places() == []
        await store.subscriptions.pause(HERE, MONDAY, until=None, reason=None)
        paused = await store.recaps.place(HERE)
        assert paused is not None
        assert (paused.settings, paused.paused, paused.next_digest) == (ChannelSettings(), True, None)
