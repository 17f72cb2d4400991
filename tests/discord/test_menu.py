"""The command table as Discord's menu, the invite link, and what the doctor says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from click.testing import CliRunner

from adapters.discord import examine
from adapters.discord.manifest import PERMISSIONS, client_id_of, invite, personal_install
from adapters.discord.menu import focused_option, menu, parse_command
from bot import settings
from bot.__main__ import main
from bot.commands import COMMANDS
from bot.errors import SettingsError, UserError
from bot.model import Channel, Check
from tests.discord.fake import ALL, APPLICATION, HISTORY, THREADS, TOKEN, FakeDiscord, checks
from tests.discord.harness import Notes


def test_discord_takes_the_menu_and_every_command_is_in_it():
    *slashes, related, save = menu()
    assert checks.commands(menu(), {0, 1}) is None
    assert [each["name"] for each in slashes] == ["papers", "papers-team"]
    entries = [entry for slash in slashes for entry in slash["options"]]
    names = {each["name"] for each in entries if each["type"] == 1}
    names |= {f"{group['name']} {each['name']}" for group in entries if group["type"] == 2 for each in group["options"]}
    assert names == {command.name for command in COMMANDS.values() if not command.hidden}
    everywhere = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
    assert related == {"type": 3, "name": "Related papers", **everywhere}
    assert save == {"type": 3, "name": "Save this paper", **everywhere}


def test_commands_of_papers_are_for_people_too_and_those_of_teams_are_not():
    papers, team, *_ = menu()
    assert (papers["contexts"], papers["integration_types"]) == ([0, 1, 2], [0, 1])
    assert (team["contexts"], team["integration_types"]) == ([0, 1], [0])
    for_servers = menu(for_people=False)
    assert checks.commands(for_servers, {0}) is None
    assert checks.commands(menu(), {0}) is not None
    assert {each["integration_types"][0] for each in for_servers} == {0}


def test_options_are_typed_and_completed():
    slash, *_ = menu()
    search = next(each for each in slash["options"] if each["name"] == "search")
    options = {each["name"]: each for each in search["options"]}
    assert options["query"]["required"]
    assert options["query"]["autocomplete"]
    assert (options["count"]["type"], options["count"]["min_value"], options["count"]["max_value"]) == (4, 1, 20)
    assert [each["value"] for each in options["order"]["choices"]] == ["best", "newest", "trending"]
    assert (options["share"]["type"], options["share"]["required"]) == (5, False)
    assert (options["page"]["type"], options["page"]["min_value"], options["page"]["max_value"]) == (4, 1, 100)
    assert not {"choices", "autocomplete"} & options["share"].keys()
    assert "start" not in options
    catchup = next(each for each in slash["options"] if each["name"] == "catchup")
    days = next(each for each in catchup["options"] if each["name"] == "days")
    most = COMMANDS["catchup"].option("days").maximum  # type: ignore[union-attr]
    assert (days["type"], days["min_value"], days["max_value"]) == (4, 1, most)
    subscribe = next(each for each in slash["options"] if each["name"] == "subscribe")
    assert next(each for each in subscribe["options"] if each["name"] == "days")["type"] == 3


def test_a_chosen_command_is_parsed():
    add = {"name": "add", "type": 1, "options": [{"name": "topic", "type": 3, "value": "video"}]}
    data = {"name": "papers", "options": [{"name": "topics", "type": 2, "options": [add]}]}
    assert parse_command(data) == ("topics add", {"topic": "video"})
    add["options"][0]["focused"] = True  # type: ignore[index]
    assert focused_option(data) == ("topics add", "topic", "video")
    assert parse_command({"name": "papers"}) == ("", {})


# --- the link ------------------------------------------------------------------------------------------------------


def test_typed_values_are_read_as_if_they_were_text():
    chosen = [{"name": "count", "type": 4, "value": 3}, {"name": "share", "type": 5, "value": True}]
    data = {"options": [{"type": 1, "name": "today", "options": chosen}]}
    assert parse_command(data) == ("today", {"count": "3", "share": "yes"})
    chosen[1]["value"] = False
    assert parse_command(data) == ("today", {"count": "3", "share": "no"})


def test_the_link_asks_for_the_permissions_that_are_used_and_no_others():
    query = parse_qs(urlsplit(invite(client_id_of(None, TOKEN))).query)
    assert query["client_id"] == [APPLICATION]
    assert query["scope"] == ["bot applications.commands"]
    permissions = discord.Permissions(
        view_channel=True,
        send_messages=True,
        read_message_history=True,
        create_public_threads=True,
        send_messages_in_threads=True,
    )
    assert int(query["permissions"][0]) == permissions.value == sum(PERMISSIONS.values())
    assert query["integration_type"] == ["0"]


def test_a_persons_link_asks_for_commands_and_for_no_permission():
    query = parse_qs(urlsplit(personal_install("42")).query)
    assert query == {"client_id": ["42"], "scope": ["applications.commands"], "integration_type": ["1"]}


def test_the_command_prints_both_links_and_nothing_else(monkeypatch):
    monkeypatch.setenv("DISCORD_APPLICATION_ID", "42")
    ended = CliRunner().invoke(main, ["manifest", "discord"])
    assert ended.exit_code == 0
    assert ended.stdout.split() == ["In", "a", "server:", invite("42"), "For", "yourself:", personal_install("42")]
    assert ended.stdout.count("\n") == 2


@pytest.mark.parametrize("token", [None, "", "nonsense", "a.b.c", "....", "é.x.y", "2aHZodmhINmh.x.y"])
def test_without_an_id_the_error_names_the_remedy_and_not_the_token(token: str | None):
    with pytest.raises(UserError, match="DISCORD_APPLICATION_ID") as caught:
        client_id_of(None, token)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("wrong", ["paperboy", "12 34", "١٢٣", "1" * 21])
def test_an_invalid_application_id_is_refused(wrong: str):
    with pytest.raises(UserError, match="DISCORD_APPLICATION_ID is a number"):
        client_id_of(wrong, TOKEN)
    assert client_id_of(" 42\n", None) == client_id_of("42", TOKEN) == "42"


# --- the doctor, and the settings ----------------------------------------------------------------------------------


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
        monkeypatch.setenv("PAPERBOY_DISCORD_API_URL", fake.api_url)
        fake.guild("1001", "2001", "2002")
        yield fake


async def examined(*channels: str) -> list[Check]:
    return await examine(settings.load(), None, [Channel(channel) for channel in channels])


async def test_without_a_token_there_are_no_checks():
    assert await examined("discord:1001/2001") == []


async def test_a_missing_permission_is_named_with_the_remedy(fake: FakeDiscord):
    fake.channels["2002"].bot_permissions = ALL & ~HISTORY & ~THREADS
    connected, missing = await examined("discord:1001/2001", "discord:1001/2002", "discord:@/42", "slack:T1/C1")
    assert connected.result == "connected as Paperboy"
    assert missing.result == "missing Read Message History, Create Public Threads"
    assert "role" in missing.remedy


async def test_a_deleted_channel_or_server_is_named(fake: FakeDiscord):
    assert "deleted" in (await examined("discord:1001/9"))[1].result
    fake.guilds["1001"].has_bot = False
    assert (await examined("discord:1001/2001"))[1].fault


async def test_a_token_that_is_refused_is_named_and_never_shown(fake: FakeDiscord, monkeypatch):
    wrong = TOKEN[:-3] + "bbb"
    monkeypatch.setenv("DISCORD_TOKEN", wrong)
    [check] = await examined("discord:1001/2001")
    assert check.fault
    assert "token" in check.result
    assert wrong not in str(check)


@pytest.mark.parametrize(
    ("token", "problem"), [("Bot x", "leave out the word Bot"), ("xoxb-1", "Reset Token"), ("NDI.a.b c", "Reset Token")]
)
async def test_a_malformed_token_is_refused_without_a_request(monkeypatch, token: str, problem: str):
    from adapters.discord import connect  # noqa: PLC0415 - the rest of the file needs it not

    monkeypatch.setenv("DISCORD_TOKEN", token)
    with pytest.raises(SettingsError, match=problem):
        connect(settings.load(), Notes())
    [check] = await examined()
    assert problem in check.result
