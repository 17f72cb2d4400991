"""Forms as a panel with one button for every five fields, each of which opens a modal. Pure.

A modal holds five inputs and cannot show errors; the panel shows every stored
value and every error. A modal opened again holds what was typed last.
"""

from __future__ import annotations

from adapters.discord import limits
from adapters.discord.blocks import BUTTON, ROW, SEPARATOR, STYLES, Json, payload
from adapters.discord.markup import one_line
from adapters.text import truncate, utf16
from bot.model import Block, Form, FormField, Message, Span

EDIT = "edit"
"""First part of the custom_id of panels' buttons and of their modals; no command has that name."""
TEXT_INPUT, SELECT, LABEL = 4, 3, 18
"""https://discord.com/developers/docs/components/reference#component-object-component-types"""
SHORT, PARAGRAPH = 1, 2
EMPTY = "–"


def panel(form: Form) -> Json:
    """The form as a message: errors, every field with its stored value, and buttons to change them."""
    faults = [
        Block("text", (Span(f"{field.label}: {field.error}", bold=True),)) for field in form.fields if field.error
    ]
    if form.refusal:
        faults.insert(0, Block("text", (Span(form.refusal),)))
    values = [Block("text", (Span(f"{field.label}: ", bold=True), Span(field.shown or EMPTY))) for field in form.fields]
    body = payload(Message((Block("heading", (Span(form.title),)), *faults, *values), title=form.title))
    buttons = [_button(form, number) for number in range(page_count(form))]
    body["components"].append({"type": ROW, "components": buttons[: limits.BUTTONS_IN_A_ROW]})
    return body


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


def place_of(custom_id: str) -> tuple[str, int] | None:
    """Command and page of a panel's button or modal; None for another component."""
    kind, _, rest = custom_id.partition(SEPARATOR)
    command, _, number = rest.partition(SEPARATOR)
    return (command, int(number)) if kind == EDIT and number.isdecimal() and len(number) == 1 else None


def filled(form: Form, data: Json) -> Form:
    """The form with the values of a submitted modal; answers of another modal that were refused are dropped."""
    values: dict[str, str] = {}
    for row in data.get("components") or ():
        for part in (row.get("component"), *(row.get("components") or ())):
            if isinstance(part, dict):
                selected = part.get("values")
                values[str(part.get("custom_id"))] = str(selected[0] if selected else part.get("value") or "")
    return form.as_saved().filled(values)


def _page(form: Form, number: int) -> tuple[FormField, ...]:
    return form.fields[number * limits.MODAL_INPUTS :][: limits.MODAL_INPUTS]


def _button(form: Form, number: int) -> Json:
    fields = _page(form, number)
    names = ", ".join(field.label.partition(",")[0].lower() for field in fields)
    label = truncate(f"Change {names}", limits.BUTTON, utf16)
    style = STYLES["primary" if any(field.error for field in fields) else "plain"]
    return {"type": BUTTON, "style": style, "label": label, "custom_id": _custom_id(form, number)}


def _custom_id(form: Form, number: int) -> str:
    return SEPARATOR.join((EDIT, form.command, str(number)))


def _input(field: FormField) -> Json:
    label: Json = {"type": LABEL, "label": truncate(one_line(field.label), limits.MODAL_LABEL, utf16)}
    if hint := one_line(field.error or field.help):
        label["description"] = truncate(hint, limits.PLACEHOLDER, utf16)
    if field.kind == "choice" and field.choices:
        options = [{"label": each, "value": each, "default": each == field.value} for each in field.choices]
        return {**label, "component": {"type": SELECT, "custom_id": field.name, "options": options}}
    style = PARAGRAPH if field.kind == "lines" else SHORT
    text: Json = {"type": TEXT_INPUT, "custom_id": field.name, "style": style}
    if field.value:  # Discord may refuse an empty value
        text["value"] = truncate(field.value, limits.MODAL_VALUE, utf16, "")
    return {**label, "component": {**text, "required": False}}
