"""A command is declared once and handled once, as bot/commands/README.md says; anything less raises."""

from __future__ import annotations

import pytest

from adapters.discord.menu import menu
from bot.commands import COMMANDS, Command
from bot.commands.table import PAPER
from bot.handlers import Handlers
from bot.handlers.context import HANDLERS, handles
from bot.wording.parts import say
from tests.harness.desk import BEN, OMNI

CITE = Command("cite", "How to cite a paper", (PAPER,), "managers", ("cite 2405.14105",), aliases=("reference",))


@pytest.fixture
def cite(monkeypatch):
    """The made-up command `cite`, declared and handled."""
    monkeypatch.setitem(COMMANDS, "cite", CITE)
    monkeypatch.setitem(HANDLERS, "cite", None)

    @handles("cite")
    async def cite_paper(context, invocation):
        return say(f"Cite arXiv:{invocation.text('paper')}.")


async def test_a_declared_and_handled_command_can_be_typed_and_is_in_help_and_menu(cite, desk):
    assert (await desk.ask(f"cite {OMNI}")).text == f"Cite arXiv:{OMNI}."
    assert "How to cite a paper" in (await desk.ask("help all")).text
    assert (await desk.ask(f"reference {OMNI}")).text == f"Cite arXiv:{OMNI}."
    assert f"Did you mean /papers cite {OMNI}?" in (await desk.ask(f"citte {OMNI}")).text
    assert "cite" in {option["name"] for option in menu()[0]["options"]}
    assert "cite" in await desk.handlers.complete("help", "command", "ci", BEN)
    assert await desk.handlers.complete("cite", "paper", "2510", BEN) == ()


async def test_a_declaration_says_who_may_and_what_is_needed(cite, desk):
    assert "you need the permission" in (await desk.ask(f"cite {OMNI}", BEN)).text
    assert "A paper is missing. Try /papers cite 2405.14105." in (await desk.ask("cite")).text


def test_a_handler_for_an_undeclared_command_raises():
    with pytest.raises(LookupError, match=r"'cite' is not declared in bot/commands/table\.py"):
        handles("cite")


def test_a_declared_command_without_a_handler_raises(desk, monkeypatch):
    monkeypatch.setitem(COMMANDS, "cite", CITE)
    with pytest.raises(LookupError, match="no handler in bot/handlers for cite"):
        Handlers(desk.store, desk.search, desk.engine)
