"""The interfaces that 1.0.0 promises, as data: settings, the command line, chat commands, ports.

`python -m tests.promises` writes them to `tests/golden/promises.json`; `tests/test_promises.py` compares. A change that
takes something away from that file, or changes the meaning of an entry, needs version 2.0.0.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from bot import ports
from bot.__main__ import main
from bot.commands.table import COMMANDS
from bot.settings import Settings, table

GOLDEN = Path(__file__).parent / "golden" / "promises.json"


def promises() -> dict[str, Any]:
    """Each promised interface: name of an entry to what a caller depends on."""
    return {
        "settings": {name: "" if default is None else str(default) for name, default, _ in table()},
        "secrets": sorted(name for name, field in Settings.model_fields.items() if SecretStr in _types(field)),
        "command_line": {name: _parameters(command) for name, command in _leaves(main)},
        "commands": {
            command.name: {
                "permission": command.permission,
                "aliases": list(command.aliases),
                "options": {option.name: option.kind for option in command.shown_options},
                "required": [option.name for option in command.shown_options if option.required],
            }
            for command in COMMANDS.values()
            if not command.hidden
        },
        "ports": {
            name: {method: _signature(function) for method, function in _methods(port)}
            for name in sorted(ports.__all__)
            if inspect.isclass(port := getattr(ports, name)) and getattr(port, "_is_protocol", False)
        },
    }


def _types(field: Any) -> set[Any]:
    annotation = field.annotation
    return {annotation, *getattr(annotation, "__args__", ())}


def _leaves(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    leaves: list[tuple[str, click.Command]] = []
    for name in sorted(group.list_commands(click.Context(group))):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            leaves += _leaves(command, f"{prefix}{name} ")
        else:
            leaves.append((prefix + name, command))
    return leaves


def _parameters(command: click.Command) -> list[str]:
    return sorted(name for parameter in command.params for name in parameter.opts)


def _methods(port: type) -> list[tuple[str, Any]]:
    members = inspect.getmembers(port, inspect.isfunction)
    return [(name, function) for name, function in members if not name.startswith("_")]


def _signature(function: Any) -> str:
    """Parameters with kind and whether they may be left out; types are mypy's."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    named = [parameter.name + ("?" if parameter.default is not parameter.empty else "") for parameter in parameters]
    keyword = [n for n, parameter in enumerate(parameters) if parameter.kind is parameter.KEYWORD_ONLY]
    if keyword:
        named.insert(keyword[0], "*")
    return ", ".join(named)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(promises(), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
