"""Answers of a form -> a frozen value, or a fault per field. Pure.

platform's fields ─► Form ─► Desk.read ─► SubscriptionChanges (settings), FilledForm (others) ─► Desk.apply
                                 └──────► the form with its faults, shown again
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar

from bot.commands.bibliography import read_bibliography
from bot.commands.table import COMMANDS
from bot.commands.values import read_value
from bot.errors import UserError
from bot.model import FilledForm, Form, FormField, SubscriptionChanges

CANCEL = "cancel"
"""The line that leaves a form where forms are filled in by lines."""
_LINE = re.compile(r"\s*([\w -]+?)\s*[:=]\s?(.*)")
_Value = TypeVar("_Value")


def read_answers(answers: Mapping[str, str]) -> tuple[SubscriptionChanges, dict[str, str]]:
    """The changes of filled-in fields, and the error of each invalid field by its name.

    A blank field changes nothing, except for topics and mutes: a blank list is an empty one.
    """
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, text in answers.items():
        option = COMMANDS["settings"].option(name)
        if option is None:
            faults[name] = "This is not a setting."
        elif name == "new":
            continue
        elif text.strip() or option.kind == "topics":
            try:
                values[name] = read_value(option, text, today=date.min)  # no setting is a day
            except UserError as error:
                faults[name] = str(error)
    return SubscriptionChanges(**values), faults


def read_form(form: Form) -> FilledForm | Form:
    """The options of any other form's command, or the form with its faults."""
    command = COMMANDS[form.command]
    faults: dict[str, str] = {}
    for field in form.fields:
        option = command.option(field.name)
        if option is None:
            faults[field.name] = "This form is out of date. Open it again."
            continue
        try:
            read_value(option, field.value, today=date.min)
            if option.kind == "file":
                read_bibliography(field.value)
        except UserError as error:
            faults[field.name] = str(error)
    if faults:
        return form.with_faults(faults)
    return FilledForm(form.command, {**form.options, **{field.name: field.value for field in form.fields}})


def filled_by_lines(form: Form, reply: str) -> Form | None:
    """The form with the lines of a reply, such as `size: 5`; the whole reply where it has one field.

    None if the reply names no field. A line without a name, such as the topic `cat:cs.CL`, belongs to the field above.
    """
    names = {key.casefold(): each.name for each in form.fields for key in (each.label, each.name)}
    current = form.fields[0].name if len(form.fields) == 1 else None
    values: dict[str, list[str]] = {}
    for line in reply.splitlines():
        match = _LINE.fullmatch(line)
        name = names.get(match[1].casefold()) if match else None
        current = name or current
        if current is not None:
            values.setdefault(current, []).append(match[2] if match and name else line)
    return form.filled({name: "\n".join(lines).strip() for name, lines in values.items()}) if values else None


def first_readable(field: FormField, read: Callable[[str], _Value]) -> _Value | None:
    """The value filled in, else the stored one: a picker cannot show an answer that is wrong. None if neither is."""
    for text in (field.value, field.shown):
        with suppress(UserError):
            return read(text)
    return None
