"""Commands of a person who brought Paperboy to a place where it is not: papers and their own list, no channel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands import COMMANDS
from bot.model import Message
from bot.wording.parts import without_channel
from tests.harness.desk import BEN, OMNI, Desk

LINK = "https://example.org/invite"
AWAY = replace(BEN, channel=BEN.user, invite=LINK)
OPTIONS = {"paper": OMNI, "query": "video", "what": "me"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_a_command_is_refused_unless_it_is_declared_to_run_anywhere(desk: Desk, name: str):
    command = COMMANDS[name]
    raw = {
        option.name: OPTIONS[option.name] for option in command.options if option.name in OPTIONS and option.required
    }
    answer = await desk.handlers.run(name, AWAY, raw)
    is_refused = isinstance(answer, Message) and "needs Paperboy itself in the channel" in answer.text
    assert is_refused is not command.anywhere
    if is_refused:
        assert isinstance(answer, Message)
        assert [action.url for action in answer.actions] == [LINK]


async def test_a_channel_is_not_forgotten_from_there(desk: Desk):
    answer = await desk.handlers.run("forget", AWAY, {"what": "channel", "confirm": "yes"})
    assert isinstance(answer, Message)
    assert "needs Paperboy itself" in answer.text


async def test_help_lists_what_works(desk: Desk):
    answer = await desk.handlers.run("help", AWAY, {})
    assert isinstance(answer, Message)
    assert "/papers search <query>" in answer.text
    assert "/papers subscribe" not in answer.text
    assert LINK in [action.url for action in answer.actions]


async def test_buttons_about_a_channel_leave_an_answer(desk: Desk):
    card = await desk.handlers.run("paper", AWAY, {"paper": OMNI})
    assert isinstance(card, Message)
    assert {"like", "discuss", "follow"} <= {action.command for action in card.actions}
    assert [action.command for action in without_channel(card).actions] == ["save", "similar", "why"]
