"""Connections to Zotero: what is on its way there, what was read, and that nothing is left of who disconnects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings
from bot.model.zotero import ZoteroAccount, ZoteroPlace, ZoteroSave
from bot.store import Store
from bot.store.encryption import new_key
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper

ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
ONE, TWO = (paper(n).id for n in (1, 2))
MINE = ZoteroPlace("users/7", "My Library")
LATER = MONDAY + timedelta(hours=1)


def account(user: Channel = ADA, at: datetime = MONDAY) -> ZoteroAccount:
    return ZoteroAccount(user, "ada", MINE, at)


async def due(store: Store, now: datetime) -> list[tuple[Channel, str, int]]:
    return [(each.user, each.paper_id, each.attempts) for each in await store.zotero.due_saves(now, 10)]


class ZoteroContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db", keys=(new_key(),)) as opened:
            await opened.papers.add(Findings((paper(1), paper(2))), "huggingface", MONDAY)
            yield opened

    async def test_what_a_connected_person_saves_is_on_its_way_until_it_is_there(self, store: Store) -> None:
        await store.people.save(ADA, ONE, MONDAY)
        assert await store.zotero.account(ADA) is None
        await store.zotero.connect(account())
        assert await store.zotero.account(ADA) == account()
        assert await due(store, LATER) == [], "what was saved before stays where it is"
        await store.people.save(BEN, TWO, MONDAY)
        await store.people.save(ADA, TWO, MONDAY)
        await store.people.save(ADA, TWO, LATER)
        assert await store.zotero.due_saves(MONDAY, 10) == [ZoteroSave(ADA, TWO, MONDAY, 0)]
        assert await store.zotero.due_saves(MONDAY - timedelta(seconds=1), 10) == []
        await store.zotero.postpone_save(ADA, TWO, LATER)
        assert await due(store, MONDAY) == []
        assert await due(store, LATER) == [(ADA, TWO, 1)]
        assert (await store.zotero.waiting(ADA), await store.zotero.waiting(BEN)) == (1, 0)
        await store.zotero.settle_save(ADA, TWO)
        assert await due(store, LATER) == []

    async def test_what_is_taken_off_the_list_is_off_the_way(self, store: Store) -> None:
        await store.zotero.connect(account())
        await store.people.save(ADA, ONE, MONDAY)
        await store.people.unsave(ADA, ONE)
        assert await store.zotero.waiting(ADA) == 0

    async def test_a_paper_that_gets_another_id_on_the_way_goes_there_once(self, store: Store) -> None:
        published = replace(paper(9), id="10.1145/1234567")
        await store.papers.add(Findings((published,)), "file", MONDAY)
        await store.zotero.connect(account())
        await store.people.save(ADA, published.id, MONDAY)
        await store.people.save(ADA, ONE, MONDAY)
        await store.papers.add(Findings((replace(paper(1), doi=published.id),)), "arxiv", LATER)
        assert await due(store, LATER) == [(ADA, ONE, 0)]

    async def test_a_stopped_connection_waits_until_it_is_made_again(self, store: Store) -> None:
        await store.zotero.connect(account())
        await store.people.save(ADA, ONE, MONDAY)
        await store.zotero.postpone_save(ADA, ONE, LATER)
        assert await store.zotero.record_fault(ADA, "the key was refused", stopped=True)
        assert not await store.zotero.record_fault(ADA, "the key was refused", stopped=True), "told once"
        assert await due(store, LATER) == []
        assert await store.zotero.due_readings(LATER, 10) == []
        stored = await store.zotero.account(ADA)
        assert stored is not None
        assert (stored.fault, stored.stopped) == ("the key was refused", True)
        await store.zotero.connect(account(at=LATER))
        assert await due(store, LATER - timedelta(minutes=1)) == [(ADA, ONE, 0)], "at once, and counted anew"
        assert not await store.zotero.record_fault(ADA, "")
        assert not await store.zotero.record_fault(BEN, "nobody is connected")

    async def test_a_reading_is_kept_until_another_library_is_chosen(self, store: Store) -> None:
        await store.zotero.connect(account())
        assert await store.zotero.due_readings(MONDAY, 10) == [account()]
        read = replace(account(), version=12, read_at=MONDAY, items=3, model="static", profile=b"\x00\x01\xff")
        await store.zotero.record_reading(read, LATER)
        assert await store.zotero.account(ADA) == read
        assert await store.zotero.due_readings(MONDAY, 10) == []
        await store.zotero.postpone_reading(ADA, LATER + timedelta(hours=1))
        assert await store.zotero.due_readings(LATER, 10) == []
        shelf = replace(MINE, name="My Library / Reading", collection="ABCD2345")
        await store.zotero.choose(ADA, shelf)
        assert await store.zotero.account(ADA) == replace(read, place=shelf), "the same library: nothing to read"
        group = ZoteroPlace("groups/3", "Lab")
        await store.zotero.choose(ADA, group)
        assert await store.zotero.due_readings(MONDAY, 10) == [replace(account(), place=group, model="static")]
        await store.zotero.record_reading(read, LATER)
        stored = await store.zotero.account(ADA)
        assert stored is not None
        assert stored.version == 0, "of the library before"

    async def test_a_profile_of_another_model_is_erased_and_made_anew(self, store: Store) -> None:
        for user, model in ((ADA, "old"), (BEN, "new")):
            await store.zotero.connect(account(user))
            read = replace(account(user), version=1, read_at=MONDAY, items=1, model=model, profile=b"x")
            await store.zotero.record_reading(read, LATER)
        await store.zotero.forget_other_models("new")
        assert await store.zotero.due_readings(MONDAY, 10) == [replace(account(), model="old")]

    async def test_a_daily_message_comes_once_the_library_was_read_until_it_is_switched_off(self, store: Store) -> None:
        await store.zotero.connect(account())
        await store.zotero.set_daily(ADA, time(8, 30), "Europe/Berlin", MONDAY)
        assert await store.zotero.dailies() == []
        read = replace(account(), version=1, read_at=MONDAY, items=1, model="static", profile=b"x")
        await store.zotero.record_reading(read, LATER)
        daily = replace(read, daily_at=time(8, 30), timezone="Europe/Berlin", daily_from=MONDAY)
        assert await store.zotero.dailies() == [daily]
        await store.zotero.connect(account(at=LATER))
        stored = await store.zotero.account(ADA)
        assert stored is not None
        assert stored.daily_at == time(8, 30), "a new key changes nothing about it"
        await store.zotero.set_daily(ADA, None, "UTC", LATER)
        await store.zotero.record_reading(read, LATER)
        assert await store.zotero.dailies() == []

    @pytest.mark.parametrize("way", ["disconnect", "forget", "workspace"])
    async def test_nothing_is_left_of_a_connection_that_ends(self, store: Store, way: str) -> None:
        for user in (ADA, BEN):
            await store.zotero.connect(account(user))
            await store.secrets.put(f"zotero {user}", "a key")
            await store.people.save(user, ONE, MONDAY)
        if way == "disconnect":
            assert await store.zotero.disconnect(ADA)
            assert not await store.zotero.disconnect(ADA)
        elif way == "forget":
            assert (await store.people.forget(ADA))["Zotero connection"] == 1
        else:
            await store.subscriptions.erase(Channel("fake:T1"))
        left = [] if way == "workspace" else [f"zotero {BEN}"]
        assert await store.secrets.names("zotero") == left
        assert await store.zotero.account(ADA) is None
        assert await store.zotero.waiting(ADA) == 0
        assert (await store.zotero.account(BEN) is None) is (way == "workspace")
