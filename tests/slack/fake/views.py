"""views.*: modals by trigger, home tabs by person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake.blockkit import view_faults
from tests.slack.fake.limits import TRIGGER_SECONDS
from tests.slack.fake.methods import Method, Refused, refused_for, team_of
from tests.slack.fake.state import Token, View, name, stored, stored_blocks

if TYPE_CHECKING:
    from tests.slack.fake.people import User
    from tests.slack.fake.server import FakeSlack
    from tests.slack.fake.team import Team


def checked(view: Any, kind: str) -> dict[str, Any]:
    """The view as Slack stores it. Refused if it is not valid."""
    faults = view_faults(view)
    if not faults and view["type"] != kind:
        faults = [f"must be a {kind} [json-pointer:/view/type]"]
    if faults:
        raise refused_for("invalid_arguments", faults)
    stored_view: dict[str, Any] = {**stored(view), "blocks": stored_blocks(view["blocks"])}
    return stored_view


def as_sent(slack: FakeSlack, view: View) -> dict[str, Any]:
    """A view object, as methods answer and events carry it."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "previous_view_id": view.below.id if view.below else None,
        "root_view_id": _root(view).id,
        **view.raw,
        "id": view.id,
        "team_id": view.team.id,
        "app_id": slack.app_id,
        "bot_id": view.team.bot_id,
        "app_installed_team_id": view.team.id,
        "state": {"values": {}},
        "hash": view.hash,
    }


def _root(view: View) -> View:
    return _root(view.below) if view.below else view


def new(slack: FakeSlack, user: User, raw: dict[str, Any], below: View | None = None) -> View:
    """A new view, shown to a person."""
    return View(name("V"), user.team, user, raw, f"{slack.clock.ts()}.{name('h')}", below=below)


def user_of_trigger(slack: FakeSlack, team: Team, args: dict[str, Any]) -> User:
    """The person of a trigger, which works once and for three seconds."""
    trigger = slack.triggers.get(str(args["trigger_id"]))
    if trigger is None or trigger.user.team is not team:
        raise Refused("invalid_trigger_id")
    if slack.clock.now() - trigger.at > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    if trigger.used:
        raise Refused("trigger_exchanged")
    trigger.used = True
    return trigger.user


def open_view(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.open."""
    raw = checked(args["view"], "modal")
    user = user_of_trigger(slack, team_of(token), args)
    user.view = new(slack, user, raw)
    slack.announce(user.view)
    return {"view": as_sent(slack, user.view)}


def push_view(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.push: at most three on top of each other."""
    raw = checked(args["view"], "modal")
    user = user_of_trigger(slack, team_of(token), args)
    if user.view is not None and user.view.below is not None and user.view.below.below is not None:
        raise Refused("push_limit_reached")
    user.view = new(slack, user, raw, below=user.view)
    slack.announce(user.view)
    return {"view": as_sent(slack, user.view)}


def _find_view(token: Token, args: dict[str, Any]) -> View:
    for user in team_of(token).people.values():
        view = user.view
        while view is not None:
            external_id = args.get("external_id")
            if view.id == args.get("view_id") or (external_id and view.raw.get("external_id") == external_id):
                return view
            view = view.below
        if user.home is not None and user.home.id == args.get("view_id"):
            return user.home
    raise Refused("not_found")


def replace(slack: FakeSlack, view: View, raw: dict[str, Any]) -> None:
    """Replace the content of a view."""
    view.raw = raw
    view.errors = {}
    view.hash = f"{slack.clock.ts()}.{name('h')}"
    slack.announce(view)


def update_view(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.update."""
    view = _find_view(token, args)
    raw = checked(args["view"], view.kind)
    if args.get("hash") and args["hash"] != view.hash:
        raise Refused("hash_conflict")
    replace(slack, view, raw)
    return {"view": as_sent(slack, view)}


def publish_view(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/views.publish."""
    user = team_of(token).people.get(str(args["user_id"]))
    if user is None:
        raise Refused("user_not_found")
    raw = checked(args["view"], "home")
    if user.home is None:
        user.home = new(slack, user, raw)
        slack.announce(user.home)
    elif args.get("hash") and args["hash"] != user.home.hash:
        raise Refused("hash_conflict")
    else:
        replace(slack, user.home, raw)
    return {"view": as_sent(slack, user.home)}


_OPEN = frozenset({"trigger_id", "view"})
METHODS = {
    "views.open": Method(open_view, _OPEN, required=("trigger_id", "view")),
    "views.push": Method(push_view, _OPEN, required=("trigger_id", "view")),
    "views.update": Method(update_view, frozenset({"view_id", "external_id", "view", "hash"}), required=("view",)),
    "views.publish": Method(publish_view, frozenset({"user_id", "view", "hash"}), required=("user_id", "view")),
}
