"""Forms as one message of lines `size: 5`, and the reply with the lines to change. Pure."""

from __future__ import annotations

import re

from bot.model import Block, Form, FormField, Message, Span

CANCEL = "cancel"
_LINE = re.compile(r"\s*([\w -]+?)\s*[:=]\s?(.*)")


def form_message(form: Form) -> Message:
    """The form as people read it; a field without faults among faulty ones is left out."""
    faulty = [field for field in form.fields if field.error]
    blocks = [Block("heading", (Span(form.title),))]
    blocks += [Block("text", (Span(form.refusal),))] * bool(faulty)
    blocks += [_block(field) for field in faulty or form.fields]
    example = f"{form.fields[0].name}: {form.fields[0].value.partition(chr(10))[0]}".strip()
    how = (Span("Reply with the lines that you change, such as "), Span(example, code=True), Span(", or with "))
    blocks.append(Block("note", (*how, Span(CANCEL, code=True), Span("."))))
    return Message(tuple(blocks), title=form.title)


def _block(field: FormField) -> Block:
    value = Span(f"{field.name}: {field.value}", code=True)
    choices = " or ".join(
        choice if label == choice else f"{choice} ({label})" for choice, label in field.labelled_choices[:20]
    )
    several = "one a line" if field.kind == "lines" else ""
    about = "; ".join(filter(None, (field.label, choices, field.help, several)))
    fault = (Span("\n"), Span(field.error, bold=True)) if field.error else ()
    return Block("text", (value, *fault), (Span(about),))


def filled_in(form: Form, reply: str) -> Form | None:
    """The form with the lines of a reply; the whole reply where there is one field. None if it names no field.

    A line without a name, such as the topic `cat:cs.CL`, belongs to the field above it.
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
