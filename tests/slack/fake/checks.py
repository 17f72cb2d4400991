"""Checks of JSON values: a check takes (value, json pointer, faults) and adds what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

Faults = list[str]
HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
Check = Callable[[Any, str, Faults], None]


def words(most: int, least: int = 1) -> Check:
    """Check of a string with so many characters."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, str):
            faults.append(f"must be a string [json-pointer:{at}]")
        elif len(value) > most:
            faults.append(f"must be less than {most + 1} characters [json-pointer:{at}]")
        elif len(value) < least:
            faults.append(f"must be more than {least - 1} characters [json-pointer:{at}]")

    return check


def address(most: int = 3_000) -> Check:
    """Check of a URL that Slack would open."""

    def check(value: Any, at: str, faults: Faults) -> None:
        words(most)(value, at, faults)
        if isinstance(value, str) and (not urlsplit(value).scheme or any(c.isspace() for c in value)):
            faults.append(f"invalid url [json-pointer:{at}]")

    return check


def flag(value: Any, at: str, faults: Faults) -> None:
    """Check of a boolean."""
    if not isinstance(value, bool):
        faults.append(f"must be a boolean [json-pointer:{at}]")


def number(value: Any, at: str, faults: Faults) -> None:
    """Check of an integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        faults.append(f"must be a number [json-pointer:{at}]")


def hour(value: Any, at: str, faults: Faults) -> None:
    """Check of a time of day, `09:30`."""
    if not isinstance(value, str) or not HOUR.fullmatch(value):
        faults.append(f"invalid time [json-pointer:{at}]")


def anything(value: Any, at: str, faults: Faults) -> None:
    """Accept any value."""


def among(*allowed: str) -> Check:
    """Check of one of these words."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if value not in allowed:
            faults.append(f"must be one of {', '.join(allowed)} [json-pointer:{at}]")

    return check


def items(check: Check, least: int, most: int) -> Check:
    """Check of a list with so many items."""

    def checks(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, list):
            faults.append(f"must be an array [json-pointer:{at}]")
        elif len(value) > most:
            faults.append(f"no more than {most} items allowed [json-pointer:{at}]")
        elif len(value) < least:
            faults.append(f"must provide at least {least} items [json-pointer:{at}]")
        else:
            for index, item in enumerate(value):
                check(item, f"{at}/{index}", faults)

    return checks


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Check of an object with these fields and no others."""
    checks = {**(optional or {}), **required}

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            faults.append(f"must be an object [json-pointer:{at}]")
            return
        faults += [f"missing required field: {name} [json-pointer:{at}]" for name in required if name not in value]
        for name, part in value.items():
            if name in checks:
                checks[name](part, f"{at}/{name}", faults)
            elif name != "type":
                faults.append(f"invalid additional property: {name} [json-pointer:{at}]")

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """Check of an object by its `type`."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            faults.append(f"missing required field: type [json-pointer:{at}]")
        elif value["type"] not in kinds:
            faults.append(f"unsupported type: {value['type']} [json-pointer:{at}/type]")
        else:
            kinds[value["type"]](value, at, faults)

    return check


def either(*names: str, then: Check) -> Check:
    """Check of `then`, and of at least one of these fields."""

    def check(value: Any, at: str, faults: Faults) -> None:
        then(value, at, faults)
        if isinstance(value, dict) and not any(name in value for name in names):
            faults.append(f"missing required field: {' or '.join(names)} [json-pointer:{at}]")

    return check


def chosen(then: Check) -> Check:
    """Check of `then`, and that initial options are exactly among the options, whose values are unique."""

    def check(value: Any, at: str, faults: Faults) -> None:
        before = len(faults)
        then(value, at, faults)
        if len(faults) > before:
            return
        groups = [value.get("options") or [], *(group["options"] for group in value.get("option_groups") or ())]
        options = [each for group in groups for each in group]
        if len({each["value"] for each in options}) < len(options):
            faults.append(f"values must be unique [json-pointer:{at}]")
        first = [value["initial_option"]] if "initial_option" in value else value.get("initial_options") or []
        if any(each not in options for each in first):
            faults.append(f"must be among the options [json-pointer:{at}]")

    return check


def plain(most: int, least: int = 1) -> Check:
    """Check of a plain_text object."""
    return typed({"plain_text": shape({"text": words(most, least)}, {"emoji": flag})})


def text(most: int) -> Check:
    """Check of a text object of either type."""
    kinds = {
        "plain_text": shape({"text": words(most)}, {"emoji": flag}),
        "mrkdwn": shape({"text": words(most)}, {"verbatim": flag}),
    }
    return typed(kinds)
