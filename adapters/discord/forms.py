"""Form <-> a panel with a button for every five fields, each of which opens a modal. Pure.

A modal holds five inputs and says nothing about mistakes; the panel shows every value, and what is wrong with it.
"""

from __future__ import annotations

from adapters.discord import limits
from adapters.discord.blocks import BUTTON, NO_MENTIONS, ROW, STYLES, Json, payload
from adapters.discord.markup import line
from adapters.text import cut, utf16
from bot.model import Block, Form, FormField, Message, Span

EDIT = "edit"
"""Begins the custom_id of a panel's buttons and of their modals; no command has that name."""
_APART = "|"
TEXT_INPUT, SELECT, LABEL = 4, 3, 18
ONE_LINE, LINES = 1, 2
EMPTY = "–"


def panel(form: Form) -> Json:
    """The form as a message: each field with its value, what is wrong first, and the buttons to change them."""
    faults = [
        Block("text", (Span(f"{field.label}: {field.error}", bold=True),)) for field in form.fields if field.error
    ]
    values = [Block("text", (Span(f"{field.label}: ", bold=True), Span(field.value or EMPTY))) for field in form.fields]
    body = payload(Message((Block("heading", (Span(form.title),)), *faults, *values), title=form.title))
    buttons = [_button(form, number, part) for number, part in enumerate(_pages(form))]
    body["components"].append({"type": ROW, "components": buttons[: limits.BUTTONS_IN_A_ROW]})
    return {**body, "allowed_mentions": NO_MENTIONS}


def pages(form: Form) -> int:
    """How many modals the form takes."""
    return len(_pages(form))


def modal(form: Form, number: int) -> Json:
    """One page of the form."""
    return {
        "custom_id": _custom_id(form, number),
        "title": cut(line(form.title), limits.MODAL_TITLE, utf16),
        "components": [_input(field) for field in _pages(form)[number]],
    }


def place_of(custom_id: str) -> tuple[str, int] | None:
    """The command and page of a panel's button or modal; None for another's."""
    kind, _, rest = custom_id.partition(_APART)
    command, _, number = rest.partition(_APART)
    return (command, int(number)) if kind == EDIT and number.isdecimal() and len(number) == 1 else None


def filled(form: Form, data: Json) -> Form:
    """The form with what a modal brought."""
    said: dict[str, str] = {}
    for row in data.get("components") or ():
        for part in (row.get("component"), *(row.get("components") or ())):
            if isinstance(part, dict):
                chosen = part.get("values")
                said[str(part.get("custom_id"))] = str(chosen[0]) if chosen else str(part.get("value") or "")
    return form.filled(said)


def _pages(form: Form) -> list[tuple[FormField, ...]]:
    size = limits.MODAL_INPUTS
    return [form.fields[start : start + size] for start in range(0, len(form.fields), size)]


def _button(form: Form, number: int, fields: tuple[FormField, ...]) -> Json:
    label = cut(f"Change {', '.join(field.label.partition(',')[0].lower() for field in fields)}", limits.BUTTON, utf16)
    style = STYLES["primary" if any(field.error for field in fields) else "plain"]
    return {"type": BUTTON, "style": style, "label": label, "custom_id": _custom_id(form, number)}


def _custom_id(form: Form, number: int) -> str:
    return _APART.join((EDIT, form.command, str(number)))


def _input(field: FormField) -> Json:
    label: Json = {"type": LABEL, "label": cut(line(field.label), limits.MODAL_LABEL, utf16)}
    if hint := line(field.error or field.help):
        label["description"] = cut(hint, limits.PLACEHOLDER, utf16)
    if field.kind == "choice" and field.choices:
        options = [{"label": each, "value": each, "default": each == field.value} for each in field.choices]
        return {**label, "component": {"type": SELECT, "custom_id": field.name, "options": options}}
    text: Json = {"type": TEXT_INPUT, "custom_id": field.name, "style": LINES if field.kind == "lines" else ONE_LINE}
    if field.value:  # Discord may refuse one of no characters
        text["value"] = cut(field.value, limits.MODAL_VALUE, utf16, "")
    return {**label, "component": {**text, "required": False}}
