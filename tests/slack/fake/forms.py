"""A person's client: finding buttons, filling in fields, carrying out a response_action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake.checks import HOUR
from tests.slack.fake.methods import Refused
from tests.slack.fake.reading import decoded
from tests.slack.fake.state import BUTTONS, Posted, View
from tests.slack.fake.views import checked, new, replace

if TYPE_CHECKING:
    from tests.slack.fake.replies import Reply
    from tests.slack.fake.server import FakeSlack


def pressed(on: Posted | View, what: str | tuple[str, str]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The first button of a label, an action_id, or an (action_id, value); else a menu and its entry of that label."""
    for control in on.controls:
        if control["type"] not in BUTTONS:
            continue
        if isinstance(what, tuple):
            if (control["action_id"], control.get("value")) == what:
                return control, None
        elif what in (control["action_id"], control["label"]):
            return control, None
    for menu in on.controls:
        for entry in menu["options"] if menu["type"] == "overflow" else ():
            if what == decoded(entry["text"]["text"]):
                return menu, entry
    raise AssertionError(f"no button {what!r}; there are {[(c['label'], c['action_id']) for c in on.controls]}")


def option(on: Posted | View, what: str, choice: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A menu and one of its options."""
    for control in on.controls:
        if what in (control["action_id"], control["label"]):
            return control, _option(control, choice)
    raise AssertionError(f"no menu {what!r}; there are {[(c['label'], c['action_id']) for c in on.controls]}")


def _option(element: dict[str, Any], choice: str) -> dict[str, Any]:
    groups = [element.get("options") or [], *(group["options"] for group in element.get("option_groups") or [])]
    options = [each for group in groups for each in group]
    for each in options:
        if choice in (each["value"], decoded(each["text"]["text"])):
            option: dict[str, Any] = each
            return option
    raise AssertionError(f"no option {choice!r}; there are {[each['value'] for each in options]}")


def initial(view: View) -> dict[str, Any]:
    """The initial state of a view."""
    return {
        block_id: {block["element"]["action_id"]: _state(block["element"], None)}
        for block_id, block in view.fields.items()
    }


def filled(view: View, values: dict[str, Any]) -> dict[str, Any]:
    """The state after filling in. Fails, as Slack's client, for missing or too long values."""
    remaining, state = dict(values), {}
    for block_id, block in view.fields.items():
        element = block["element"]
        names = (block_id, element["action_id"], decoded(block["label"]["text"]))
        value = next((remaining.pop(each) for each in names if each in remaining), None)
        state[block_id] = {element["action_id"]: _state(element, value)}
        _check(block, state[block_id][element["action_id"]])
    labels = {block_id: decoded(block["label"]["text"]) for block_id, block in view.fields.items()}
    assert not remaining, f"no such field: {sorted(remaining)}; there are {labels}"
    return state


_SINGLE = {"static_select": "selected_option", "radio_buttons": "selected_option"}
_MULTI = {"checkboxes": "selected_options", "multi_static_select": "selected_options"}
_PLAIN = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}


def _state(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """The state of a field; its initial value for None."""
    kind = element["type"]
    if kind in _SINGLE:
        chosen = element.get("initial_option") if value is None else _option(element, value) if value else None
        return {"type": kind, _SINGLE[kind]: chosen}
    if kind in _MULTI:
        many = element.get("initial_options", []) if value is None else [_option(element, each) for each in value]
        return {"type": kind, _MULTI[kind]: many}
    if kind in _PLAIN:
        name, start = _PLAIN[kind]
        assert kind != "timepicker" or value is None or HOUR.fullmatch(value), f"nobody can pick {value!r}"
        return {"type": kind, name: element.get(start) if value is None else value or None}
    text = element.get("initial_value") if value is None else value
    return {"type": kind, "value": text or None}


def _check(block: dict[str, Any], state: dict[str, Any]) -> None:
    label = decoded(block["label"]["text"])
    value = next(part for name, part in state.items() if name != "type")
    assert block.get("optional") or value, f"Slack asks for “{label}” before sending"
    if isinstance(value, str):
        most = block["element"].get("max_length", 3_000)
        least = block["element"].get("min_length", 0)
        assert least <= len(value) <= most, f"Slack wants {least} to {most} characters in “{label}”"


def respond(slack: FakeSlack, view: View, reply: Reply) -> None:
    """Carry out the response_action in the ack of a submission. https://docs.slack.dev/surfaces/modals#modifying."""
    ack = reply.ack
    action = ack.get("response_action")
    try:
        if action == "errors":
            view.errors = _checked_errors(view, ack)
            return
        if action == "update":
            replace(slack, view, checked(ack.get("view"), "modal"))
            return
        if action == "push":
            view.user.view = new(slack, view.user, checked(ack.get("view"), "modal"), below=view)
            slack.announce(view.user.view)
            return
    except Refused as refused:
        reply.failure = f"{refused.code} {refused.more.get('errors', '')}"
        return
    if action not in (None, "clear"):
        reply.failure = f"unknown response_action {action!r}"
        return
    _close(view, everything=action == "clear")


def _checked_errors(view: View, ack: dict[str, Any]) -> dict[str, str]:
    errors = ack.get("errors")
    if not isinstance(errors, dict) or not errors or set(errors) - set(view.fields):
        block_ids = sorted(view.fields)
        faults = [f"errors must name input blocks of the view ({block_ids}), not {errors!r}"]
        raise Refused("invalid_arguments", errors=faults)
    return errors


def _close(view: View, *, everything: bool) -> None:
    below = view.below
    view.open = False
    view.errors = {}
    while everything and below is not None:
        below.open = False
        below = below.below
    view.user.view = below


def react(message: Posted, user: str, emoji: str, *, added: bool) -> None:
    """Add or remove a person's reaction."""
    reactions: list[dict[str, Any]] = message.raw.setdefault("reactions", [])
    reaction = next((each for each in reactions if each["name"] == emoji), None)
    if reaction is None:
        reaction = {"name": emoji, "users": [], "count": 0}
        reactions.append(reaction)
    users = reaction["users"]
    assert (user in users) != added, f"{user} has {'already' if added else 'not'} reacted with {emoji}"
    users.append(user) if added else users.remove(user)
    reaction["count"] = len(users)
    if not users:
        reactions.remove(reaction)
