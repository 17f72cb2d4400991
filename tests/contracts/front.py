"""Contract of every front: inherit FrontContract and give it a fixture `chat`, a person using it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from typing import Protocol

import pytest

from bot.model import Action, Caller, Channel, File, Form, FormField, SubscriptionChanges
from bot.wording.reading_list import note_form
from bot.wording.topics import Strictness, TopicPreview, topic_moved, topic_preview
from tests.contracts.outlet import HOSTILE, say
from tests.fakes import paper
from tests.fakes.front import FakeDesk


class Chat(Protocol):
    """A person in front of a front that serves a FakeDesk."""

    async def says(self, line: str) -> None:
        """Type a command."""
        ...

    async def presses(self, label: str) -> None:
        """Press a button of the latest answer."""
        ...

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        """Fill in a form that is shown, and send it."""
        ...

    async def completes(self, command: str, option: str, prefix: str) -> tuple[str, ...] | None:
        """The completions offered while typing; None where a platform has none."""
        ...

    @property
    def screen(self) -> str:
        """Everything shown so far."""
        ...

    @property
    def received(self) -> str | None:
        """Content of the latest file: of an attachment, or of its parts in order. None where it is not read yet."""
        ...

    def pings(self, shown: str) -> bool:
        """Whether this text would notify somebody, as in `outlet.Platform`."""
        ...


SETTINGS = Form(
    "Digest settings",
    "settings",
    (
        FormField("size", "Papers in a digest", "5"),
        FormField("at", "Hour", "09:00"),
        FormField("topics", "Topics", "", "lines"),
    ),
)


FILE = File(
    "reading-list.bib",
    "application/x-bibtex",
    (entries := "".join(f"@misc{{paper{n},\n  title = {{{{{'Title ' * 60}}}}},\n}}\n" for n in range(60))).encode(),
    "60 papers",
    tuple(match.end() for match in re.finditer(r"^}\n", entries, re.MULTILINE)),
)
"""Longer than a message of any platform, and more than one attachment's worth of entries in parts."""


