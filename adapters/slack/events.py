"""What happens in a workspace without anybody asking: reactions, invitations, channels and installations that end."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.keyed_lock import KeyedLock
from adapters.slack.access import Access, reason
from adapters.slack.blocks import payload
from adapters.slack.failures import FAILURES, TRANSPORT
from adapters.slack.origin import Body, address, team_of
from bot.model import Channel, Ref, opinion
from bot.ports import Desk

log = logging.getLogger("paperboy.slack")

REACTIONS = {"+1": 1, "thumbsup": 1, "heart": 1, "star": 1, "fire": 1, "-1": -1, "thumbsdown": -1}
"""What a reaction says about a paper; any other says nothing. Skin tones make no difference."""

ENDED = {
    "channel_archive": FAILURES["is_archived"].reason,
    "group_archive": FAILURES["is_archived"].reason,
    "channel_deleted": "the channel was deleted",
    "group_deleted": "the channel was deleted",
    "channel_left": FAILURES["not_in_channel"].reason,
    "group_left": FAILURES["not_in_channel"].reason,
    "member_left_channel": FAILURES["not_in_channel"].reason,
}
"""Events after which a channel cannot be posted to, and why."""
REOPENED = ("channel_unarchive", "group_unarchive")
UNINSTALLED = "Paperboy was uninstalled from the workspace: install it again"


class Happenings:
    """Tells the desk."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access
        self._turns = KeyedLock()

    async def reacted(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A reaction was added to, or taken from, one of our messages."""
        event = body["event"]
        item, value = event.get("item") or {}, meaning(event.get("reaction") or "")
        if value is None or item.get("type") != "message" or event.get("item_user") not in {None, context.bot_user_id}:
            return
        team = team_of(context)
        where, user = address(team, item["channel"]), address(team, event["user"])
        async with self._turns.of((where, item["ts"], user)):
            if event["type"] == "reaction_removed":
                value = await _remaining(client, item, event["user"])
            await self._desk.react(where, Ref(item["ts"]), user, value)

    async def joined(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Somebody joined a channel; if it is Paperboy, it says hello, once."""
        event = body["event"]
        if event.get("user") != context.bot_user_id:
            return
        inviter = event.get("inviter")
        await self._arrive(context, client, event["channel"], inviter)

    async def reopened(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A channel was unarchived; that is told of every public channel, so Paperboy looks whether it is in it."""
        channel = _channel(body)
        try:
            about = (await client.conversations_info(channel=channel))["channel"]
        except TRANSPORT as error:
            log.info("an unarchived channel cannot be looked at channel=%s reason=%r", channel, reason(error))
            return
        if about.get("is_member"):
            await self._arrive(context, client, channel, None)

    async def ended(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ARG002 - as all
        """A channel was archived or deleted, or Paperboy removed from it."""
        event = body["event"]
        if event["type"] == "member_left_channel" and event.get("user") != context.bot_user_id:
            return
        await self._desk.gone(address(team_of(context), _channel(body)), ENDED[event["type"]])

    async def moved(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ARG002 - as all
        """A channel got another id, as happens when it is shared with another workspace."""
        event, team = body["event"], team_of(context)
        await self._desk.moved(address(team, event["old_channel_id"]), address(team, event["new_channel_id"]))

    async def uninstalled(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ARG002
        """The app was removed, or the bot's token revoked; revoked tokens of single users are none of ours."""
        event = body["event"]
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        whole_org = bool(context.is_enterprise_install) or context.team_id is None
        gone = await self._access.forget(context.team_id, context.enterprise_id, whole_org=whole_org)
        for team in gone:
            log.warning("uninstalled workspace=%s", team)
            await self._desk.gone(Channel(f"slack:{team}"), UNINSTALLED)

    async def _arrive(
        self, context: AsyncBoltContext, client: AsyncWebClient, channel: str, inviter: str | None
    ) -> None:
        team = team_of(context)
        hello = await self._desk.joined(address(team, channel), address(team, inviter) if inviter else None)
        if hello is None:
            return
        try:
            await client.chat_postMessage(channel=channel, **payload(hello))
        except TRANSPORT as error:
            log.warning("could not say hello channel=%s reason=%r", address(team, channel), reason(error))


def meaning(reaction: str) -> int | None:
    """+1 or -1; None for one that says nothing about a paper."""
    return REACTIONS.get(reaction.partition("::")[0])


async def _remaining(client: AsyncWebClient, item: dict[str, Any], user: str) -> int:
    """What this person's other reactions to the message still say: 👎 may have been taken back for a 👍."""
    try:
        said = await client.reactions_get(channel=item["channel"], timestamp=item["ts"], full=True)
    except TRANSPORT:
        return 0
    given = [each["name"] for each in said["message"].get("reactions") or () if user in each.get("users", ())]
    return opinion(meaning(name) or 0 for name in given)


def _channel(body: Body) -> str:
    """The id; some events carry the whole channel."""
    channel = body["event"].get("channel")
    return str(channel.get("id") if isinstance(channel, dict) else channel)
