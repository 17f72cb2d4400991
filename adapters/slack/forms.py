"""Form <-> a modal: inputs with their hints and present values, and what was filled in. Pure.

A field is one input; one of many lines is as many as it needs, as an input holds 3,000 characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from adapters.slack.markup import Json, line
from adapters.slack.origin import Spot
from adapters.text import cut
from bot.model import Form, FormField

CALLBACK = "form"
INPUT = "value"
"""The action id of every input; the block's id is the field's name, and `name:2` for what did not fit in the first."""

# https://docs.slack.dev/reference/views/modal-views, /block-kit/blocks/input-block, /block-kit/block-elements
TITLE = 24
BUTTON = 24
LABEL = 2_000
HINT = 2_000
VALUE = 3_000
ROOM = 500
"""Characters that a line of ours has at most."""
OPTION = 75
ERROR = 300
"""Our own limit: a sentence beneath a field."""
_PART = ":"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form was asked for, carried along in its `private_metadata`: a submission says nothing about it."""

    team: str
    channel: str
    thread: str | None = None
    response_url: str | None = None

    @staticmethod
    def of(spot: Spot) -> Place:
        """As the form's answer will need it."""
        return Place(spot.team, spot.channel, spot.thread, spot.response_url)


def modal(form: Form, place: Place) -> Json:
    """The form as a view for views.open."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps({"command": form.command, **asdict(place)}),
        "title": _plain(form.title, TITLE),
        "submit": _plain(form.submit, BUTTON),
        "close": _plain("Cancel", BUTTON),
        "blocks": [block for field in form.fields for block in _inputs(field)],
    }


def place_of(view: Json) -> Place | None:
    """Where the form of a submitted view was asked for."""
    said = _metadata(view)
    try:
        return Place(said["team"], said["channel"], said.get("thread"), said.get("response_url"))
    except KeyError:
        return None


def filled(view: Json) -> Form:
    """The form of a submitted view, with what was filled in."""
    values: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    state = (view.get("state") or {}).get("values") or {}
    for block in view.get("blocks") or ():
        if block.get("type") != "input":
            continue
        name = block["block_id"].partition(_PART)[0]
        labels.setdefault(name, (block.get("label") or {}).get("text") or name)
        values.setdefault(name, []).append(_value(state.get(block["block_id"]) or {}))
    fields = tuple(FormField(name, labels[name], "\n".join(filter(None, parts))) for name, parts in values.items())
    title = (view.get("title") or {}).get("text") or ""
    return Form(title, str(_metadata(view).get("command") or ""), fields)


def errors(form: Form) -> dict[str, str]:
    """What is wrong, by the block it is shown under."""
    return {field.name: cut(line(field.error), ERROR) for field in form.fields if field.error}


# --- inputs ------------------------------------------------------------------------------------------------------


def _inputs(field: FormField) -> Iterator[Json]:
    if field.error:
        warning = f"{line(field.label)}: {line(field.error)}"
        yield {"type": "context", "elements": [{**_plain(warning, ERROR), "emoji": False}]}
    for number, part in enumerate(_parts(field), start=1):
        block: Json = {
            "type": "input",
            "block_id": field.name if number == 1 else f"{field.name}{_PART}{number}",
            "label": _plain(field.label if number == 1 else f"{field.label} ({number})", LABEL),
            "element": _element(field, part),
            "optional": True,
        }
        if field.help:
            block["hint"] = _plain(field.help, HINT)
        yield block


def _element(field: FormField, value: str) -> Json:
    if field.kind == "choice" and field.choices:
        options = [{"text": _plain(choice, OPTION), "value": cut(choice, OPTION)} for choice in field.choices]
        chosen = [option for option in options if option["value"] == value]
        initial = {"initial_option": chosen[0]} if chosen else {}
        return {"type": "static_select", "action_id": INPUT, "options": options, **initial}
    text: Json = {"type": "plain_text_input", "action_id": INPUT, "max_length": VALUE}
    text["multiline"] = field.kind == "lines"
    return {**text, "initial_value": value} if value else text


def _parts(field: FormField) -> list[str]:
    """The value in pieces that an input can hold: cut between lines, never lost, and with room for one more."""
    if field.kind != "lines":
        return [field.value[:VALUE]]
    parts = [""]
    for each in field.value.splitlines():
        longer = f"{parts[-1]}\n{each}" if parts[-1] else each
        if len(longer) <= VALUE:
            parts[-1] = longer
        else:
            parts.append(each[:VALUE])
    return [*parts, ""] if len(parts[-1]) > VALUE - ROOM else parts


def _value(inputs: Json) -> str:
    for element in inputs.values():
        chosen = element.get("selected_option")
        return str((chosen.get("value") if chosen else element.get("value")) or "")
    return ""


def _plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": cut(line(text), most) or "…"}


def _metadata(view: Json) -> Json:
    try:
        said = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
