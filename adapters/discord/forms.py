"""Forms as a panel with a button for every modal that it takes to hold them. Pure.

A modal holds five inputs and cannot show errors; the panel shows every stored value and every error. A modal opened
again holds what was typed last.
"""

from __future__ import annotations

import hashlib
import json

from adapters.discord import limits
from adapters.discord.blocks import BUTTON, ROW, SEPARATOR, STYLES, Json, payload
from adapters.discord.markup import one_line
from adapters.text import truncate, utf16
from bot.commands import first_readable, read_time
from bot.model import Block, Form, FormField, Message, Span
from bot.wording.forms import choices_of

EDIT = "edit"
"""First part of the custom_id of panels' buttons and of their modals; no command has that name."""
TEXT_INPUT, SELECT, LABEL, RADIO_GROUP, CHECKBOX_GROUP = 4, 3, 18, 21, 22
"""https://discord.com/developers/docs/components/reference#component-object-component-types"""
SHORT, PARAGRAPH = 1, 2
EMPTY = "–"
EMPTY_MEANS = "Empty = "
"""Begins the help of a field whose empty value means something."""
OPTIONS_MAX = 60
"""Units of a form's options in a custom_id."""
FormKey = tuple[str, str]
"""Command of a form, and its options as JSON or as a hash."""
HOURS = tuple(f"{hour:02}:00" for hour in range(24))
TO_THE_MINUTE = "To the minute: /papers subscribe at:09:30"


def panel(form: Form) -> Json:
    """The form as a message: errors, every field with its stored value, and buttons to change them."""
    faults = [
        Block("text", (Span(f"{field.label}: {field.error}", bold=True),)) for field in form.fields if field.error
    ]
    if form.refusal:
        faults.insert(0, Block("text", (Span(form.refusal),)))
    values = [Block("text", (Span(f"{_name(field)}: ", bold=True), Span(_shown(field)))) for field in form.fields]
    body = payload(Message((Block("heading", (Span(form.title),)), *faults, *values), title=form.title))
    buttons = [_button(form, number) for number in range(page_count(form))]
    others = payload(Message((), form.others))["components"] if form.others else []
    body["components"] += [{"type": ROW, "components": buttons[: limits.BUTTONS_IN_A_ROW]}, *others]
    return body


def _name(field: FormField) -> str:
    """The field's label without what it says of the way to fill it in: `Topics` of `Topics, one a line`."""
    return field.label.partition(",")[0]


def _shown(field: FormField) -> str:
    """The stored value in words."""
    if not field.shown:
        meaning = field.help.removeprefix(EMPTY_MEANS)
        return meaning if meaning != field.help else EMPTY
    return dict(field.labelled_choices).get(field.shown, field.shown) if field.kind == "choice" else field.shown


def page_count(form: Form) -> int:
    """Number of modals that hold the form."""
    return -(-len(form.fields) // limits.MODAL_INPUTS)


def modal(form: Form, number: int) -> Json:
    """One page of the form; pages are numbered from 0."""
    return {
        "custom_id": _custom_id(form, number),
        "title": truncate(one_line(form.title), limits.MODAL_TITLE, utf16),
        "components": [_input(field) for field in _page(form, number)],
    }


def place_of(custom_id: str) -> tuple[FormKey, int] | None:
    """The form and the page of a panel's button or modal; None for another component."""
    kind, command, number, options = [*custom_id.split(SEPARATOR, 3), "", "", ""][:4]
    return ((command, options), int(number)) if kind == EDIT and number.isdecimal() and len(number) == 1 else None


def key_of(form: Form) -> FormKey:
    """The form among those of one person; options that are too long for a custom_id are named by a hash."""
    packed = json.dumps(dict(form.options), separators=(",", ":"), ensure_ascii=False) if form.options else ""
    if utf16(packed) > OPTIONS_MAX:
        packed = hashlib.sha256(packed.encode()).hexdigest()[:32]
    return form.command, packed


def options_of(key: FormKey) -> dict[str, str] | None:
    """The options of a form; None where the key has a hash of them."""
    if not key[1]:
        return {}
    try:
        options = json.loads(key[1])
    except (ValueError, RecursionError):
        return None
    return {str(name): str(text) for name, text in options.items()} if isinstance(options, dict) else None


def filled(form: Form, data: Json) -> Form:
    """The form with the values of a submitted modal; answers of another modal that were refused are dropped."""
    values: dict[str, str] = {}
    for row in data.get("components") or ():
        for part in (row.get("component"), *(row.get("components") or ())):
            if isinstance(part, dict):
                chosen = part.get("values")
                several = ",".join(map(str, chosen)) if isinstance(chosen, list) else ""
                values[str(part.get("custom_id"))] = several or str(part.get("value") or "")
    return form.as_saved().filled(values)


def _page(form: Form, number: int) -> tuple[FormField, ...]:
    """The fields of one modal: all but the first are full, so that what is asked about time stays together."""
    full = (page_count(form) - number - 1) * limits.MODAL_INPUTS
    end = len(form.fields) - full
    return form.fields[max(end - limits.MODAL_INPUTS, 0) : end]


def _button(form: Form, number: int) -> Json:
    """A button named for the first two fields of its modal: more does not fit beside another one on a phone."""
    fields = _page(form, number)
    names = ", ".join(map(_name, fields[:2]))
    label = truncate(names[:1] + names[1:].lower() + "…" * (len(fields) > 2), limits.BUTTON, utf16)
    style = STYLES["primary" if any(field.error for field in fields) else "plain"]
    return {"type": BUTTON, "style": style, "label": label, "custom_id": _custom_id(form, number)}


def _custom_id(form: Form, number: int) -> str:
    command, options = key_of(form)
    return SEPARATOR.join((EDIT, command, str(number), *filter(None, (options,))))


def _input(field: FormField) -> Json:
    hint = TO_THE_MINUTE if field.kind == "time" else "" if field.kind in {"days", "choice"} else field.help
    label: Json = {"type": LABEL, "label": truncate(one_line(field.label), limits.MODAL_LABEL, utf16)}
    if hint := one_line(field.error or hint):
        label["description"] = truncate(hint, limits.PLACEHOLDER, utf16)
    return {**label, "component": {"custom_id": field.name, **_component(field)}}


def _component(field: FormField) -> Json:
    """The input of a field: what can be chosen is chosen, with what is filled in chosen already."""
    match field.kind:
        case "time":
            return {"type": SELECT, "options": _hours(field)}
        case "days":
            options = [_option(*each) for each in choices_of(field)]
            return {"type": CHECKBOX_GROUP, "min_values": 1, "max_values": len(options), "options": options}
        case "choice" if field.choices:
            return {"type": RADIO_GROUP, "options": [_option(*each) for each in choices_of(field)]}
    text: Json = {"type": TEXT_INPUT, "style": PARAGRAPH if field.kind == "lines" else SHORT, "required": False}
    if field.value:  # Discord may refuse an empty value
        text["value"] = truncate(field.value, limits.MODAL_VALUE, utf16, "")
    return text


def _hours(field: FormField) -> list[Json]:
    """Every full hour, and the time that is stored; 25 options are as many as a menu takes."""
    at = first_readable(field, read_time)
    present = f"{at:%H:%M}" if at else ""
    return [_option(each, each, each == present) for each in sorted({*HOURS, *filter(None, [present])})]


def _option(value: str, label: str, chosen: bool) -> Json:  # noqa: FBT001 - as `choices_of` has them
    return {"label": truncate(label, limits.CHOICE, utf16), "value": value, "default": chosen}
