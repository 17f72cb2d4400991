"""The command table -> what Discord's menu shows: one group, its subcommands, typed options. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.discord import limits
from adapters.discord.blocks import Json
from adapters.text import cut
from bot.commands import COMMANDS, GROUPS, Command, Option

ROOT = "papers"
RELATED = "Related papers"
"""The context menu of a message."""
SUBCOMMAND, GROUP, STRING, INTEGER = 1, 2, 3, 4
"""https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type"""
SLASH, ON_A_MESSAGE = 1, 3
IN_SERVERS_AND_WITH_THE_BOT = [0, 1]


def menu() -> list[Json]:
    """What PUT /applications/{id}/commands takes."""
    seen = [command for command in COMMANDS.values() if not command.hidden]
    alone = [_subcommand(command) for command in seen if not command.group]
    groups = [
        {
            "type": GROUP,
            "name": group.name,
            "description": cut(group.summary, limits.DESCRIPTION),
            "options": [_subcommand(command) for command in seen if command.group == group.name],
        }
        for group in GROUPS.values()
    ]
    places = {"contexts": IN_SERVERS_AND_WITH_THE_BOT, "integration_types": [0]}
    slash = {
        "type": SLASH,
        "name": ROOT,
        "description": "The day's trending papers: search, topics, digest",
        "options": [*alone, *groups],
        **places,
    }
    return [slash, {"type": ON_A_MESSAGE, "name": RELATED, **places}]


def parse_command(data: Json) -> tuple[str, dict[str, str]]:
    """The command and its options, as they were typed into the menu."""
    words: list[str] = []
    options: Iterable[Json] = data.get("options") or ()
    while (first := next(iter(options), None)) and first.get("type") in {SUBCOMMAND, GROUP}:
        words.append(str(first.get("name")))
        options = first.get("options") or ()
    return " ".join(words), {str(each["name"]): _text(each.get("value")) for each in options}


def focused_option(data: Json) -> tuple[str, str, str]:
    """The command, the option that has the focus, and what is typed so far."""
    command, _ = parse_command(data)
    options: list[Json] = data.get("options") or []
    while options and options[0].get("type") in {SUBCOMMAND, GROUP}:
        options = options[0].get("options") or []
    focused = next((each for each in options if each.get("focused")), {})
    return command, str(focused.get("name") or ""), _text(focused.get("value"))


def _subcommand(command: Command) -> Json:
    options = sorted(command.shown_options, key=lambda option: not option.required)
    return {
        "type": SUBCOMMAND,
        "name": command.word,
        "description": cut(command.summary, limits.DESCRIPTION),
        "options": [_option(option) for option in options],
    }


def _option(option: Option) -> Json:
    shown: Json = {
        "type": INTEGER if option.kind == "int" else STRING,
        "name": option.name,
        "description": cut(option.help, limits.DESCRIPTION),
        "required": option.required,
    }
    if option.kind == "int":
        bounds = {"min_value": option.minimum, "max_value": option.maximum}
        shown |= {name: bound for name, bound in bounds.items() if bound is not None}
    if option.choices and len(option.choices) <= limits.CHOICES:
        shown["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
    elif option.completes:
        shown["autocomplete"] = True
    return shown


def _text(value: Any) -> str:
    return "" if value is None else str(value)
