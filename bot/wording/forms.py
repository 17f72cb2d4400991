"""Forms in words: options to pick from; for people who can only type, a form as a message. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.commands import CANCEL, first_readable, read_days
from bot.model import WEEKDAYS, Block, Form, FormField, Message, Span
from bot.wording.parts import LONG_DAYS


def choices_of(field: FormField) -> list[tuple[str, str, bool]]:
    """The options of a field of weekdays or choices: value, label, and whether it is filled in, else stored."""
    if field.kind == "days":
        days = first_readable(field, read_days) or frozenset()
        names = zip(WEEKDAYS, LONG_DAYS, strict=True)
        return [(day, name, number in days) for number, (day, name) in enumerate(names)]
    return [(choice, label, choice == field.value) for choice, label in field.labelled_choices]


def form_message(form: Form) -> Message:
    """The form as people read it; a field without faults among faulty ones is left out."""
    faulty = [field for field in form.fields if field.error]
    blocks = [Block("heading", (Span(form.title),))]
    blocks += [Block("text", (Span(form.refusal),))] * bool(faulty)
    blocks += [_block(field) for field in faulty or form.fields]
    blocks.append(Block("note", (*_how(form), Span(", or with "), Span(CANCEL, code=True), Span("."))))
    return Message(tuple(blocks), title=form.title)


def _how(form: Form) -> tuple[Span, ...]:
    if len(form.fields) == 1:
        return (Span("Reply with it"),)
    field = next((each for each in form.fields if each.value), form.fields[0])
    example = f"{field.name}: {field.value.partition(chr(10))[0]}".strip()
    return Span("Reply with the lines that you change, such as "), Span(example, code=True)


def _block(field: FormField) -> Block:
    value = Span(f"{field.name}: {field.value}", code=True)
    choices = " or ".join(
        choice if label == choice else f"{choice} ({label})" for choice, label in field.labelled_choices[:20]
    )
    several = "one a line" if field.kind == "lines" and "one a line" not in field.label else ""
    about = "; ".join(filter(None, (field.label, choices, field.help, several)))
    fault = (Span("\n"), Span(field.error, bold=True)) if field.error else ()
    return Block("text", (value, *fault), (Span(about),))


def reply_hint(labels: Iterable[str], *, votes: bool) -> str:
    """A line with the replies that stand for buttons, which other platforms show; empty if there are none."""
    replies = f"Reply with: {' · '.join(labels)}" if (labels := list(labels)) else ""
    return f"{replies}{'; or react 👍 👎' if replies else 'React 👍 👎'}" if votes else replies
