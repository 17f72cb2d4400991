"""Exported files: in the direct messages with whoever asked, never in the channel; in parts without files:write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack import files, limits, repeats
from adapters.slack.connect import build
from adapters.slack.manifest import OPTIONAL_SCOPES, manifest
from adapters.slack.markup import characters
from tests.contracts.front import FILE
from tests.contracts.outlet import say
from tests.fakes.front import FakeDesk
from tests.slack.fake import DROP, DROP_AFTER, Channel, FakeSlack, Fault, User
from tests.slack.harness import InMemorySecrets, config, connected
from tests.slack.test_contract_front import in_parts


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "PAUSES", (0.0, 0.0))


class Exporting:
    """Ada in a channel of a Slack whose Paperboy has a file for her."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        self.ada: User = slack.team("T1").user("U1")
        self.channel: Channel = slack.team("T1").channel("C1", [self.ada, slack.team("T1").user("U2")])

    async def export(self, channel: Channel | None = None) -> str:
        """The answer to `saved export`."""
        await self.ada.command("/papers", "saved export bibtex", channel or self.channel, answered=False)
        await self.slack.until(
            lambda: any("60 papers" in post.shown for post in self.slack.posts if "files" not in post.raw)
        )
        return next(post.shown for post in reversed(self.slack.posts) if "Your reading list" in post.shown)


@pytest.fixture
async def x() -> AsyncIterator[Exporting]:
    async with FakeSlack(manifest=manifest(None)) as slack:
        desk = FakeDesk({"saved export": replace(say("Your reading list: 60 papers"), private=True, file=FILE)})
        _, front = build(config(slack), InMemorySecrets())
        async with connected(slack, front, desk):
            yield Exporting(slack)


def without_uploads(x: Exporting) -> None:
    x.slack.team("T1").token.scopes -= set(OPTIONAL_SCOPES)


async def test_a_file_goes_to_whoever_asked_and_the_answer_says_where(x: Exporting):
    answer = await x.export()
    assert "reading-list.bib is in your direct messages with Paperboy." in answer
    [upload] = x.slack.uploads.values()
    assert (upload.name, upload.content) == ("reading-list.bib", FILE.content)
    assert [post.raw["files"][0]["title"] for post in x.ada.dm.messages] == ["reading-list.bib"]
    assert x.channel.messages == []
    assert [post.kind for post in x.channel.posts] == ["ephemeral"]


async def test_without_the_permission_it_comes_in_parts_that_end_at_entries(x: Exporting):
    without_uploads(x)
    answer = await x.export()
    parts = [in_parts([post]) for post in x.ada.dm.messages]
    assert "".join(parts).encode() == FILE.content
    assert len(parts) > 1
    assert all(part.endswith("}\n") and len(part) <= files.PART for part in parts)
    assert (
        f"in {len(parts)} messages. Paperboy may not upload files here: that takes the permission files:write" in answer
    )
    assert x.ada.dm.messages[0].notification == f"reading-list.bib, part 1 of {len(parts)}"
    assert x.channel.messages == []


@pytest.mark.parametrize("fault", ["internal_error", Fault.status(500), DROP, "access_denied"])
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_an_upload_that_fails_comes_in_parts(x: Exporting, method: str, fault: Fault | str):
    x.slack.fails(method, fault)
    await x.export()
    assert in_parts(x.ada.dm.messages).encode() == FILE.content


async def test_in_the_direct_messages_the_file_is_above_the_answer(x: Exporting):
    assert "reading-list.bib is above." in await x.export(x.ada.dm)
    assert ["files" in post.raw for post in x.ada.dm.messages][:1] == [True]


async def test_where_nothing_can_be_sent_the_answer_says_so(x: Exporting):
    x.slack.fails("conversations.open", "cannot_dm_bot")
    assert "The file could not be sent to you: this is an app" in await x.export()
    assert x.slack.uploads == {}


async def test_a_part_that_may_have_arrived_is_not_sent_twice(x: Exporting):
    without_uploads(x)
    x.slack.fails("chat.postMessage", DROP_AFTER)
    assert "could not be sent" in await x.export()
    assert len(x.ada.dm.messages) == 1


def test_a_part_of_any_characters_fits_a_message():
    for text in ('"\\\n' * files.PART, "\u2028\u0001é" * files.PART):
        assert characters(files._part("reading-list.bib, part 12 of 20", text[: files.PART])) <= limits.MESSAGE


BIB = "@misc{a, title={Würfel}}"


@pytest.fixture
async def i() -> AsyncIterator[tuple[FakeSlack, FakeDesk, User]]:
    async with FakeSlack(manifest=manifest(None)) as slack:
        desk = FakeDesk({"saved import": replace(say("Imported it"), private=True)})
        _, front = build(config(slack), InMemorySecrets())
        async with connected(slack, front, desk):
            yield slack, desk, slack.team("T1").user("U1")


async def test_a_file_in_a_message_to_paperboy_is_imported(i: tuple[FakeSlack, FakeDesk, User]):
    slack, desk, ada = i
    await ada.writes("saved import", file=BIB.encode("cp1252"))
    await slack.until(lambda: "Imported it" in ada.dm.messages[-1].shown)
    assert desk.calls[-1][:2] == ("saved import", {"file": BIB})
    await ada.writes("saved import", file=bytes(4_000_001))
    await slack.until(lambda: "at most 4 MB are read" in ada.dm.messages[-1].shown)
    slack.team("T1").token.scopes -= {"files:read"}
    await ada.writes("saved import", file=b"x")
    await slack.until(lambda: "Paperboy needs the permission files:read" in ada.dm.messages[-1].shown)
    assert len(desk.calls) == 1
    await ada.writes("saved import")
    await slack.until(lambda: len(desk.calls) == 2)
    assert desk.calls[-1][:2] == ("saved import", {})
