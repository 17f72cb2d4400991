"""The client of Zotero's Web API, against a server that answers as documented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.errors import ZoteroError
from bot.model import SavedPaper
from bot.model.zotero import ZoteroPlace
from bot.zotero.client import ZoteroClient
from bot.zotero.items import item_key
from tests.fakes import paper
from tests.fakes.http_server import Answer, Loopback
from tests.fakes.zotero import GROUP, KEY, USER, FakeZotero
from tests.harness.zotero import FakeTime, http_of

MINE = ZoteroPlace(USER, "My Library")
SHELF = ZoteroPlace(USER, "My Library / Reading", "READ2345")
ONE = SavedPaper(paper(1))


@pytest.fixture
async def zotero() -> AsyncIterator[FakeZotero]:
    async with FakeZotero() as server:
        server.has_collection("Reading", "READ2345")
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def client(zotero: FakeZotero, time: FakeTime) -> AsyncIterator[ZoteroClient]:
    async with http_of(zotero, time) as http:
        yield ZoteroClient(http)


async def test_a_key_tells_whose_it_is_and_what_it_may_write(client, zotero):
    access = await client.access(KEY)
    assert (access.name, access.user, access.may_write(USER), access.may_write(GROUP)) == ("ada", USER, True, True)
    zotero.read_only = True
    assert not (await client.access(KEY)).may_write(USER)
    request = zotero.requests[0]
    assert request.headers["zotero-api-version"] == "3"
    assert KEY not in f"{request.path}{request.query}", "a key is in no address"


async def test_libraries_are_followed_by_their_collections_with_paths(client, zotero):
    zotero.has_collection("RL", "RLRL2345", within="READ2345")
    zotero.has_collection("Round trip", "LQQP2345", within="LQQP2345")
    zotero.has_collection("Shared", "SHAR2345", library=GROUP)
    names = [(each.name, each.library, each.collection) for each in await client.places(KEY)]
    assert names[:3] == [("My Library", USER, ""), ("My Library / Reading", USER, "READ2345"),
                         ("My Library / Reading / RL", USER, "RLRL2345")]  # fmt: skip
    assert names[-2:] == [("Lab", GROUP, ""), ("Lab / Shared", GROUP, "SHAR2345")]
    zotero.read_only = True
    assert [each.library for each in await client.places(KEY)] == [GROUP, GROUP], "only what may be written to"


async def test_a_library_that_is_refused_is_left_out_of_the_choice(client, zotero):
    del zotero.libraries[GROUP]
    assert [each.library for each in await client.places(KEY)] == [USER, USER]


async def test_a_person_does_not_wait_for_the_pause_of_the_background(client, zotero, time):
    zotero.limit("30")
    paused, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(seconds):
        time.now += seconds
        paused.set()
        await go_on.wait()

    client._http._sleep = sleep
    reading = asyncio.create_task(client.items(KEY, USER, 0))
    await paused.wait()
    assert (await client.access(KEY)).name == "ada"
    go_on.set()
    assert (await reading).texts == []


async def test_the_latest_500_works_are_read_page_by_page_and_nothing_where_nothing_changed(client, zotero):
    for number in range(530):
        zotero.has(title=f"Work {number}", abstract="a", kind="preprint" if number % 2 else "conferencePaper")
    zotero.has(title="A web page", kind="webpage")
    items = await client.items(KEY, USER, 0)
    assert [title for title, _ in items.texts] == [f"Work {number}" for number in range(529, 29, -1)]
    assert [each.query.get("start", "0") for each in zotero.sent("GET", "items/top")] == [
        "0",
        "100",
        "200",
        "300",
        "400",
    ]
    assert await client.items(KEY, USER, items.version) is None
    assert len(zotero.sent("GET", "items/top")) == 6
    zotero.has(title="New", abstract="a")
    assert (await client.items(KEY, USER, items.version)).texts[0] == ("New", "a")


async def test_a_paper_is_put_once_whatever_is_repeated(client, zotero):
    for _ in range(2):
        await client.put(KEY, SHELF, ONE)
    [item] = zotero.items()
    assert item["key"] == item_key(ONE.paper)
    assert (item["itemType"], item["collections"]) == ("preprint", ["READ2345"])
    assert len(zotero.sent("POST")) == 1


async def test_an_answer_that_is_lost_doubles_nothing(client, zotero):
    zotero.lost = 1
    with pytest.raises(ZoteroError, match="cannot be reached"):
        await client.put(KEY, MINE, ONE)
    zotero.libraries[USER].items[item_key(ONE.paper)]["title"] = "Renamed by its owner"
    zotero.libraries[USER].items[item_key(ONE.paper)] |= {"DOI": "", "url": "", "archiveID": ""}
    await client.put(KEY, SHELF, ONE)
    [item] = zotero.items()
    assert (item["title"], item["collections"]) == ("Renamed by its owner", ["READ2345"])


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "{title}, second version", "url": "https://arxiv.org/abs/2511.00001v2"},
        {"title": "{title}, second version", "extra": "arXiv:2511.00001 [cs]"},
        {"title": "{title}, second version", "DOI": "https://doi.org/10.48550/ARXIV.2511.00001"},
        {"title": "{title}", "DOI": "10.1109/other.than.ours"},
    ],
)
async def test_what_the_person_has_already_is_only_added_to_the_collection(client, zotero, fields):
    named = {name: value.format(title=ONE.paper.title) for name, value in fields.items()}
    key = zotero.has(kind="journalArticle", **named)
    zotero.has(title=f"{ONE.paper.title}, a Survey of Others", DOI="10.1000/x")
    for place in (SHELF, SHELF, MINE):
        await client.put(KEY, place, ONE)
    assert len(zotero.items()) == 2
    assert zotero.libraries[USER].items[key]["collections"] == ["READ2345"]
    assert len(zotero.sent("PATCH")) == 1, "nothing is written where nothing is missing"


async def test_an_item_in_the_trash_comes_out_of_it(client, zotero):
    await client.put(KEY, SHELF, ONE)
    zotero.items()[0]["deleted"] = 1
    await client.put(KEY, SHELF, ONE)
    assert [item["deleted"] for item in zotero.items()] == [False]


async def test_an_item_that_is_changed_meanwhile_is_tried_again_later(client, zotero):
    await client.put(KEY, MINE, ONE)
    zotero.breaks(412)
    zotero.faults.insert(0, zotero._list(zotero.requests[0], zotero.libraries[USER], zotero.items()))
    with pytest.raises(ZoteroError, match="changed meanwhile") as fault:
        await client.put(KEY, SHELF, ONE)
    assert (fault.value.refused, fault.value.wait) == (False, 60.0)


async def test_a_collection_that_is_gone_is_a_fault_for_its_owner(client, zotero):
    with pytest.raises(ZoteroError, match="“My Library / Old” is not there any more") as fault:
        await client.put(KEY, ZoteroPlace(USER, "My Library / Old", "GQNE2345"), ONE)
    assert fault.value.refused


@pytest.mark.parametrize("wrong", ["revoked", "read_only"])
async def test_a_key_that_is_refused_is_a_fault_for_its_owner(client, zotero, wrong):
    setattr(zotero, wrong, True)
    with pytest.raises(ZoteroError, match="refuses the key") as fault:
        await client.put(KEY, MINE, ONE)
    assert fault.value.refused
    assert KEY not in str(fault.value)


async def test_a_429_is_waited_out_as_long_as_it_says_where_nobody_waits(client, zotero, time):
    zotero.limit("12.5")
    await client.items(KEY, USER, 0)
    assert time.slept == [12.5]
    zotero.limit("5", times=3)
    with pytest.raises(ZoteroError, match="asked too often") as fault:
        await client.items(KEY, USER, 0)
    assert fault.value.wait == 60.0
    assert time.slept == [12.5, 5.0, 5.0]


async def test_a_pause_that_is_too_long_is_handed_on_and_holds_for_every_request(client, zotero, time):
    zotero.limit("3600")
    with pytest.raises(ZoteroError) as fault:
        await client.access(KEY)
    assert fault.value.wait == 3600.0
    sent = len(zotero.requests)
    for ask in (client.access(KEY), client.items(KEY, USER, 0), client.put(KEY, MINE, ONE)):
        with pytest.raises(ZoteroError, match="left alone"):
            await ask
    assert len(zotero.requests) == sent
    time.now += 3600
    await client.access(KEY)


async def test_the_backoff_of_a_good_answer_holds_for_the_next_request(client, zotero, time):
    for number in range(150):
        zotero.has(title=f"Work {number}", abstract="a")
    zotero.backoff = "20"
    assert len((await client.items(KEY, USER, 0)).texts) == 150
    assert time.slept == [20.0], "between its pages"
    with pytest.raises(ZoteroError, match="left alone"):
        await client.access(KEY)


@pytest.mark.parametrize("status", [500, 502, 302, 418])
async def test_any_other_status_is_a_fault_that_passes(client, zotero, status):
    zotero.breaks(status, Location="https://elsewhere.example/")
    with pytest.raises(ZoteroError, match=f"HTTP {status}") as fault:
        await client.access(KEY)
    assert not fault.value.refused


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>a proxy's page"),
        Answer(200, b"[" * 100_000),
        Answer(200, b"{}"),
        Answer(200, b"x" * (8 * 2**20 + 1)),
        Answer(200, b"{}", cut=1),
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_fault(answer):
    async with Loopback() as server:
        server.on("/*", answer)
        async with http_of(server) as http:
            with pytest.raises(ZoteroError):
                await ZoteroClient(http).access(KEY)


async def test_a_next_page_elsewhere_is_not_asked_for(zotero, client):
    elsewhere = '<http://127.0.0.1:9/users/7/items/top?start=100>; rel="next"'
    zotero.faults.append(Answer(200, b"[]", {"Link": elsewhere, "Last-Modified-Version": "3"}))
    with pytest.raises(ZoteroError, match="another address"):
        await client.items(KEY, USER, 0)


async def test_a_library_of_odd_items_is_read_as_far_as_it_can_be(client, zotero):
    odd = [None, 3, {}, {"data": []}, {"data": {"title": 3}}, {"data": {"title": "T", "abstractNote": None}}]
    zotero.faults.append(Answer(200, json.dumps(odd).encode(), {"Last-Modified-Version": "x"}))
    items = await client.items(KEY, USER, 0)
    assert (items.version, items.texts) == (0, [("T", "")])
