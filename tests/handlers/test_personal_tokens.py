"""`mcp` as a person meets it: a token that is shown once, to one person."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode

import pytest

from bot.errors import UserError
from bot.handlers import Handlers
from tests.harness.desk import ADA, BEN, HERE, Desk

TOKEN = re.compile(r"paperboy_[\w-]+\.[\w-]{43}")


async def test_a_token_is_shown_once_privately_and_only_a_hash_is_stored(desk: Desk) -> None:
    assert "has no token for this channel" in (await desk.ask("mcp")).text
    answer = await desk.ask("mcp token")
    [token] = TOKEN.findall(answer.text)
    assert answer.private
    assert not [action for action in answer.actions if action.options.get("share")], "it cannot be shared"
    assert "good until Wed 22 Apr 2026" in answer.text
    assert token not in answer.title
    again = await desk.ask("mcp")
    assert "It is not shown again" in again.text
    assert not TOKEN.search(again.text)
    notes = await desk.store.secrets.notes("")
    assert not any(token.partition(".")[2] in text for text in notes.values())
    assert [name for name in notes if name.startswith(f"{ADA.user} ")] == [f"{ADA.user} mcp {HERE}"]


async def test_a_token_is_of_its_person_and_channel_without_a_managers_rights(desk: Desk) -> None:
    [token] = TOKEN.findall((await desk.ask("mcp token")).text)
    holder = await desk.handlers.personal.holder(token)
    assert (holder.channel, holder.user, holder.may_manage) == (HERE, ADA.user, False)
    assert "has no token" in (await desk.ask("mcp", BEN)).text


async def test_a_new_one_ends_the_one_before_and_revoke_ends_it(desk: Desk) -> None:
    first = await desk.ask("mcp token")
    assert "the one before" not in first.text
    second = await desk.press(await desk.ask("mcp"), "New token")
    assert "the one before ends now" in second.text
    tokens = [TOKEN.findall(each.text)[0] for each in (first, second)]
    with pytest.raises(UserError, match="/papers mcp token"):
        await desk.handlers.personal.holder(tokens[0])
    await desk.handlers.personal.holder(tokens[1])
    assert "opens nothing any more" in (await desk.press(second, "Revoke")).text
    with pytest.raises(UserError):
        await desk.handlers.personal.holder(tokens[1])
    assert "has no token" in (await desk.ask("mcp revoke")).text


async def test_the_answer_says_where_it_is_used(desk: Desk) -> None:
    assert "PAPERBOY_MCP=on" in (await desk.ask("mcp token")).text
    desk.handlers = Handlers(desk.store, desk.search, desk.engine, mcp_url="https://papers.example.org/mcp")
    assert "https://papers.example.org/mcp" in (await desk.ask("mcp token")).text


async def test_forget_me_ends_it_and_of_others_nothing(desk: Desk) -> None:
    answers = [await desk.ask("mcp token", who) for who in (ADA, BEN)]
    [mine], [theirs] = (TOKEN.findall(answer.text) for answer in answers)
    await desk.store.people.forget(ADA.user)
    with pytest.raises(UserError):
        await desk.handlers.personal.holder(mine)
    assert (await desk.handlers.personal.holder(theirs)).user == BEN.user


@pytest.mark.parametrize("owner", ["a\0\nb", "a\nb\nc", "a", "", "\ud7ff"])
async def test_a_made_up_token_opens_nothing_whatever_it_is_of(desk: Desk, owner: str) -> None:
    made_up = f"paperboy_{urlsafe_b64encode(owner.encode()).decode().rstrip('=')}.{'s' * 43}"
    with pytest.raises(UserError, match="opens nothing"):
        await desk.handlers.personal.holder(made_up)


async def test_a_token_with_a_nul_is_not_looked_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL would raise."""
    monkeypatch.setattr(desk.store, "secrets", None)
    with pytest.raises(UserError, match="opens nothing"):
        await desk.handlers.personal.holder(f"paperboy_{urlsafe_b64encode(b'a%cb' % 0).decode().rstrip('=')}.s")


async def test_forgetting_a_channel_ends_the_tokens_of_its_people_for_it(desk: Desk) -> None:
    [token] = TOKEN.findall((await desk.ask("mcp token", BEN)).text)
    await desk.store.people.forget(HERE)
    with pytest.raises(UserError, match="opens nothing"):
        await desk.handlers.personal.holder(token)
