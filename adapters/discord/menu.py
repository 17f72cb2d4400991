"""Discord's command menu from the command table: one group, its subcommands, typed options. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adapters.discord import limits
from adapters.discord.blocks import Json
from adapters.text import truncate
from bot.commands import COMMANDS, GROUPS, Command, Option

ROOT, TEAM_ROOT = "papers", "papers-team"
"""Names of the two commands: Discord takes 25 entries for each."""
NOTE = "discord menu"
"""Name of the note with the hash of the menus that Discord has, and the ids that it gave them."""
MESSAGE_COMMANDS = {"Related papers": "similar", "Save this paper": "save"}
"""Entries in the context menu of a message: each command is about the paper that the message links to."""
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, ATTACHMENT = 1, 2, 3, 4, 5, 11
"""https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type"""
SLASH_COMMAND, MESSAGE_COMMAND = 1, 3
IN_SERVERS: Json = {"integration_types": [0], "contexts": [0, 1]}
ANYWHERE: Json = {"integration_types": [0, 1], "contexts": [0, 1, 2]}
"""Who can use a command: members of servers that Paperboy is in, there and in direct messages with it; people who
installed it for themselves too, and everywhere. Discord takes this for a whole command, not for a subcommand.
https://discord.com/developers/docs/interactions/application-commands#contexts"""
YES_OR_NO = ("yes", "no")
OFFERED_HERE = frozenset({"page", "share"})
"""Names of hidden options that the menu offers all the same: it gives each an input of its own kind."""


def menu(*, for_people: bool = True) -> list[Json]:
    """Body of PUT /applications/{id}/commands; `for_people`: the application can be installed by people."""
    anywhere = ANYWHERE if for_people else IN_SERVERS
    descriptions = {
        ROOT: "The day's trending papers: search, topics, digest",
        TEAM_ROOT: "Papers in your team: watches, memory, recaps, a journal club",
    }
    commands = [
        {"type": SLASH_COMMAND, "name": root, "description": description, "options": _entries(inside)}
        | (anywhere if any(command.anywhere for command in inside) else IN_SERVERS)
        for root, description in descriptions.items()
        if (inside := [each for each in COMMANDS.values() if not each.hidden and each.team is (root == TEAM_ROOT)])
    ]
    return [*commands, *({"type": MESSAGE_COMMAND, "name": name, **anywhere} for name in MESSAGE_COMMANDS)]


def _entries(visible: Sequence[Command]) -> list[Json]:
    """Subcommands and groups of one of the two commands."""
    names = dict.fromkeys(command.group for command in visible if command.group)
    groups = [
        {
            "type": GROUP,
            "name": name,
            "description": truncate(GROUPS[name].summary, limits.DESCRIPTION),
            "options": [_subcommand(command) for command in visible if command.group == name],
        }
        for name in names
    ]
    return [*(_subcommand(command) for command in visible if not command.group), *groups]


def parse_command(data: Json) -> tuple[str, dict[str, str]]:
    """Command and options of an interaction, as chosen in the menu."""
    *words, options = _path(data)
    return " ".join(words), {str(option["name"]): _text(option.get("value")) for option in options}


def focused_option(data: Json) -> tuple[str, str, str]:
    """Command, name of the option being typed, and its text so far."""
    *words, options = _path(data)
    focused: Json = next((option for option in options if option.get("focused")), {})
    return " ".join(words), str(focused.get("name") or ""), _text(focused.get("value"))


def _path(data: Json) -> Iterator[Any]:
    """Words of the command, then the list of its options."""
    options: list[Json] = data.get("options") or []
    while options and options[0].get("type") in {SUBCOMMAND, GROUP}:
        yield str(options[0].get("name"))
        options = options[0].get("options") or []
    yield options


def _subcommand(command: Command) -> Json:
    offered = [option for option in command.options if not option.hidden or option.name in OFFERED_HERE]
    options = sorted(offered, key=lambda option: not option.required)
    return {
        "type": SUBCOMMAND,
        "name": command.word,
        "description": truncate(command.summary, limits.DESCRIPTION),
        "options": [_option(option) for option in options],
    }


def _type(option: Option) -> int:
    """Discord's type: of a duration with a limit, which is then a number of days, a whole number."""
    if option.choices == YES_OR_NO:
        return BOOLEAN
    if option.kind == "file":
        return ATTACHMENT
    is_days = option.kind == "duration" and option.maximum is not None
    return INTEGER if option.kind == "int" or is_days else STRING


def _option(option: Option) -> Json:
    body: Json = {
        "type": _type(option),
        "name": option.name,
        "description": truncate(option.help, limits.DESCRIPTION),
        "required": option.required,
    }
    if body["type"] == INTEGER:
        bounds = {"min_value": option.minimum, "max_value": option.maximum}
        body |= {name: bound for name, bound in bounds.items() if bound is not None}
    elif option.choices and body["type"] == STRING and len(option.choices) <= limits.CHOICES:
        body["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
    elif option.completes:
        body["autocomplete"] = True
    return body


def _text(value: Any) -> str:
    """A value as it is typed: `yes` or `no` for one that is true or false."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
