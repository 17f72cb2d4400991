"""Where something happened, read from whatever Slack sent: a command, a click, a message, a submitted form. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Channel

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A person at a place, and the ways in which they can be answered there."""

    client: AsyncWebClient
    team: str
    """The workspace whose installation hears this: addresses are made of it, whoever comes from elsewhere."""
    channel: str
    """Empty where there is none: on a home tab that was never told which direct messages are theirs."""
    user: str
    from_team: str | None = None
    """The person's own workspace or organisation, where the payload says."""
    enterprise: str | None = None
    thread: str | None = None
    """The opener's timestamp if it happened in a thread."""
    response_url: str | None = None
    trigger: str | None = None
    own: bool = False
    """Whether what was pressed is shown to this person alone, so that an answer may take its place."""
    written: bool = False
    """A message in the direct messages: the answer is one too."""

    @property
    def address(self) -> Channel:
        """Where it happened; without a channel, the person."""
        return address(self.team, self.channel or self.user)

    @property
    def direct(self) -> bool:
        """Whether it is the person's direct messages with Paperboy."""
        return self.channel.startswith("D")

    @property
    def person(self) -> Channel:
        """Who did it."""
        return address(self.team, self.user)


def address(team: str, what: str) -> Channel:
    """`slack:T1/C2` of a channel, `slack:T1/U3` of a person."""
    return Channel(f"slack:{team}/{what}")


def of_command(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Spot:
    """A slash command. They do not run in threads."""
    return Spot(**_base(body, context, client), channel=body.get("channel_id") or "", from_team=body.get("team_id"))


def of_click(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Spot:
    """A button under a message, or a message's shortcut."""
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    ts = container.get("message_ts") or body.get("message_ts")
    thread = container.get("thread_ts") or message.get("thread_ts")
    return Spot(
        **_base(body, context, client),
        channel=channel,
        from_team=(body.get("user") or {}).get("team_id"),
        thread=thread if thread != ts else None,
        own=bool(container.get("is_ephemeral")) or channel.startswith("D"),
    )


def of_view(body: Body, context: AsyncBoltContext, client: AsyncWebClient, channel: str) -> Spot:
    """A click on a home tab or in a modal."""
    return Spot(**_base(body, context, client), channel=channel, from_team=(body.get("user") or {}).get("team_id"))


def of_event(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Spot:
    """A message or a mention."""
    event = body["event"]
    thread = event.get("thread_ts")
    return Spot(
        **_base(body, context, client),
        channel=event.get("channel") or "",
        from_team=event.get("user_team") or event.get("source_team") or event.get("team"),
        thread=thread if thread != event.get("ts") else None,
        written=event.get("channel_type") == "im",
    )


def _base(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Body:
    return {
        "client": client,
        "team": team_of(context),
        "user": context.user_id or "",
        "enterprise": context.enterprise_id,
        "response_url": context.response_url,
        "trigger": body.get("trigger_id"),
    }


def team_of(context: AsyncBoltContext) -> str:
    """The workspace an installation speaks for; an organisation's own id where Slack names no workspace."""
    known = context.authorize_result
    return context.team_id or (known.team_id if known else None) or context.enterprise_id or ""
