"""The way of a saved paper to Zotero and the daily reading of a library, with all that goes wrong there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.model.zotero import ZoteroPlace
from bot.zotero.sync import secret_name
from tests.fakes.http_server import Answer
from tests.fakes.zotero import GROUP, USER
from tests.harness.desk import ADA, BEN, OMNI, SINKS
from tests.harness.zotero import FakeTime, ZoteroDesk, zotero_desk


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def desk(tmp_path, time: FakeTime) -> AsyncIterator[ZoteroDesk]:
    async with zotero_desk(tmp_path, time) as opened:
        yield opened


async def notices(desk: ZoteroDesk) -> list[str]:
    return [each.text for each in await desk.store.people.due_notices(desk.clock())]


async def waiting(desk: ZoteroDesk) -> int:
    return await desk.store.zotero.waiting(ADA.user)


async def test_a_saved_paper_goes_there_with_its_tags_and_once(desk):
    await desk.connect()
    assert "Also to Zotero: My Library." in (await desk.ask(f"save {OMNI}")).text
    await desk.ask(f"saved tag {OMNI} rl")
    await desk.ask(f"save {SINKS}", BEN)
    await desk.sync.round()
    await desk.sync.round()
    [item] = desk.zotero.items()
    assert {"tag": "rl"} in item["tags"]
    assert await waiting(desk) == 0
    await desk.ask(f"unsave {OMNI}")
    assert "Also to Zotero" in (await desk.ask(f"save {OMNI}")).text
    await desk.sync.round()
    assert len(desk.zotero.items()) == 1


async def test_a_zotero_that_is_down_fails_no_save_is_tried_again_and_told_of_once(desk):
    await desk.connect()
    await desk.sync.round()
    desk.zotero.breaks(503, times=1_000)
    assert "Saved: " in (await desk.ask(f"save {OMNI}")).text
    tries = []
    for _ in range(300):
        before = len(desk.zotero.sent("GET", "items/top"))
        await desk.sync.round()
        if len(desk.zotero.sent("GET", "items/top")) > before:
            tries.append(desk.clock())
        desk.clock.advance(minutes=1)
    spans = [later - earlier for earlier, later in pairwise(tries)]
    assert spans == sorted(spans), "ever more seldom"
    assert spans[0] <= timedelta(minutes=2)
    assert len(tries) < 12
    [notice] = await notices(desk)
    assert "is on your reading list, but not in your Zotero yet: it is asked too often" in notice
    assert "Zotero did not take papers lately" in (await desk.ask("zotero")).text
    desk.zotero.faults.clear()
    desk.clock.advance(hours=6)
    await desk.sync.round()
    assert [len(desk.zotero.items()), await waiting(desk)] == [1, 0]
    assert "lately" not in (await desk.ask("zotero")).text
    assert len(await notices(desk)) == 1


async def test_after_a_week_a_paper_is_given_up(desk):
    await desk.connect()
    await desk.ask(f"save {OMNI}")
    desk.zotero.breaks(500, times=100)
    await desk.sync.round()
    desk.clock.advance(days=7)
    await desk.sync.round()
    assert await waiting(desk) == 0


async def test_a_pause_that_zotero_asks_for_is_kept(desk, time):
    await desk.connect()
    await desk.sync.round()
    desk.zotero.limit("7200")
    await desk.ask(f"save {OMNI}")
    await desk.sync.round()
    sent = len(desk.zotero.requests)
    for _ in range(100):
        desk.clock.advance(minutes=1)
        time.now += 60
        await desk.sync.round()
    assert len(desk.zotero.requests) == sent
    desk.clock.advance(minutes=20)
    time.now += 1_200
    await desk.sync.round()
    assert len(desk.zotero.items()) == 1


@pytest.mark.parametrize("wrong", ["revoked", "read_only"])
async def test_a_key_that_is_refused_stops_everything_until_the_person_connects_again(desk, wrong):
    await desk.connect()
    await desk.sync.round()
    setattr(desk.zotero, wrong, True)
    for paper_id in (OMNI, SINKS):
        await desk.ask(f"save {paper_id}")
        await desk.sync.round()
    sent = len(desk.zotero.requests)
    desk.clock.advance(days=2)
    await desk.sync.round()
    assert len(desk.zotero.requests) == sent
    [notice] = await notices(desk)
    assert "no longer reach your Zotero: it refuses the key" in notice
    assert "Not in Zotero: it refuses the key" in (await desk.ask("save 2510.15742")).text
    assert "Connect again" in (await desk.ask("zotero")).text.replace("\n", " ")
    setattr(desk.zotero, wrong, False)
    await desk.connect()
    await desk.sync.round()
    assert len(desk.zotero.items()) == 3, "those that waited, too"


async def test_a_key_that_cannot_be_decrypted_any_more_is_told_of(desk):
    await desk.connect()
    await desk.store.secrets.delete(secret_name(ADA.user))
    await desk.ask(f"save {OMNI}")
    await desk.sync.round()
    [notice] = await notices(desk)
    assert "Paperboy cannot read the key any more" in notice
    assert "cannot read the key any more" in (await desk.ask("zotero collection")).text


async def test_another_collection_takes_what_waits_for_one_that_is_gone(desk):
    desk.zotero.has_collection("Reading", "READ2345")
    await desk.connect()
    await desk.ask("zotero collection reading")
    del desk.zotero.libraries[USER].collections["READ2345"]
    await desk.ask(f"save {OMNI}")
    await desk.sync.round()
    assert "“My Library / Reading” is not there any more" in (await notices(desk))[0]
    await desk.ask("zotero collection my library")
    await desk.sync.round()
    assert len(desk.zotero.items()) == 1


async def test_a_library_is_read_once_a_day_and_only_where_it_changed(desk):
    for number in range(120):
        desk.zotero.has(title=f"Work {number}", abstract="Multimodal language models.")
    await desk.connect()
    for _ in range(3):
        await desk.sync.round()
    assert len(desk.zotero.sent("GET", "items/top")) == 2, "two pages"
    account = await desk.store.zotero.account(ADA.user)
    assert (account.items, account.model, len(account.profile)) == (
        120,
        desk.embedder.name,
        4 * desk.embedder.dimensions,
    )
    desk.clock.advance(hours=25)
    await desk.sync.round()
    assert desk.zotero.requests[-1].headers["if-modified-since-version"] == str(account.version)
    again = await desk.store.zotero.account(ADA.user)
    assert (again.profile, again.read_at) == (account.profile, desk.clock())
    desk.zotero.has(title="Fluid dynamics of ponds", abstract="Water.")
    desk.clock.advance(hours=25)
    await desk.sync.round()
    assert (await desk.store.zotero.account(ADA.user)).items == 121


async def test_a_library_that_does_not_answer_is_read_an_hour_later(desk):
    await desk.connect()
    desk.zotero.breaks(500)
    await desk.sync.round()
    desk.clock.advance(minutes=59)
    await desk.sync.round()
    assert (await desk.store.zotero.account(ADA.user)).read_at is None
    desk.clock.advance(minutes=1)
    await desk.sync.round()
    assert (await desk.store.zotero.account(ADA.user)).read_at == desk.clock()
    assert await notices(desk) == []


async def test_a_group_can_be_the_library(desk):
    desk.zotero.no_library = True
    desk.zotero.has(library=GROUP, title="Of the lab", abstract="a")
    assert "Lab" in (await desk.connect()).text
    await desk.ask(f"save {OMNI}")
    await desk.sync.round()
    assert len(desk.zotero.items(GROUP)) == 2
    account = await desk.store.zotero.account(ADA.user)
    assert (account.place, account.items) == (ZoteroPlace(GROUP, "Lab"), 2)


async def test_no_key_is_in_the_database_as_plain_text_or_in_the_log(desk, caplog):
    await desk.connect()
    await desk.ask(f"save {OMNI}")
    desk.zotero.breaks(500, times=9)
    await desk.sync.round()
    desk.store.close()
    files = b"".join(file.read_bytes() for file in desk.path.iterdir() if file.is_file())
    assert desk.zotero.key.encode() not in files
    assert desk.zotero.key not in caplog.text


async def test_an_answer_that_nobody_thought_of_holds_up_nobody_else_s_library(desk):
    await desk.connect()
    await desk.connect(caller=BEN)
    desk.zotero.faults.append(Answer(200, b"[]", {"Last-Modified-Version": "9" * 30}))
    await desk.sync.round()
    accounts = [await desk.store.zotero.account(each.user) for each in (ADA, BEN)]
    assert sorted(each.read_at is None for each in accounts) == [False, True]
    desk.clock.advance(hours=1)
    await desk.sync.round()
    assert all([(await desk.store.zotero.account(each.user)).read_at for each in (ADA, BEN)])


async def test_nor_anybody_else_s_papers(desk):
    await desk.connect()
    await desk.connect(caller=BEN)
    await desk.sync.round()
    await desk.ask(f"save {OMNI}")
    desk.clock.advance(seconds=1)
    await desk.ask(f"save {SINKS}", BEN)
    without_key = {"version": 1, "itemType": "preprint", "archiveID": f"arXiv:{OMNI}", "deleted": 1}
    desk.zotero.faults.append(Answer(200, json.dumps([{"key": "ABCDEFGH", "data": without_key}]).encode()))
    await desk.sync.round()
    assert [item["archiveID"] for item in desk.zotero.items()] == [f"arXiv:{SINKS}"]
    desk.clock.advance(minutes=1)
    await desk.sync.round()
    assert len(desk.zotero.items()) == 2


async def test_a_name_that_no_database_takes_is_replaced(desk, monkeypatch):
    facts = {**desk.zotero._key_facts(), "username": "a\ud800da"}
    monkeypatch.setattr(desk.zotero, "_key_facts", lambda: facts)
    assert "Connected to Zotero as a?da" in (await desk.connect()).text
