"""`zotero …` as a person meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.handlers import Handlers
from bot.model import Caller
from tests.fakes.zotero import KEY, USER
from tests.harness.desk import ADA, BEN, listed
from tests.harness.zotero import ZoteroDesk, zotero_desk

ALONE = Caller(ADA.user, ADA.user, direct=True, command_word="")


@pytest.fixture
async def desk(tmp_path) -> AsyncIterator[ZoteroDesk]:
    async with zotero_desk(tmp_path) as opened:
        yield opened


async def test_a_person_connects_in_a_form_looks_and_disconnects(desk):
    assert "You are not connected" in (await desk.ask("zotero")).text
    form = await desk.form("zotero connect")
    assert "https://www.zotero.org/settings/keys/new" in form.fields[0].help
    answer = await desk.connect()
    assert answer.private
    assert "Connected to Zotero as ada." in answer.text
    assert "goes to My Library." in answer.text
    assert "will be read within minutes" in (await desk.ask("zotero status")).text
    assert "You are not connected" in (await desk.ask("zotero", BEN)).text
    gone = await desk.press(await desk.ask("zotero"), "Disconnect")
    assert "Disconnected: the key and what was learnt" in gone.text
    assert await desk.store.secrets.names("zotero") == []
    assert "You are not connected" in (await desk.ask("zotero disconnect")).text


@pytest.mark.parametrize("line", [f"zotero connect {KEY}", f"zotero connect key:{KEY}", f"zotero connect my key {KEY}"])
@pytest.mark.parametrize("caller", [ADA, ALONE])
async def test_a_key_in_a_line_is_refused_and_never_repeated(desk, line, caller):
    answer = await desk.ask(line, caller)
    assert "belongs in the form, not in a line" in answer.text
    assert KEY not in repr(answer)
    assert await desk.store.secrets.names("zotero") == []
    assert (await desk.form("zotero connect")).fields[0].value == ""


@pytest.mark.parametrize("key", ["abc", "x" * 24, f"{KEY} and more", "a\nb", "\u202e" * 24, "x" * 2_500])
async def test_a_wrong_key_gets_one_line_with_the_remedy_and_is_not_repeated(desk, key):
    form = await desk.form("zotero connect")
    read = await desk.handlers.read(form.filled({"key": key}), ADA.channel)
    answer = await desk.handlers.apply(read, ADA) if not hasattr(read, "fields") else read
    assert key not in repr(replace(answer, fields=()) if hasattr(answer, "fields") else answer)
    assert await desk.store.zotero.account(ADA.user) is None


async def test_a_key_with_no_right_to_write_is_refused_with_the_remedy(desk):
    desk.zotero.read_only = desk.zotero.no_library = True
    desk.zotero._key_facts = lambda: {"userID": 7, "username": "ada", "access": {"user": {"library": True}}}
    assert "may not write to any library" in (await desk.connect()).text


async def test_a_zotero_that_does_not_answer_says_so(desk):
    desk.zotero.breaks(500)
    assert "Zotero did not answer as it should: it answers HTTP 500. Try again" in (await desk.connect()).text
    desk.zotero.limit("90")
    assert "it asks to be left alone for a while" in (await desk.connect()).text


async def test_a_collection_is_chosen_by_button_or_by_name(desk):
    desk.zotero.has_collection("Reading", "READ2345")
    desk.zotero.has_collection("Read later", "LATE2345", within="READ2345")
    await desk.connect()
    page = await desk.ask("zotero collection")
    assert [block.text for block in page.blocks if block.role == "item"] == [
        "My Library",
        "My Library / Reading",
        "My Library / Reading / Read later",
        "Lab",
    ]
    assert "My Library / Reading / Read later." in (await desk.press(page, "#3")).text
    assert (await desk.store.zotero.account(ADA.user)).place.collection == "LATE2345"
    assert "goes to Zotero: My Library / Reading." in (await desk.ask("zotero collection READING")).text
    assert "Which one is “read”?" in (await desk.ask("zotero collection read")).text
    assert "Where shall saved papers go?" in (await desk.ask("zotero collection nothing")).text
    del desk.zotero.libraries[USER].collections["LATE2345"]
    assert "not there any more" in (await desk.press(page, "#3")).text


async def test_todays_papers_are_ordered_by_closeness_to_the_library(desk):
    await desk.connect()
    assert "is still to be read" in (await desk.ask("zotero today")).text
    await desk.sync.round()
    assert "has no works yet" in (await desk.ask("zotero today")).text
    for subject in ("Video diffusion transformers", "Text-to-video generation with diffusion models"):
        desk.zotero.has(title=subject, abstract="We generate long videos with a diffusion model of motion.")
    desk.clock.advance(minutes=1)
    await desk.store.zotero.postpone_reading(ADA.user, desk.clock())
    await desk.sync.round()
    page = await desk.ask("zotero today count:5")
    assert page.private
    assert not [action for action in page.actions if action.options.get("share")]
    assert "By closeness to the 2 latest works of your Zotero library, read just now." in page.text
    trending = await desk.ask("today")
    assert listed(page) != listed(trending)
    more = await desk.press(page, "More")
    assert not set(listed(more)) & set(listed(page))
    first = listed(page)[0]
    await desk.ask(f"save {first}")
    assert first not in listed(await desk.ask("zotero today count:5")), "what is saved is known"
    assert "video" in page.text.lower()


async def test_forget_me_erases_the_connection(desk):
    await desk.connect()
    answer = await desk.run("forget", what="me", confirm="yes")
    assert "1 Zotero connection" in answer.text
    assert await desk.store.secrets.names("zotero") == []


async def test_without_a_key_that_encrypts_it_is_said_what_is_missing(desk):
    desk.handlers = Handlers(desk.store, desk.search, desk.engine)
    for line in ("zotero", "zotero connect", "zotero collection", "zotero today", "zotero disconnect"):
        assert "PAPERBOY_SECRET_KEY" in (await desk.ask(line)).text or line == "zotero disconnect"


@pytest.mark.parametrize(
    "line",
    [
        "zotero conect {}", "zotero conect key:{}", "zotro connect {}", "zotero {}", "zotero-connect {}",
        "zotero connect: {}", "zotero key {}", "zotero status {}", "zotero disconnect {}", "zotero daily {}",
        "mcp revoke paperboy_c2xhY2s.{}", "mcp {}",
    ],
)  # fmt: skip
async def test_a_key_is_repeated_in_no_answer_to_a_mistake_and_in_no_button(desk, line):
    answer = await desk.ask(line.format(desk.zotero.key))
    assert desk.zotero.key not in f"{answer}"