class FrontContract:
    """The half of a front. The fixture `chat` is a Chat whose front serves the fixture `desk`."""

    @pytest.fixture
    def desk(self) -> FakeDesk:
        return FakeDesk({"today": say("Nothing today"), "settings": SETTINGS})

    async def test_a_command_reaches_the_desk_with_its_options_and_its_answer_is_shown(
        self, chat: Chat, desk: FakeDesk
    ) -> None:
        desk.answers["search"] = say("Three papers found")
        await chat.says("search video diffusion count:3")
        await shows(chat, "Three papers found")
        [(command, options, caller)] = desk.calls
        assert (command, options) == ("search", {"query": "video diffusion", "count": "3"})
        assert ":" in caller.channel
        assert ":" in caller.user

    async def test_a_button_carries_out_its_command_with_its_options(self, chat: Chat, desk: FakeDesk) -> None:
        button = Action("Similar", "similar", {"paper": "2511.00001"})
        desk.answers["today"] = replace(say("One paper"), actions=(Action("Help", "help"), button))
        desk.answers["similar"] = say("Its neighbours")
        await chat.says("today")
        await shows(chat, "One paper")
        await chat.presses("Similar")
        await shows(chat, "Its neighbours")
        assert desk.calls[-1][:2] == ("similar", {"paper": "2511.00001"})
        assert desk.calls[-1][2] == desk.calls[0][2], "the same person asked"

    async def test_a_topic_is_moved_by_its_buttons_whatever_stands_in_it(self, chat: Chat, desk: FakeDesk) -> None:
        topic = 'robots that see | "world models" -cat:cs.CV author:"José García" -"a | b"'
        preview = TopicPreview(topic, mute=False, matched=0, noticed=0, days=14, examples=(), strictness=Strictness())
        desk.answers["topics add"] = topic_preview(preview)
        await chat.says(f"topics add {topic}")
        await shows(chat, "It matches as usual.")
        moved = replace(preview, strictness=Strictness("stricter"))
        desk.answers["topics add"] = topic_preview(moved)
        await chat.presses("Stricter")
        await shows(chat, "It is stricter than usual.")
        assert desk.calls[-1][:2] == ("topics add", {"topic": topic, "strictness": "stricter"})
        desk.answers["topics add"] = topic_moved(moved, "is stricter than usual now; it was as usual.", undo=True)
        await chat.presses("Follow")
        await shows(chat, "it was as usual.")
        assert desk.calls[-1][:2] == ("topics add", {"topic": topic, "strictness": "stricter", "confirm": "yes"})
        desk.answers["topics wider"] = say("As usual again")
        await chat.presses("Wider")
        await shows(chat, "As usual again")
        assert desk.calls[-1][:2] == ("topics wider", {"topic": topic, "strictness": "usual"})

    async def test_a_form_comes_back_filled_in(self, chat: Chat, desk: FakeDesk) -> None:
        await chat.says("settings")
        await shows(chat, SETTINGS.title)
        desk.answers["settings"] = say("Saved")
        await chat.fills_in(SETTINGS, {"size": "3", "topics": "video diffusion\ncat:cs.CL"})
        await shows(chat, "Saved")
        changes = SubscriptionChanges(size=3, at=time(9), topics=("video diffusion", "cat:cs.CL"))
        assert desk.calls[-1][:2] == ("settings", changes)

    async def test_a_form_that_is_wrong_says_so_and_can_be_put_right(self, chat: Chat, desk: FakeDesk) -> None:
        await chat.says("settings")
        await shows(chat, SETTINGS.title)
        desk.answers["settings"] = say("Saved")
        await chat.fills_in(SETTINGS, {"size": "many"})
        await shows(chat, "Nothing was saved: 1 answer needs another look.")
        await shows(chat, "“many” is not a number from 1 to 20.")
        assert len(desk.calls) == 1, "nothing is saved"
        wrong = await desk.read(SETTINGS.filled({"size": "many"}), Channel(""))
        assert isinstance(wrong, Form)
        await chat.fills_in(wrong, {"size": "4"})
        await shows(chat, "Saved")
        assert desk.calls[-1][1] == SubscriptionChanges(size=4, at=time(9), topics=())

    async def test_the_form_of_a_note_comes_back_with_its_paper(self, chat: Chat, desk: FakeDesk) -> None:
        form = note_form(paper(1), "before")
        desk.answers["saved note"] = form
        await chat.says("saved note 2511.00001")
        await shows(chat, "Note: Paper 1")
        desk.answers["saved note"] = say("Noted")
        await chat.fills_in(form, {"text": "x" * 1_001})
        await shows(chat, "this one has 1,001. Shorten it.")
        assert len(desk.calls) == 1, "nothing is saved"
        wrong = await desk.read(form.filled({"text": "x" * 1_001}), Channel(""))
        assert isinstance(wrong, Form)
        await chat.fills_in(wrong, {"text": "after"})
        await shows(chat, "Noted")
        assert desk.calls[-1][:2] == ("saved note", {"paper": paper(1).id, "text": "after"})

    async def test_completions_are_the_desks(self, chat: Chat, desk: FakeDesk) -> None:
        offered = await chat.completes("topics add", "topic", "vid")
        if offered is None:
            pytest.skip("this platform completes nothing")
        assert offered == await desk.complete("topics add", "topic", "vid", CALLER)

    async def test_foreign_text_in_an_answer_notifies_nobody(self, chat: Chat, desk: FakeDesk) -> None:
        desk.answers["today"] = say(f"{HOSTILE} the end")
        await chat.says("today")
        await shows(chat, "the end")
        assert not chat.pings(chat.screen)

    async def test_a_file_is_received_whole(self, chat: Chat, desk: FakeDesk) -> None:
        if chat.received is None:
            pytest.skip("files are not read on this platform yet")
        desk.answers["saved export"] = replace(say("Your reading list: 60 papers"), private=True, file=FILE)
        await chat.says("saved export bibtex")
        await shows(chat, "Your reading list")
        await eventually(lambda: (chat.received or "").count("@misc") == 60)
        assert chat.received == FILE.content.decode()

    async def test_one_command_after_the_other_is_answered(self, chat: Chat, desk: FakeDesk) -> None:
        for number in range(5):
            desk.answers["today"] = say(f"Answer {number}")
            await chat.says("today")
            await shows(chat, f"Answer {number}")
        assert len(desk.calls) == 5


CALLER = Caller(Channel("fake:T1/C1"), Channel("fake:T1/U1"))


async def shows(chat: Chat, text: str) -> None:
    """Wait until somebody is shown this; a minute at most."""
    try:
        await eventually(lambda: text in chat.screen)
    except TimeoutError:
        pytest.fail(f"“{text}” was not shown, but: {chat.screen}")


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raises TimeoutError after a minute."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)
