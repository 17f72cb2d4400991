"""Documented shapes of Slack's events, as pydantic models of the fields that Bolt and the listeners read.

https://docs.slack.dev/reference/events. The base of all shapes is here too.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from adapters.slack.events import CHANNEL_ENDED, CHANNEL_REOPENED, DETAILS_REQUESTED, LINK_SHARED

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An id, which addresses such as `slack:T1/C2` are made of."""
AnyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")] | None

Moment = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}\.[0-9]{1,9}$")]
"""A message's id, which tells when it was written."""


class Shape(BaseModel):
    """Base of all: types are not converted, further fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Named(Shape):
    """A team, an organisation, a channel or a person, as an object."""

    id: AnyId = None
    team_id: AnyId = None
    enterprise_id: AnyId = None


class Person(Named):
    """A person who acted."""

    id: Id


class AnyEvent(Shape):
    """The event of a request of any kind: Bolt looks for one in commands and clicks too, where null would crash it."""

    type: str | None = None


class Event(AnyEvent):
    """An event of any kind."""

    type: Annotated[str, Field(min_length=1)]


class OfPerson(Event):
    """Fields that an origin is made of."""

    team: AnyId = None
    user_team: AnyId = None
    source_team: AnyId = None
    ts: str | None = None
    thread_ts: str | None = None
    channel_type: str | None = None


class Written(OfPerson):
    """A message or a mention."""

    channel: Id
    ts: Moment | None = None
    user: AnyId = None
    bot_id: AnyId = None
    text: str | None = None
    subtype: str | None = None


class Seen(Shape):
    """Something that a person looks at beside the app's messages: a channel, a canvas, a message."""

    type: str | None = None
    value: Any = None


class HomeContext(Shape):
    """Things that a person looks at."""

    entities: list[Seen] | None = None


class HomeOpened(OfPerson):
    """A person opened the app's tab, or its messages."""

    user: Id
    channel: AnyId = None
    tab: str | None = None
    context: HomeContext | None = None


class Item(Shape):
    """The thing that a reaction is on: a message in a channel, or a file."""

    type: str | None = None
    channel: AnyId = None
    ts: str | None = None

    @model_validator(mode="after")
    def _check_message(self) -> Self:
        if self.type == "message" and not (self.channel and self.ts):
            raise ValueError("a message without its channel or its time")
        return self


class Reaction(Event):
    """A reaction was added or removed."""

    user: Id
    reaction: str
    item: Item | None = None
    item_user: AnyId = None


class Membership(Event):
    """Event of somebody who joined or left a channel."""

    user: AnyId = None
    channel: Id
    inviter: AnyId = None


class ChannelEvent(Event):
    """A channel was archived, deleted, left or opened again; some events carry the whole channel."""

    channel: Id | Person


class Moved(Event):
    """A channel got another id."""

    old_channel_id: Id
    new_channel_id: Id


class Link(Shape):
    """A link in a message, as it was posted."""

    url: str


class LinksShared(Event):
    """Event of a message with links that somebody posted or is writing."""

    channel: Id
    user: Id
    links: list[Link]
    message_ts: str | None = None
    source: str | None = None


class Reference(Shape):
    """Our own reference to what a Work Object shows."""

    id: str
    type: str | None = None


class DetailsRequested(OfPerson):
    """Event of a person who opened the card of a Work Object."""

    user: Id
    trigger_id: str
    channel: AnyId = None
    external_ref: Reference | None = None


class Revoked(Event):
    """Tokens were revoked: ids of users, by `oauth` and `bot`."""

    tokens: dict[str, list[Any] | None] | None = None


_CHANNEL_EVENTS: dict[str, type[Event]] = dict.fromkeys((*CHANNEL_ENDED, *CHANNEL_REOPENED), ChannelEvent)
EVENTS: dict[str, type[Event]] = {
    **_CHANNEL_EVENTS,
    **dict.fromkeys(("app_mention", "message"), Written),
    "app_home_opened": HomeOpened,
    **dict.fromkeys(("reaction_added", "reaction_removed"), Reaction),
    **dict.fromkeys(("member_joined_channel", "member_left_channel"), Membership),
    "channel_id_changed": Moved,
    LINK_SHARED: LinksShared,
    DETAILS_REQUESTED: DetailsRequested,
    "tokens_revoked": Revoked,
}
"""The shape of each event that is listened to."""
