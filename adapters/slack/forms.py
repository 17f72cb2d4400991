"""Form <-> a modal: inputs with hints and present values, and the values of a submitted modal. Pure.

A field is one input, whose block has the field's name as its id. A field of many lines is as many inputs as it needs,
as one holds 3,000 characters; `name:2` has the second part of its value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapters.slack import buttons
from adapters.slack.inputs import PICKED, VALUE, element, plain_text, typed
from adapters.slack.markup import Json, one_line
from adapters.slack.origin import Origin
from adapters.text import truncate
from bot.model import Form, FormField
from bot.wording.channel_form import OTHER_DIGESTS

CALLBACK = "form"
# Characters. https://docs.slack.dev/reference/views/modal-views, /block-kit/blocks/input-block, /block-elements
TITLE = 24
BUTTON = 24
LABEL = 2_000
HINT = 2_000
SPARE = 500
"""Characters left in the last part of a value, the most that one more line has; with fewer, an empty part follows."""
ERROR = 300
"""Characters of an error, our own limit: a sentence below a field."""


@dataclass(frozen=True, slots=True)
class FormContext:
    """The channel a form was requested in, kept in its `private_metadata`, as a submission does not name it."""

    team: str
    channel: str
    thread: str | None = None
    response_url: str | None = None
    home: str | None = None


def modal(form: Form, origin: Origin | FormContext) -> Json:
    """The form as a view for views.open."""
    context = {name: getattr(origin, name) for name in ("team", "channel", "thread", "response_url", "home")}
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps({"command": form.command, "options": dict(form.options), **context}),
        "title": plain_text(form.title, TITLE),
        "submit": plain_text(form.submit, BUTTON),
        "close": plain_text("Cancel", BUTTON),
        "blocks": [*_refusal(form), *_others(form), *(block for field in form.fields for block in _inputs(field))],
    }


def _others(form: Form) -> list[Json]:
    """Buttons for the other forms that may take this one's place."""
    return [_context(OTHER_DIGESTS), *buttons.rows(form.others)] if form.others else []


def form_context(view: Json) -> FormContext | None:
    """The context of a submitted form; None for a view that is no form of ours."""
    metadata = private_metadata(view)
    team, channel = metadata.get("team"), metadata.get("channel")
    if not isinstance(team, str) or not isinstance(channel, str):
        return None
    others = {name: _text_or_none(metadata.get(name)) for name in ("thread", "response_url", "home")}
    return FormContext(team, channel, **others)


def in_context(origin: Origin, form: FormContext) -> Origin:
    """The origin of a view with what only its form knows: where the answer goes."""
    return replace(origin, thread=form.thread, response_url=form.response_url, home=form.home)


def submitted_form(view: Json) -> Form:
    """The form of a submitted view, with the values that were filled in."""
    values: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    state = (view.get("state") or {}).get("values") or {}
    for block in view.get("blocks") or ():
        if block.get("type") != "input":
            continue
        block_id = str(block.get("block_id") or "")
        name = block_id.partition(":")[0]
        labels.setdefault(name, (block.get("label") or {}).get("text") or name)
        answer: Json = next(iter((state.get(block_id) or {}).values()), {})
        values.setdefault(name, []).append(typed(answer))
    fields = tuple(FormField(name, labels[name], "\n".join(filter(None, parts))) for name, parts in values.items())
    title = (view.get("title") or {}).get("text") or ""
    metadata = private_metadata(view)
    options = metadata.get("options")
    return Form(title, str(metadata.get("command") or ""), fields, options=options if isinstance(options, dict) else {})


def field_errors(form: Form) -> dict[str, str]:
    """The errors of a form, by the id of the block that each is shown under; the first says that nothing was saved."""
    errors = {field.name: one_line(field.error) for field in form.fields if field.error}
    if first := next(iter(errors), None):
        errors[first] = f"{form.refusal} {errors[first]}"
    return {name: truncate(error, ERROR) for name, error in errors.items()}


def private_metadata(view: Json) -> Json:
    """The JSON in a view's `private_metadata`; empty where it is not readable."""
    try:
        metadata = json.loads(view.get("private_metadata") or "{}")
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _refusal(form: Form) -> list[Json]:
    return [_context(form.refusal)] if form.refusal else []


def _context(text: str) -> Json:
    return {"type": "context", "elements": [{**plain_text(text, ERROR), "emoji": False}]}


def _inputs(field: FormField) -> Iterator[Json]:
    if note := " ".join(filter(None, (field.error, field.stored_note))):
        yield _context(f"{field.label}: {note}")
    for number, part in enumerate(_parts(field), start=1):
        block: Json = {
            "type": "input",
            "block_id": field.name if number == 1 else f"{field.name}:{number}",
            "label": plain_text(field.label if number == 1 else f"{field.label} ({number})", LABEL),
            "element": element(field, part),
            "optional": field.kind not in PICKED,
        }
        if field.help and field.kind not in PICKED and not field.labels:
            block["hint"] = plain_text(field.help, HINT)
        yield block


def _parts(field: FormField) -> list[str]:
    """The value in parts that an input can hold, cut between lines; the last has room for one more line."""
    if field.kind != "lines":
        return [field.value[:VALUE]]
    parts = [""]
    for line in field.value.splitlines():
        longer = f"{parts[-1]}\n{line}" if parts[-1] else line
        if len(longer) <= VALUE:
            parts[-1] = longer
        else:
            parts.append(line[:VALUE])
    return [*parts, ""] if len(parts[-1]) > VALUE - SPARE else parts
