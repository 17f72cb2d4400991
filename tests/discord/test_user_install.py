"""Paperboy installed by a person: in servers without it, in direct messages of others and in groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.discord import interactions, limits
from adapters.discord.manifest import PERSON_PARAMS, SERVER_PARAMS, invite
from bot.commands import COMMANDS
from bot.model import Channel
from tests.discord.fake import APPLICATION, FakeDiscord, checks
from tests.discord.fake import Channel as Place
from tests.discord.fake.interactions import IN_SERVER, OTHERS_DMS
from tests.discord.harness import Notes, Server, connected, logged, server
from tests.fakes.front import FakeDesk
from tests.harness.desk import OMNI

PAPER = "2510.20579"
ADA = Channel("discord:@/42")


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as s:
        foreign = s.discord.guild("9001", "9101")
        foreign.has_bot = False
        s.discord.installed_by.add(s.ada)
        yield s


def elsewhere(s: Server) -> list[Place]:
    """A server without Paperboy, direct messages of two people, and a group."""
    return [s.discord.channels["9101"], s.discord.between(s.ada, s.ben), s.discord.between(s.ada, s.ben, "44")]


async def test_papers_are_found_everywhere_for_who_asked_alone(s: Server):
    for place in elsewhere(s):
        for words, options, text in (
            ("search", {"query": "video", "count": 2}, "Papers for video"),
            ("today", {}, "Trending now"),
            ("paper", {"paper": PAPER}, "Open-o3"),
            ("similar", {"paper": OMNI}, "OmniVinci"),
            ("why", {"paper": PAPER}, "Why this"),
            ("help", {}, "What works everywhere"),
            ("about", {}, "Paperboy brings"),
        ):
            reply = await s.command(words, place, **options)
            assert text in reply.text
            assert reply.message is not None
            assert reply.message.visible_to == s.ada
            assert not reply.follow_ups
        assert place.messages == []


async def test_buttons_that_need_a_channel_are_not_shown(s: Server):
    for place in elsewhere(s):
        card = (await s.command("paper", place, paper=OMNI)).message
        assert card is not None
        assert [each["label"] for each in card.buttons] == ["Save", "Similar", "Why?"]
        similar = await s.click(card, "Similar")
        assert "OmniVinci" in similar.text
        assert similar.message is not None
        assert similar.message.visible_to == s.ada


async def test_a_page_is_turned_in_place(s: Server):
    first = await s.command("search", s.discord.channels["9101"], query="video", count=2)
    before = first.text
    assert (await s.click(first.message, "More")).message is first.message
    assert first.text != before
    await s.click(first.message, "Back")
    assert first.text == before


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("subscribe", {}),
        ("topics add", {"topic": "video"}),
        ("settings", {}),
        ("catchup", {"days": 3}),
        ("saved channel", {}),
        ("forget", {"what": "channel"}),
        ("status", {}),
    ],
)
async def test_what_needs_a_channel_says_so_with_the_link_that_invites(
    s: Server, words: str, options: dict[str, object]
):
    for place in elsewhere(s):
        reply = await s.command(words, place, **options)
        assert "needs Paperboy itself in the channel" in reply.text
        assert reply.message is not None
        [button] = reply.message.buttons
        assert button["url"] == invite(APPLICATION)
        assert parse_qs(urlsplit(button["url"]).query)["integration_type"] == ["0"]
    assert await s.backend.store.subscriptions.of(ADA) == []


async def test_a_request_in_plain_words_is_refused_like_its_command(s: Server):
    reply = await s.command("search", s.discord.channels["9101"], query="stop")
    assert "Subscribe" not in reply.text
    assert not {each["label"] for each in reply.message.buttons} & {"Pause", "Unsubscribe"}  # type: ignore[union-attr]


async def test_nothing_is_stored_of_the_place(s: Server, tmp_path: Path):
    foreign = s.discord.channels["9101"]
    card = await s.command("paper", foreign, paper=PAPER)
    await s.click(card.message, "Save")
    await s.command("today", foreign, topic="video")
    await s.command("saved note", foreign, paper=PAPER, text="compare with ours")
    await s.command("subscribe", foreign)
    stored = b"".join(each.read_bytes() for each in tmp_path.glob("week.db*"))
    assert b"compare with ours" in stored
    assert b"9001" not in stored
    assert b"9101" not in stored
    assert not any("9001" in name or "9101" in name for name in s.front._notes.texts)  # type: ignore[attr-defined]


async def test_a_reading_list_is_the_persons_wherever_it_is_filled(s: Server):
    foreign, group = s.discord.channels["9101"], s.discord.between(s.ada, s.ben, "44")
    await s.command("save", foreign, paper=PAPER)
    await s.command("save", s.channel, paper=OMNI)
    for place in (s.channel, foreign, group, s.discord.dm(s.ada)):
        listed = await s.command("saved list", place)
        assert "Open-o3" in listed.text
        assert "2 papers" in listed.text or len(listed.text.splitlines()) > 2
    s.discord.installed_by.add(s.ben)
    assert "empty" in (await s.command("saved list", group, by=s.ben)).text


async def test_notes_are_written_in_a_form_there_too(s: Server):
    foreign = s.discord.channels["9101"]
    panel = (await s.command("saved note", foreign, paper=PAPER)).message
    assert panel is not None
    form = await s.click(panel, panel.buttons[0]["label"])
    done = await s.discord.interactions.submit(s.ada, panel, form.modal, {"text": "compare with ours"})
    assert "compare with ours" in done.text
    assert done.message is not None
    assert done.message.visible_to == s.ada


async def test_an_answer_is_not_shared_where_paperboy_is_not(s: Server):
    for place in elsewhere(s):
        reply = await s.command("search", place, query="video", share=True)
        assert "Papers for video" in reply.text
        await s.discord.until(lambda reply=reply: reply.follow_ups)
        [note] = reply.follow_ups
        assert "answers stay with you alone" in note.text
        assert place.messages == []


async def test_a_list_that_cannot_be_attached_stays_within_five_further_messages(
    s: Server, monkeypatch: pytest.MonkeyPatch
):
    for paper in (PAPER, OMNI):
        await s.command("save", paper=paper)
    monkeypatch.setattr(interactions, "PART_MAX", 60)
    s.discord.interactions.attachment_size_limit = 1
    with logged() as log:
        reply = await s.command("saved export", s.discord.channels["9101"], format="bibtex")
        await s.discord.until(lambda: len(reply.follow_ups) == limits.FOLLOW_UPS)
        assert "part 4 of" in reply.follow_ups[-2].text
        assert "do not fit here" in reply.follow_ups[-1].text
        in_server = await s.command("saved export", format="bibtex")
        await s.discord.until(lambda: len(in_server.follow_ups) > limits.FOLLOW_UPS)
        assert log.rest == 0


async def test_a_message_anywhere_has_its_paper_saved_and_shown_beside_others(s: Server):
    for place in elsewhere(s):
        message = {"content": f"worth reading: https://arxiv.org/abs/{OMNI}"}
        people = s.discord.interactions
        assert "Saved" in (await people.use_message_command(s.ada, place, message, "Save this paper")).text
        assert "OmniVinci" in (await people.use_message_command(s.ada, place, message)).text
        nothing = await people.use_message_command(s.ada, place, {"content": "hello"}, "Save this paper")
        assert "No paper is linked" in nothing.text
    assert OMNI in str((await s.command("saved list")).message.raw)  # type: ignore[union-attr]


async def test_completions_come_there_too(s: Server):
    await s.command("today")
    offered = await s.discord.interactions.autocomplete(s.ada, s.discord.channels["9101"], "why", "paper", "video")
    assert offered


async def test_a_server_with_paperboy_is_as_before_for_who_has_it_too(s: Server):
    assert "Subscribed" in (await s.command("subscribe")).text
    card = (await s.command("paper", paper=PAPER)).message
    assert card is not None
    assert "Share" in [each["label"] for each in card.buttons]
    assert "Subscribed" in (await s.command("subscribe", s.discord.dm(s.ada))).text


async def test_help_lists_every_command_that_works_everywhere(s: Server):
    text = (await s.command("help", s.discord.channels["9101"])).text
    assert {command.name for command in COMMANDS.values() if f"/papers {command.name}" in text} == {
        command.name for command in COMMANDS.values() if command.anywhere and not command.hidden
    }


def test_the_fake_offers_a_command_as_discord_does():
    menu = [{"name": "papers", "type": 1, "contexts": [0, 1], "integration_types": [0]}]
    there = {"data": {"name": "papers", "type": 1}, "context": IN_SERVER, "authorizing_integration_owners": {"0": "1"}}
    assert checks.usable(menu, there) is None
    assert checks.usable(menu, there | {"authorizing_integration_owners": {"1": "42"}})
    assert checks.usable(menu, there | {"context": OTHERS_DMS})


# --- how the application can be installed -----------------------------------------------------------------------------


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as discord:
        discord.guild("1001", "2001")
        yield discord


def for_people(discord: FakeDiscord) -> bool:
    return all(1 in each["integration_types"] for each in discord.menu if each["name"] != "papers-team")


async def test_people_can_install_it_after_the_first_start(discord: FakeDiscord):
    async with connected(discord, FakeDesk(), Notes()):
        assert discord.install_config == {
            "0": {"oauth2_install_params": SERVER_PARAMS},
            "1": {"oauth2_install_params": PERSON_PARAMS},
        }
        assert for_people(discord)


async def test_settings_of_its_operator_stay(discord: FakeDiscord):
    own = {"oauth2_install_params": {"scopes": ["bot"], "permissions": "8"}}
    discord.install_config = {"0": own}
    notes = Notes()
    async with connected(discord, FakeDesk(), notes):
        assert discord.install_config["0"] == own
        assert "1" in discord.install_config
    del discord.install_config["1"]  # unticked in the portal
    async with connected(discord, FakeDesk(), notes):
        assert discord.install_config == {"0": own}
        assert not for_people(discord)


async def test_a_private_application_gets_no_default_link(discord: FakeDiscord):
    discord.bot_public = False
    async with connected(discord, FakeDesk(), Notes()):
        assert discord.install_config == {"0": {}, "1": {}}
        assert for_people(discord)


async def test_where_discord_refuses_the_commands_are_for_servers_and_the_log_has_the_remedy(
    discord: FakeDiscord, caplog: pytest.LogCaptureFixture
):
    discord.fails("PATCH", "/applications/@me", 400, {"message": "no", "code": 50_035})
    async with connected(discord, FakeDesk(), notes := Notes()):
        assert not for_people(discord)
        assert "tick User Install" in caplog.text
    async with connected(discord, FakeDesk(), notes):
        assert for_people(discord), "tried again at the next start"


async def test_a_menu_for_people_that_is_refused_does_not_keep_paperboy_from_servers(
    discord: FakeDiscord, caplog: pytest.LogCaptureFixture
):
    discord.fails("PUT", "/commands", 400, {"message": "Invalid Form Body", "code": 50_035})
    async with connected(discord, FakeDesk(), notes := Notes()):
        assert {each["name"] for each in discord.menu} > {"papers", "papers-team"}
        assert not for_people(discord)
        assert "takes no commands for people" in caplog.text
    async with connected(discord, FakeDesk(), notes):
        assert for_people(discord), "tried again at the next start"
