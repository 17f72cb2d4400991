"""Actions -> rows of buttons and a menu after them; a pressed one -> its command and options. Pure.

A menu's entries are those that `Action.in_menu` names. Slack shows it as “…”, whatever it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from adapters.slack import limits
from adapters.slack.markup import Json, characters, escape, escaped_length, one_line, safe_url
from adapters.text import truncate
from bot.model import Action

BUTTONS_IN_A_ROW = 5
PHONE_ROW, NARROWEST, EDGES = 42, 4, 4
"""Letters that a row of buttons is wide, that the narrowest button is, and that each one's edges take; as drawn."""
NOTHING = "…"
_LINK = "link"
_MENU = "menu"
_COMMAND = re.compile(r"([a-z]+(?: [a-z]+)?):\d+")


def rows(actions: Iterable[Action]) -> list[Json]:
    """Rows of buttons and the menu, in at most half a message."""
    rows: list[Json] = []
    for row in islice(_phone_rows(_controls(actions)), limits.ROWS):
        rows.append({"type": "actions", "elements": row})
        if characters(rows) > limits.MESSAGE // 2:
            return rows[:-1]
    return rows


def pressed_action(element: Json) -> tuple[str, dict[str, str]]:
    """The command and options of a pressed button, or of the entry that was chosen in a menu."""
    chosen = element.get("selected_option") or element
    return decode_action(element.get("action_id") or "", chosen.get("value"))


def shown_actions(blocks: Iterable[Json]) -> list[Action]:
    """The buttons of a posted message, without those that open an address, and without its menu."""
    elements = [each for block in blocks if block.get("type") == "actions" for each in block.get("elements") or ()]
    pressable = [(each, *pressed_action(each)) for each in elements if each.get("type") == "button"]
    return [Action(str(each["text"]["text"]), command, options) for each, command, options in pressable if command]


def decode_action(action_id: str, value: object) -> tuple[str, dict[str, str]]:
    """The command and options in a value; without a readable value, the command that the id names, else ""."""
    try:
        command, options = json.loads(value) if isinstance(value, str) else (None, None)
        if isinstance(command, str) and isinstance(options, dict):
            return command, {name: text for name, text in options.items() if isinstance(text, str)}
    except (ValueError, TypeError, RecursionError):
        pass
    match = _COMMAND.fullmatch(action_id)
    return (match[1] if match and match[1] != _LINK else ""), {}


def is_link(action_id: object) -> bool:
    """Whether a pressed button is one that opens an address by itself."""
    return isinstance(action_id, str) and action_id.startswith(f"{_LINK}:")


def _controls(actions: Iterable[Action]) -> list[Json]:
    """Buttons, then the menu; an entry that no menu can hold is a button."""
    buttons: list[Json] = []
    entries: dict[str, Json] = {}
    for at, action in enumerate(actions):
        entry = _entry(action) if action.in_menu and len(entries) < limits.MENU_ENTRIES else None
        if entry is not None and entry["value"] not in entries:
            entries[entry["value"]] = entry
        elif button := _button(action, at):
            buttons.append(button)
    menu = [{"type": "overflow", "action_id": _MENU, "options": [*entries.values()]}] if entries else []
    return buttons + menu


def _phone_rows(controls: Iterable[Json]) -> Iterator[list[Json]]:
    """The buttons in rows that a phone shows in one line each; it would break longer ones anywhere.

    A menu, which comes last, takes a button along where it would stand in a row of its own.
    """
    row: list[Json] = []
    room = PHONE_ROW
    for control in controls:
        letters = len(control["text"]["text"]) if "text" in control else 0
        width = max(letters, NARROWEST) + EDGES
        if row and (width > room or len(row) == BUTTONS_IN_A_ROW):
            kept = len(row) - (control["type"] == "overflow" and len(row) > 1)
            yield row[:kept]
            row, room = row[kept:], PHONE_ROW
        row.append(control)
        room -= width
    if row:
        yield row


def _entry(action: Action) -> Json | None:
    """An entry of a menu; None for a link, or where the options do not fit."""
    value = _value(action)
    if action.url is not None or len(value) > limits.MENU_VALUE:
        return None
    return {"text": _label(action), "value": value}


def _button(action: Action, at: int) -> Json | None:
    """A button; None for one that could not work: a link that is no web address, options that do not fit."""
    if action.url is not None:
        url = safe_url(action.url)
        effect = {"action_id": f"{_LINK}:{at}", "url": url} if url else None
    else:
        effect = _command_effect(action, at)
    if effect is None:
        return None
    button = {"type": "button", "text": _label(action), **effect}
    return button if action.style == "plain" else {**button, "style": action.style}


def _label(action: Action) -> Json:
    text = escape(truncate(one_line(action.label), limits.BUTTON, escaped_length)) or NOTHING
    return {"type": "plain_text", "text": text, "emoji": True}


def _command_effect(action: Action, at: int) -> Json | None:
    """Id and value; the id is unique in the message, as Slack requires."""
    action_id, value = f"{action.command}:{at}", _value(action)
    fits = len(value) <= limits.VALUE and len(action_id) <= limits.ACTION_ID
    return {"action_id": action_id, "value": value} if fits else None


def button(action: Action) -> Json:
    """Text and value of an action, for an element that has no more of a button."""
    return {"text": _label(action), "value": _value(action)}


def _value(action: Action) -> str:
    """The command and its options, in ASCII without Slack's marks."""
    value = json.dumps([action.command, dict(action.options)], separators=(",", ":"))
    for mark in "&<>":
        value = value.replace(mark, f"\\u{ord(mark):04x}")
    return value
