"""Form fields <-> elements of a modal: text inputs, menus, a time picker, checkboxes. Pure.

An element's state comes back as the text that could have been typed: `09:00`, `mon,wed`, `Europe/Berlin`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from adapters.slack.markup import Json, one_line
from adapters.text import truncate
from bot.commands import first_readable, read_time, read_timezone, zones
from bot.model import FormField
from bot.wording.forms import choices_of

INPUT = "value"
"""The action id of every input."""
PICKED = frozenset({"time", "days", "timezone"})
"""Kinds whose elements always have a value, and cannot be typed."""

# https://docs.slack.dev/reference/block-kit/block-elements and /composition-objects. Characters, but for the last.
VALUE = 3_000
OPTION = 75
OPTIONS_IN_A_GROUP = 100

CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
"""The places of tz names. Others, such as Etc/GMT+1, US/Eastern and EST, are old names or surprises."""


def element(field: FormField, value: str) -> Json:
    """The element that a field, or a part of it, is filled in with."""
    match field.kind:
        case "choice" if field.choices:
            return _menu(field)
        case "time":
            at = first_readable(field, read_time)
            return {"type": "timepicker", "action_id": INPUT, **({"initial_time": f"{at:%H:%M}"} if at else {})}
        case "days":
            return _checkboxes(field)
        case "timezone":
            return _zone_menu(field)
    text: Json = {"type": "plain_text_input", "action_id": INPUT, "max_length": VALUE}
    text["multiline"] = field.kind == "lines"
    return {**text, "initial_value": value} if value else text


def typed(state: Json) -> str:
    """The text of an element's state."""
    chosen = state.get("selected_options")
    if chosen is not None:
        return ",".join(str(each.get("value") or "") for each in chosen)
    return str((state.get("selected_option") or state).get("value") or state.get("selected_time") or "")


def _menu(field: FormField) -> Json:
    options, chosen = _options(field)
    initial = {"initial_option": chosen[0]} if chosen else {}
    return {"type": "static_select", "action_id": INPUT, "options": options, **initial}


def _checkboxes(field: FormField) -> Json:
    options, ticked = _options(field)
    initial = {"initial_options": ticked} if ticked else {}
    return {"type": "checkboxes", "action_id": INPUT, "options": options, **initial}


def _options(field: FormField) -> tuple[list[Json], list[Json]]:
    """The options of a field, and those of them that are chosen."""
    options = [(_option(value, label), chosen) for value, label, chosen in choices_of(field)]
    return [each for each, _ in options], [each for each, chosen in options if chosen]


def _zone_menu(field: FormField) -> Json:
    """The present zone, the offered ones and UTC, then all places by continent; each once, as Slack requires."""
    present = first_readable(field, read_timezone) or ""
    offered = [zone for zone in dict.fromkeys((present, *field.choices, "UTC")) if zone in zones().values()]
    groups = [_zone_group("Suggested", offered)]
    for continent, places in _places().items():
        left = [zone for zone in places if zone not in offered]
        for start in range(0, len(left), OPTIONS_IN_A_GROUP):
            part = left[start : start + OPTIONS_IN_A_GROUP]
            groups.append(
                _zone_group(f"{continent}, {part[0].partition('/')[2][0]} to Z" if start else continent, part)
            )
    initial = {"initial_option": _zone_option(present)} if present in offered else {}
    return {"type": "static_select", "action_id": INPUT, "option_groups": groups, **initial}


def _zone_group(label: str, names: Sequence[str]) -> Json:
    return {"label": plain_text(label, OPTION), "options": list(map(_zone_option, names))}


def _zone_option(zone: str) -> Json:
    return _option(zone, zone.replace("_", " "))


@cache
def _places() -> Mapping[str, Sequence[str]]:
    """Time zones that are named for a place, by continent."""
    places: dict[str, list[str]] = {continent: [] for continent in CONTINENTS}
    for zone in zones().values():
        continent, slash, _ = zone.partition("/")
        if slash and continent in places:
            places[continent].append(zone)
    return {continent: names for continent, names in places.items() if names}


def _option(value: str, label: str) -> Json:
    return {"text": plain_text(label, OPTION), "value": truncate(value, OPTION)}


def plain_text(text: str, most: int) -> Json:
    """A text object, cut to so many characters."""
    return {"type": "plain_text", "text": truncate(one_line(text), most) or "…"}
