"""The table of commands."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands import COMMANDS, GROUPS, find, parse_line, read_options

TODAY = date(2026, 11, 22)
VISIBLE = [command for command in COMMANDS.values() if not command.hidden]


def test_every_command_of_the_design_is_there():
    named = (
        "today search paper similar why topics_list topics_add topics_remove topics_mute topics_unmute "
        "subscribe pause resume unsubscribe settings test preview digest catchup save saved_list saved_export "
        "subscriptions status help about forget"
    )
    assert {command.name.replace(" ", "_") for command in VISIBLE} >= {*named.split()}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_discord_takes_every_description_and_option(command):
    assert 0 < len(command.summary) <= 100
    assert all(0 < len(option.help) <= 100 for option in command.options)
    assert len(command.options) <= 25
    assert all(len(option.choices) <= 25 for option in command.options)
    assert sum(option.rest for option in command.options) <= 1


@pytest.mark.parametrize("command", VISIBLE, ids=[command.name for command in VISIBLE])
def test_every_example_in_the_help_works(command):
    assert command.examples
    for example in command.examples:
        name, raw = parse_line(example)
        assert name == command.name
        read_options(find(name), raw, today=TODAY)


def test_every_group_has_a_bare_meaning():
    assert all(COMMANDS[group.bare].group == name for name, group in GROUPS.items())
