"""Workspace events: reactions, invitations, channels and installations that end."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.keyed_lock import KeyedLock
from adapters.slack.blocks import ephemeral, payload
from adapters.slack.client import error_summary
from adapters.slack.failures import FAILURES, TRANSPORT, UNINSTALLED
from adapters.slack.markup import Json
from adapters.slack.origin import Body, CommandName, Origin, address, from_event, team_id
from adapters.slack.workspaces import Workspaces
from bot.model import Caller, Channel, Ref, opinion
from bot.ports import Desk
from bot.wording.typed import as_typed

log = logging.getLogger("paperboy.slack")

REACTIONS = {"+1": 1, "thumbsup": 1, "heart": 1, "star": 1, "fire": 1, "-1": -1, "thumbsdown": -1}
"""The value of a reaction for a paper; any other has none. Skin tones make no difference."""

CHANNEL_ENDED = {
    "channel_archive": FAILURES["is_archived"].reason,
    "group_archive": FAILURES["is_archived"].reason,
    "channel_deleted": "the channel was deleted",
    "group_deleted": "the channel was deleted",
    "channel_left": FAILURES["not_in_channel"].reason,
    "group_left": FAILURES["not_in_channel"].reason,
    "member_left_channel": FAILURES["not_in_channel"].reason,
}
"""Events after which a channel cannot be posted to, and the reason."""
LINK_SHARED, DETAILS_REQUESTED = LINK_EVENTS = ("link_shared", "entity_details_requested")
"""Events about papers that people link to, and about the cards under them."""
CHANNEL_REOPENED = ("channel_unarchive", "group_unarchive")


class PlatformEvents:
    """Passes workspace events on to the engine."""

    def __init__(
        self,
        desk: Desk,
        workspaces: Workspaces,
        caller: Callable[[Origin], Awaitable[Caller]],
        command: CommandName,
    ) -> None:
        """`caller` looks the rights of a person up."""
        self._desk = desk
        self._caller = caller
        self._command = command
        self._workspaces = workspaces
        self._reaction_order = KeyedLock()

    async def on_reaction(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A reaction was added to a message of ours, or removed from it."""
        event = body["event"]
        item, value = event.get("item") or {}, reaction_value(event.get("reaction") or "")
        if value is None or item.get("type") != "message" or event.get("item_user") not in {None, context.bot_user_id}:
            return
        team = team_id(context)
        channel, user = address(team, item["channel"]), address(team, event["user"])
        async with self._reaction_order.of((channel, item["ts"], user)):
            if event["type"] == "reaction_removed":
                value = await _remaining_value(client, item, event["user"])
            reactor = replace(from_event(body, context, client), channel=item["channel"])
            await self._desk.react(channel, Ref(item["ts"]), user, value, partial(self._caller, reactor))

    async def on_joined(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A member joined a channel; if it is Paperboy, it greets its inviter, once."""
        event = body["event"]
        if event.get("user") != context.bot_user_id:
            self._forget_membership(body, context)
        else:
            await self._say_hello(context, client, event["channel"], event.get("inviter"))

    async def on_reopened(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A channel was unarchived. Slack reports every public channel, so Paperboy checks that it is a member."""
        channel = _channel_id(body)
        try:
            info = (await client.conversations_info(channel=channel))["channel"]
        except TRANSPORT as error:
            log.info("could not look up an unarchived channel channel=%s reason=%r", channel, error_summary(error))
            return
        if info.get("is_member"):
            await self._say_hello(context, client, channel, None)

    async def on_ended(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ARG002 - as all
        """A channel was archived or deleted, or Paperboy or somebody else is not in it any more."""
        event = body["event"]
        if event["type"] == "member_left_channel" and event.get("user") != context.bot_user_id:
            self._forget_membership(body, context)
            return
        await self._desk.gone(address(team_id(context), _channel_id(body)), CHANNEL_ENDED[event["type"]])

    def _forget_membership(self, body: Body, context: AsyncBoltContext) -> None:
        places = _channel_id(body), str(body["event"].get("user"))
        self._workspaces.slack.memberships.forget(*(address(team_id(context), each) for each in places))

    async def on_moved(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ARG002 - as all
        """A channel got another id, as happens when it is shared with another workspace."""
        event, team = body["event"], team_id(context)
        await self._desk.moved(address(team, event["old_channel_id"]), address(team, event["new_channel_id"]))

    async def on_uninstalled(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ARG002
        """The app was removed, or the bot's token revoked; revoked tokens of single users do not matter."""
        event = body["event"]
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        whole_org = bool(context.is_enterprise_install) or context.team_id is None
        for team in await self._workspaces.forget(context.team_id, context.enterprise_id, whole_org=whole_org):
            log.warning("uninstalled workspace=%s", team)
            await self._desk.gone(Channel(f"slack:{team}"), UNINSTALLED)

    async def _say_hello(
        self, context: AsyncBoltContext, client: AsyncWebClient, channel: str, inviter: str | None
    ) -> None:
        team = team_id(context)
        hello = await self._desk.joined(address(team, channel), address(team, inviter) if inviter else None)
        if hello is None:
            return
        body = payload(as_typed(hello, self._command.word))
        if inviter and await _posted(client.chat_postEphemeral, channel, ephemeral(body) | {"user": inviter}):
            return
        await _posted(client.chat_postMessage, channel, body)


async def _posted(post: Callable[..., Awaitable[object]], channel: str, body: Json) -> bool:
    """Whether Slack took a greeting."""
    try:
        await post(channel=channel, **body)
    except TRANSPORT as error:
        log.warning("could not say hello channel=%s reason=%r", channel, error_summary(error))
        return False
    return True


def reaction_value(reaction: str) -> int | None:
    """+1 or -1; None for a reaction without a value for a paper."""
    return REACTIONS.get(reaction.partition("::")[0])


async def _remaining_value(client: AsyncWebClient, item: dict[str, Any], user: str) -> int:
    """The value of the person's other reactions to the message: 👎 may have been removed in favour of 👍."""
    try:
        answer = await client.reactions_get(channel=item["channel"], timestamp=item["ts"], full=True)
    except TRANSPORT:
        return 0
    reactions = answer["message"].get("reactions") or ()
    return opinion(reaction_value(each["name"]) or 0 for each in reactions if user in each.get("users", ()))


def _channel_id(body: Body) -> str:
    """The channel's id; some events carry the whole channel."""
    channel = body["event"].get("channel")
    return str(channel.get("id") if isinstance(channel, dict) else channel)
