"""Documented shapes of Slack's requests, as pydantic models of the fields that Bolt and the listeners read.

https://docs.slack.dev/reference/interaction-payloads and /interactivity/implementing-slash-commands.
Other fields are not looked at; null and "" are taken wherever a listener takes them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from adapters.slack.event_shapes import EVENTS, AnyEvent, AnyId, Event, Id, Named, Person, Shape
from adapters.slack.origin import Body


class Container(Shape):
    """The message or view that a button is in."""

    channel_id: AnyId = None
    message_ts: str | None = None
    thread_ts: str | None = None
    is_ephemeral: bool | None = None


class PostedMessage(Shape):
    """A message under which somebody pressed a button, or of which somebody used the shortcut."""

    ts: str | None = None
    thread_ts: str | None = None
    text: str | None = None
    team: AnyId = None
    app_id: AnyId = None


class Text(Shape):
    """A text object."""

    text: str | None = None


class ViewBlock(Shape):
    """A block of a view."""

    type: str | None = None
    block_id: str = ""
    label: Text | None = None


class Element(Shape):
    """The state of an input, or of an option that was chosen in it."""

    value: Any = None
    selected_option: Element | None = None
    selected_options: list[Element] | None = None
    selected_time: str | None = None


class FilledValues(Shape):
    """The values that were filled in, by block and action."""

    values: dict[str, dict[str, Element]] | None = None


class View(Shape):
    """A modal or a home tab."""

    id: str
    type: str
    callback_id: str | None = None
    private_metadata: str | None = None
    title: Text | None = None
    blocks: list[ViewBlock] | None = None
    state: FilledValues | None = None
    team_id: AnyId = None
    app_installed_team_id: AnyId = None


class Request(Shape):
    """Fields that Bolt or a middleware of ours looks for in whatever kind of request."""

    team_id: AnyId = None
    enterprise_id: AnyId = None
    user_id: AnyId = None
    channel_id: AnyId = None
    authorizations: list[Named] | None = None
    event_id: str | None = None
    event: AnyEvent = AnyEvent()
    message: PostedMessage | None = None
    view: View | None = None
    response_url: str | None = None
    trigger_id: str | None = None


class IdRequest(Request):
    """A request that names by their ids what interactions have as objects."""

    team: AnyId = None
    enterprise: AnyId = None
    user: AnyId = None
    channel: AnyId = None


class SlashCommand(IdRequest):
    """A slash command."""

    command: str
    text: str | None = None
    user_id: Id
    channel_id: Id


class SslCheck(Shape):
    """Slack's look at the certificate, which a form of one field asks for."""

    ssl_check: Literal["1"]


class Interaction(Request):
    """A person's click, submission or shortcut."""

    team: Named | None = None
    enterprise: Named | None = None
    user: Person
    channel: Named | None = None
    container: Container | None = None
    message_ts: str | None = None


class PressedElement(Shape):
    """The pressed button, or the menu."""

    action_id: str
    value: str | None = None
    selected_option: Element | None = None


class Click(Interaction):
    """A pressed button."""

    actions: Annotated[list[PressedElement], Field(min_length=1)]


class ClosedView(View):
    """A modal that was submitted or closed."""

    callback_id: str


class Submission(Interaction):
    """A submitted or closed modal."""

    view: ClosedView


class Shortcut(Interaction):
    """A message's shortcut, or a global one."""

    callback_id: str


class EventCallback(IdRequest):
    """An event; the event itself has a shape of its own."""

    event: Event


class UrlVerification(IdRequest):
    """Slack's question whether the address is right."""

    challenge: str


REQUESTS: dict[str, type[Shape]] = {
    "event_callback": EventCallback,
    "url_verification": UrlVerification,
    "app_rate_limited": IdRequest,
    "block_actions": Click,
    **dict.fromkeys(("view_submission", "view_closed"), Submission),
    **dict.fromkeys(("message_action", "shortcut"), Shortcut),
}
"""The shape of each `type` of request; a command has none."""
WITHOUT_WORKSPACE = ("url_verification", "app_rate_limited")
"""Requests about the app itself."""


def check_shape(body: Body) -> None:
    """Raise pydantic's ValidationError where a body is not of its kind's shape, LookupError for an unknown kind."""
    if "ssl_check" in body and "command" not in body:
        SslCheck.model_validate(body)
        return
    if "command" in body:
        SlashCommand.model_validate(body)
    if "type" in body or "command" not in body:
        REQUESTS[str(body.get("type"))].model_validate(body)
    if body.get("type") == "event_callback":
        event = body["event"]
        EVENTS.get(event["type"], Event).model_validate(event)
