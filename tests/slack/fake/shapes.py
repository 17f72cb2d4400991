"""Tables of the fields of each block, element and object. https://docs.slack.dev/reference/block-kit."""

from __future__ import annotations

from collections.abc import Mapping

from tests.slack.fake.checks import (
    Check,
    address,
    among,
    anything,
    chosen,
    either,
    flag,
    hour,
    items,
    number,
    plain,
    shape,
    text,
    typed,
    words,
)
from tests.slack.fake.limits import PRIVATE_METADATA, VIEW_BLOCKS

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
_MOMENT = {**_FIELD, "initial_date": anything, "initial_time": hour, "initial_date_time": number}
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
    "static_select": chosen(
        either("options", "option_groups", then=shape({}, {**_PICK, **_OPTIONS, "initial_option": OPTION}))
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
    "checkboxes": chosen(shape({"options": items(OPTION, 1, 10)}, _FEW)),
    "radio_buttons": chosen(shape({"options": items(OPTION, 1, 10)}, _FEW)),
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
_FEEDBACK = shape({"text": plain(75), "value": words(2_000)}, {"accessibility_label": words(75)})
_ICONS: dict[str, Check] = {
    "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, ACTION),
    "icon_button": shape(
        {"icon": among("trash"), "text": plain(75)},
        {
            **ACTION,
            "value": words(2_000),
            "confirm": CONFIRM,
            "accessibility_label": words(75),
            "visible_to_user_ids": items(words(64), 1, 10),
        },
    ),
}
"""https://docs.slack.dev/reference/block-kit/blocks/context-actions-block; the bin is the one icon there is."""
_CELL = typed({"raw_text": shape({"text": words(3_000)}), "rich_text": shape({"elements": items(_RICH, 1, 1_000)})})
_COLUMN = shape({}, {"align": among("left", "center", "right"), "is_wrapped": flag})
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
        "context_actions": shape({"elements": items(typed(_ICONS), 1, 5)}, IDS),
        "table": shape({"rows": items(items(_CELL, 1, 20), 1, 100)}, {**IDS, "column_settings": items(_COLUMN, 1, 20)}),
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
