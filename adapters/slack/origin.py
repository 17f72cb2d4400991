"""The origin of an interaction, read from a command, a click, a message or a submitted form. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Channel

Body = dict[str, Any]
"""A request of Slack's, as JSON."""
AGENT_SCOPE = "assistant:write"
"""The permission that an agent has."""
SEPARATORS = " \t\n\u00a0:,"
"""Characters between a mention and a command: “@Paperboy: help”."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The person, the channel, and what is needed to answer there."""

    client: AsyncWebClient
    team: str
    """The workspace whose installation received the request; addresses are made of it, also for guests of others."""
    channel: str
    """Empty for a home tab whose direct messages are not known yet."""
    user: str
    from_team: str | None = None
    """The person's own workspace or organisation, where the payload names it."""
    enterprise: str | None = None
    thread: str | None = None
    """The opener's timestamp in a thread."""
    response_url: str | None = None
    trigger: str | None = None
    own: bool = False
    """Whether the message whose button was pressed is visible to this person alone, so that it may be replaced."""
    home: str | None = None
    """The person's direct messages, where a button was pressed in App Home, which is drawn again after a change."""
    written: bool = False
    """Whether it is a direct message, which is answered by one."""
    agent: bool = False
    """Whether the app is an agent here: its direct messages are threads, with suggestions, titles and a status."""
    command_word: str = "/papers"
    """What precedes a command where this was typed; another app may have taken /papers."""

    @property
    def address(self) -> Channel:
        """The address of the channel; without a channel, of the person."""
        return address(self.team, self.channel or self.user)

    @property
    def person(self) -> Channel:
        """The address of the person."""
        return address(self.team, self.user)


def address(team: str, channel_or_user: str) -> Channel:
    """`slack:T1/C2` of a channel, `slack:T1/U3` of a person."""
    return Channel(f"slack:{team}/{channel_or_user}")


class CommandName:
    """The name of the app's slash command: what was typed last, as clicks and events do not say it."""

    def __init__(self) -> None:
        self.word = "/papers"


def from_command(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Origin:
    """The origin of a slash command, which is never in a thread."""
    return Origin(
        **_shared(body, context, client),
        channel=body.get("channel_id") or "",
        from_team=body.get("team_id"),
        command_word=body.get("command") or "/papers",
    )


def from_click(body: Body, context: AsyncBoltContext, client: AsyncWebClient, command: CommandName) -> Origin:
    """The origin of a button under a message, or of a message's shortcut."""
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    ts = container.get("message_ts") or body.get("message_ts")
    thread = container.get("thread_ts") or message.get("thread_ts")
    return Origin(
        **_shared(body, context, client),
        channel=channel,
        from_team=(body.get("user") or {}).get("team_id"),
        thread=thread if thread != ts else None,
        own=bool(container.get("is_ephemeral")) or channel.startswith("D"),
        command_word="" if channel.startswith("D") and not container.get("is_ephemeral") else command.word,
    )


def from_view(
    body: Body, context: AsyncBoltContext, client: AsyncWebClient, channel: str, command: CommandName
) -> Origin:
    """The origin of a click on a home tab or in a modal."""
    from_team = (body.get("user") or {}).get("team_id")
    return Origin(**_shared(body, context, client), channel=channel, from_team=from_team, command_word=command.word)


def from_event(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Origin:
    """The origin of a message or a mention."""
    event = body["event"]
    thread = event.get("thread_ts")
    return Origin(
        **_shared(body, context, client),
        channel=event.get("channel") or "",
        from_team=event.get("user_team") or event.get("source_team") or event.get("team"),
        thread=thread if thread != event.get("ts") else None,
        written=event.get("channel_type") == "im",
        command_word="" if event.get("channel_type") == "im" else "@Paperboy",
    )


def _shared(body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> Body:
    bot = context.authorize_result
    return {
        "agent": bool(bot and AGENT_SCOPE in (bot.bot_scopes or ())),
        "client": client,
        "team": team_id(context),
        "user": context.user_id or "",
        "enterprise": context.enterprise_id,
        "response_url": context.response_url,
        "trigger": body.get("trigger_id"),
    }


def team_id(context: AsyncBoltContext) -> str:
    """The workspace that an installation serves; the organisation's id where Slack names no workspace."""
    bot = context.authorize_result
    return context.team_id or (bot.team_id if bot else None) or context.enterprise_id or ""


def text_to_paperboy(text: str, bot: str | None) -> str:
    """The part of a message that is addressed to Paperboy: what follows its mention, else what precedes it. Pure."""
    if not bot:
        return text
    before, mention, after = text.partition(f"<@{bot}")
    if not mention:
        return text
    command = after.partition(">")[2].lstrip(SEPARATORS)
    return command if command.strip() else before
