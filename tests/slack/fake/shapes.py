"""Tables of the fields of each block, element and object. https://docs.slack.dev/reference/block-kit.

A check takes (value, json pointer, faults) and adds what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.slack.fake.limits import PRIVATE_METADATA, VIEW_BLOCKS

Faults = list[str]
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


IDS = {"block_id": words(255)}
ACTION = {"action_id": words(255)}
OPTION = shape({"text": text(75), "value": words(150)}, {"description": text(75), "url": address()})
ENTRY = shape({"text": plain(75), "value": words(75)}, {"description": plain(75), "url": address()})
"""An option of a menu, whose text is plain."""
GROUP = shape({"label": plain(75), "options": items(OPTION, 1, 100)})
CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": among("primary", "danger")},
)
_FIELD = {**ACTION, "placeholder": plain(150), "focus_on_load": flag, "confirm": CONFIRM}
_PICK = {**_FIELD, "response_url_enabled": flag}
_MANY = {**_FIELD, "max_selected_items": number}
_OPTIONS = {"options": items(OPTION, 1, 100), "option_groups": items(GROUP, 1, 100)}
_TYPED = {
    **_FIELD,
    "initial_value": words(3_000, 0),
    "min_length": number,
    "max_length": number,
    "dispatch_action_config": anything,
}
_MOMENT = {**_FIELD, "initial_date": anything, "initial_time": anything, "initial_date_time": number}
_FEW = {**_FIELD, "initial_options": items(OPTION, 1, 10), "initial_option": OPTION}


def _image(extra: Mapping[str, Check]) -> Check:
    fields = {"image_url": address(), "slack_file": anything, **extra}
    return either("image_url", "slack_file", then=shape({"alt_text": words(2_000)}, fields))


_BUTTON = shape(
    {"text": plain(75)},
    {
        **ACTION,
        "url": address(),
        "value": words(2_000),
        "style": among("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": words(75),
    },
)
_SELECTS: dict[str, Check] = {
    "static_select": either(
        "options", "option_groups", then=shape({}, {**_PICK, **_OPTIONS, "initial_option": OPTION})
    ),
    "external_select": shape({}, {**_PICK, "min_query_length": number, "initial_option": OPTION}),
    "users_select": shape({}, {**_PICK, "initial_user": words(255)}),
    "channels_select": shape({}, {**_PICK, "initial_channel": words(255)}),
    "conversations_select": shape(
        {},
        {**_PICK, "initial_conversation": words(255), "default_to_current_conversation": flag, "filter": anything},
    ),
}
_MULTI: dict[str, Check] = {
    "multi_static_select": either(
        "options", "option_groups", then=shape({}, {**_MANY, **_OPTIONS, "initial_options": items(OPTION, 1, 100)})
    ),
    "multi_external_select": shape({}, {**_MANY, "min_query_length": number, "initial_options": anything}),
    "multi_users_select": shape({}, {**_MANY, "initial_users": anything}),
    "multi_conversations_select": shape({}, {**_MANY, "initial_conversations": anything, "filter": anything}),
    "multi_channels_select": shape({}, {**_MANY, "initial_channels": anything}),
}
_CHOICES: dict[str, Check] = {
    "checkboxes": shape({"options": items(OPTION, 1, 10)}, _FEW),
    "radio_buttons": shape({"options": items(OPTION, 1, 10)}, _FEW),
    "datepicker": shape({}, _MOMENT),
    "timepicker": shape({}, {**_MOMENT, "timezone": words(100)}),
    "datetimepicker": shape({}, _MOMENT),
}
PRESSED: dict[str, Check] = {
    "button": _BUTTON,
    "overflow": shape({"options": items(ENTRY, 1, 5)}, {**ACTION, "confirm": CONFIRM}),
    **_SELECTS,
    **_CHOICES,
}
FILLED: dict[str, Check] = {
    "plain_text_input": shape({}, {**_TYPED, "multiline": flag}),
    "rich_text_input": shape({}, {**_FIELD, "initial_value": anything, "dispatch_action_config": anything}),
    "email_text_input": shape({}, _TYPED),
    "url_text_input": shape({}, _TYPED),
    "number_input": shape({"is_decimal_allowed": flag}, {**_TYPED, "min_value": words(100), "max_value": words(100)}),
    **_SELECTS,
    **_MULTI,
    **_CHOICES,
}
_SMALL = {
    "image": _image({}),
    "mrkdwn": shape({"text": words(3_000)}, {"verbatim": flag}),
    "plain_text": shape({"text": words(3_000)}, {"emoji": flag}),
}
_RICH = typed(
    dict.fromkeys(("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"), anything)
)
BLOCKS: Check = typed(
    {
        "section": either(
            "text",
            "fields",
            then=shape(
                {},
                {
                    **IDS,
                    "text": text(3_000),
                    "fields": items(text(2_000), 1, 10),
                    "accessory": typed({**PRESSED, **_MULTI, "image": _image({})}),
                    "expand": flag,
                },
            ),
        ),
        "header": shape({"text": plain(150)}, {**IDS, "level": number}),
        "divider": shape({}, IDS),
        "context": shape({"elements": items(typed(_SMALL), 1, 10)}, IDS),
        "actions": shape({"elements": items(typed(PRESSED), 1, 25)}, IDS),
        "image": _image({**IDS, "title": plain(2_000)}),
        "input": shape(
            {"label": plain(2_000), "element": typed(FILLED)},
            {**IDS, "hint": plain(2_000), "optional": flag, "dispatch_action": flag},
        ),
        "rich_text": shape({"elements": items(_RICH, 1, 1_000)}, IDS),
        "markdown": shape({"text": words(12_000)}, IDS),
    }
)
_VIEW = {"blocks": items(BLOCKS, 0, VIEW_BLOCKS)}
_VIEW_MORE = {"private_metadata": words(PRIVATE_METADATA, 0), "callback_id": words(255), "external_id": words(255, 0)}
HOME: Check = shape(_VIEW, _VIEW_MORE)
MODAL: Check = shape(
    {**_VIEW, "title": plain(24)},
    {
        **_VIEW_MORE,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
